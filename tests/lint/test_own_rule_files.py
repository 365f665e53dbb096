"""What is told against the file of a user's own rule, and against what its query returns."""

import json
import os

import pytest
from own_rules import HEADER, ID, OPTION, QUERY, QUERY_LINE, TRANSFER, rule_file, rule_text

from wxp_lint.errors import UsageError
from wxp_lint.lint.catalogue import builtin_folder, load, rule_files, schema_text
from wxp_lint.lint.page import page
from wxp_lint.lint.read import read_rules
from wxp_lint.lint.rulefile import to_rule

NAME = "ACME001-test-pc.toml"
SCHEMA = json.loads(schema_text())


@pytest.fixture(scope="module")
def builtin():
    return list(load().rules)


@pytest.fixture
def complaint(tmp_path, builtin, monkeypatch):
    """What is said against a rule file with this content."""
    monkeypatch.chdir(tmp_path)

    def read(content, name=NAME):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(UsageError) as raised:
            read_rules([tmp_path / name], schema_text(), builtin)
        return str(raised.value)

    return read


RULE = rule_text()
KEYS = [
    # what stands in the file, the line, what is said
    (rule_text(level="fatal"), 3, 'level must be one of error, warning, note, not "fatal"'),
    (rule_text(status="beta"), 4, 'status must be one of preview, stable, deprecated, not "beta"'),
    (rule_text(since="1.0"), 5, 'since must be a version like 1.0.0, not "1.0"'),
    (rule_text(code="acme1"), 1, 'code must be capital letters and three digits, like ACME001, not "acme1"'),
    (rule_text(name="Test PC"), 2, "name must be words in small letters with - between them"),
    (rule_text(more='aliases = ["all"]'), 16, "'all' stands for all rules"),
    (rule_text(summary=""), 7, 'summary must be a text of 1 to 90 characters, not ""'),
    (rule_text(subject="rows"), 6, "subject must be one of file, row, suspect"),
    (RULE.replace("level =", "levle ="), 3, "unknown key 'levle'; did you mean 'level'?"),
    (rule_text(more='yields = ["serial-format"]'), 16, "must be the code of a rule, like WXP205"),
    (rule_text(more='needs = ["devices"]'), 16, "entry 1 of needs must be one of device, customer, sidecar"),
    (rule_text(more="[options.maxRows]\ndefault = 1\ndescription = ''"), 16, "named in small letters, digits and _"),
    (rule_text(more="[options.today]\ndefault = 1\ndescription = ''"), 16, "no option can be called 'today'"),
    (rule_text(more="[options.level]\ndefault = 1\ndescription = ''"), 16, "no option can be called 'level'"),
    (rule_text(more="[options.max]\ndescription = 'x'"), 16, "[options.max] needs the key 'default'"),
    (rule_text(more="[options.max]\ndefault = {a = 1}\ndescription = ''"), 17, "must be a text, a number, true, false"),
    (rule_text(more="[options.max]\ndefault = [2026-01-01]\ndescription = ''"), 17, "must be a text, a number"),
    (rule_text(more=OPTION + '\nchoices = ["LAB"]'), 17, "the default 'TEST' is none of the 'choices'"),
    (rule_text(more=OPTION + '\nfeeds = "x = 1; drop table row; --"'), 19, "'feeds' is kept for the built-in rules"),
    (rule_text(more=OPTION + '\nconfig = "fail-onn"'), 19, "'fail-onn' is no plain value of the config"),
    (rule_text(more=OPTION + '\nconfig = "apply.ledger"'), 19, "'apply.ledger' is no plain value"),
    (rule_text(more=OPTION + '\nconfig = "__class__"'), 19, "'__class__' is no plain value"),
    (rule_text(more='when = "select 1"'), 16, "'when' is kept for the built-in rules"),
    (
        rule_text(more='[fix]\nsafety = "sure"\naction = "cell"'),
        17,
        "safety in [fix] must be one of safe, unsafe, display",
    ),
    (rule_text(message="{serial no} is wrong"), 9, "braces in 'message' hold the name of a column"),
    (RULE.replace('kind = "bad"', 'kind = "good"').replace('["2 serial"]', "[]"), 18, 'one example with kind = "bad"'),
    (RULE.replace('["2 serial"]', "[]"), 25, "a bad example needs findings of this rule"),
    (RULE.replace("findings = []", 'findings = ["2"]'), 34, "a good example has no findings of this rule"),
    (RULE.replace('["2 serial"]', '["line 2"]'), 25, 'must be a line and a field like "4 serial"'),
    (RULE.replace("csv =", "cvs =", 1), 21, "unknown key 'cvs' in entry 1 of [[examples]]; did you mean 'csv'?"),
    (f'{RULE}encoding = "utf-99"', 35, "there is no encoding 'utf-99'"),
    (f'{RULE}path = "../../outside.csv"', 35, "must be the path of a file, from the root on"),
    (f'{RULE}files = {{"/outside" = ""}}', 35, "must be the path of a file, from the root on"),
    (f'{RULE}today = "soon"', 35, 'must be a date like 2026-12-01, not "soon"'),
]


