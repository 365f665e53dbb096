"""Settings as the command line shows and applies them: where each came from, what a wrong one is told."""

import json

import pytest
from jsonschema import Draft202012Validator

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
HEADER = "Serial Number,Customer ID\n"
GOOD = f"{HEADER}5CG8234XMV,{ACME}\n"
VOWEL = f"{HEADER}5CG1234ABC,{ACME}\n"  # WXP207, a warning
BAD = f"{HEADER}5CG0480H,{ACME}\n"  # WXP202, an error
A, B = "transfers/acme/a.csv", "transfers/poly/b.csv"


@pytest.fixture
def settings(cli):
    """What `check --show-settings` says: key -> (value, where it came from)."""

    def run(*arguments):
        done = cli("check", "--show-settings", *arguments)
        assert (done.code, done.err) == (0, "")
        lines = [line.rpartition("  # ") for line in done.out.splitlines() if not line.startswith("#")]
        return {key: (value, origin) for line, _, origin in lines for key, value in [line.split(" = ", 1)]}

    return run


def test_every_setting_says_where_it_came_from(write, cli, settings, folder):
    write({"wxp-lint.toml": 'preview = true\nignore = [\n  "WXP401",\n]\n[rules.duplicate-serial]\nlevel = "note"\n'})

    shown = settings("--select", "WXP2,WXP4", "--ignore", "WXP208", "--fail-on", "note")

    assert shown["preview"] == ("true", "wxp-lint.toml:1")
    assert shown["ignore"] == ('["WXP401", "WXP208"]', "--ignore")
    assert shown["select"] == ('["WXP2", "WXP4"]', "--select")
    assert shown["fail-on"] == ('"note"', "--fail-on")
    assert shown["rules.duplicate-serial.level"] == ('"note"', "wxp-lint.toml:6")
    assert shown["archive"] == ('["transfers/**/done/**"]', "default")
    assert cli("check", "--show-settings").out.startswith(f"# config file: {folder / 'wxp-lint.toml'}\n")
    assert "# customers is not set\n" in cli("check", "--show-settings").out


def test_without_a_config_all_is_default(cli, settings):
    assert {origin for _, origin in settings().values()} == {"default"}
    assert cli("check", "--show-settings").out.startswith("# config file: none\n")


def test_a_table_in_pyproject_is_a_config(write, settings, cli):
    write({"pyproject.toml": '[project]\nname = "x"\n[tool.wxp-lint]\nignore = ["WXP202"]\n', A: BAD})

    assert settings()["ignore"] == ('["WXP202"]', "pyproject.toml:4")
    assert cli("check").code == 0
    write({"pyproject.toml": "[tool.wxp-lint]\n\nfail_on = 'note'\n"})
    assert cli("check").err.startswith("wxp-lint: pyproject.toml:3: ")


def test_which_files_would_be_checked(write, cli, git):
    write({A: BAD, B: GOOD, "transfers/done/c.csv": BAD, "transfers/draft.csv": BAD, "lists/d.csv": BAD})
    git("init", "--quiet")
    git("add", A, B, "transfers/done")

    done = cli("check", "--show-files")
    assert (done.code, done.out) == (0, f"{A}\n{B}\n")
    assert "transfers/draft.csv" in done.err

    done = cli("check", "--show-files", "transfers/draft.csv", A)
    assert (done.out, done.err) == (f"{A}\ntransfers/draft.csv\n", "and 1 open file for rules across files\n")
    assert cli("check", "--show-files", "--force-exclude", "lists/d.csv").out == ""


@pytest.mark.parametrize("kind", [[], ["config"], ["rule"]])
def test_schemas_are_schemas(cli, kind):
    schema = json.loads(cli("schema", *kind).out)

    Draft202012Validator.check_schema(schema)
    assert ("transfers" in schema["properties"]) is (kind != ["rule"])
    assert cli("schema", "ledger").code == 2


