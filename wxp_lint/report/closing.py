"""The last lines of what a person reads: how much was looked at, what was found, what did not run."""

from collections.abc import Sequence

from wxp_lint.lint.finding import NotRun, Result
from wxp_lint.report.style import Style, plural, visible


def closing(result: Result, style: Style) -> str:
    """One line of counts, one of the lists that answers rest on, then one for each reason why rules did not run."""
    worst = next((level for level in ("error", "warning", "note") if result.count(level)), "good")
    counts = ", ".join(plural(result.count(level), level) for level in ("error", "warning", "note"))
    seen = f"{plural(len(result.files), 'file')}, {plural(result.rows, 'device')}"
    fixable = f"; {result.fixable:,} fixable" if result.fixable else ""
    suppressed = f"; {result.suppressed:,} suppressed" if result.suppressed else ""
    lines = [style.paint(f"{seen}: {counts}{fixable}{suppressed}", worst)]
    lines += [style.paint(visible(result.inventory), "dim")] if result.inventory else []
    lines += [style.paint(line, "dim") for line in _not_run(result.not_run)]
    return "\n".join([*lines, *unable(result, style)]) + "\n"


def unable(result: Result, style: Style) -> list[str]:
    """A line for each rule that must run and could not, which is why the run fails."""
    return [
        style.paint(f"must run, but could not: {rule.code} {rule.name} ({visible(rule.reason)})", "error")
        for rule in result.must_run_failed
    ]


def _not_run(rules: Sequence[NotRun]) -> list[str]:
    """A line for each reason: `not run (no inventory configured): WXP501, WXP502`."""
    by_reason: dict[str, list[str]] = {}
    for rule in rules:
        by_reason.setdefault(rule.reason, []).append(rule.code)
    return [f"not run ({visible(reason)}): {', '.join(codes)}" for reason, codes in by_reason.items()]
