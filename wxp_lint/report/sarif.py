"""SARIF 2.1.0, for code scanning and editors.

Sources: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html, and what
GitHub asks for beyond it: https://docs.github.com/code-security/reference/code-scanning/sarif-support-for-code-scanning
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from wxp_lint import HOME, __version__
from wxp_lint.lint.finding import RANK, Finding, Result
from wxp_lint.lint.locate import rule_url
from wxp_lint.lint.rule import Rule
from wxp_lint.report.dump import dumped
from wxp_lint.report.edit import Edit, edit
from wxp_lint.report.lines import Lookup, lines
from wxp_lint.report.style import Style, visible
from wxp_lint.report.words import message

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST = 25_000  # results of one run that GitHub takes; with one more it refuses the file
_BASE = "%SRCROOT%"


def render(result: Result, style: Style) -> str:
    """One log with one run; `rules` are those that found something or did not run. Of too many findings, the worst."""
    kept = result.findings
    if len(kept) > MOST:
        kept = sorted(kept, key=lambda finding: -RANK[finding.level])[:MOST]
    spoken = {finding.code for finding in kept} | {rule.code for rule in result.not_run}
    index = {code: number for number, code in enumerate(sorted(spoken))}
    look_up = lines(result)
    run = {
        "tool": {
            "driver": {
                "name": "wxp-lint",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": HOME,
                "rules": [_rule(code, result) for code in index],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(result, index)],
        "results": [_result(finding, result, index, look_up) for finding in kept],
    }
    return dumped({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rule(code: str, result: Result) -> dict[str, Any]:
    rule = result.rules.get(code)
    if rule is None:
        return {"id": code}
    url = "" if rule.is_custom else rule_url(rule.code, rule.name)
    why = " ".join(rule.why.split())
    values: dict[str, Any] = {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": f"{rule.summary}."},
        "fullDescription": {"text": why},
        "defaultConfiguration": {"level": rule.level},
        "help": {"text": f"{rule.summary}. {why}{url and f' See {url}'}", "markdown": _help(rule, url)},
    }
    return {**values, "helpUri": url} if url else values


def _help(rule: Rule, url: str) -> str:
    page = f"\n\n[{rule.code} {rule.name}]({url})" if url else ""
    return f"**{rule.summary}.**\n\n{rule.why}{page}"


def _invocation(result: Result, index: Mapping[str, int]) -> dict[str, Any]:
    """Rules that could not run are what the tool has to say of its configuration."""
    needed = {rule.code for rule in result.must_run_failed}
    notifications = [
        {
            "associatedRule": {"id": rule.code, "index": index[rule.code]},
            "level": "error" if rule.code in needed else "note",
            "message": {"text": f"{rule.code} {rule.name} did not run: {visible(rule.reason)}"},
        }
        for rule in result.not_run
    ]
    values: dict[str, Any] = {"executionSuccessful": not needed, "toolConfigurationNotifications": notifications}
    lost = len(result.findings) - MOST
    if lost > 0:
        text = f"{lost:,} more findings are left out, since GitHub takes {MOST:,}: see another format"
        values["toolExecutionNotifications"] = [{"level": "warning", "message": {"text": text}}]
    return values


def _result(finding: Finding, result: Result, index: Mapping[str, int], look_up: Lookup) -> dict[str, Any]:
    change = edit(finding, result, look_up)
    values: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": finding.level,
        "message": {"text": message(finding)},
        "locations": [_location(finding)],
        "partialFingerprints": {"wxpLint/v1": finding.fingerprint},
    }
    return {**values, "fixes": [_fix(finding, change)]} if change else values


def _location(finding: Finding) -> dict[str, Any]:
    """GitHub wants a line of every result, so a finding about a whole file stands on its first."""
    region: dict[str, Any] = {"startLine": finding.line or 1}
    if finding.line and finding.column:
        region["startColumn"] = finding.column
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(finding.path), "region": region}}
    if finding.cell:
        name = f"{visible(finding.sheet)}!{finding.cell}" if finding.sheet else finding.cell
        location["logicalLocations"] = [{"name": finding.cell, "fullyQualifiedName": name, "kind": "cell"}]
    return location


def _artifact(path: str | None) -> dict[str, str]:
    """A path from the root as a relative URI; one that is absolute stays so. None is the root itself."""
    if path is None:
        return {"uri": "./", "uriBaseId": _BASE}
    uri = quote(path.encode("utf-8", "backslashreplace"), safe="/")
    return {"uri": f"file://{uri}"} if uri.startswith("/") else {"uri": uri, "uriBaseId": _BASE}


def _fix(finding: Finding, change: Edit) -> dict[str, Any]:
    region = {
        "startLine": change.line,
        "startColumn": change.start,
        "endLine": change.line,
        "endColumn": change.end,
    }
    replacements: Sequence[Any] = [{"deletedRegion": region, "insertedContent": {"text": change.text}}]
    return {
        "description": {"text": f"Write '{visible(change.text)}'"},
        "artifactChanges": [{"artifactLocation": _artifact(finding.path), "replacements": replacements}],
    }