@pytest.mark.parametrize(("text", "line", "told"), KEYS, ids=[told for _, _, told in KEYS])
def test_a_wrong_key_is_told_with_its_line(complaint, text, line, told):
    said = complaint(text)

    assert said.startswith(f"{NAME}:{line}: ")
    assert told in said
    assert "\n" not in said


QUERIES = [
    # the query, the line of it, what is said
    ("select path, line, 'serial' as field,\n  seral as serial\nfrom row", 2, 'candidate bindings: "serial"'),
    (
        "select path, line, 'serial' as field, serial\nfrom rows",
        2,
        'Table with name rows does not exist; did you mean "row"?',
    ),
    (
        "select path, line, 'serial' as field, serial\nfrom row r\n\nwhere r.serial_ky = ''",
        4,
        "did you mean 'serial_key'?",
    ),
    (
        "select path, line, 'serial' as field, serial\nfrom row where start_with(serial, 'T')",
        2,
        'did you mean "starts_with"?',
    ),
    ("select path, line, 'serial' as field, serial\nfrom row\nwhere >", 3, "syntax error"),
    (
        "select path, line, 'serial' as field, serial\nfrom row where serial < $prefx",
        2,
        "$prefx is no option of this rule; did you mean 'prefix'?",
    ),
    ("select path, line, 'serial' as field, serial from row where serial > 5", 1, "Cannot compare"),
    ("select path, serial from row", 1, "it must return the columns field, line"),
    (
        "select path, line, 'serial' as field, serial_key from row",
        1,
        "it must return the column serial; did you mean 'serial_key'?",
    ),
    ("select 1; select 2", 1, "it must be exactly one SELECT, not SELECT and SELECT"),
    ("-- nothing", 1, "it must be exactly one SELECT, not nothing"),
]


@pytest.mark.parametrize(("query", "line", "told"), QUERIES, ids=[told for _, _, told in QUERIES])
def test_a_wrong_query_is_told_with_its_line_in_the_file(complaint, query, line, told):
    said = complaint(rule_text(query, more=OPTION))

    assert said.startswith(f"{NAME}:{QUERY_LINE + line - 1}: query: ")
    assert told in said
    assert "\n" not in said


def test_the_lines_of_a_query_with_escapes_are_counted_by_themselves(complaint):
    text = RULE.replace(f"'''\n{QUERY}\n'''", r'''"select path, line, 'serial' as field,\n seral\nfrom row"''')

    assert complaint(text).startswith(f'{NAME}: query, line 2: Referenced column "seral" not found')


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_how_an_editor_saved_the_file_does_not_matter(tmp_path, builtin, newline, mark):
    (tmp_path / NAME).write_bytes((mark + RULE.replace("\n", newline)).encode())

    (rule,) = read_rules([tmp_path / NAME], schema_text(), builtin)

    assert (rule.query, rule.query_line) == (QUERY, QUERY_LINE)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"code = ", f"{NAME}:1: not valid TOML"),
        (b'code = "ACME001"\nname = "\xff"\n', f"{NAME}:2: not UTF-8 text"),
        (b"", f"{NAME}: the file needs the key 'code'"),
        (b"a = " + b"[" * 5000, f"{NAME}: nested too deeply"),
        (b"a." * 5000 + b"b = 1", f"{NAME}:1: more than 1,000 dots"),
        (b"#" * 1_000_001, f"{NAME}: a rule is a file of at most 1,000,000 bytes"),
    ],
)
def test_what_is_no_rule_file(complaint, content, told):
    assert complaint(content).startswith(told)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_nobody_waits_for_a_fifo(tmp_path):
    os.mkfifo(tmp_path / NAME)

    with pytest.raises(UsageError, match="a rule is a file"):
        load([tmp_path])


