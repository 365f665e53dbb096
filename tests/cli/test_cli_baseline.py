"""`wxp-lint baseline write|prune` on a repository with legacy findings."""

import json
import os

import pytest

ID = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
FILE = "wxp-lint-baseline.json"
A = "transfers/acme/a.csv"
INVENTORY = 'custom-rules = ["rules"]\n[[inventory.sources]]\npath = "devices.csv"\nplace = "unassigned"\n'
UNSEEN = """
code = "OWN001"
name = "not-in-the-list"
level = "error"
status = "stable"
since = "0.1.0"
needs = ["device"]
subject = "unseen"
summary = "A serial number that the list does not have"
why = "It stands for a rule that cannot run without an inventory."
sources = []
message = "{serial} is not in the list"
query = "select path, line, 'serial' as field, serial from unseen where path is not null"
[[examples]]
name = "good"
kind = "good"
csv = ""
findings = []
[[examples]]
name = "bad"
kind = "bad"
csv = ""
findings = ["file"]
"""


def transfer(*serials):
    return "Serial Number,Customer ID\n" + "".join(f"{serial},{ID}\n" for serial in serials)


@pytest.fixture
def entries(folder):
    """The entries of the baseline: (code, path, count)."""

    def read():
        found = json.loads((folder / FILE).read_bytes())["findings"]
        return [(entry["code"], entry["path"], entry["count"]) for entry in found]

    return read


def test_a_team_adopts_the_linter(cli, write, git, folder, entries):
    git("init", "--quiet")
    write({A: transfer("5CG-234XMV", "5CG8234XMV", "5CG8234XMV"), "transfers/poly/b.csv": transfer("5CG-1")})
    git("add", ".")
    assert cli("check").code == 1

    done = cli("baseline", "write")

    assert (done.code, done.err) == (0, "")
    assert done.out == f"{FILE}: 3 findings known\n"
    assert entries() == [("WXP202", A, 1), ("WXP401", A, 1), ("WXP202", "transfers/poly/b.csv", 1)]
    after = cli("check", "--output", "json")
    assert (after.code, after.codes) == (0, [])
    assert json.loads(after.out)["summary"]["suppressed"] == 3
    assert "; 3 suppressed\n" in cli("check").out

    write(
        {
            A: transfer("5CG8234XMV", "5CG-999XXX", "5CG8234XMV"),
            "transfers/poly/b.csv": transfer("5CG8234XM1"),
        }
    )
    after = cli("check", "--output", "json")
    assert (after.code, after.codes) == (1, ["WXP202", "WXP804"])

    done = cli("baseline", "prune")
    assert (done.code, done.out) == (0, f"{FILE}: 2 findings forgotten, 1 still known\n")
    assert entries() == [("WXP401", A, 1)]
    assert cli("check", "--output", "json").codes == ["WXP202"]

    done = cli("baseline", "write")
    assert (done.code, done.out) == (0, f"{FILE}: 2 findings known, 1 of them already before\n")
    assert cli("check", "--output", "json").codes == []
    assert [path.name for path in folder.iterdir() if path.name.startswith(".wxp")] == []


def test_twice_the_same_bytes_and_nothing_to_prune(cli, write, folder):
    write({A: transfer("5CG-234XMV", "5CG-234XMV")})
    cli("baseline", "write")
    first = (folder / FILE).read_bytes()

    again = cli("baseline", "write")
    pruned = cli("baseline", "prune")

    assert again.out == f"{FILE}: 3 findings known, 3 of them already before\n"
    assert pruned.out == f"{FILE}: 0 findings forgotten, 3 still known\n"
    assert (folder / FILE).read_bytes() == first


def test_prune_lowers_the_number_of_what_is_partly_gone(cli, write, entries):
    write({A: transfer("5CG-234XMV", "5CG-234XMV", "5CG-234XMV")})
    cli("baseline", "write")
    write({A: transfer("5CG-234XMV", "5CG-234XMV")})

    done = cli("baseline", "prune")

    assert done.out == f"{FILE}: 2 findings forgotten, 3 still known\n"
    assert entries() == [("WXP202", A, 2), ("WXP401", A, 1)]


def test_suppressions_and_what_is_wrong_with_them_stay_out_of_it(cli, write, entries):
    write(
        {
            A: transfer("5CG-234XMV", "5CG-1"),
            "wxp-lint-ignore.toml": '[[ignore]]\nrule = "WXP202"\npath = "**"\n',
        }
    )
    cli("baseline", "write")
    assert entries() == [("WXP202", A, 1), ("WXP202", A, 1)]
    assert cli("check", "--output", "json").codes == ["WXP802"]
    good = '[[ignore]]\nrule = "WXP202"\npath = "**"\nserial = "5CG-1"\nreason = "x"\n'
    write({"wxp-lint-ignore.toml": good})

    cli("baseline", "write")

    assert entries() == [("WXP202", A, 1)]
    assert cli("check", "--output", "json").codes == []


def test_what_a_rule_knew_that_cannot_run_now_is_kept(cli, write, entries):
    write({A: transfer("5CG8234XMV"), "rules/OWN001-not-in-the-list.toml": UNSEEN})
    write({"devices.csv": "serial\n5CG02382XZ\n", "wxp-lint.toml": INVENTORY})
    assert cli("baseline", "write", "--config", "wxp-lint.toml").err == ""
    assert ("OWN001", A, 1) in entries()
    write({"wxp-lint.toml": 'custom-rules = ["rules"]\n'})

    written = cli("baseline", "write")
    pruned = cli("baseline", "prune")

    assert "kept as they were, since their rules could not run: " in written.out
    assert pruned.code == 0
    assert ("OWN001", A, 1) in entries()
    assert "WXP804" not in cli("check", "--output", "json").codes


def test_with_no_baseline_there_is_nothing_to_prune(cli, write, folder):
    write({A: transfer("5CG8234XMV")})

    done = cli("baseline", "prune")

    assert (done.code, done.out) == (0, f"{FILE}: there is nothing to prune\n")
    assert not (folder / FILE).exists()


def test_nothing_found_is_a_baseline_too(cli, write, folder):
    write({A: transfer("5CG8234XMV")})

    done = cli("baseline", "write")

    assert (done.code, done.out) == (0, f"{FILE}: 0 findings known\n")
    assert (folder / FILE).read_text() == '{"version": 1, "findings": []}\n'
    assert cli("check").code == 0


@pytest.mark.parametrize("command", [("check",), ("baseline", "write"), ("baseline", "prune")])
def test_a_conflict_in_the_file_is_told_with_its_line(cli, write, folder, command):
    conflict = '{"version": 1, "findings": [\n<<<<<<< HEAD\n'
    write({A: transfer("5CG-234XMV"), FILE: conflict})

    done = cli(*command)

    assert done.code == 2
    assert done.err.startswith(f"wxp-lint: {FILE}:2: not valid JSON")
    assert (folder / FILE).read_text() == conflict


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions are another thing there")
def test_where_nothing_can_be_written_the_old_file_stays(cli, write, folder):
    write({A: transfer("5CG-234XMV")})
    (folder / FILE).mkdir()

    done = cli("baseline", "write")

    assert done.code == 2
    assert FILE in done.err
    assert "Traceback" not in done.err
