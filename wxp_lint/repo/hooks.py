"""Whether mistakes are stopped at the commit: the config of pre-commit, and the hook that git runs."""

import os
import re
from pathlib import Path
from typing import NamedTuple

from wxp_lint.repo.program import ask

CONFIG = ".pre-commit-config.yaml"
_OURS = re.compile(r"^[^#]*\bid:\s*[\"']?wxp-lint\b", re.MULTILINE)
_RUNNERS = ("pre-commit", "prek", "wxp-lint")


class Hooks(NamedTuple):
    """`has_config`: pre-commit has a config; `named`: it names us; `hook`: what git runs, None without one.

    `runs`: the hook starts pre-commit, or us.
    """

    has_config: bool
    named: bool
    hook: Path | None
    runs: bool


def hooks(top: Path) -> Hooks:
    """What is set up in the repository at `top`. Raises UsageError where git refuses."""
    config = _text(top / CONFIG)
    folder = top / os.fsdecode(ask(top, "rev-parse", "--git-path", "hooks").rstrip(b"\r\n"))
    hook = folder / "pre-commit"
    text = _text(hook) if os.access(hook, os.X_OK) else None
    return Hooks(
        has_config=config is not None,
        named=bool(config and _OURS.search(config)),
        hook=None if text is None else hook,
        runs=any(name in (text or "") for name in _RUNNERS),
    )


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return None
