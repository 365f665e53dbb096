"""Who acts, and where that is known from."""

import os
from collections.abc import Mapping
from pathlib import Path

from wxp_lint.errors import UsageError
from wxp_lint.ledger.events import Actor, Context
from wxp_lint.repo import program

# Variables of CI systems that say who started the run: GitHub Actions, GitLab CI, Azure Pipelines, Bitbucket, Jenkins,
# Buildkite, CircleCI.
_WHO = (
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "BUILD_REQUESTEDFOR",
    "BITBUCKET_STEP_TRIGGERER_UUID",
    "BUILD_USER_ID",
    "BUILDKITE_BUILD_CREATOR",
    "CIRCLE_USERNAME",
)
_RUN = ("CI_JOB_URL", "BUILD_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL")
_CI = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "JENKINS_URL")


def context(root: Path, by: str | None = None) -> Context:
    """Who acts in the folder `root`; `by` is a name that was typed. Raises UsageError for an empty one."""
    return Context(actor(root, by), _head(root), run_url(os.environ))


def actor(root: Path, by: str | None = None) -> Actor:
    """The name that was typed, else who started the CI run, else git's user, else the account's name."""
    if by is not None:
        name = " ".join(by.split())
        if not name or not name.isprintable():
            raise UsageError("--by needs a name, such as --by 'Your Name'")
        return Actor(name, "typed")
    environment = os.environ
    if any(environment.get(name) for name in _CI):
        who = next((value for name in _WHO if (value := environment.get(name))), None)
        if who:
            return Actor(who, "ci")
    name, mail = _git(root, "user.name"), _git(root, "user.email")
    if name or mail:
        return Actor(f"{name} <{mail}>" if name and mail else name or mail, "git")
    import getpass

    try:
        return Actor(getpass.getuser(), "system")
    except (OSError, KeyError, ImportError):
        raise UsageError("nobody is known to act here: give --by NAME, or set git's user.name") from None


def run_url(environment: Mapping[str, str]) -> str | None:
    """The page of the CI run, None outside of CI."""
    server, repository, run = (environment.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    if server and repository and run:
        return f"{server}/{repository}/actions/runs/{run}"
    collection, project, build = (
        environment.get(name) for name in ("SYSTEM_COLLECTIONURI", "SYSTEM_TEAMPROJECT", "BUILD_BUILDID")
    )
    if collection and project and build:
        return f"{collection.rstrip('/')}/{project.replace(' ', '%20')}/_build/results?buildId={build}"
    return next((value for name in _RUN if (value := environment.get(name))), None)


def _git(root: Path, name: str) -> str:
    try:
        done = program.run(root, "config", "--get", name)
    except program.GitMissing:
        return ""
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else ""


def _head(root: Path) -> str | None:
    try:
        done = program.run(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except program.GitMissing:
        return None
    return done.stdout.decode().strip() if done.returncode == 0 else None
