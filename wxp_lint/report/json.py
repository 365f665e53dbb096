"""JSON, version 1 (DESIGN 7). The same input gives the same bytes."""

from typing import Any

from wxp_lint import __version__
from wxp_lint.lint.finding import Finding, Result
from wxp_lint.report.dump import dumped
from wxp_lint.report.style import Style


def render(result: Result, style: Style) -> str:
    """The whole result as one JSON document."""
    return dumped(document(result), indent=1) + "\n"


def document(result: Result) -> dict[str, Any]:
    """The result as plain values."""
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
        "findings": [finding_values(finding) for finding in result.findings],
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
