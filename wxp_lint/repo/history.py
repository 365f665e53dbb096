"""When git last saw a file change."""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from wxp_lint.repo import git
from wxp_lint.repo.program import stream

_DAY = b"\x01"  # begins the line about a commit; no path that git prints unquoted holds it


def committed(root: Path, paths: Sequence[str], revision: str | None = None) -> dict[str, date]:
    """The day of the last commit that touched each of `paths`, which are relative to `root`.

    `revision` is where to start, without it HEAD. A path is absent if git does not track it there, or its last
    commit may lie before what a shallow clone holds: that clone's first commit seems to touch every file.
    Nothing is raised. Git is called twice.
    """
    if not paths or not git.root(root):
        return {}
    if revision is None:
        listing = stream(root, "ls-files", "-z", "--", *map(_literal, paths))
    else:
        listing = stream(root, "ls-tree", "-r", "-z", "--name-only", revision, "--", *paths)
    listed = b"".join(listing)
    wanted = set(os.fsdecode(listed).split("\0")) & set(paths)
    found: dict[str, date] = {}
    if not wanted:
        return found
    about = [b"", b""]
    history = (
        "-c",
        "core.quotePath=false",
        "log",
        "--format=%x01%cs %D",
        "--name-only",
        "--relative",
        "--no-renames",
    )
    for line in stream(root, *history, revision or "HEAD", "--", *map(_literal, sorted(wanted))):
        line = line.rstrip(b"\n")
        if line.startswith(_DAY):
            about = line[1:].split(b" ", 1)
            continue
        path = os.fsdecode(line)
        if path in wanted:
            wanted.remove(path)
            if b"grafted" not in about[1]:
                found[path] = date.fromisoformat(about[0].decode())
            if not wanted:
                break
    return found


def _literal(path: str) -> str:
    return f":(literal){path}"
