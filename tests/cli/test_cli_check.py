"""`wxp-lint check` as a person or a script calls it: what is checked, what is written, how it exits."""

import json
import os
import pty
import subprocess
import sys

import pytest

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
OTHER = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
HEADER = "Serial Number,Customer ID\n"
GOOD = f"{HEADER}5CG8234XMV,{ACME}\n"
ERROR = f"{HEADER}5CG0480H,{ACME}\n"  # WXP202
WARNING = f"{HEADER}5CG1234ABC,{ACME}\n"  # WXP207
NOTE = f"{HEADER}5cg8234xmv,{ACME}\n"  # WXP204
DUPLICATE = f"{HEADER}5CG8234XMV,{ACME}\n5CG8234XMV,{ACME}\n"  # WXP401


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (GOOD, [], 0),
        (ERROR, [], 1),
        (WARNING, [], 0),
        (NOTE, [], 0),
        (ERROR, ["--fail-on", "warning"], 1),
        (WARNING, ["--fail-on", "warning"], 1),
        (NOTE, ["--fail-on", "warning"], 0),
        (WARNING, ["--fail-on", "note"], 1),
        (NOTE, ["--fail-on", "note"], 1),
        (GOOD, ["--fail-on", "note"], 0),
        (ERROR, ["--fail-on", "never"], 0),
    ],
)
def test_exit_codes(write, cli, content, options, code):
    write({"a.csv": content})

    assert cli("check", "a.csv", *options).code == code


def test_the_config_says_what_fails_and_the_command_line_has_the_last_word(write, cli):
    write({"transfers/a.csv": WARNING, "wxp-lint.toml": 'fail-on = "warning"\n'})

    assert cli("check").code == 1
    assert cli("check", "--fail-on", "error").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fail-on", "fatal"], "--fail-on must be one of error, warning, note, never, not 'fatal'"),
        (["--output", "jsn"], "--output: no format 'jsn'; did you mean 'json'?"),
        (["--output", "json", "--output", "concise"], "only one --output can go to standard output"),
        (["--output", "json=no/such/folder.json"], "--output: cannot write no/such/folder.json"),
        (["--output", "json=."], "--output: cannot write .: is a directory"),
        (["--select", "serial-fromat"], "no rule 'serial-fromat'; did you mean 'serial-format'?"),
        (["--ignore", "WXP2O2"], "no rule 'WXP2O2'"),
        (["--config", "other.toml"], "other.toml: leave --config out"),
        (["--inventory", "gone.csv"], "gone.csv"),
        (["--frobnicate"], "--frobnicate"),
        (["a.csv", "-"], "standard input (-) is checked alone"),
    ],
)
def test_wrong_usage(write, cli, arguments, words):
    write({"a.csv": ERROR})

    done = cli("check", "a.csv", *arguments)

    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert "Traceback" not in done.err


def test_a_broken_config_says_where(write, cli):
    write({"transfers/a.csv": GOOD, "wxp-lint.toml": 'transfers = ["transfers/*.csv"]\nfail_on = "note"\n'})

    done = cli("check")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("wxp-lint: wxp-lint.toml:2: ")
    assert "fail-on" in done.err


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], ["WXP202", "WXP401"]),
        (["--select", "WXP401"], ["WXP401"]),
        (["--select", "duplicate-serial"], ["WXP401"]),
        (["--select", "wxp4"], ["WXP401"]),
        (["--select", "WXP2,Duplicate-Serial"], ["WXP202", "WXP401"]),
        (["--select", "WXP202", "--select", "WXP4"], ["WXP202", "WXP401"]),
        (["--select", "ALL", "--ignore", "WXP202"], ["WXP401"]),
        (["--ignore", "serial-format"], ["WXP401"]),
        (["--ignore", "WXP4", "--ignore", "WXP2"], []),
        (["--select", "WXP3"], []),
    ],
)
def test_select_and_ignore_take_codes_names_and_prefixes(write, cli, options, found):
    write({"a.csv": f"{DUPLICATE}5CG0480H,{ACME}\n"})

    done = cli("check", "a.csv", "--output", "json", *options)

    assert sorted(set(done.codes)) == found
    assert done.code == bool(found)


def test_a_rule_that_is_switched_off_still_silences_those_that_yield_to_it(write, cli):
    write({"a.csv": f"{HEADER}N/A,{ACME}\n"})

    assert cli("check", "a.csv", "--output", "json").codes == ["WXP209"]
    assert cli("check", "a.csv", "--output", "json", "--select", "WXP202").codes == []


