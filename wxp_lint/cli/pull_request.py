"""What a check does only for reports that a pull request publishes: what the change does, and what nobody is to see."""

import os
from dataclasses import replace
from pathlib import Path

from wxp_lint.cli.project import Project
from wxp_lint.facts.build import Facts
from wxp_lint.lint.change import Comparison
from wxp_lint.lint.check import Request, examine
from wxp_lint.lint.finding import Result
from wxp_lint.repo import git
from wxp_lint.report.mask import Masking

# Where a CI tells the branch that a pull request wants to go into: GitHub, GitLab, Azure, Bitbucket.
_BRANCHES = (
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",
    "BITBUCKET_PR_DESTINATION_BRANCH",
)


def against(root: Path, since: str | None, config_from: str | None) -> str | None:
    """The revision to compare with: that of `--since`, else of `--config-from`, else the branch that the CI tells.

    None without any, and where the clone does not have that branch.
    """
    if since or config_from:
        return since or config_from
    if git.root(root) is None:
        return None
    branches = (os.environ.get(name, "").removeprefix("refs/heads/") for name in _BRANCHES)
    return next((ref for branch in branches if branch and git.exists(root, ref := f"origin/{branch}")), None)


def examined(project: Project, request: Request, base: str | None, *, mask: bool) -> Result:
    """As `check`, with customers' names, and what changes against the revision `base`; masked if `mask` says so.

    Raises UsageError.
    """
    settings, catalogue = project.settings, project.catalogue
    comparison = Comparison(settings, catalogue, request, base) if base else None
    masking = Masking() if mask else None
    customers: dict[str, str] = {}

    def look(facts: Facts) -> None:
        customers.update(facts.con.execute("select customer_key, name from customer").fetchall())
        for each in (comparison, masking):
            if each:
                each(facts)

    result, _ = examine(settings, catalogue, request, look)
    result = replace(result, customers=customers)
    if comparison:
        result = replace(result, change=comparison.change())
    return masking.masked(result) if masking else result
