"""Every example of every rule file, on real files with all rules on."""

from pathlib import Path

import pytest

from wxp_lint.lint.catalogue import load
from wxp_lint.lint.examples import examples, run_example

CATALOGUE = load()
CASES = [
    pytest.param(rule, example, id=f"{rule.code}-{example['name'].replace(' ', '-')}")
    for rule in CATALOGUE.rules
    for example in examples(rule)
]


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_example(rule, example, tmp_path: Path):
    outcome = run_example(CATALOGUE, rule, example, tmp_path)

    assert outcome.found == outcome.expected, "\n".join(f.message for f in outcome.result.findings)


@pytest.mark.parametrize(("rule", "example"), [case for case in CASES if case.values[1]["kind"] == "bad"])
def test_a_bad_example_is_about_something(rule, example):
    assert example["findings"]
