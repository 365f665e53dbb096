"""`wxp-lint rules`, `explain` and `--version`."""

import json

import pytest

from wxp_lint import __version__


def test_rules_as_json(cli):
    done = cli("rules", "--output", "json")

    rules = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert [rule["code"] for rule in rules] == sorted(rule["code"] for rule in rules)
    for rule in rules:
        assert {"code", "name", "level", "status", "summary", "needs", "options"} <= rule.keys()
        assert rule["level"] in ("error", "warning", "note")
        assert rule["status"] in ("preview", "stable", "deprecated")
        assert isinstance(rule["needs"], list)
    by_name = {rule["name"]: rule for rule in rules}
    assert by_name["serial-format"]["options"]["formats"]["default"] == []
    assert by_name["serial-format"]["code"] == "WXP202"


def test_rules_as_text(cli):
    done = cli("rules")

    lines = done.out.splitlines()
    assert done.code == 0
    assert len(lines) == len(json.loads(cli("rules", "--output", "json").out))
    (line,) = [line for line in lines if line.startswith("WXP401")]
    assert line.split()[:3] == ["WXP401", "duplicate-serial", "error"]


def test_rules_in_no_such_format(cli):
    done = cli("rules", "--output", "xml")

    assert (done.code, done.out) == (2, "")
    assert "--output must be text or json, not 'xml'" in done.err


@pytest.mark.parametrize("word", ["WXP202", "wxp202", "serial-format", "Serial-Format"])
def test_explain(cli, word):
    done = cli("explain", word)

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("# WXP202 serial-format\n")
    assert "## Why" in done.out
    assert "`formats`" in done.out
    assert "```csv" in done.out


@pytest.mark.parametrize(
    ("word", "meant"),
    [("WXP30", "WXP30"), ("mixed-customer-id", "mixed-customer-ids"), ("serial_format", "serial-format")],
)
def test_explain_asks_what_was_meant(cli, word, meant):
    done = cli("explain", word)

    assert (done.code, done.out) == (2, "")
    assert f"no rule '{word}'; did you mean '{meant}" in done.err


def test_explain_of_nothing_like_a_rule(cli):
    done = cli("explain", "xyzzy")

    assert (done.code, done.err) == (2, "wxp-lint: no rule 'xyzzy' (see: wxp-lint rules)\n")


def test_version(cli):
    assert cli("--version").out == f"wxp-lint {__version__}\n"


def test_help_names_every_command(cli):
    done = cli("--help")

    assert done.code == 0
    assert {"check", "explain", "rules"} <= {line.split()[0] for line in done.out.splitlines() if line.strip()}


def test_an_unknown_command(cli):
    done = cli("chekc")

    assert done.code == 2
    assert "chekc" in done.err
    assert "Traceback" not in done.err
