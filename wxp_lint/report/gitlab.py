"""GitLab's Code Quality report: shown in a merge request and beside its changed lines.

Source: https://docs.gitlab.com/ci/testing/code_quality/
"""

from collections import Counter
from typing import Any

from wxp_lint.lint.finding import Finding, Result
from wxp_lint.report.dump import dumped
from wxp_lint.report.style import Style, visible
from wxp_lint.report.words import ROOT, message, title

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def render(result: Result, style: Style) -> str:
    """One JSON array. GitLab shows one finding for each fingerprint, so none is there twice."""
    seen: Counter[str] = Counter()
    issues = []
    for finding in result.findings:
        seen[finding.fingerprint] += 1
        issues.append(_issue(finding, seen[finding.fingerprint]))
    return dumped(issues, indent=1) + "\n"


def _issue(finding: Finding, occurrence: int) -> dict[str, Any]:
    return {
        "description": f"{finding.code} {message(finding)}",
        "check_name": title(finding),
        "fingerprint": finding.fingerprint + (f"-{occurrence}" if occurrence > 1 else ""),
        "severity": _SEVERITIES[finding.level],
        "location": {"path": visible(finding.path or ROOT), "lines": {"begin": finding.line or 1}},
    }
