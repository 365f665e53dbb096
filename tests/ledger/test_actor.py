"""Who acts, and where that is known from."""

import subprocess

import pytest

from wxp_lint.errors import UsageError
from wxp_lint.ledger.actor import actor, context, run_url
from wxp_lint.ledger.events import Actor


@pytest.fixture
def root(tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def setting(root, name, value):
    subprocess.run(["git", "-C", str(root), "config", name, value], check=True)


def test_a_name_that_was_typed_comes_first(root, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_ACTOR", "octo")

    assert actor(root, " Ann  Lee ") == Actor("Ann Lee", "typed")
    assert actor(root) == Actor("octo", "ci")


@pytest.mark.parametrize(
    ("mark", "name"),
    [("GITLAB_CI", "GITLAB_USER_LOGIN"), ("TF_BUILD", "BUILD_REQUESTEDFOR"), ("CI", "BUILDKITE_BUILD_CREATOR")],
)
def test_ci_says_who_started_it(root, monkeypatch, mark, name):
    setting(root, "user.name", "CI bot")
    monkeypatch.setenv(name, "kim")
    assert actor(root) == Actor("CI bot", "git")  # a variable alone is no CI

    monkeypatch.setenv(mark, "true")
    assert actor(root) == Actor("kim", "ci")


def test_then_git_then_the_account(root):
    assert actor(root).origin == "system"
    setting(root, "user.email", "kim@example.org")
    assert actor(root) == Actor("kim@example.org", "git")
    setting(root, "user.name", "Kim")
    assert actor(root) == Actor("Kim <kim@example.org>", "git")


@pytest.mark.parametrize("name", ["", "  ", "a\x1b[31m", "a\u202eb"])
def test_a_name_that_shows_nothing_is_refused(root, name):
    with pytest.raises(UsageError, match="--by needs a name"):
        actor(root, name)


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, None),
        (
            {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b", "GITHUB_RUN_ID": "7"},
            "https://github.com/a/b/actions/runs/7",
        ),
        ({"CI_JOB_URL": "https://gitlab.example.org/a/b/-/jobs/7"}, "https://gitlab.example.org/a/b/-/jobs/7"),
        (
            {"SYSTEM_COLLECTIONURI": "https://dev.example.org/o/", "SYSTEM_TEAMPROJECT": "a b", "BUILD_BUILDID": "7"},
            "https://dev.example.org/o/a%20b/_build/results?buildId=7",
        ),
    ],
)
def test_the_page_of_the_run(environment, url):
    assert run_url(environment) == url


def test_the_commit_is_that_of_the_working_tree(root):
    assert context(root, "Kim").commit is None
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", str(root), *identity, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    head = subprocess.run(["git", "-C", str(root), "rev-parse", "HEAD"], check=True, capture_output=True, text=True)

    assert context(root, "Kim").commit == head.stdout.strip()