def test_the_file_is_named_after_the_rule(complaint):
    assert complaint(RULE, "ACME001-other.toml") == (
        f"ACME001-other.toml:1: name the file {NAME}, after its code and name"
    )


def test_our_prefix_is_ours(complaint):
    said = complaint(rule_text(code="WXP999"), "WXP999-test-pc.toml")

    assert (
        said == "WXP999-test-pc.toml:1: the prefix WXP is kept for the built-in rules: give your rules one of their own"
    )


@pytest.mark.parametrize(
    ("keys", "line", "told"),
    [
        ({"name": "serial-format"}, 2, "'serial-format' is taken by "),
        ({"name": "wxp202"}, 2, "'wxp202' is taken by "),
        ({"more": 'aliases = ["serial-format"]'}, 16, "'serial-format' is taken by "),
    ],
)
def test_a_name_that_is_taken(complaint, keys, line, told):
    name = f"ACME001-{keys.get('name', 'test-pc')}.toml"

    said = complaint(rule_text(**keys), name)

    assert said.startswith(f"{name}:{line}: {told}")
    assert "WXP202-serial-format.toml: choose another" in said


def test_two_rules_with_one_code(team, monkeypatch):
    monkeypatch.chdir(team(dict([rule_file(), rule_file(name="other")])))

    with pytest.raises(UsageError) as raised:
        load([team({}) / "rules"])

    assert (
        str(raised.value)
        == "rules/ACME001-test-pc.toml:1: 'ACME001' is taken by rules/ACME001-other.toml: choose another code"
    )


def test_a_rule_yields_to_one_that_is_not_there(complaint):
    said = complaint(rule_text(more='yields = [\n  "WXP202",\n  "WXP2022",\n]').replace("WXP2022", "WXP999"))

    assert said.startswith(f"{NAME}:18: yields: no rule has the code 'WXP999'; did you mean 'WXP")


def test_built_in_rules_yield_only_to_rules_that_are_there():
    """The check that they go through when they are read, with most of them left out."""
    files = [file for file in rule_files(builtin_folder()) if file.name.startswith(("WXP202", "WXP203"))]

    with pytest.raises(UsageError, match=r"WXP202-serial-format\.toml:\d+: yields: no rule has the code 'WXP113'"):
        read_rules(files, schema_text())


def test_rules_that_yield_in_a_circle(team, monkeypatch):
    files = [
        rule_file(more='yields = ["ACME002"]'),
        rule_file(code="ACME002", name="second", more='yields = ["ACME003"]'),
        rule_file(code="ACME003", name="third", more='yields = ["WXP202", "ACME001"]'),
    ]
    monkeypatch.chdir(team(dict(files)))

    with pytest.raises(UsageError) as raised:
        load([team({}) / "rules"])

    said = str(raised.value)
    assert said.startswith("rules yield to each other in a circle")
    assert all(path in said for path, _ in files)
    assert "ACME001 (rules/ACME001-test-pc.toml) -> ACME002 (rules/ACME002-second.toml)" in said


def test_a_rule_that_yields_to_itself(complaint):
    assert complaint(rule_text(more='yields = ["ACME001"]')).startswith("rules yield to each other in a circle")


def test_all_that_is_wrong_is_told_at_once(team, cli):
    path, text = rule_file(level="fatal", since="1")
    other, broken = rule_file(code="ACME002", name="second", query="select 1")
    team({path: text, other: broken.replace("[[examples]]", "[examples]")})

    done = cli("check", "transfers/a.csv")

    lines = done.err.splitlines()
    assert done.code == 2
    assert [line.removeprefix("wxp-lint: ").rpartition(": ")[0] for line in lines[:2]] == [f"{path}:3", f"{path}:5"]
    assert lines[2].startswith(f"{other}:")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "rules is no folder: name the one with your rule files"),
        ({"rules": ""}, "rules is a file: name the folder"),
    ],
)
def test_the_folder_is_not_there(team, cli, files, told):
    folder = team(files)

    done = cli("check", "transfers/a.csv")

    assert done.code == 2
    assert done.err == f"wxp-lint: wxp-lint.toml:1: custom-rules: {folder}/{told}\n"


