"""A user's own rules: the same files as ours, in a folder that the config names; their options and levels."""

import json
import os

import pytest
from own_rules import BY_OPTION, HEADER, ID, OPTION, QUERY, TRANSFER, rule_file


def findings(done):
    return [(f["code"], f["level"], f["line"], f["message"]) for f in json.loads(done.out)["findings"]]


def test_own_rules_find_beside_ours(team, cli):
    team(dict([rule_file()]))

    done = cli("check", "transfers/a.csv", "--select", "ACME,WXP209", "--output", "json")

    assert findings(done) == [("ACME001", "warning", 3, "'TEST234XMV' is a PC of the test lab: take the row out")]
    assert json.loads(done.out)["findings"][0]["url"] == ""


def test_a_rule_is_read_anew_when_it_changes(team, cli):
    """Same size, same time: what is remembered is told by the content."""
    path, text = rule_file(message="'{serial}' is a PC of the test lab: take the row out")
    file = team({path: text}) / path
    before = file.stat()
    cli("check", "transfers/a.csv")
    file.write_text(text.replace("take the row out", "leave it in, no"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    done = cli("check", "transfers/a.csv", "--select", "ACME001", "--output", "json")

    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert findings(done)[0][3].endswith("leave it in, no")


def test_a_rule_that_was_remembered_says_the_same(team, cli):
    path, text = rule_file(query=BY_OPTION, more=f'yields = ["WXP202"]\naliases = ["former"]\n{OPTION}')
    team({path: text}, '[rules.test-pc]\nprefix = "5CG8"\n')

    runs = [cli("check", "transfers/a.csv", "--select", "ACME001", "--output", "json") for _ in range(2)]
    afresh = cli("check", "transfers/a.csv", "--select", "ACME001", "--output", "json", "--no-cache")

    assert runs[0] == runs[1] == afresh
    assert [line for _, _, line, _ in findings(afresh)] == [2]


def test_the_folder_within_the_folder(team, cli):
    path, text = rule_file()
    team({path.replace("rules/", "rules/lab/"): text}, 'fail-on = "warning"\n')
    (team({}) / "wxp-lint.toml").write_text('custom-rules = ["rules/", "rules/lab"]\nfail-on = "warning"\n')

    assert cli("check", "transfers/a.csv", "--select", "test-pc").code == 1


# Options


@pytest.mark.parametrize(
    ("default", "value", "told"),
    [
        ('"TEST"', "5", "must be a text, not 5"),
        ("5", '"5"', 'must be a whole number, not "5"'),
        ("5", "5.5", "must be a whole number, not 5.5"),
        ("5", "true", "must be a whole number, not true"),
        ("5.5", '"x"', 'must be a number, not "x"'),
        ("true", "1", "must be true or false, not 1"),
        ("[]", '"x"', 'must be a list of texts, not "x"'),
        ("[]", "[1]", "must be a list of texts, not [1]"),
        ('["a"]', "[1]", "must be a list, not [1]"),
    ],
)
def test_an_option_of_the_wrong_type(team, cli, default, value, told):
    query = f"{QUERY} and $value is not null"
    option = f"[options.value]\ndefault = {default}\ndescription = 'x'"
    team(dict([rule_file(query=query, more=option)]), f'\n[rules.test-pc]\nlevel = "note"\nvalue = {value}\n')

    done = cli("check", "transfers/a.csv")

    assert (done.code, done.err) == (2, f"wxp-lint: wxp-lint.toml:5: option 'value' of test-pc {told}\n")


@pytest.mark.parametrize(
    ("default", "value"),
    [("5", "-5"), ("5.5", "6"), ("[]", "[]"), ("[1]", "[2, 3]"), ('"TEST"', '""'), ("false", "true")],
)
def test_an_option_of_the_right_type(team, cli, default, value):
    query = f"{QUERY} and $value is not null"
    option = f"[options.value]\ndefault = {default}\ndescription = 'x'"
    team(dict([rule_file(query=query, more=option)]), f"[rules.ACME001]\nvalue = {value}\n")

    assert cli("check", "transfers/a.csv", "--select", "ACME001").code == 0


def test_an_option_that_is_misspelt(team, cli):
    team(dict([rule_file(query=BY_OPTION, more=OPTION)]), '[rules.test-pc]\nprefx = "LAB"\n')

    done = cli("check", "transfers/a.csv")

    assert done.err == "wxp-lint: wxp-lint.toml:3: rule test-pc has no option 'prefx'; did you mean 'prefix'?\n"


def test_choices(team, cli):
    team(
        dict([rule_file(query=BY_OPTION, more=f'{OPTION}\nchoices = ["TEST", "LAB"]')]),
        '[rules.test-pc]\nprefix = "X"\n',
    )

    assert cli("check", "transfers/a.csv").err == (
        "wxp-lint: wxp-lint.toml:3: option 'prefix' of test-pc: \"X\" is none of TEST, LAB\n"
    )


@pytest.mark.parametrize(
    ("formats", "bad"),
    [
        ('["hp"]', ["ABC-1234", "ABC1234"]),
        ('["hp", "[A-Z]{3}-[0-9]+"]', ["ABC1234"]),
        ('["[A-Z]{3}-?[0-9]{4}"]', []),
        ('["dell", "[A-Z]{3}-[0-9]+"]', []),
    ],
)
def test_the_serials_of_other_makers_by_name_and_by_pattern(team, cli, formats, bad):
    rows = "".join(f"{serial},{ID}\n" for serial in ("ABC-1234", "ABC1234", "5CG8234XMV"))
    config = f"[rules.serial-format]\nformats = {formats}\n"
    team({"transfers/a.csv": HEADER + rows, "wxp-lint.toml": config})

    done = cli("check", "transfers/a.csv", "--select", "WXP202", "--output", "json")

    assert [finding["serial"] for finding in json.loads(done.out)["findings"]] == bad


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ('formats = ["lenvo"]', '"lenvo" is none of hp, dell, lenovo, apple, and no pattern such as'),
        ('formats = ["("]', '"(" is no regular expression (RE2): missing ): ('),
        ('pattern = "("', '"(" is no regular expression (RE2): missing ): ('),
    ],
)
def test_a_form_of_serials_that_is_none(team, cli, setting, told):
    team({"wxp-lint.toml": f"[rules.serial-format]\n{setting}\n"})

    done = cli("check", "transfers/a.csv")

    assert done.code == 2
    assert done.err.startswith(f"wxp-lint: wxp-lint.toml:2: option '{setting[:7]}' of serial-format: {told}")


