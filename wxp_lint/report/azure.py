"""Logging commands of Azure Pipelines: each is listed with the run, with the line it speaks of.

Azure knows errors and warnings alone, so a note is a warning that says what it is.
Source: https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
"""

from wxp_lint.lint.finding import Finding, Result
from wxp_lint.report.style import Style, visible
from wxp_lint.report.words import message


def render(result: Result, style: Style) -> str:
    """The commands, worst first, and nothing else."""
    lines = [
        _command(f"must run, but could not: {rule.name} ({visible(rule.reason)})", type="error", code=rule.code)
        for rule in result.must_run_failed
    ]
    for level in ("error", "warning", "note"):
        lines += [_issue(finding) for finding in result.findings if finding.level == level]
    return "".join(f"{line}\n" for line in lines)


def _issue(finding: Finding) -> str:
    note = "note: " if finding.level == "note" else ""
    return _command(
        f"{note}{message(finding)}",
        type="error" if finding.level == "error" else "warning",
        sourcepath=visible(finding.path) if finding.path else None,
        linenumber=finding.line,
        columnnumber=finding.column,
        code=finding.code,
    )


def _command(text: str, **properties: str | int | None) -> str:
    given = ";".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None)
    return f"##vso[task.logissue {given}]{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace("]", "%5D").replace(";", "%3B")
