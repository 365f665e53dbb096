"""Standard input as the file to check."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from wxp_lint.cli.project import Project
from wxp_lint.errors import UsageError
from wxp_lint.ledger.peek import Peek
from wxp_lint.lint.handed import handed_over
from wxp_lint.repo.select import Selected, Selection, select
from wxp_lint.repo.typed import resolve

UNNAMED = "stdin.csv"


def standard_input(
    named: Sequence[str], name: str | None, project: Project, seen: Peek, cwd: Path, *, force_exclude: bool
) -> tuple[Selection, Mapping[str, bytes]]:
    """What `-` stands for: one file, beside the others that it is compared with, and its content by its path.

    It is the file `name`, as typed in `cwd`, which need not exist; without a name it is compared with none. Raises
    UsageError.
    """
    if list(named) != ["-"]:
        raise UsageError("standard input (-) is checked alone: leave the other paths out")
    if name is None:
        item = Selected(path=UNNAMED, location=cwd / UNNAMED, checked=True, open=False, tracked=False)
        return Selection(files=(item,), repo_wide=False, notes=()), {UNNAMED: sys.stdin.buffer.read()}
    (file,) = resolve([name], cwd, project.settings.root, as_given=False, to_be=True)
    if file.folder:
        raise UsageError(f"--stdin-filename: {name or 'an empty name'} is a folder: name the file that the text is of")
    data = sys.stdin.buffer.read()
    is_done = handed_over(project.settings, project.catalogue, seen, {file.key: data})
    selection = select(project.settings, [name], cwd=cwd, force_exclude=force_exclude, settled=is_done, to_be=True)
    return selection, {item.path: data for item in selection.files if item.checked}
