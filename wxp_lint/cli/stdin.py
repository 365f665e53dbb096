"""Standard input as the file to check."""

import sys
from pathlib import Path

from wxp_lint.errors import UsageError
from wxp_lint.repo.select import Selected, Selection


def standard_input(named: list[str], name: str, cwd: Path) -> tuple[Selection, dict[str, bytes]]:
    """What `-` stands for: one file called `name`, and its content by that name. Raises UsageError."""
    if named != ["-"]:
        raise UsageError("standard input (-) is checked alone: leave the other paths out")
    item = Selected(path=name, location=cwd / name, checked=True, open=False, tracked=False)
    return Selection(files=(item,), repo_wide=False, notes=()), {name: sys.stdin.buffer.read()}