def test_two_runs_are_byte_identical(write, cli):
    write({f"transfers/{n}.csv": f"{DUPLICATE}5CG0480{n},{OTHER}\n5CG1234ABC,{ACME}\n" for n in "ABCDEFGH"})

    first, second = (cli("check", "--output", "json", env={"PYTHONHASHSEED": seed}) for seed in "12")

    assert len(first.codes) > 8
    assert first == second
    order = [(f["path"], f["line"] or 0, f["code"]) for f in json.loads(first.out)["findings"]]
    assert order == sorted(order)


def test_json_has_the_shape_that_scripts_rely_on(write, cli):
    write({"transfers/a.csv": f"{GOOD}5CG0480H,{ACME}\n"})

    done = cli("check", "--output", "json")

    report = json.loads(done.out)
    assert list(report) == ["version", "tool", "summary", "not_run", "findings"]
    assert (report["version"], report["tool"]["name"]) == (1, "wxp-lint")
    assert report["summary"] == {
        "files": 1,
        "rows": 2,
        "error": 1,
        "warning": 0,
        "note": 0,
        "fixable": 0,
        "suppressed": 0,
    }
    not_run = {rule["code"]: rule for rule in report["not_run"]}
    assert not_run["WXP501"].keys() == {"code", "name", "reason"}
    assert "inventory" in not_run["WXP501"]["reason"]
    (finding,) = report["findings"]
    assert finding.pop("message").startswith("'5CG0480H' is no serial number")
    assert len(finding.pop("fingerprint")) == 16
    assert finding.pop("url").endswith("/WXP202-serial-format.md")
    assert finding == {
        "code": "WXP202",
        "name": "serial-format",
        "level": "error",
        "path": "transfers/a.csv",
        "line": 3,
        "column": 1,
        "sheet": None,
        "cell": None,
        "serial": "5CG0480H",
        "fix": None,
    }


def test_a_finding_is_known_again_when_its_line_moves(write, cli):
    write({"a.csv": ERROR})
    before = json.loads(cli("check", "a.csv", "--output", "json").out)["findings"][0]
    write({"a.csv": ERROR.replace(HEADER, f"{GOOD}")})
    after = json.loads(cli("check", "a.csv", "--output", "json").out)["findings"][0]

    assert (before["line"], after["line"]) == (2, 3)
    assert before["fingerprint"] == after["fingerprint"]


def test_several_outputs_from_one_run(write, cli, folder):
    write({"a.csv": ERROR})

    done = cli("check", "a.csv", "--output", "concise", "-o", "json=report.json", "-o", "full=report.txt")

    assert done.code == 1
    assert done.out.startswith("a.csv:2:1: error WXP202 ")
    assert json.loads((folder / "report.json").read_text())["summary"]["error"] == 1
    assert "--> a.csv:2:1" in (folder / "report.txt").read_text()
    assert sorted(file.name for file in folder.iterdir()) == ["a.csv", "report.json", "report.txt"]


def test_files_named_outside_of_git_are_held_against_each_other(write, cli):
    write({"a.csv": GOOD, "b.csv": GOOD.replace(ACME, OTHER)})

    assert cli("check", "a.csv", "b.csv", "--output", "json").codes == ["WXP402", "WXP402"]
    assert cli("check", "a.csv", "--output", "json").codes == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes")
def test_a_pipe_gets_the_report_and_stays_a_pipe(write, cli, folder):
    write({"a.csv": ERROR})
    os.mkfifo(folder / "pipe")
    with subprocess.Popen(["cat", "pipe"], cwd=folder, stdout=subprocess.PIPE) as reader:
        assert cli("check", "a.csv", "--output", "json=pipe", "-o", "concise").code == 1

        assert json.loads(reader.stdout.read())["summary"]["error"] == 1
    assert (folder / "pipe").is_fifo()


def test_wrong_outputs_are_told_before_anything_else(write, cli):
    write({"transfers/~$a.xlsx": b"lock"})

    assert cli("check", "--output", "jsn").err.startswith("wxp-lint: --output: no format 'jsn'")


@pytest.mark.parametrize("report", ["full", "concise", "json"])
def test_the_format_does_not_change_the_exit_code(write, cli, report):
    write({"a.csv": ERROR})

    assert cli("check", "a.csv", "--output", report).code == 1


def test_a_machine_format_is_alone_on_standard_output(write, cli):
    write({"transfers/a.csv": GOOD, "transfers/~$a.xlsx": b"lock"})

    done = cli("check", "transfers", "--output", "json")

    assert json.loads(done.out)["findings"] == []
    assert "lock file" in done.err
    assert cli("check", "transfers", "--output", "json", "--quiet").err == ""


