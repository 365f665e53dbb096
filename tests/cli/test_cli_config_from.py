"""`check --config-from REF`: what a pull request brings cannot acquit it."""

import json
import subprocess
from datetime import date, timedelta
from hashlib import sha256

import pytest

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
VAULT = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
MINE = "c0ffee00-1f3e-4a8b-8c77-5d2e6f7a8b90"
HEADER = "Serial Number,Customer ID\n"
A = "transfers/acme/a.csv"
TODAY = date.today().isoformat()

CUSTOMERS = f"customer_id,name,protected\n{ACME},Acme,\n{VAULT},Vault,true\n"
CONFIG = 'customers = "customers.csv"\n'
LISTS = """
[inventory]
sources = [
  { path = "inventory/unassigned.csv", place = "unassigned" },
  { path = "inventory/acme*.csv", place = "Acme" },
]
"""
OWN = f"""
code = "OWN001"
name = "own-rule"
level = "error"
status = "stable"
since = "0.1.0"
subject = "row"
summary = "Every row"
why = "It stands for a rule of a company's own."
sources = []
message = "{{serial}} is a row"
query = "select path, line, 'serial' as field, serial from row"
[[examples]]
name = "bad"
kind = "bad"
csv = '''
{HEADER}5CG8234XMV,{ACME}
'''
findings = ["2 serial"]
[[examples]]
name = "good"
kind = "good"
csv = "{HEADER.strip()}"
findings = []
"""
UNREADABLE = OWN.replace("select path", "select nothing, path")


def transfer(*serials, target=ACME):
    return HEADER + "".join(f"{serial},{target}\n" for serial in serials)


@pytest.fixture
def pull_request(write, git):
    """Commits `base` to main, then `changes` (None: removed) on a branch from there."""

    def make(base, changes):
        git("init", "--quiet")
        write(base)
        git("add", "--all")
        git("commit", "--quiet", "--message", "Base")
        git("switch", "--quiet", "--create", "request")
        write({path: content for path, content in changes.items() if content is not None})
        for path in (path for path, content in changes.items() if content is None):
            git("rm", "--quiet", path)
        git("add", "--all")
        git("commit", "--quiet", "--message", "Request")

    return make


@pytest.fixture
def judged(cli):
    """The run with `--config-from main`, and its findings by code."""

    def run(*arguments, code=1, **more):
        done = cli("check", "--config-from", "main", "--output", "json", *arguments, **more)
        assert done.code == code, done
        return {finding["code"]: finding for finding in json.loads(done.out)["findings"]}

    return run


BAD = transfer("5CG0480H")
ACQUITTALS = {
    "switches the rule off": (BAD, {"wxp-lint.toml": f'ignore = ["serial-format"]\n{CONFIG}'}, "WXP202"),
    "fails on nothing": (BAD, {"wxp-lint.toml": f'fail-on = "never"\n{CONFIG}'}, "WXP202"),
    "moves the config": (
        BAD,
        {"wxp-lint.toml": None, "pyproject.toml": '[tool.wxp-lint]\nignore = ["WXP2"]\n'},
        "WXP202",
    ),
    "takes the file for archived": (BAD, {"wxp-lint.toml": f'archive = ["**"]\n{CONFIG}'}, "WXP202"),
    "unprotects a customer": (
        transfer("5CG8234XMV", target=VAULT),
        {"customers.csv": CUSTOMERS.replace("true", "")},
        "WXP309",
    ),
    "adds a suppression": (
        BAD,
        {"wxp-lint-ignore.toml": '[[ignore]]\nrule = "WXP202"\npath = "**"\nreason = "trust me"\n'},
        "WXP202",
    ),
    "wants another custom rule": (
        BAD,
        {
            "wxp-lint.toml": f'custom-rules = ["rules"]\nignore = ["WXP202"]\n{CONFIG}',
            "rules/OWN001-own-rule.toml": UNREADABLE,
        },
        "WXP202",
    ),
}


