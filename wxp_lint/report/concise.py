"""One line a finding: `path:line:column: level CODE message`."""

from collections.abc import Iterator

from wxp_lint.lint.finding import Finding, Result
from wxp_lint.lint.secret import masked
from wxp_lint.report.closing import closing
from wxp_lint.report.style import Style, visible


def render(result: Result, style: Style) -> Iterator[str]:
    """All findings, then the closing lines."""
    for finding in result.findings:
        yield masked(f"{_line(finding, style)}\n", result.secrets)
    yield masked(closing(result, style), result.secrets)


def _line(finding: Finding, style: Style) -> str:
    level = style.paint(finding.level, finding.level)
    return f"{style.paint(place(finding), 'bold')}: {level} {finding.code} {visible(finding.message)}"


def place(finding: Finding) -> str:
    """Where a finding stands: `a.csv:7:12`, `b.xlsx:A7`, `b.xlsx` or `(repository)`."""
    if finding.path is None:
        return "(repository)"
    parts = [finding.path]
    if finding.cell:
        parts.append(finding.cell)
    elif finding.line is not None:
        parts.append(str(finding.line))
        if finding.column is not None:
            parts.append(str(finding.column))
    return visible(":".join(parts))