def test_what_a_person_reads(write, cli):
    write({"transfers/a.csv": f"{GOOD}5CG0480H,{ACME}\n"})

    done = cli("check", "transfers/a.csv")

    lines = done.out.splitlines()
    assert lines[0].startswith("error WXP202 serial-format: '5CG0480H' is no serial number")
    assert lines[1:4] == ["  --> transfers/a.csv:3:1", f"     3 | 5CG0480H,{ACME}", "         ^^^^^^^^"]
    assert "1 file, 2 devices: 1 error, 0 warnings, 0 notes" in lines


@pytest.mark.parametrize(
    ("line", "caret"),
    [
        ('"5CG ""8234"" X","ID"', " ^^^^^^^^^^^^^^"),
        ('"5CG04, a",ID', " ^^^^^^^^"),
        ("5CG048日,ID", "^^^^^^^^"),
        ("5CG8234XMV", "          ^"),
        ('"5CG8234XMV"', "            ^"),
    ],
)
def test_the_caret_stands_under_the_whole_cell(write, cli, line, caret):
    write({"a.csv": f"{GOOD}{line}\n".encode()})

    lines = cli("check", "a.csv", "--select", "WXP202,WXP211,WXP301").out.splitlines()

    assert lines[lines.index(f"     3 | {line}") + 1] == f"         {caret}"


@pytest.mark.parametrize(
    ("extra", "colored"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "0"}, False),
    ],
)
def test_colors_where_there_is_no_terminal(write, cli, extra, colored):
    write({"a.csv": ERROR})

    assert ("\x1b[" in cli("check", "a.csv", env=extra).out) is colored


@pytest.mark.parametrize(("extra", "colored"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colors_at_a_terminal(write, folder, environment, extra, colored):
    write({"a.csv": ERROR})
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "wxp_lint", "check", "a.csv"]
    subprocess.run(command, cwd=folder, env={**environment, "TERM": "xterm", **extra}, stdout=theirs, timeout=60)
    os.close(theirs)
    said = os.read(ours, 65536).decode()
    os.close(ours)

    assert "serial-format" in said
    assert ("\x1b[" in said) is colored


def test_a_file_that_asks_for_colors_in_a_report_gets_none(write, cli, folder):
    write({"a.csv": ERROR})
    cli("check", "a.csv", "--output", "full=report.txt", env={"FORCE_COLOR": "1"})

    assert "\x1b" not in (folder / "report.txt").read_text()


def test_standard_input(cli):
    done = cli("check", "-", "--output", "json", stdin=ERROR.encode())
    assert (done.code, done.codes) == (1, ["WXP202"])
    assert json.loads(done.out)["findings"][0]["path"] == "stdin.csv"

    named = cli("check", "-", "--stdin-filename", "transfers/acme/a.csv", stdin=ERROR.encode())
    assert "--> transfers/acme/a.csv:2:1" in named.out
    assert cli("check", "-", stdin=GOOD.encode()).code == 0
    assert cli("check", "-", "--output", "json", stdin=b"").codes == ["WXP108"]


def test_standard_input_as_a_workbook(cli):
    done = cli("check", "-", "--stdin-filename", "a.xlsx", "--output", "json", stdin=ERROR.encode())

    assert (done.code, done.codes) == (1, ["WXP101"])


def conflict():
    return {"transfers/acme/a.csv": GOOD, "transfers/other/b.csv": GOOD.replace(ACME, OTHER)}


def test_rules_across_files_see_every_open_transfer_outside_of_git(write, cli):
    write(conflict())

    done = cli("check", "transfers/acme/a.csv", "--output", "json")

    assert (done.code, done.codes) == (1, ["WXP402"])
    assert "transfers/other/b.csv" in json.loads(done.out)["findings"][0]["message"]
    assert json.loads(done.out)["summary"]["files"] == 1


def stdin(cli, name, text, *options):
    done = cli("check", "-", "--stdin-filename", name, "-o", "json", *options, stdin=text.encode())
    return [(finding["code"], finding["path"]) for finding in json.loads(done.out)["findings"]], done


def test_standard_input_stands_in_for_the_named_file(write, cli, git, folder):
    config = '[[overrides]]\npaths = ["transfers/acme/**"]\nignore = ["WXP202"]\n'
    write({"wxp-lint.toml": config, "transfers/acme/a.csv": GOOD, "transfers/acme/a.csv.toml": "oops = 1\n"})
    git("init", "--quiet")
    git("add", ".")

    for name in ("transfers/acme/a.csv", folder / "transfers/acme/a.csv", "./transfers/other/../acme/a.csv"):
        found, _ = stdin(cli, name, ERROR)
        assert found == [("WXP602", "transfers/acme/a.csv")]  # of the sidecar; the override lets WXP202 be
    assert stdin(cli, "transfers/other/new.csv", ERROR)[0] == [("WXP202", "transfers/other/new.csv")]


def test_the_name_of_standard_input_is_relative_to_the_working_directory(write, cli, git, folder, environment):
    write({"transfers/acme/a.csv": GOOD})
    git("init", "--quiet")
    arguments = ["check", "-", "--stdin-filename", "acme/a.csv", "-o", "concise"]
    command = [sys.executable, "-m", "wxp_lint", *arguments]
    done = subprocess.run(
        command, cwd=folder / "transfers", env=environment, input=ERROR.encode(), capture_output=True, timeout=60
    )

    assert done.stdout.decode().startswith("transfers/acme/a.csv:2:1: error WXP202")


def test_standard_input_is_held_against_the_other_open_files_and_not_against_its_own(write, cli, git, folder):
    write({**conflict(), "transfers/acme/done/c.csv": GOOD})
    git("init", "--quiet")
    git("add", ".")
    theirs = GOOD.replace(ACME, OTHER)
    for name, text, codes in (
        ("transfers/acme/a.csv", GOOD, ["WXP402"]),
        ("transfers/acme/a.csv", GOOD.replace("XMV", "XMW"), []),
        ("transfers/other/b.csv", GOOD, ["WXP404"]),
        ("transfers/acme/done/c.csv", theirs, []),
        ("transfers/new/n.csv", GOOD, ["WXP404", "WXP402"]),
    ):
        found, done = stdin(cli, name, text)
        assert found == [(code, name) for code in codes]
        before = (folder / name).read_bytes() if (folder / name).exists() else None
        write({name: text})
        assert json.loads(cli("check", name, "-o", "json").out) == json.loads(done.out)
        (folder / name).unlink() if before is None else (folder / name).write_bytes(before)
    assert cli("check", "-", stdin=GOOD.encode()).code == 0  # without a name it stands in for no file


def test_standard_input_in_place_of_a_file_that_has_not_changed(write, cli, git):
    write({"transfers/acme/a.csv": GOOD})
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "a")

    found, _ = stdin(cli, "transfers/acme/a.csv", ERROR, "--since", "HEAD")
    assert found == [("WXP202", "transfers/acme/a.csv")]


