"""The examples of a user's own rules, run by `rules --test`; `rules` and `explain` know the rules too."""

import pytest
from own_rules import EXAMPLES, HEADER, ID, QUERY, rule_file

from wxp_lint.lint.catalogue import builtin_folder

TWO_LAB_PCS = EXAMPLES.replace(f"TEST234XMV,{ID}\n", f"TEST234XMV,{ID}\nTEST999XMV,{ID}\n")


def test_examples_that_hold(team, cli):
    team(dict([rule_file(), rule_file(code="ACME002", name="second", query=f"{QUERY} and line < 9")]))

    done = cli("rules", "--test")

    assert (done.code, done.err) == (0, "")
    assert done.out == "4 examples of 2 rules: all as expected\n"


def test_an_example_that_does_not_hold(team, cli):
    path, text = rule_file(examples=TWO_LAB_PCS)
    team({path: text})

    done = cli("rules", "--test")

    assert (done.code, done.err) == (1, "")
    first, last = done.out.splitlines()
    assert first == (
        f"{path}:18: example 'a PC of the lab': expected 2 serial, found 2 serial, 3 serial: "
        "'TEST234XMV' is a PC of the test lab: take the row out | "
        "'TEST999XMV' is a PC of the test lab: take the row out"
    )
    assert last == "2 examples of 1 rule: 1 not as expected"


def test_an_example_in_which_the_rule_is_silent(team, cli):
    path, text = rule_file(more='yields = ["WXP202"]', examples=EXAMPLES.replace("TEST234XMV", "TEST-1"))
    team({path: text})

    done = cli("rules", "--test")

    assert done.code == 1
    assert f"{path}:18: example 'a PC of the lab': expected 2 serial, found nothing (other rules: WXP202 2)" in done.out


def test_an_example_in_which_the_rule_cannot_run(team, cli):
    path, text = rule_file(more='needs = ["device"]')
    team({path: text})

    assert "expected 2 serial, found nothing (not run: no inventory configured)" in cli("rules", "--test").out


def test_an_example_that_cannot_be_run(team, cli):
    path, text = rule_file(examples=f"{EXAMPLES}config = 'fial-on = 1'\n")
    team({path: text})

    done = cli("rules", "--test")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"wxp-lint: {path}:27: example 'a customer's PC' cannot be run: wxp-lint.toml:")


def test_the_rules_that_are_named(team, cli):
    draft, text = rule_file(code="DRAFT001", name="draft", examples=TWO_LAB_PCS)
    team({"rules/README.md": "", "drafts/" + draft.removeprefix("rules/"): text, **dict([rule_file()])})

    assert cli("rules", "--test", "rules").out == "2 examples of 1 rule: all as expected\n"
    assert cli("rules", "--test", "rules/ACME001-test-pc.toml").out == "2 examples of 1 rule: all as expected\n"
    assert "1 not as expected" in cli("rules", "--test", "drafts").out
    assert cli("rules", "--test", "drafts/DRAFT001-draft.toml", "rules").out.endswith(
        "4 examples of 2 rules: 1 not as expected\n"
    )
    assert cli("rules", "--test", builtin_folder() / "4-duplicate" / "WXP401-duplicate-serial.toml").code == 0


FIXED = EXAMPLES.replace(
    'findings = ["2 serial"]', f'findings = ["2 serial"]\nfixed = """\n{HEADER}5CG8234XMV,{ID}\n"""'
)


@pytest.mark.parametrize(
    ("safety", "fix", "told"),
    [
        ("unsafe", "'5CG8234XMV'", "2 examples of 1 rule: all as expected\n"),
        ("unsafe", "'5CG8234XMX'", f"after the fix, expected '5CG8234XMV,{ID}' on line 2, found '5CG8234XMX,{ID}'\n"),
        ("safe", "'5CG8234XMV'", "(not fixed: its fix is said to be safe, but would make"),
        ("unsafe", "null::varchar", f"after the fix, expected '5CG8234XMV,{ID}' on line 2, found 'TEST234XMV,{ID}'\n"),
    ],
)
def test_what_a_fix_makes_of_an_example(team, cli, safety, fix, told):
    query = QUERY.replace("serial\nfrom", f"serial, {fix} as fix\nfrom")
    team(dict([rule_file(query=query, more=f"[fix]\nsafety = '{safety}'\naction = 'cell'", examples=FIXED)]))

    assert told in cli("rules", "--test").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--test", "rulse"], "--test: no such file or folder: rulse"),
        (["--test", "transfers"], "--test: there are no rule files (*.toml) in transfers"),
        (["rules"], "paths of rules are for --test"),
    ],
)
def test_nothing_to_test(team, cli, arguments, told):
    team({"rules/README.md": ""})

    done = cli("rules", *arguments)

    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_examples_leave_nothing_behind(team, cli):
    folder = team(dict([rule_file()]))
    before = sorted(folder.rglob("*"))

    cli("rules", "--test")

    assert sorted(folder.rglob("*")) == before


def test_own_rules_are_listed_and_explained(team, cli):
    team(dict([rule_file()]))

    assert cli("rules").out.startswith("ACME001  test-pc")
    assert cli("explain", "test-pc").out.startswith("# ACME001 test-pc\n")
