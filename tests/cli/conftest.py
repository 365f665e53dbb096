import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from surroundings import surroundings

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Done:
    """What a run of the program left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def codes(self):
        """The rules that spoke, of a run with `--output json`."""
        return [finding["code"] for finding in json.loads(self.out)["findings"]]


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """The program's environment: nothing of this machine's git, colours or cache."""
    return surroundings(tmp_path_factory.mktemp("cache")) | {"PYTHONPATH": str(CHECKOUT)}


@pytest.fixture
def folder(tmp_path):
    """Where the program is run."""
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


@pytest.fixture
def cli(environment, folder):
    """Runs `wxp-lint ARGUMENTS` in `folder`, or in `cwd`; longer than a minute counts as a hang."""

    def run(*arguments, stdin=b"", env=None, cwd=folder, **more):
        done = subprocess.run(
            [sys.executable, "-m", "wxp_lint", *map(str, arguments)],
            cwd=cwd,
            env={**environment, **(env or {})},
            input=stdin,
            capture_output=True,
            timeout=60,
            **more,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def git(environment, folder):
    """Runs git in `folder`."""

    def run(*arguments):
        subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True)

    return run


@pytest.fixture
def write(folder):
    """Writes files below `folder`: path -> text or bytes."""

    def lay_out(files):
        for path, content in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())

    return lay_out
