import json
from pathlib import Path

import jsonschema
import pytest

from wxp_lint.config.load import load, schema
from wxp_lint.config.settings import Settings
from wxp_lint.config.shape import table_of
from wxp_lint.errors import UsageError

SCHEMA = json.loads(schema())


def complaints(text, name="wxp-lint.toml"):
    with pytest.raises(UsageError) as error:
        load(Path(name), Path(), text, remember=False)
    return str(error.value).splitlines()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('fail-on = "warn"', '1: fail-on must be one of error, warning, note, never, not "warn"'),
        ("fail-on = 3", "1: fail-on must be one of error, warning, note, never, not 3"),
        ('fail_on = "error"', "1: unknown key 'fail_on'; did you mean 'fail-on'?"),
        ('preview = "true"', '1: preview must be true or false, not "true"; leave out the quotes'),
        ("preview = 1", "1: preview must be true or false, not 1"),
        (
            'transfers = "x"',
            "1: transfers must be a list of one or more strings, "
            'like ["transfers/**/*.csv", "transfers/**/*.xlsx"], not "x"; put it in brackets',
        ),
        (
            "transfers = []",
            "1: transfers must be a list of one or more strings, not an empty list",
        ),
        ('must-run = [\n"a",\n3]', "3: entry 2 of must-run must be a string that is not empty, not 3"),
        ("customers = 2026-01-02", "1: customers must be a string that is not empty, not 2026-01-02"),
        ("archive = ['a\\*']", '1: entry 1 of archive is "a\\\\*": use / as the separator'),
        ('archive = ["a\\tb"]', '1: entry 1 of archive is "a\\tb": use / as the separator'),
        (
            'archive = ["/a"]',
            '1: entry 1 of archive is "/a": write it from the config\'s folder on, with no / or drive in front',
        ),
        (
            "archive = ['C:\\..\\a']",
            '1: entry 1 of archive is "C:\\\\..\\\\a": use / as the separator; '
            "write it from the config's folder on, with no / or drive in front; "
            "leave out .., nothing outside the config's folder is looked at",
        ),
        (
            'transfers = ["a/*.csv", "["]',
            "1: entry 2 of transfers is \"[\", which has a '[' that is not closed (write [[] for the character itself)",
        ),
        (
            'archive = ["{a,b/**"]',
            '1: entry 1 of archive is "{a,b/**", '
            "which has a '{' that is not closed (write [{] for the character itself)",
        ),
        (
            '[[overrides]]\nignore = ["x"]\npaths = ["a[b/**"]',
            '3: entry 1 of paths in entry 1 of [[overrides]] is "a[b/**", '
            "which has a '[' that is not closed (write [[] for the character itself)",
        ),
        ('archive = ["./a"]', '1: entry 1 of archive is "./a": leave out the ./ in front'),
        ("inventory = 3", "1: inventory must be a table, not 3"),
        (
            "[inventory]\nmax-age-day = 7",
            "2: unknown key 'max-age-day' in [inventory]; did you mean 'max-age-days'?",
        ),
        (
            "[inventory]\nmax-age-days = -1",
            "2: max-age-days in [inventory] must be a whole number from 0 to 36500, not -1",
        ),
        (
            "[inventory]\nmax-age-days = 7.0",
            "2: max-age-days in [inventory] must be a whole number from 0 to 36500, not 7.0",
        ),
        (
            "[inventory]\npreview = true",
            "2: unknown key 'preview' in [inventory]; it belongs at the top of the file, above the first [table]",
        ),
        ("max-age-days = 7", "1: unknown key 'max-age-days'; it belongs in [inventory]"),
        ('[rule.x]\nlevel = "off"', "1: unknown key 'rule'; did you mean 'rules'?"),
        ("[rules.x]\nmax_rows = 3", "2: unknown key 'max_rows' in [rules.x]; did you mean 'max-rows'?"),
        ('[rules]\nx = "off"', '2: x in [rules] must be a table, not "off"'),
        (
            '[rules.x]\nlevel = "of"',
            '2: level in [rules.x] must be one of error, warning, note, off, not "of"',
        ),
        ("[places.a]", "1: [places.a] needs the key 'customer-id'"),
        ("[places.a]\nzzz = 1", "2: unknown key 'zzz' in [places.a]; known there: customer-id"),
        (
            '[[inventory.sources]]\npath = "a.csv"\n[[inventory.sources]]\nplace = "x"',
            "3: entry 2 of [[inventory.sources]] needs 'path' or 'url'",
        ),
        (
            'inventory.sources = [{path = "a", url = "env:A", query = "q"}]',
            "1: entry 1 of [[inventory.sources]] takes only one of 'path' and 'url'",
        ),
        (
            'inventory.sources = [{url = "env:A"}]',
            "1: 'url' in entry 1 of [[inventory.sources]] needs 'query' beside it",
        ),
        (
            'inventory.sources = [{pth = "a"}]',
            "1: unknown key 'pth' in entry 1 of [[inventory.sources]]; did you mean 'path'?",
        ),
        (
            'inventory.sources = ["a.csv"]',
            '1: entry 1 of sources in [inventory] must be a table, not "a.csv"',
        ),
        (
            'inventory.sources = [{path = "a", as-of = "2026-02-30"}]',
            '1: as-of in entry 1 of [[inventory.sources]] must be a date like 2026-12-01, not "2026-02-30"',
        ),
        (
            'inventory.sources = [{path = "a", as-of = 2026-02-01T10:00:00}]',
            "1: as-of in entry 1 of [[inventory.sources]] must be a date like 2026-12-01, not 2026-02-01T10:00:00",
        ),
        ("apply.lease = 0", "1: lease in [apply] must be a number above 0, 86400 at most, not 0"),
        ("apply.lease = inf", "1: lease in [apply] must be a number above 0, 86400 at most, not inf"),
        ("apply.http.wait = nan", "1: wait in [apply.http] must be a number from 0 to 86400, not nan"),
        ('apply.branch = "--x"', '1: branch in [apply] is "--x": write a branch as `git branch` names it'),
        ('apply.branch = "a\\n"', '1: branch in [apply] is "a\\n": write a branch as `git branch` names it'),
        (
            '[[apply.waivers]]\nrule = "x"\npath = "a*.csv"\nreason = "x"\nuntil = 2026-12-01',
            '3: path in entry 1 of [[apply.waivers]] is "a*.csv": name one file, without * or ?',
        ),
        (
            '[[apply.waivers]]\nrule = "x"\npath = "a.csv"\nreason = " "\nuntil = 2026-12-01',
            '4: reason in entry 1 of [[apply.waivers]] must be a reason in words, not " "',
        ),
        (
            '[[apply.waivers]]\nrule = "x"\npath = "a.csv"\nreason = "x"',
            "1: entry 1 of [[apply.waivers]] needs the key 'until'",
        ),
        (
            '[[overrides]]\npaths = ["a/**"]\nrules.x.level = 1',
            "3: level in [overrides.rules.x] must be one of error, warning, note, off, not 1",
        ),
        (
            'reconcile.summary = "al"',
            '1: summary in [reconcile] must be one of all, errors, counts, unknown, not "al"',
        ),
    ],
)
def test_problems_are_told_in_the_users_terms(text, told):
    assert complaints(text) == [f"wxp-lint.toml:{told}"]