@pytest.mark.parametrize(
    ("config", "options", "told"),
    [
        ("", ["--select", "serial-fromat"], "--select: no rule 'serial-fromat'; did you mean 'serial-format'?"),
        ("", ["--ignore", "WXP20l"], "--ignore: no rule 'WXP20l'; did you mean 'WXP2"),
        ("", ["--select", "frobnicate"], "--select: no rule 'frobnicate' (see: wxp-lint rules)"),
        ('select = [\n  "serial-format",\n  "serial-weak",\n]', [], "wxp-lint.toml:3: no rule 'serial-weak'; did you"),
        ('ignore = ["serial-weak"]', [], "wxp-lint.toml:1: no rule 'serial-weak'; did you mean 'serial-week'?"),
        ('ignore = ["serial-weak"]', ["--ignore", "WXP2"], "wxp-lint.toml:1: no rule 'serial-weak'; did you"),
        ('\nmust-run = ["unknown-custom"]', [], "wxp-lint.toml:2: no rule 'unknown-custom'; did you mean"),
        ('[rules.serial-weak]\nlevel = "note"', [], "wxp-lint.toml:1: no rule 'serial-weak'; did you mean"),
        ('[rules.serial-format]\nlevle = "note"', [], "wxp-lint.toml:2: rule serial-format has no option 'levle'; did"),
        ("[rules.serial-format]\nformat = []", [], "wxp-lint.toml:2: rule serial-format has no option 'format'; did"),
        ("[rules.serial-week]\nweeks = []", [], "wxp-lint.toml:2: rule serial-week has no option 'weeks'; it has none"),
        ("[rules.serial-format]\nx = []", [], "wxp-lint.toml:2: rule serial-format has no option 'x'; it has: formats"),
        ('[rules.serial-format]\nformats = "hp"', [], "wxp-lint.toml:2: option 'formats' of serial-format must be a"),
        ('[[overrides]]\npaths = ["**"]\nignore = ["x"]', [], "wxp-lint.toml:3: no rule 'x'"),
    ],
)
def test_a_name_that_no_rule_has(write, cli, config, options, told):
    write({"wxp-lint.toml": f"{config}\n", A: BAD})

    done = cli("check", *options)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"wxp-lint: {told}")
    assert done.err.count("\n") == 1


def test_what_must_run_and_cannot_fails_the_check_and_says_so(write, cli, folder):
    write({"wxp-lint.toml": 'must-run = ["unknown-customer", "WXP501", "WXP202"]\n', A: GOOD})
    lines = [
        "must run, but could not: WXP304 unknown-customer (no customers file configured)",
        "must run, but could not: WXP501 device-not-visible (no inventory configured)",
    ]

    done = cli("check", "--fail-on", "never")
    assert (done.code, done.out.splitlines()[-2:], done.err) == (1, lines, "")
    done = cli("check", "--output", "json")
    assert (done.code, json.loads(done.out)["findings"], done.err.splitlines()) == (1, [], lines)
    done = cli("check", "--output", "full=report.txt", "--quiet")
    assert (done.code, done.out, done.err.splitlines()) == (1, "", lines)
    # What is left out on purpose need not run, and other tables of a commit are not held up.
    assert cli("check", "--select", "WXP2").code == 0
    write({"lists/b.csv": BAD})
    assert cli("check", "--force-exclude", "lists/b.csv").code == 0

    customers = {"customers.csv": f"customer_id,name\n{ACME},Acme\n", "wxp-lint.toml": 'customers = "customers.csv"\n'}
    write({**customers, "devices.csv": "Serial Number\n5CG8234XMV\n"})
    assert cli("check", "--inventory", "devices.csv").code == 0


OVERRIDES = """
[rules.serial-vowel]
level = "error"
[[overrides]]
paths = ["transfers/poly/**"]
ignore = ["serial-vowel", "WXP202"]
[[overrides]]
paths = ["transfers/**/special*.CSV"]
select = ["WXP202"]
[overrides.rules.WXP202]
level = "note"
[[overrides]]
paths = ["transfers/dell/*"]
[overrides.rules.serial-format]
formats = ["dell"]
"""


def test_overrides_hold_for_the_files_that_their_globs_match(write, cli):
    both = f"{BAD}5CG1234ABC,{ACME}\n"
    dell = f"{HEADER}7XK2Q93,{ACME}\n"
    write(
        {
            "wxp-lint.toml": OVERRIDES,
            A: both,
            B: both.replace("H,", "J,").replace("BC,", "BD,"),
            "transfers/poly/special-1.csv": both.replace("H,", "K,").replace("BC,", "BF,"),
            "transfers/dell/c.csv": dell,
            "transfers/dell/more/d.csv": dell.replace("Q93", "Q94"),
        }
    )

    done = cli("check", "--output", "json")

    found = [(f["path"], f["code"], f["level"]) for f in json.loads(done.out)["findings"]]
    assert found == [
        (A, "WXP202", "error"),
        (A, "WXP207", "error"),
        ("transfers/dell/more/d.csv", "WXP202", "error"),
        ("transfers/poly/special-1.csv", "WXP202", "note"),
    ]
