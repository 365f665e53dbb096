"""Words that several formats share."""

from wxp_lint.lint.finding import Finding
from wxp_lint.report.style import visible

ROOT = "."  # stands for the repository where a format wants a path and a finding has none


def message(finding: Finding) -> str:
    """The message in one line; of a workbook it begins with the cell, which a line number does not tell."""
    if not finding.cell:
        return visible(finding.message)
    sheet = f" of sheet {visible(finding.sheet)}" if finding.sheet else ""
    return f"{finding.cell}{sheet}: {visible(finding.message)}"


def title(finding: Finding) -> str:
    """The rule that speaks."""
    return f"{finding.code} {finding.name}"