def test_an_option_may_take_its_value_from_the_config(team, cli):
    option = "[options.days]\ndefault = 7\ndescription = 'x'\nconfig = 'inventory.max-age-days'"
    team(
        dict([rule_file(query=QUERY.replace("'TEST'", "'TEST'") + " and $days = 3", more=option)]),
        "[inventory]\nmax-age-days = 3\n",
    )

    assert len(findings(cli("check", "transfers/a.csv", "--select", "ACME", "--output", "json"))) == 1


def test_options_and_levels_by_path(team, cli):
    config = """
[rules.test-pc]
prefix = "LAB"
[[overrides]]
paths = ["transfers/lab/**"]
[overrides.rules.test-pc]
prefix = "TEST"
level = "error"
[[overrides]]
paths = ["transfers/lab/old/**"]
[overrides.rules.ACME001]
level = "off"
[[overrides]]
paths = ["transfers/lab/poly/**"]
[overrides.rules.ACME001]
prefix = "5CG8"
"""
    paths = ["transfers/a.csv", "transfers/lab/b.csv", "transfers/lab/old/c.csv", "transfers/lab/poly/d.csv"]
    team(dict([rule_file(query=BY_OPTION, more=OPTION), *[(path, TRANSFER) for path in paths]]), config)

    done = cli("check", *paths, "--select", "ACME001", "--output", "json")

    found = [(f["path"], f["line"], f["level"]) for f in json.loads(done.out)["findings"]]
    assert found == [("transfers/lab/b.csv", 3, "error"), ("transfers/lab/poly/d.csv", 2, "error")]


def test_what_belongs_to_no_file_has_the_options_that_hold_for_all(team, cli):
    config = '[[overrides]]\npaths = ["transfers/**"]\n[overrides.rules.test-pc]\nprefix = "NONE"\n'
    query = "select distinct null as path, null::integer as line, null as field, $prefix as serial\nfrom row"
    team(dict([rule_file(query=query, more=OPTION)]), config)

    done = cli("check", "--select", "ACME001", "--output", "json")

    assert [message for *_, message in findings(done)] == ["'TEST' is a PC of the test lab: take the row out"]


def test_one_rule_in_two_tables(team, cli):
    team(
        dict([rule_file(query=BY_OPTION, more=OPTION)]),
        '[rules.test-pc]\nlevel = "note"\n[rules.ACME001]\nprefix = "X"\n',
    )

    done = cli("check", "transfers/a.csv")

    assert done.err.startswith("wxp-lint: wxp-lint.toml:4: rule test-pc has two tables here")
