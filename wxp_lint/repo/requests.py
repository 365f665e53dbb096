"""Who put something into a file, and how that was merged: what git knows of a change."""

import os
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from wxp_lint.repo.program import ask, run

# How hosts name a pull request in the subject of a merge: GitHub (merged, squashed), GitLab, Azure, Bitbucket.
_NUMBER = re.compile(
    r"Merge pull request #(?P<github>\d+)|\(#(?P<squash>\d+)\)\s*$|Merged PR (?P<azure>\d+)"
    r"|\(pull request #(?P<bitbucket>\d+)\)|See merge request \S*!(?P<gitlab>\d+)"
)
_ABOUT = "%x01%H%x02%an <%ae>%x02%aI%x02%s%x02%(trailers:key=Reviewed-by,valueonly,separator=%x03)%x02%b%x04"
_STATUS = re.compile(r"[ACDMRT][0-9]*")


class Commit(NamedTuple):
    """A commit. `reviewers` are those of its Reviewed-by lines, `number` the pull request that it names, as "#12"."""

    id: str
    author: str
    at: datetime
    subject: str
    reviewers: tuple[str, ...]
    number: str | None


class Touched(NamedTuple):
    """A file that a commit added or changed; `before` is its path in the commit before, None where it is new."""

    commit: Commit
    path: str
    before: str | None


def touching(root: Path, text: str | None, pathspecs: Sequence[str]) -> list[Touched]:
    """The files that commits up to HEAD added or changed, oldest first, without merges.

    `text`: only where the number of its occurrences changed, in any case. Paths are relative to `root`.
    """
    search = ["-i", "--pickaxe-regex", f"-S{re.escape(text)}"] if text else []
    options = ["--no-merges", "--reverse", "-M", "-z", "--name-status", "--relative", f"--format={_ABOUT}", *search]
    told = os.fsdecode(ask(root, "log", *options, "HEAD", "--", *pathspecs))
    return [touched for chunk in told.split("\x01")[1:] for touched in _touched(chunk)]


def merge_of(root: Path, commit: str, tip: str) -> Commit | None:
    """The commit by which `commit` came into the line of `tip`: itself if it was made there; None if it did not."""
    if run(root, "merge-base", "--is-ancestor", commit, tip).returncode:
        return None
    line = ask(root, "rev-list", "--first-parent", tip).decode().split()
    if commit in line:
        return describe(root, commit)
    between = set(ask(root, "rev-list", "--ancestry-path", f"{commit}..{tip}").decode().split())
    by = [one for one in line if one in between]
    return describe(root, by[-1]) if by else None


def describe(root: Path, commit: str) -> Commit:
    """What there is to say of a commit."""
    told = os.fsdecode(ask(root, "log", "-1", f"--format={_ABOUT}", commit, "--"))
    return _commit(told.partition("\x01")[2].partition("\x04")[0])


def naming(root: Path, text: str, pathspecs: Sequence[str]) -> list[str]:
    """The files at HEAD that hold `text`, in any case."""
    done = run(root, "grep", "-z", "-l", "-i", "-F", "-e", text, "HEAD", "--", *pathspecs)
    return [name.removeprefix("HEAD:") for name in os.fsdecode(done.stdout).split("\0") if name]


def is_shallow(root: Path) -> bool:
    """Whether this clone lacks commits of the past."""
    return ask(root, "rev-parse", "--is-shallow-repository").strip() == b"true"


def _touched(chunk: str) -> Iterator[Touched]:
    about, _, rest = chunk.partition("\x04")
    commit = _commit(about)
    words = iter([word.strip("\n") for word in rest.split("\0")])
    for status in words:
        if not _STATUS.fullmatch(status):
            continue
        path = next(words, "")
        if status[0] in "RC":
            yield Touched(commit, next(words, ""), path)
        elif status[0] != "D":
            yield Touched(commit, path, None if status[0] == "A" else path)


def _commit(about: str) -> Commit:
    id_, author, at, subject, reviewers, body = about.split("\x02", 5)
    number = _NUMBER.search(subject) or _NUMBER.search(body)
    named = next(((kind, text) for kind, text in number.groupdict().items() if text), None) if number else None
    return Commit(
        id_,
        author,
        datetime.fromisoformat(at),
        subject,
        tuple(filter(None, (name.strip() for name in reviewers.split("\x03")))),
        named and f"{'!' if named[0] == 'gitlab' else '#'}{named[1]}",
    )
