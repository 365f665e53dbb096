"""Many files of a commit at once, for which git is asked twice however many there are."""

import os
from collections.abc import Collection
from pathlib import Path

from wxp_lint.repo.program import ask, refusal, run


def blobs(root: Path, commit: str, paths: Collection[str]) -> dict[str, bytes]:
    """The bytes of those of `paths` (from `root`, with "/") that are files of `commit`; symbolic links are none.

    Raises UsageError where git refuses.
    """
    if not paths:
        return {}
    wanted = frozenset(paths)
    found: dict[str, str] = {}
    for entry in ask(root, "ls-tree", "-r", "-z", commit).split(b"\0")[:-1]:
        about, _, name = entry.partition(b"\t")
        mode, _, mark = about.decode().split()
        path = os.fsdecode(name)
        if path in wanted and mode.startswith("100"):
            found[path] = mark
    done = run(root, "cat-file", "--batch", stdin="".join(f"{mark}\n" for mark in found.values()).encode())
    if done.returncode:
        raise refusal(root, done)
    contents: dict[str, bytes] = {}
    at = 0
    for path in found:
        end = done.stdout.index(b"\n", at)
        words = done.stdout[at:end].split()
        if words[1:2] != [b"blob"]:  # a partial clone knows a file that it does not have
            raise refusal(root, done)
        size = int(words[2])
        contents[path] = done.stdout[end + 1 : end + 1 + size]
        at = end + size + 2
    return contents
