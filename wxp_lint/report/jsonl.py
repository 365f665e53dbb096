"""JSON Lines: one finding a line, with the keys that it has in JSON version 1, and nothing else."""

from collections.abc import Iterator

from wxp_lint.lint.finding import Result
from wxp_lint.report.dump import dumped
from wxp_lint.report.json import finding_values
from wxp_lint.report.style import Style


def render(result: Result, style: Style) -> Iterator[str]:
    """A line for each finding; without findings no line at all."""
    return (f"{dumped(finding_values(finding))}\n" for finding in result.findings)