@pytest.mark.parametrize("trick", ACQUITTALS)
def test_a_pull_request_cannot_acquit_itself(pull_request, judged, cli, trick):
    content, changes, code = ACQUITTALS[trick]
    pull_request({"wxp-lint.toml": CONFIG, "customers.csv": CUSTOMERS}, {A: content, **changes})

    assert cli("check").code != 1  # without the option it would have worked
    assert judged().keys() == {code}


def test_a_known_finding_is_one_that_the_revision_knows(pull_request, judged, cli):
    pull_request({"wxp-lint.toml": CONFIG, "customers.csv": CUSTOMERS}, {A: BAD})
    cli("baseline", "write")

    assert cli("check").code == 0
    assert judged().keys() == {"WXP202"}


def test_a_customer_of_its_own_is_to_be_registered_first(pull_request, judged, cli, write):
    base = {"wxp-lint.toml": CONFIG, "customers.csv": CUSTOMERS}
    pull_request(base, {A: transfer("5CG8234XMV", target=MINE), "customers.csv": f"{CUSTOMERS}{MINE},Mine Ltd,\n"})
    assert cli("check").code == 0

    found = judged()
    assert found.keys() == {"WXP304"}
    assert found["WXP304"]["message"] == (
        f"'{MINE}' (line 2) is not in the customers file of main, only in the one here: "
        "merge the registration first, by itself"
    )

    write({"customers.csv": "a registry that nobody can read"})
    assert "correct it, or add the customer there" in judged()["WXP304"]["message"]


def test_rules_of_a_company_are_those_of_the_revision(pull_request, judged, cli):
    base = {"wxp-lint.toml": 'custom-rules = ["./rules/"]\n', "rules/more/OWN001-own-rule.toml": OWN}
    pull_request(base, {A: transfer("5CG8234XMV"), "rules/more/OWN001-own-rule.toml": None})
    assert cli("check").code == 2

    assert judged().keys() == {"OWN001"}


def test_a_rule_that_fails_is_named_as_the_revision_has_it(pull_request, cli):
    base = {"wxp-lint.toml": 'custom-rules = ["rules"]\n', "rules/OWN001-own-rule.toml": UNREADABLE}
    pull_request(base, {A: transfer("5CG8234XMV"), "rules/OWN001-own-rule.toml": OWN})

    done = cli("check", "--config-from", "main")

    assert done.code == 2
    assert done.err.startswith("wxp-lint: main:rules/OWN001-own-rule.toml:12: query: ")


def test_a_forged_inventory_does_not_count(pull_request, judged, cli):
    base = {
        "wxp-lint.toml": CONFIG + LISTS,
        "customers.csv": CUSTOMERS,
        f"inventory/acme-{TODAY}.csv": "Serial Number\n5CG02382XZ\n",
        "inventory/unassigned.csv": "Serial Number\nSGH327SZYD\n",
    }
    changes = {
        A: transfer("5CG8234XMV", "SGH327SZYD"),
        "inventory/unassigned.csv": "Serial Number\n5CG8234XMV\nSGH327SZYD\n",
        "inventory/acme-forged.csv": "Serial Number\n5CG8234XMV\n",
    }
    pull_request(base, changes)
    assert "WXP501" not in cli("check", "--output", "json").codes

    found = judged()
    assert (found.keys(), found["WXP501"]["serial"]) == ({"WXP501"}, "5CG8234XMV")
    done = cli("check", "--config-from", "main")
    assert "inventory inventory/acme-forged.csv is not in main, so it does not count yet" in done.err.splitlines()
    assert cli("check", "--config-from", "main", "--quiet").err == ""