def test_names_that_standard_input_cannot_have(write, cli):
    write({"transfers/a.csv": GOOD})

    done = cli("check", "-", "--stdin-filename", "transfers", stdin=ERROR.encode())
    assert (done.code, done.out) == (2, "")
    assert "--stdin-filename: transfers is a folder" in done.err
    found, done = stdin(cli, "list.csv", ERROR, "--force-exclude")
    assert (done.code, found) == (0, [])
    assert "0 of 1 files match" in done.err


def test_rules_across_files_see_every_tracked_open_transfer_in_git(write, cli, git):
    write({**conflict(), "transfers/acme/done/c.csv": GOOD.replace(ACME, OTHER)})
    git("init", "--quiet")
    git("add", "transfers/acme")
    assert cli("check", "transfers/acme/a.csv", "--output", "json").codes == []

    git("add", "transfers/other")
    done = cli("check", "transfers/acme/a.csv", "--output", "json")
    assert (done.code, done.codes) == (1, ["WXP402"])

    done = cli("check", "--output", "json")
    assert done.codes == ["WXP402", "WXP402"]
    assert cli("check", "transfers/acme/done/c.csv", "--output", "json").codes == []


def test_a_draft_is_checked_when_named_and_holds_up_nobody_else(write, cli, git):
    write({"transfers/acme/a.csv": GOOD, "transfers/acme/draft.csv": ERROR})
    git("init", "--quiet")
    git("add", "transfers/acme/a.csv")

    done = cli("check")
    assert done.code == 0
    assert "1 untracked file not checked: transfers/acme/draft.csv" in done.err
    assert cli("check", "transfers/acme/draft.csv").code == 1


def test_nothing_is_silent(write, cli):
    write({"lists/a.csv": ERROR})

    done = cli("check")
    assert (done.code, done.err.startswith("no transfer files")) == (0, True)
    done = cli("check", "--force-exclude", "lists/a.csv")
    assert (done.code, done.err) == (0, "0 of 1 files match transfers/**/*.csv, transfers/**/*.xlsx\n")
    assert cli("check", "lists/a.csv").code == 1


def test_a_reader_that_goes_away_is_no_error(write, folder, environment):
    write({"a.csv": HEADER + "".join(f"5CG{n},{ACME}\n" for n in range(3000))})
    command = [sys.executable, "-m", "wxp_lint", "check", "a.csv"]
    program = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    program.stdout.read(10)
    program.stdout.close()

    assert program.stderr.read() == b""
    assert program.wait(60) == 1
    program.stderr.close()
