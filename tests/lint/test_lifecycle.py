"""A rule's life: preview, stable, deprecated; its former names (DESIGN 6, `status` and `aliases`)."""

import json

import pytest
from own_rules import ID, TRANSFER, rule_file

DEPRECATED = "rule ACME001 test-pc is deprecated: it will go, so ignore it (see: wxp-lint explain test-pc)\n"
FORMER = "'lab-pc' is a former name of ACME001 test-pc: write 'test-pc'\n"
ALIAS = 'aliases = ["lab-pc"]'


def found(done):
    return [(finding["path"], finding["code"]) for finding in json.loads(done.out)["findings"]]


@pytest.fixture
def check(cli):
    """Checks the transfer with some options."""

    def run(*options, paths=("transfers/a.csv",)):
        return cli("check", *paths, "--output", "json", *options)

    return run


HERE = [("transfers/a.csv", "ACME001")]


@pytest.mark.parametrize(
    ("config", "options", "speaks"),
    [
        ("", [], False),
        ("", ["--preview"], True),
        ("preview = true\n", [], True),
        ("", ["--select", "ACME001"], True),
        ("", ["--select", "test-pc"], True),
        ("", ["--select", "lab-pc"], True),
        ('select = ["test-pc"]\n', [], True),
        # A prefix, ALL, a level or a must-run is no name.
        ("", ["--select", "ACME"], False),
        ("", ["--select", "ALL"], False),
        ('[rules.test-pc]\nlevel = "error"\n', [], False),
        ('must-run = ["test-pc"]\n', [], False),
        ("", ["--select", "ACME", "--preview"], True),
        ("", ["--preview", "--ignore", "test-pc"], False),
        ("", ["--select", "test-pc", "--ignore", "ACME"], False),
        ("", ["--select", "WXP2", "--preview"], False),
    ],
)
def test_a_preview_rule_speaks_when_it_is_asked_to(team, check, config, options, speaks):
    team(dict([rule_file(status="preview", more=ALIAS)]), config)

    assert [pair for pair in found(check(*options)) if pair in HERE] == (HERE if speaks else [])


def test_a_preview_rule_that_is_named_for_some_files_speaks_there(team, check):
    config = '[[overrides]]\npaths = ["transfers/lab/**"]\nselect = ["test-pc", "WXP2"]\n'
    team({"transfers/lab/b.csv": TRANSFER, **dict([rule_file(status="preview")])}, config)

    done = check(paths=("transfers",))

    assert [path for path, code in found(done) if code == "ACME001"] == ["transfers/lab/b.csv"]


def test_only_what_is_selected_speaks_for_some_files(team, check):
    text = f"{TRANSFER}5CG1,{ID}\n"
    config = '[[overrides]]\npaths = ["transfers/lab/**"]\nselect = ["serial-format"]\n'
    config += '[[overrides]]\npaths = ["transfers/lab/new/**"]\nselect = ["ACME"]\nignore = ["WXP4"]\n'
    paths = ["transfers/a.csv", "transfers/lab/b.csv", "transfers/lab/new/c.csv"]
    team({**dict.fromkeys(paths, text), **dict([rule_file()])}, config)

    done = check("--ignore", "WXP4", paths=("transfers",))

    assert found(done) == [
        ("transfers/a.csv", "ACME001"),
        ("transfers/a.csv", "WXP202"),
        ("transfers/lab/b.csv", "WXP202"),
        ("transfers/lab/new/c.csv", "ACME001"),
    ]


def test_a_preview_rule_silences_nobody_while_it_is_silent(team, check):
    first = rule_file(status="preview")
    second = rule_file(code="ACME002", name="second", more='yields = ["ACME001"]')
    team(dict([first, second]))

    assert found(check("--select", "ACME")) == [("transfers/a.csv", "ACME002")]
    assert found(check("--select", "ACME", "--preview")) == HERE


def test_a_deprecated_rule_speaks_and_warns_once(team, check):
    team({"transfers/b.csv": TRANSFER.replace("TEST234", "TEST235"), **dict([rule_file(status="deprecated")])})

    done = check("--select", "ACME", paths=("transfers/a.csv", "transfers/b.csv"))

    assert done.err == DEPRECATED
    assert found(done) == [("transfers/a.csv", "ACME001"), ("transfers/b.csv", "ACME001")]


