"""JSON, version 1 (DESIGN 7). The same input gives the same bytes."""

from collections.abc import Iterator
from typing import Any

from wxp_lint import __version__
from wxp_lint.lint.finding import Finding, Result
from wxp_lint.report.dump import dumped
from wxp_lint.report.style import Style

_AT_ONCE = 1000  # findings that stand in memory as plain values and as text
_START, _END = '{\n "findings": [', "\n ]\n}"


def render(result: Result, style: Style) -> Iterator[str]:
    """The whole result as one JSON document."""
    if not result.findings:
        yield dumped({**_head(result), "findings": []}, indent=1) + "\n"
        return
    yield dumped(_head(result), indent=1).removesuffix("\n}") + "," + _START.removeprefix("{")
    for start in range(0, len(result.findings), _AT_ONCE):
        values = [finding_values(finding) for finding in result.findings[start : start + _AT_ONCE]]
        text = dumped({"findings": values}, indent=1)
        yield ("," if start else "") + text.removeprefix(_START).removesuffix(_END)
    yield f"{_END}\n"


def _head(result: Result) -> dict[str, Any]:
    return {
        "version": 1,
        "tool": {"name": "wxp-lint", "version": __version__},
        "summary": {
            "files": len(result.files),
            "rows": result.rows,
            **{level: result.count(level) for level in ("error", "warning", "note")},
            "fixable": result.fixable,
            "suppressed": result.suppressed,
        },
        "not_run": [{"code": rule.code, "name": rule.name, "reason": rule.reason} for rule in result.not_run],
    }


def finding_values(finding: Finding) -> dict[str, Any]:
    """One finding as plain values, in the order of DESIGN 7."""
    fix = finding.fix
    return {
        "code": finding.code,
        "name": finding.name,
        "level": finding.level,
        "message": finding.message,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "serial": finding.serial,
        "fix": fix and {"safety": fix.safety, "action": fix.action, "text": fix.text},
        "fingerprint": finding.fingerprint,
        "url": finding.url,
    }
