import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from own_rules import CONFIG, TRANSFER

CHECKOUT = Path(__file__).parents[2]


class Done(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def surroundings(tmp_path_factory):
    """The program's environment: nothing of this machine's cache and git."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "WXP_LINT_"))}
    return kept | {"PYTHONPATH": str(CHECKOUT), "WXP_LINT_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}


@pytest.fixture
def team(tmp_path):
    """Lays out a folder with a config that names `rules/`, and a transfer; `files` by path come on top."""

    def lay_out(files, config="", folder=tmp_path):
        for path, content in {"transfers/a.csv": TRANSFER, "wxp-lint.toml": CONFIG + config, **files}.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return lay_out


@pytest.fixture
def start(tmp_path, surroundings):
    """Starts `wxp-lint ARGUMENTS` in the folder."""

    def run(*arguments, folder=tmp_path):
        return subprocess.Popen(
            [sys.executable, "-m", "wxp_lint", *arguments],
            cwd=folder,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return run


@pytest.fixture
def cli(start):
    """Runs `wxp-lint ARGUMENTS` in the folder to its end; longer than a minute counts as a hang."""

    def run(*arguments, **more):
        with start(*arguments, **more) as process:
            out, err = process.communicate(timeout=60)
        return Done(process.returncode, out.decode(), err.decode())

    return run