@pytest.mark.parametrize(
    "ledger",
    [
        "postgres://u:geheim@h/d",
        "git:",
        "git:-x",
        "git:a b",
        "git:a..b",
        "sqlite:",
        "sqlite:///a.db",
        "x",
        "git:a\\n",
    ],
)
def test_a_ledger_that_is_none_is_never_printed(ledger):
    [told] = complaints(f'[apply]\nledger = "{ledger}"')
    assert told == (
        'wxp-lint.toml:2: ledger in [apply] must be "git:BRANCH", "sqlite:PATH", "postgresql://HOST/DATABASE" '
        'or "env:NAME"'
    )


@pytest.mark.parametrize(
    "ledger",
    [
        "git:wxp-ledger",
        "git:team/ledger",
        "env:THE_LEDGER",
        "sqlite:.wxp-lint/ledger.db",
        "sqlite:/var/lib/l.db",
        "postgresql://u:p@h:1/d?a=b",
    ],
)
def test_ledgers_that_are_some(ledger):
    assert load(Path("wxp-lint.toml"), Path(), f'apply.ledger = "{ledger}"', remember=False).apply.ledger == ledger


@pytest.mark.parametrize(
    "text",
    [
        'apply.http.url = "ftp://u:geheim@h"',
        'apply.ledger = ["postgresql://u:geheim@h/d"]',
        'apply = "postgresql://u:geheim@h/d"',
        'transfers = "postgresql://u:geheim@h/d"',
        'inventory.sources = [{url = "C:\\\\geheim", query = "q"}]',
        'inventory.sources = ["postgresql://u:geheim@h/d"]',
        '"postgresql://u:geheim@h/d" = 1',
    ],
)
def test_no_error_prints_a_password(text):
    assert "geheim" not in "\n".join(complaints(text))