def test_an_inventory_that_is_asked_for_by_name_is_called_so(pull_request, cli, write):
    pull_request({"wxp-lint.toml": CONFIG, "customers.csv": CUSTOMERS}, {A: transfer("5CG8234XMV")})
    write({"seen.csv": "Serial Number\n5CG8234XMV\n"})

    done = cli("check", "--config-from", "main", "--inventory", "seen.csv")

    assert "1 device of Unassigned (seen.csv, of unknown age)" in done.out


@pytest.mark.parametrize("link", [False, True], ids=["as it is", "by a symbolic link"])
def test_an_inventory_that_only_the_pull_request_has_is_absent(pull_request, judged, cli, folder, git, link):
    base = {"wxp-lint.toml": CONFIG + LISTS, "customers.csv": CUSTOMERS}
    where = "lists" if link else "inventory"
    pull_request(base, {A: transfer("5CG8234XMV"), f"{where}/unassigned.csv": "Serial Number\n5CG8234XMV\n"})
    if link:
        (folder / "inventory").symlink_to("lists")
        git("add", "inventory")

    done = cli("check", "--config-from", "main", "--output", "json")

    assert (done.code, done.codes) == (0, [])
    assert done.err == "inventory inventory/unassigned.csv is not in main, so it does not count yet\n"
    (reason,) = [rule["reason"] for rule in json.loads(done.out)["not_run"] if rule["code"] == "WXP501"]
    assert reason.startswith("there is no inventory inventory/unassigned.csv: ")


def test_an_inventory_that_is_in_neither_is_used(pull_request, judged, write, folder):
    base = {
        "wxp-lint.toml": CONFIG + LISTS.replace("inventory/unassigned.csv", "../unassigned.csv"),
        "customers.csv": CUSTOMERS,
        ".gitignore": "inventory/\n",
    }
    pull_request(base, {A: transfer("5CG8234XMV", "SGH327SZYD", "5CG02382XZ")})
    write({"inventory/acme-ignored.csv": "Serial Number\n5CG8234XMV\n"})
    (folder.parent / "unassigned.csv").write_text("Serial Number\nSGH327SZYD\n")

    found = judged()

    assert found["WXP501"]["serial"] == "5CG02382XZ"
    assert found["WXP503"]["serial"] == "5CG8234XMV"


def test_a_list_is_as_old_as_in_the_revision(pull_request, judged, git, write, monkeypatch, environment):
    past = {f"GIT_{who}_DATE": f"{date.today() - timedelta(30)}T12:00:00" for who in ("AUTHOR", "COMMITTER")}
    base = {
        "wxp-lint.toml": '[inventory]\nsources = [{ path = "unassigned.csv", place = "unassigned" }]\n',
        "unassigned.csv": "Serial Number\n5CG8234XMV\n",
    }
    with monkeypatch.context() as patch:
        for name, moment in past.items():
            patch.setitem(environment, name, moment)
        pull_request(base, {A: transfer("5CG8234XMV")})
    write({"unassigned.csv": "Serial Number\n5CG8234XMV\n\n"})
    git("commit", "--quiet", "--all", "--message", "As new")

    found = judged(code=0)

    assert found["WXP505"]["message"].startswith("the newest list of Unassigned is 30 days old")


def test_sidecars_come_with_the_transfers(pull_request, judged):
    base = {
        "wxp-lint.toml": f'{CONFIG}[[inventory.sources]]\npath = "unassigned-{TODAY}.csv"\n',
        "customers.csv": CUSTOMERS,
        f"unassigned-{TODAY}.csv": "Serial Number\nSGH327SZYD\n",
    }
    tomorrow = date.today() + timedelta(1)
    pull_request(base, {A: transfer("5CG8234XMV"), f"{A}.toml": f"[wait]\nuntil = {tomorrow}\n"})

    found = judged(code=0)

    assert (found["WXP501"]["level"], str(tomorrow) in found["WXP501"]["message"]) == ("warning", True)


