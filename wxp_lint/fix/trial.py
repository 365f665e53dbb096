"""The examples of rules, run for the person who writes them: what each finds, and what its fix makes of the file."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from wxp_lint.errors import UsageError
from wxp_lint.fix.examples import Content, run_fixed
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.examples import Outcome, examples, run_example
from wxp_lint.lint.rule import Rule
from wxp_lint.lint.rulefile import place
from wxp_lint.repo.typed import shown


def try_examples(catalogue: Catalogue, rules: Iterable[Rule]) -> Iterator[str | None]:
    """For each example of `rules`: None if it comes out as it says, else a line that tells the difference.

    Raises UsageError, with the place of the example, for one that cannot be run.
    """
    for rule in rules:
        for number, example in enumerate(examples(rule)):
            try:
                words = _difference(catalogue, rule, example)
            except UsageError as error:
                raise UsageError(f"{_name(rule, number, example)} cannot be run: {error}") from None
            yield f"{_name(rule, number, example)}: {shown(words)}" if words else None


def _name(rule: Rule, number: int, example: Mapping[str, Any]) -> str:
    return f"{place(rule.file, 'examples', number)}: example '{shown(example['name'])}'"


def _difference(catalogue: Catalogue, rule: Rule, example: Mapping[str, Any]) -> str | None:
    with TemporaryDirectory(prefix="wxp-lint-") as folder:
        outcome = run_example(catalogue, rule, example, Path(folder).resolve())
    if outcome.found != outcome.expected:
        return _other_findings(rule, outcome)
    if "fixed" not in example:
        return None
    with TemporaryDirectory(prefix="wxp-lint-") as folder:
        fixed = run_fixed(catalogue, rule, example, Path(folder).resolve())
    if fixed.found == fixed.expected:
        return None
    withheld = f" (not fixed: {fixed.withheld[0]})" if fixed.withheld else ""
    return f"after the fix, {_first_difference(fixed.expected, fixed.found)}{withheld}"


def _other_findings(rule: Rule, outcome: Outcome) -> str:
    expected, found = (", ".join(each) or "nothing" for each in (outcome.expected, outcome.found))
    own = [finding.message for finding in outcome.result.findings if finding.code == rule.code]
    others = [f"{f.code} {f.line or 'file'}" for f in outcome.result.findings if f.code != rule.code]
    reason = next((each.reason for each in outcome.result.not_run if each.code == rule.code), None)
    words = f"expected {expected}, found {found}"
    words += f" (not run: {reason})" if reason else ""
    words += f" (other rules: {', '.join(others)})" if others and len(outcome.found) < len(outcome.expected) else ""
    return f"{words}: {' | '.join(own)}" if own else words


def _first_difference(expected: Content, found: Content) -> str:
    """The first line of a text, or row of a sheet, that is not as expected."""
    wanted, there = (each.splitlines() if isinstance(each, str) else each for each in (expected, found))
    if wanted == there:
        return "the ends of the lines are not as expected"
    at = next((n for n, pair in enumerate(zip(wanted, there)) if pair[0] != pair[1]), min(len(wanted), len(there)))
    words = [repr(lines[at]) if at < len(lines) else "nothing" for lines in (wanted, there)]
    return f"expected {words[0]} on line {at + 1}, found {words[1]}"
