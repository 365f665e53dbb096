"""What the rule files say that their fixes make of their examples."""

from pathlib import Path

import pytest

from wxp_lint.fix.examples import run_fixed
from wxp_lint.lint.catalogue import load
from wxp_lint.lint.examples import examples

CATALOGUE = load()
DONE = ("safe", "unsafe")


@pytest.mark.parametrize(
    ("rule", "example"),
    [
        pytest.param(rule, example, id=f"{rule.code}-{example['name'].replace(' ', '-')}")
        for rule in CATALOGUE.rules
        for example in examples(rule)
        if "fixed" in example
    ],
)
def test_what_is_fixed(rule, example, tmp_path: Path):
    fixed = run_fixed(CATALOGUE, rule, example, tmp_path)

    assert fixed.found == fixed.expected


@pytest.mark.parametrize("rule", [rule for rule in CATALOGUE.rules if rule.fix], ids=lambda rule: rule.code)
def test_a_rule_that_mends_shows_it_for_each_format(rule):
    shown = {"xlsx" if "sheets" in example else "csv" for example in examples(rule) if "fixed" in example}

    formats = ("csv",) if rule.fix.action == "rewrite" else ("csv", "xlsx")
    assert {format for format in formats if rule.fix.safety_in(format) in DONE} <= shown
