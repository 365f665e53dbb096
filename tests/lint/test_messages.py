"""What each rule says, rendered from its bad examples: the value that is meant, and what to do."""

import re

import pytest

from wxp_lint.lint.catalogue import load
from wxp_lint.lint.examples import examples, run_example
from wxp_lint.report.style import visible

CATALOGUE = load()
# Where the cell is empty, holds what must not be shown, or the finding is about more than one cell.
NO_VALUE = {"WXP201", "WXP307"}


def bad_findings(rule, folder):
    for number, example in enumerate(examples(rule)):
        if example["kind"] == "bad":
            result = run_example(CATALOGUE, rule, example, folder / str(number)).result
            yield from (finding for finding in result.findings if finding.code == rule.code)


@pytest.mark.parametrize("rule", CATALOGUE.rules, ids=lambda rule: rule.code)
def test_a_message_names_the_value_and_an_action(rule, tmp_path):
    found = list(bad_findings(rule, tmp_path))

    assert found
    for finding in found:
        said = visible(finding.message)
        assert not re.search(r"\{\w+\}|\bNone\b", said), said
        assert re.search(r"[:;,?] ", said), f"no action: {said}"
        if finding.field == "serial" and rule.code not in NO_VALUE:
            assert visible(finding.serial.strip())[:40] in said
