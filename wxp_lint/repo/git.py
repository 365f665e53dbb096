"""What git knows, asked of the git program.

Every path is relative to `root`, with "/". `root` is the top of a working tree or a folder below it;
then only what lies below that folder is seen. Where git refuses, UsageError carries its own words.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from wxp_lint.errors import UsageError
from wxp_lint.repo.program import GitMissing, ask, refusal, root, run

__all__ = [
    "Change",
    "GitMissing",
    "changed_since",
    "commit",
    "exists",
    "files_at",
    "ignored",
    "root",
    "show",
    "tracked",
    "untracked",
]


class Change(NamedTuple):
    """A file that differs from a revision: its path now (None: gone) and before (None: new)."""

    path: str | None
    before: str | None


def tracked(root: Path, below: Iterable[str] = ()) -> list[str]:
    """The files in the index, at or below one of `below` in any case (ASCII letters); all without it.

    In a hook, the index is the one that git is about to commit. A file may be gone from the working
    tree, and a submodule counts as a file.
    """
    return list(dict.fromkeys(_names(ask(root, "ls-files", "-z", *_pathspecs(below)))))


def untracked(root: Path, below: Iterable[str] = ()) -> list[str]:
    """The files that are neither in the index nor ignored, at or below one of `below` as in `tracked`."""
    return _names(ask(root, "ls-files", "-z", "--others", "--exclude-standard", *_pathspecs(below)))


def ignored(root: Path, paths: Iterable[str]) -> frozenset[str]:
    """Those of `paths` that git ignores; what is in the index is never ignored."""
    # "./" because git would take the colon of ":x.csv" for pathspec magic, which it then refuses here.
    stdin = b"".join(os.fsencode(f"./{path}\0") for path in paths if path)
    if not stdin:
        return frozenset()
    done = run(root, "check-ignore", "-z", "--stdin", stdin=stdin)
    if done.returncode not in (0, 1):
        raise refusal(root, done)
    return frozenset(path.removeprefix("./") for path in _names(done.stdout))


def exists(root: Path, ref: str) -> bool:
    """Whether `ref` names a commit of this clone."""
    return _commit(root, ref) is not None


def commit(root: Path, ref: str) -> str:
    """The full id of the commit that `ref` names. Raises UsageError with the command that fetches it."""
    found = _commit(root, ref)
    if found is None:
        raise _absent(root, ref)
    return found


def show(root: Path, ref: str, path: str) -> bytes | None:
    """The bytes of a file at `ref`, None if it has no such file. Raises UsageError if there is no `ref`.

    Of a symlink, the path that it holds; a path that leads out of `root` is no file of `ref`.
    """
    _check(ref)
    if Path(path).is_absolute() or ".." in Path(path).parts:
        commit(root, ref)
        return None
    done = run(root, "cat-file", "blob", f"{ref}:./{path}")
    if done.returncode == 0:
        return done.stdout
    # A partial clone may know a file and fail to fetch it: that is not the same as no file.
    if any(kind == "blob" for _, kind, _ in _tree(root, commit(root, ref), path)):
        raise refusal(root, done)
    return None


def files_at(root: Path, ref: str) -> list[str]:
    """The files at `ref`, without symlinks and submodules. Raises UsageError if there is no `ref`."""
    return [path for mode, _, path in _tree(root, commit(root, ref)) if mode.startswith("100")]


def changed_since(root: Path, ref: str) -> tuple[str, tuple[Change, ...]]:
    """The merge base of `ref` and HEAD (a commit id), and what has changed since, sorted by path.

    The working tree counts, untracked files too unless ignored. Renames are followed. Raises
    UsageError if there is no `ref`, or no common ancestor in this clone.
    """
    theirs = commit(root, ref)
    done = run(root, "merge-base", theirs, "HEAD")
    if done.returncode == 1:
        raise _unrelated(root, ref)
    if done.returncode:
        raise refusal(root, done)
    base = done.stdout.decode().strip()
    listed = ask(root, "diff", "--name-status", "-M", "-z", "--relative", "--no-ext-diff", "--ignore-submodules", base)
    now: dict[str, str | None] = dict.fromkeys(untracked(root))
    gone = []
    words = iter(_names(listed))
    for status in words:
        before = next(words)
        if status[0] in "RC":
            now[next(words)] = before
        elif status[0] == "D" and before not in now:
            gone.append(before)
        else:
            now[before] = None if status[0] == "A" else before
    changes = [Change(path, before) for path, before in now.items()] + [Change(None, path) for path in gone]
    return base, tuple(sorted(changes, key=lambda change: change.path or change.before or ""))


def _pathspecs(below: Iterable[str]) -> list[str]:
    paths = list(below)
    return [] if "" in paths else ["--", *(f":(icase,literal){path}" for path in paths)]


def _names(listed: bytes) -> list[str]:
    return os.fsdecode(listed).split("\0")[:-1]


def _tree(root: Path, commit: str, path: str | None = None) -> Iterator[tuple[str, str, str]]:
    """(mode, type, path) of everything in a commit, or of what stands at `path`."""
    what = ["-r", commit] if path is None else [commit, "--", path]
    for entry in _names(ask(root, "ls-tree", "-z", *what)):
        about, _, name = entry.partition("\t")
        mode, kind, _ = about.split()
        yield mode, kind, name


def _check(ref: str) -> None:
    if not ref or ref.startswith("-") or "\0" in ref:
        raise UsageError(f"{ref!r} is no revision; give a branch, a tag or a commit, such as origin/main")


def _commit(root: Path, ref: str) -> str | None:
    _check(ref)
    done = run(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if done.returncode == 1:
        return None
    if done.returncode:
        raise refusal(root, done)
    return done.stdout.decode().strip()


def _absent(root: Path, ref: str) -> UsageError:
    """Says which command brings `ref` here; nothing else may stand in for it."""
    remotes = ask(root, "remote").decode(errors="replace").split()
    remote = next((name for name in remotes if ref.startswith(f"{name}/")), None)
    if not remotes:
        mend = "there is no remote to fetch it from; see git branch --all and git tag"
    elif re.search(r"[~^@]", ref):
        mend = f"fetch its history first: git fetch {_deeper(root)}{remotes[0]}"
    elif remote:
        branch = ref.removeprefix(f"{remote}/")
        mend = f"fetch it first: git fetch {remote} {branch}:refs/remotes/{ref}"
    elif re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", ref):
        mend = f"fetch it first: git fetch {remotes[0]} {ref}"
    elif re.fullmatch(r"[0-9a-f]{7,}", ref):
        mend = f"fetch it first: git fetch {_deeper(root)}{remotes[0]}"
    else:
        mend = f"fetch it first: git fetch {remotes[0]} {ref}:{ref}"
    return UsageError(f"{ref!r} is not in this clone; {mend}")


def _unrelated(root: Path, ref: str) -> UsageError:
    words = f"HEAD and {ref!r} have no common ancestor in this clone"
    if deeper := _deeper(root):
        return UsageError(f"{words}, which is shallow; fetch the rest first: git fetch {deeper}".rstrip())
    return UsageError(f"{words}; compare with a revision that HEAD comes from")


def _deeper(root: Path) -> str:
    shallow = ask(root, "rev-parse", "--is-shallow-repository").strip() == b"true"
    return "--unshallow " if shallow else ""