def test_a_cache_in_the_working_tree_is_not_used(pull_request, judged, write, folder, environment, cli):
    pull_request({"wxp-lint.toml": CONFIG, "customers.csv": CUSTOMERS}, {A: BAD})
    outside = folder.parent / "cache"
    cli("check", env={"WXP_LINT_CACHE_DIR": str(outside)})
    remembered = {path.relative_to(outside): path for path in outside.rglob("*") if path.is_file()}
    assert any(path.parts[0] == "catalogue" for path in remembered)
    for path, file in remembered.items():
        data = file.read_bytes()
        if path.parts[0] == "catalogue":  # behind its hash
            rules = data[32:].replace(b'"level": "error"', b'"level": "note"')
            data = sha256(rules).digest() + rules
        write({f".cache/{path}": data})
        file.write_bytes(data)
    assert judged(code=0, env={"WXP_LINT_CACHE_DIR": str(outside)})["WXP202"]["level"] == "note"

    for place in (".cache", str(folder / ".cache")):
        assert judged(env={"WXP_LINT_CACHE_DIR": place})["WXP202"]["level"] == "error"


def test_a_revision_without_a_config_means_the_defaults(pull_request, judged):
    pull_request({"README": ""}, {A: BAD, "wxp-lint.toml": 'ignore = ["WXP202"]\n'})

    assert judged().keys() == {"WXP202"}


def test_what_is_shown_is_the_revision_s(pull_request, cli):
    pull_request({"wxp-lint.toml": 'fail-on = "note"\n'}, {"wxp-lint.toml": 'fail-on = "never"\n'})

    shown = cli("check", "--config-from", "main", "--show-settings").out

    assert shown.splitlines()[0].endswith("wxp-lint.toml, as main has it")
    assert 'fail-on = "note"  # wxp-lint.toml:1' in shown


@pytest.mark.parametrize(
    ("base", "options", "words"),
    [
        ({"wxp-lint.toml": "fail_on = 1\n"}, [], "the config of main: wxp-lint.toml:1: "),
        ({"wxp-lint.toml": CONFIG}, [], "main has no customers.csv, which its config names as `customers`"),
        ({"wxp-lint.toml": 'custom-rules = ["own"]\n'}, [], "main has no rules in own, which its config"),
        ({"a": ""}, ["--config", "wxp-lint.toml"], "main has no wxp-lint.toml: merge it there first"),
        ({"a": ""}, ["--config", "../x.toml"], "--config ../x.toml lies outside of the repository"),
    ],
)
def test_what_the_revision_lacks_is_not_made_up_for(pull_request, cli, base, options, words):
    good = {"wxp-lint.toml": "", "customers.csv": CUSTOMERS, "own/OWN001-own-rule.toml": OWN}
    pull_request(base, {A: transfer("5CG8234XMV"), **good})

    done = cli("check", "--config-from", "main", *options)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"wxp-lint: {words}")


def test_a_clone_without_the_revision_says_what_to_fetch(pull_request, cli, folder, environment):
    pull_request({"wxp-lint.toml": ""}, {A: transfer("5CG8234XMV")})
    folder.rename(folder.with_name("origin"))
    clone = ["git", "clone", "--quiet", "--depth", "1", "--branch", "request"]
    subprocess.run([*clone, f"file://{folder.with_name('origin')}", folder], env=environment, check=True)

    done = cli("check", "--config-from", "origin/main")

    assert (done.code, done.out) == (2, "")
    fetch = "git fetch origin main:refs/remotes/origin/main"
    assert done.err == f"wxp-lint: 'origin/main' is not in this clone; fetch it first: {fetch}\n"

    subprocess.run(fetch.split(), cwd=folder, env=environment, check=True, capture_output=True)
    assert cli("check", "--config-from", "origin/main").code == 0


def test_it_needs_a_repository(cli):
    done = cli("check", "--config-from", "main")

    assert (done.code, done.err.startswith("wxp-lint: --config-from needs a git repository")) == (2, True)