@pytest.mark.parametrize("options", [["--ignore", "test-pc"], ["--select", "WXP2"], ["--select", "ACME", "--quiet"]])
def test_a_deprecated_rule_that_nobody_hears_does_not_warn(team, check, options):
    team(dict([rule_file(status="deprecated")]))

    assert check(*options).err == ""


def test_the_status_is_shown(team, cli):
    team(dict([rule_file(status="deprecated"), rule_file(code="ACME002", name="second", status="preview")]))

    first, second, *_ = cli("rules").out.splitlines()

    assert first.endswith("(deprecated)")
    assert second.endswith("(preview)")
    assert "- Status: deprecated, since 1.0.0" in cli("explain", "test-pc").out


BY_CONFIG = [
    ('select = ["WXP2", "lab-pc"]\n', "wxp-lint.toml:2: ", HERE),
    ('select = [\n  "WXP2",\n  "Lab-PC",\n]\n', "wxp-lint.toml:4: ", HERE),
    ('ignore = ["lab-pc"]\n', "wxp-lint.toml:2: ", []),
    ('must-run = ["lab-pc"]\n', "wxp-lint.toml:2: ", HERE),
    ('[rules.lab-pc]\nlevel = "off"\n', "wxp-lint.toml:2: ", []),
    ('[[overrides]]\npaths = ["**"]\nignore = ["lab-pc"]\n', "wxp-lint.toml:4: ", []),
    ('[[overrides]]\npaths = ["**"]\nselect = ["lab-pc"]\n', "wxp-lint.toml:4: ", HERE),
    ('[[overrides]]\npaths = ["**"]\n[overrides.rules.lab-pc]\nlevel = "off"\n', "wxp-lint.toml:4: ", []),
]


@pytest.mark.parametrize(("config", "place", "expected"), BY_CONFIG, ids=[config for config, _, _ in BY_CONFIG])
def test_a_former_name_in_the_config_means_the_rule(team, check, config, place, expected):
    team(dict([rule_file(more=ALIAS)]), config)

    done = check()

    word = "Lab-PC" if "Lab-PC" in config else "lab-pc"
    assert [pair for pair in found(done) if pair in HERE] == expected
    assert done.err == place + FORMER.replace("lab-pc", word)


@pytest.mark.parametrize(("option", "expected"), [("--select", HERE), ("--ignore", [])])
def test_a_former_name_on_the_command_line_means_the_rule(team, check, option, expected):
    team(dict([rule_file(more=ALIAS)]))

    done = check(option, "lab-pc", option, "lab-pc")

    assert [pair for pair in found(done) if pair in HERE] == expected
    assert done.err == f"{option}: {FORMER}"
    assert check(option, "lab-pc", "--quiet").err == ""


def test_the_command_line_is_told_from_the_config(team, check):
    team(dict([rule_file(more=ALIAS)]), 'select = ["WXP2"]\nignore = ["WXP4", "lab-pc"]\n')

    done = check("--select", "lab-pc", "--ignore", "lab-pc")

    assert done.err.splitlines() == [
        f"--select: {FORMER.strip()}",
        f"wxp-lint.toml:3: {FORMER.strip()}",
        f"--ignore: {FORMER.strip()}",
    ]


def test_a_former_name_in_the_ignore_file_means_the_rule(team, check):
    entry = '[[ignore]]\nrule = "lab-pc"\npath = "transfers/**"\nreason = "a lab of the customer"\n'
    team({"wxp-lint-ignore.toml": f"\n{entry}", **dict([rule_file(more=ALIAS)])})

    done = check()

    assert HERE[0] not in found(done)
    assert done.err == f"wxp-lint-ignore.toml:2: {FORMER}"


def test_a_former_name_is_explained(team, cli):
    team(dict([rule_file(more=ALIAS)]))

    done = cli("explain", "lab-pc")

    assert done.out.startswith("# ACME001 test-pc\n")
    assert "- Former names: lab-pc" in done.out
    assert done.err == FORMER


@pytest.mark.parametrize("name", ["ACME001", "acme001", "test-pc", "Test-PC"])
def test_a_name_that_holds_needs_no_note(team, cli, check, name):
    team(dict([rule_file(more=ALIAS)]))

    assert cli("explain", name).err == ""
    assert check("--select", name).err == ""


def test_a_note_never_stands_in_the_report(team, cli):
    team(dict([rule_file(more=ALIAS, status="deprecated")]))

    done = cli("check", "transfers/a.csv", "--select", "lab-pc", "--output", "json")

    assert json.loads(done.out)["version"] == 1
    assert done.err == f"--select: {FORMER}{DEPRECATED}"