RETURNED = [
    (
        "'x' as path, line, 'serial' as field, serial",
        "path must be that of a file of this run where there is a line, not 'x'",
    ),
    ("[path] as path, line, 'serial' as field, serial", "path must be a text or null, not ['transfers/"),
    ("path, 1.5 as line, 'serial' as field, serial", "line must be a whole number from 1 on, not 1.5"),
    ("'x' as path, null as line, null as field, serial", "path must be that of a file of this run or null, not 'x'"),
    ("1 as path, null as line, null as field, serial", "path must be a text or null, not 1"),
    ("path, '2' as line, 'serial' as field, serial", "line must be a whole number from 1 on, not '2'"),
    ("path, 0 as line, 'serial' as field, serial", "line must be a whole number"),
    ("path, true as line, 'serial' as field, serial", "line must be a whole number"),
    ("path, line, 'Serial' as field, serial", "field must be 'serial', 'customer_id' or null, not 'Serial'"),
    ("path, line, 'serial' as field, 5 as serial", "serial must be the cell's text or null, not 5"),
    (
        "path, line, 'serial' as field, serial, 'fatal' as level",
        "level must be error, warning, note or null, not 'fatal'",
    ),
]


@pytest.mark.parametrize(("columns", "told"), RETURNED, ids=[told for _, told in RETURNED])
def test_what_a_query_returns_is_checked(team, cli, columns, told):
    path, text = rule_file(query=f"select {columns}\nfrom row where line = 2")
    team({path: text})

    done = cli("check", "transfers/a.csv")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"wxp-lint: {path}:{QUERY_LINE}: query: ")
    assert told in done.err


def test_an_error_that_only_data_brings_about(team, cli):
    path, text = rule_file(query=f"{QUERY}\n  and serial::integer > 0")
    team({path: text})

    done = cli("check", "transfers/a.csv")

    told = f"wxp-lint: {path}:{QUERY_LINE + 3}: query: Could not convert string 'TEST234XMV' to INT32"
    assert done.code == 2
    assert done.err.startswith(told)
    assert done.err.count("\n") == 1


def test_words_of_a_query_reach_the_terminal_as_plain_text(team, cli):
    path, text = rule_file(query=f"{QUERY} and error('a' || chr(27) || '[31m' || chr(10) || '::error::b') is null")
    team({path: text})

    done = cli("check", "transfers/a.csv")

    assert done.code == 2
    assert done.err.count("\n") == 1
    assert "\x1b" not in done.err


def test_a_join_of_all_rows_is_no_matter(team, cli):
    rows = "".join(f"5CG{n:07d},{ID}\n".translate(str.maketrans("0123456789", "BCDFGHJKLM")) for n in range(60_000))
    path, text = rule_file(
        query="select a.path, a.line, 'serial' as field, a.serial\nfrom row a, row b\n"
        "where a.serial_key = b.serial_key and a.line < b.line"
    )
    team({path: text, "transfers/a.csv": HEADER + rows})

    done = cli("check", "transfers/a.csv", "--select", "ACME001", "--output", "concise")

    assert (done.code, done.err) == (0, "")


def test_what_a_rule_file_may_leave_out(tmp_path, builtin):
    (tmp_path / NAME).write_text(
        'code = "ACME001"\nname = "test-pc"\nlevel = "warning"\nsubject = "row"\nsummary = "Lab."\n'
        f'message = "no"\nquery = """{QUERY} and $lab"""\n[options.lab]\ndefault = true\n'
        f'[[examples]]\nname = "bad"\nkind = "bad"\ncsv = """\n{TRANSFER}"""\nfindings = ["3 serial"]\n'
        f'[[examples]]\nname = "good"\nkind = "good"\ncsv = """\n{HEADER}5CG8234XMV,{ID}\n"""\n'
    )

    (rule,) = read_rules([tmp_path / NAME], schema_text(), builtin)

    assert (rule.status, rule.since, rule.why, rule.summary) == ("stable", "", "", "Lab")
    said = page(rule)
    assert "- Status: stable\n" in said
    assert "- `lab` (default `true`)\n" in said
    assert "Finds: nothing." in said
    assert "## Why" not in said


def test_every_rule_file_of_ours_is_read_without_a_word_against_it():
    for file in rule_files(builtin_folder()):
        rule = to_rule(file, SCHEMA, custom=False)
        assert rule.query_line >= 0
        assert 8 <= len(rule.summary) <= 90
        assert len(rule.why) >= 20
        assert rule.since
        assert all(option.description for option in rule.options.values())
