"""Reviewdog's Diagnostic Format: comments in a review, with suggestions where a fix is known.

Source: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
"""

from typing import Any

from wxp_lint import HOME
from wxp_lint.lint.finding import Finding, Result
from wxp_lint.report.dump import dumped
from wxp_lint.report.edit import edit
from wxp_lint.report.lines import Lookup, lines
from wxp_lint.report.style import Style, visible
from wxp_lint.report.words import message

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def render(result: Result, style: Style) -> str:
    """One JSON document."""
    look_up = lines(result)
    document = {
        "source": {"name": "wxp-lint", "url": HOME},
        "diagnostics": [_diagnostic(finding, result, look_up) for finding in result.findings],
    }
    return dumped(document, indent=1) + "\n"


def _diagnostic(finding: Finding, result: Result, look_up: Lookup) -> dict[str, Any]:
    excerpt = look_up(finding)
    text = excerpt.text if excerpt else None
    values: dict[str, Any] = {
        "message": message(finding),
        "location": _location(finding, text),
        "severity": _SEVERITIES[finding.level],
        "code": {"value": finding.code, **({"url": finding.url} if finding.url else {})},
    }
    change = edit(finding, result, look_up)
    if change and text is not None:
        span = {"start": _position(change.line, change.start, text), "end": _position(change.line, change.end, text)}
        values["suggestions"] = [{"range": span, "text": change.text}]
    return values


def _location(finding: Finding, text: str | None) -> dict[str, Any]:
    if finding.path is None:
        return {}
    location: dict[str, Any] = {"path": visible(finding.path)}
    if finding.line is not None:
        location["range"] = {"start": _position(finding.line, finding.column, text)}
    return location


def _position(line: int, column: int | None, text: str | None) -> dict[str, int]:
    """Reviewdog counts a column in bytes of UTF-8."""
    if column is None or text is None:
        return {"line": line}
    return {"line": line, "column": len(text[: column - 1].encode()) + 1}
