import shutil
import subprocess
import sys

import pytest
from github_runner import CHECKOUT, GitHub
from surroundings import surroundings


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """The environment of a runner: nothing of this machine's git, colours or cache."""
    kept = surroundings(tmp_path_factory.mktemp("cache"))
    return {name: value for name, value in kept.items() if name != "PYTHONPATH"}


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """wxp-lint from this checkout, as a program."""
    file = tmp_path_factory.mktemp("program") / "wxp-lint"
    file.write_text(f'#!/bin/sh\nPYTHONPATH="{CHECKOUT}" exec "{sys.executable}" -P -m wxp_lint "$@"\n')
    file.chmod(0o755)
    return file


@pytest.fixture
def github(tmp_path, program, environment, service_missing):
    if not shutil.which("jq"):
        service_missing("jq is not there, which the stand-in for gh works with")
    return GitHub(tmp_path / "github", program, environment)


class Repo:
    """The bare repository that GitHub keeps, `author`, where people work, and checkouts of runs."""

    def __init__(self, place, environment):
        self.place, self.environment = place, environment
        self.bare, self.author = place / "origin.git", place / "author"
        self.checkouts = 0
        self.git(place, "init", "--quiet", "--bare", self.bare)
        self.git(place, "clone", "--quiet", self.bare, self.author)

    def git(self, folder, *arguments):
        done = subprocess.run(
            ["git", *map(str, arguments)], cwd=folder, env=self.environment, check=True, capture_output=True
        )
        return done.stdout.decode()

    def commit(self, files, message="Change"):
        """Commits `files` (path -> text, bytes or None for removed) where the author is."""
        for path, content in files.items():
            file = self.author / path
            if content is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git(self.author, "add", "--all")
        self.git(self.author, "commit", "--quiet", "--allow-empty", "--message", message)

    def main(self, files):
        """What is on the branch that requests go into."""
        self.commit(files)
        self.git(self.author, "push", "--quiet", "origin", "main")

    def request(self, files, *, depth=None):
        """Pushes `files` on a branch, as pull request 7; a checkout of it as actions/checkout leaves it."""
        self.git(self.author, "switch", "--quiet", "--force-create", "upload", "main")
        self.commit(files, "Add files via upload")
        self.git(self.author, "switch", "--quiet", "--detach", "main")
        self.git(self.author, "merge", "--quiet", "--no-ff", "--no-edit", "upload")
        self.git(self.author, "push", "--quiet", "--force", "origin", "HEAD:refs/pull/7/merge")
        self.git(self.author, "switch", "--quiet", "main")
        return self.checkout("refs/pull/7/merge", depth)

    def checkout(self, ref, depth=None):
        self.checkouts += 1
        folder = self.place / f"work{self.checkouts}"
        self.git(self.place, "init", "--quiet", folder)
        self.git(folder, "remote", "add", "origin", self.bare.as_uri())
        heads = [] if depth else ["+refs/heads/*:refs/remotes/origin/*"]
        limit = [f"--depth={depth}"] if depth else []
        self.git(folder, "fetch", "--quiet", "--no-tags", *limit, "origin", *heads, f"+{ref}:refs/remotes/{ref[5:]}")
        self.git(folder, "checkout", "--quiet", "--detach", f"refs/remotes/{ref[5:]}")
        return folder


@pytest.fixture
def repo(tmp_path, environment):
    return Repo(tmp_path, environment)