def test_all_problems_are_told_at_once_by_line():
    text = 'fail-on = "x"\n\n[apply]\nlease = -1\nmax-devices = 0\nzzz = 1\n[columns]\nserial = 1\n'
    lines = [int(told.split(":")[1]) for told in complaints(text)]
    assert lines == [1, 4, 5, 6, 8]


def test_in_pyproject_the_tables_have_their_full_names():
    text = '[project]\nname = "x"\n[tool.wxp-lint]\nfail-on = "x"\n[tool.wxp-lint.inventory]\npreview = true\n'
    assert complaints(text, "pyproject.toml") == [
        'pyproject.toml:4: fail-on in [tool.wxp-lint] must be one of error, warning, note, never, not "x"',
        "pyproject.toml:6: unknown key 'preview' in [tool.wxp-lint.inventory]; it belongs in [tool.wxp-lint]",
    ]
    assert complaints("[tool]\nwxp-lint = 3", "pyproject.toml") == [
        "pyproject.toml:2: [tool.wxp-lint] must be a table, not 3"
    ]


def test_keys_that_do_not_print_are_escaped_and_long_values_cut():
    [told] = complaints(f'"a\\u001b[2J\\u202e" = 1\npreview = "{"x" * 500}"')[:1]
    assert "'a\\u001b[2J\\u202e'" in told
    assert max(map(len, complaints(f'preview = "{"x" * 500}"'))) < 150


def subschemas(node):
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from subschemas(child)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]


def test_every_key_is_described_and_every_form_has_words():
    for node in subschemas(SCHEMA):
        for key, child in node.get("properties", {}).items():
            if isinstance(child, dict) and isinstance(node.get("type"), str):
                assert child.get("description"), key
                # Taplo shows nothing of what stands beside a $ref or an allOf.
                assert "$ref" not in child, key
                assert "allOf" not in child, key
        if "pattern" in node and isinstance(node["pattern"], str):
            assert "title" in node or "description" in node, node


def test_defaults_and_examples_of_the_schema_are_valid_and_those_of_settings():
    used = table_of(Settings(Path()))

    def walk(node, value):
        for key, child in node["properties"].items():
            assert key in value
            if "properties" in child:
                walk(child, value[key])
            elif "default" in child:
                assert child["default"] == value[key], key
            else:
                assert not value[key], key

    walk(SCHEMA, used)
    for node in subschemas(SCHEMA):
        validator = jsonschema.Draft202012Validator({**node, "$defs": SCHEMA["$defs"]})
        for value in [*node.get("examples", []), *([node["default"]] if "default" in node else [])]:
            validator.validate(value)
