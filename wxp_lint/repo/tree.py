"""What lies in the working tree: as git tells it, or without git as the folders hold it."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from wxp_lint.repo import git
from wxp_lint.repo.typed import is_file, shown

_MOST_PATHSPECS = 50  # git compares every file with every pathspec; beyond, all files are asked for


class Listing(NamedTuple):
    """Paths from the root, with "/".

    Drafts are neither tracked nor ignored; without git there are none. `locks` are those of both that
    Excel lays beside an open workbook.
    """

    tracked: list[str]
    drafts: list[str]
    locks: list[str]
    by_git: bool
    notes: list[str]


def listing(root: Path, below: Sequence[str], *, drafts: bool) -> Listing:
    """The files that are at or below one of `below` (paths from the root, "" for all), and maybe others.

    Drafts are looked for only if `drafts`. Calls git once, for drafts once more. Raises UsageError if
    git refuses.
    """
    notes = []
    if git.root(root):
        some = below if len(below) <= _MOST_PATHSPECS else [""]
        try:
            tracked, locks = _split(_present(root, git.tracked(root, some)))
            untracked, more = _split(git.untracked(root, some) if drafts else [])
            return Listing(tracked, untracked, locks + more, True, [])
        except git.GitMissing as error:
            notes = [f"every file counts as tracked: {error}"]
    files, complaints = walk(root, below)
    tracked, locks = _split(files)
    return Listing(tracked, [], locks, False, notes + complaints)


def walk(top: Path, below: Iterable[str]) -> tuple[list[str], list[str]]:
    """The files in `top` and the folders at or below one of `below` (paths from `top`), and notes.

    Symlinks to folders are not followed. Hidden folders and `node_modules` are left out, unless `below`
    names them or something in them.
    """
    wanted = [path.casefold() for path in below]
    files: list[str] = []
    notes: list[str] = []

    def complain(error: OSError) -> None:
        notes.append(f"cannot look into {shown(str(error.filename))}: {error.strerror}")

    for folder, subfolders, names in os.walk(top, onerror=complain):
        inner = Path(folder).relative_to(top).as_posix()
        prefix = "" if inner == "." else f"{inner}/"
        subfolders[:] = [name for name in subfolders if _leads(prefix + name, wanted)]
        files += [prefix + name for name in names]
    return files, notes


def is_lock(path: str) -> bool:
    """Whether `path` is what Excel lays beside an open workbook."""
    return path.rpartition("/")[2].startswith("~$")


def is_aside(path: str) -> bool:
    """Whether one of the folders in `path` is none that people keep lists in."""
    return any(folder.startswith(".") or folder == "node_modules" for folder in path.split("/")[:-1])


def _split(paths: list[str]) -> tuple[list[str], list[str]]:
    locks = [path for path in paths if "~$" in path and is_lock(path)]
    return ([path for path in paths if not is_lock(path)], locks) if locks else (paths, locks)


def _leads(folder: str, wanted: Sequence[str]) -> bool:
    """Whether something that is wanted can be in `folder`."""
    folded = folder.casefold()
    if any(path == folded or path.startswith(f"{folded}/") for path in wanted):
        return True
    name = folder.rpartition("/")[2]
    return not is_aside(f"{name}/") and any(not path or folded.startswith(f"{path}/") for path in wanted)


def _present(root: Path, paths: Iterable[str]) -> list[str]:
    """Those of `paths` that are in the working tree, and no folders (submodules are)."""
    files: dict[str, frozenset[str]] = {}
    found = []
    for path in paths:
        folder, _, name = path.rpartition("/")
        if folder not in files:
            files[folder] = _files_in(root / folder)
        # A file system that folds case or composes accents holds the file under another name.
        if name in files[folder] or is_file(root / path):
            found.append(path)
    return found


def _files_in(folder: Path) -> frozenset[str]:
    try:
        with os.scandir(folder) as entries:
            return frozenset(entry.name for entry in entries if not entry.is_dir(follow_symlinks=False))
    except OSError:
        return frozenset()
