"""A user's own rules: the same files as ours, in a folder that the config names, told what is wrong with them."""

import json
import os

import pytest
from own_rules import EXAMPLES, HEADER, ID, QUERY, QUERY_LINE, TRANSFER, rule_file, rule_text

from wxp_lint.errors import UsageError
from wxp_lint.lint.catalogue import builtin_folder, load, rule_files, schema_text
from wxp_lint.lint.read import read_rules
from wxp_lint.lint.rulefile import to_rule

NAME = "ACME001-test-pc.toml"
SCHEMA = json.loads(schema_text())
OPTION = '[options.prefix]\ndefault = "TEST"\ndescription = "What serial numbers of the lab start with."'
BY_OPTION = QUERY.replace("'TEST'", "$prefix")


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
    (rule_text(summary="short"), 7, 'summary must be a text of 8 to 90 characters, not "short"'),
    (rule_text(subject="rows"), 6, "subject must be one of file, row, suspect"),
    (RULE.replace("level =", "levle ="), 3, "unknown key 'levle'; did you mean 'level'?"),
    (rule_text(more='yields = ["serial-format"]'), 16, "must be the code of a rule, like WXP205"),
    (rule_text(more='needs = ["devices"]'), 16, "entry 1 of needs must be one of device, customer, sidecar"),
    (rule_text(more="[options.maxRows]\ndefault = 1\ndescription = ''"), 16, "named in small letters, digits and _"),
    (rule_text(more="[options.today]\ndefault = 1\ndescription = ''"), 16, "no option can be called 'today'"),
    (rule_text(more="[options.level]\ndefault = 1\ndescription = ''"), 16, "no option can be called 'level'"),
    (rule_text(more="[options.max]\ndefault = 1"), 16, "[options.max] needs the key 'description'"),
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
    ("'x' as path, line, 'serial' as field, serial", "not 2 in 'x'"),
    ("'x' as path, null as line, null as field, serial", "path must be that of a file of this run or null, not 'x'"),
    ("1 as path, null as line, null as field, serial", "path must be a text or null, not 1"),
    ("path, '2' as line, 'serial' as field, serial", "line must be a whole number in a file of this run, not '2'"),
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


# rules --test


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


def test_every_rule_file_of_ours_is_read_without_a_word_against_it():
    for file in rule_files(builtin_folder()):
        assert to_rule(file, SCHEMA, custom=False).query_line >= 0
