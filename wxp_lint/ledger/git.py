"""The ledger in a branch of its own: one file, a commit an append, a plain push as compare-and-swap.

Neither the user's working tree, nor the index, nor HEAD is touched. A tag on the branch's first commit is the trace by
which a branch that was deleted is told from one that never was.
"""

import json
import re
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from typing import NamedTuple
from uuid import uuid4

from wxp_lint.ledger.book import conflict
from wxp_lint.ledger.events import Head, line_hash
from wxp_lint.ledger.plumbing import FETCH, FILE, NOBODY, OWN_WAY, PUSH, REMOTE, contents, words
from wxp_lint.ledger.protocol import Damaged, Foreign, Lost, Refused, Unreachable, Unsure
from wxp_lint.repo import program

_README = b"""# The ledger of wxp-lint

events.jsonl says which transfer files were handed over, by whom, and what came of it: one event a line, only ever
added to. wxp-lint writes it; edits by hand break the chain of hashes and are refused. See `wxp-lint status`.
"""
_PATIENCE = 120  # seconds for a remote to answer
_IMPATIENT = ("-c", "core.filesRefLockTimeout=200")
_LEFT_BEHIND = 60  # seconds after which no git is still setting a reference
# What a server says when two pushes meet.
_RACE = re.compile(r"cannot lock ref|failed to (update|lock)|already exists|incorrect old value|stale info", re.I)


class _Seen(NamedTuple):
    """What was found: commit ids of the branch's end and of the tag (None: there is none), and the log's lines."""

    tip: str | None
    start: str | None
    lines: tuple[str, ...]
    foreign: bool = False


class GitStore:
    """The branch `branch` of the remote `origin`, or of this clone where there is no such remote."""

    def __init__(self, root: Path, branch: str) -> None:
        self._root = root
        self._branch = branch
        self._head = f"refs/heads/{branch}"
        self._tag = f"refs/tags/{branch}-start"
        self._tracking = f"refs/remotes/{REMOTE}/{branch}"
        self._seen: _Seen | None = None
        self._has_remote: bool | None = None

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"git branch {self._branch}{f' of {REMOTE}' if self._remote else ''}"

    def lines(self, *, trusting: bool = False) -> Sequence[str] | None:
        """As `Store.lines`; a remote is asked, and what it has is fetched."""
        if program.root(self._root) is None:
            raise Unreachable(
                f"the ledger is a git branch, but {self._root} is in no git repository: run git init there"
            )
        seen = self._look()
        self._seen = seen
        tag = f"{self._branch}-start"
        if seen.tip is None and seen.start and not trusting:
            raise Lost(
                f"the ledger is lost: there is no {self.name}, though the tag {tag} says that there was; "
                f"{self._push_again() or 'push it again from a clone that has it'}, or go on without what it held: "
                "wxp-lint ledger baseline --reason TEXT"
            )
        if seen.foreign and not trusting:
            raise Foreign(
                f"{self.name} is not the ledger that began at the tag {tag}; put the branch right; "
                "if it is right, say so with wxp-lint ledger baseline --reason TEXT"
            )
        if not seen.lines and not trusting and (mend := self._push_again()):
            raise Lost(
                f"the ledger is lost: there is no {self.name}, but this clone knows one; {mend}, or go on without it: "
                "wxp-lint ledger baseline --reason TEXT"
            )
        return seen.lines or None

    def add(self, expected: Head | None, lines: Sequence[str]) -> Sequence[str]:
        """As `Store.add`."""
        seen = self._seen
        if seen is None or not _ends(seen, expected):
            self.lines(trusting=True)
            seen = self._seen
            if seen is None or not _ends(seen, expected):
                raise conflict(self.name)
        after = (*seen.lines, *lines)
        # A branch that is gone is taken up again where the tag is: nothing has to be forced.
        parent = seen.tip or seen.start
        commit = self._commit(after, lines, parent)
        self._seen = None
        is_last = self._push(commit, seen.tip) if self._remote else self._move(commit, seen.tip)
        self._mark_start(seen, commit)
        if not is_last:
            return self.lines(trusting=True) or after
        self._seen = _Seen(commit, seen.start or commit, after)
        return after

    def _push_again(self) -> str | None:
        """How to bring back what this clone has of the branch; None if it has nothing of it, or there is no remote."""
        refs = [self._tracking, self._head] if self._remote else []
        there = contents(self._root, [f"{ref}:{FILE}" for ref in refs])
        known = next((ref for ref, lines in zip(refs, there) if lines), None)
        if known is None:
            return None
        push = f"git push {REMOTE} {known.removeprefix('refs/heads/')}"
        return f"push what this clone has of it ({push if known == self._head else f'{push}:{self._head}'})"

    @property
    def _remote(self) -> bool:
        if self._has_remote is None:
            self._has_remote = program.run(self._root, "config", "--get", f"remote.{REMOTE}.url").returncode == 0
        return self._has_remote

    def _look(self) -> _Seen:
        tip, start = self._ends_there() if self._remote else self._ends_here()
        found = self._contents([tip, start])
        if self._remote and any(oid and oid not in found for oid in (tip, start)):
            self._fetch([ref for ref, oid in ((self._head, tip), (self._tag, start)) if oid])
            found = self._contents([tip, start])
        if self._remote and tip:
            self._track(tip)
        missing = [oid for oid in (tip, start) if oid and oid not in found]
        if missing:
            raise Damaged(f"{self.name}: commit {missing[0][:12]} has no {FILE}; put the branch and its tag right")
        first = found[start] if start else ()
        lines = found[tip] if tip else first
        return _Seen(tip, start, lines, foreign=lines[: len(first)] != first)

    def _track(self, tip: str) -> None:
        """For those who read without asking the remote; who comes second here leaves it to the next.

        A git that was killed leaves a lock behind, for which nobody is to wait for ever.
        """
        done = program.run(self._root, *OWN_WAY, *_IMPATIENT, "update-ref", self._tracking, tip)
        if done.returncode == 0:
            return
        found = program.run(self._root, "rev-parse", "--git-path", f"{self._tracking}.lock")
        lock = self._root / found.stdout.decode().strip()
        with suppress(OSError):
            if found.returncode == 0 and time.time() - lock.stat().st_mtime > _LEFT_BEHIND:
                lock.unlink()

    def _ends_there(self) -> tuple[str | None, str | None]:
        try:
            done = self._network("ls-remote", REMOTE, self._head, self._tag)
        except TimeoutExpired:
            raise Unreachable(f"{self.name}: the remote did not answer within {_PATIENCE} seconds") from None
        if done.returncode:
            raise Unreachable(f"{self.name} is out of reach: {words(done)}")
        return self._both(line.split("\t") for line in done.stdout.decode(errors="replace").splitlines())

    def _ends_here(self) -> tuple[str | None, str | None]:
        done = program.run(self._root, "for-each-ref", "--format=%(objectname)%09%(refname)", self._head, self._tag)
        if done.returncode:
            raise Unreachable(f"{self.name}: {words(done)}")
        return self._both(line.split("\t") for line in done.stdout.decode(errors="replace").splitlines())

    def _both(self, refs: Iterable[Sequence[str]]) -> tuple[str | None, str | None]:
        oids = {name: oid for oid, name in refs}
        return oids.get(self._head), oids.get(self._tag)

    def _contents(self, commits: Sequence[str | None]) -> dict[str, tuple[str, ...]]:
        oids = [oid for oid in commits if oid]
        texts = contents(self._root, [f"{oid}:{FILE}" for oid in oids])
        return {oid: text for oid, text in zip(oids, texts) if text is not None}

    def _fetch(self, refs: Sequence[str]) -> None:
        try:
            done = self._network(*FETCH, REMOTE, *refs)
        except TimeoutExpired:
            raise Unreachable(f"{self.name}: the remote did not answer within {_PATIENCE} seconds") from None
        if done.returncode:
            raise Unreachable(f"{self.name} cannot be fetched: {words(done)}")

    def _commit(self, after: Sequence[str], lines: Sequence[str], parent: str | None) -> str:
        """A commit that nothing points to yet, on top of `parent`."""
        log = self._git("hash-object", "-w", "--no-filters", "--stdin", stdin="\n".join((*after, "")).encode())
        readme = self._git("hash-object", "-w", "--no-filters", "--stdin", stdin=_README)
        entries = f"100644 blob {readme}\tREADME.md\n100644 blob {log}\t{FILE}\n"
        tree = self._git("mktree", stdin=entries.encode())
        arguments = ("commit-tree", tree, *(("-p", parent) if parent else ()))
        message = _message(lines)
        try:
            return self._git(*arguments, stdin=message)
        except Refused:  # git knows no name for the author, as in many a CI
            return self._git(*NOBODY, *arguments, stdin=message)

    def _push(self, commit: str, tip: str | None) -> bool:
        """Whether `commit` is the end of the remote's branch now; False: others went on from it already."""
        timed_out = False
        try:
            done = self._network(*PUSH, REMOTE, f"{commit}:{self._head}")
        except TimeoutExpired:
            done, timed_out = CompletedProcess((), 1, b"", b"the remote did not answer"), True
        if done.returncode == 0:
            self._track(commit)
            return True
        status = next((line for line in done.stdout.decode(errors="replace").splitlines() if line[:2] == "!\t"), "")
        try:
            now, _ = self._ends_there()
        except Unreachable:
            if "[rejected]" in status:
                raise conflict(self.name) from None
            raise self._unsure(done) from None
        if now == commit:
            return True
        if now != tip:
            if now:
                self._fetch([self._head])
                if program.run(self._root, "merge-base", "--is-ancestor", commit, now).returncode == 0:
                    return False
            raise conflict(self.name)
        if timed_out or not status:
            raise self._unsure(done)
        if "[rejected]" in status or _RACE.search(status):
            raise conflict(self.name)
        raise Refused(f"{self.name}: the remote did not take the push, so nothing was written: {words(done, status)}")

    def _unsure(self, done: CompletedProcess[bytes]) -> Unsure:
        return Unsure(f"{self.name}: whether it was written is not known; run the command again. {words(done)}")

    def _move(self, commit: str, tip: str | None) -> bool:
        done = program.run(self._root, *OWN_WAY, "update-ref", self._head, commit, tip or "0" * len(commit))
        if done.returncode == 0:
            return True
        if self._ends_here()[0] != tip:
            raise conflict(self.name)
        raise Refused(f"{self.name}: nothing was written: {words(done)}")

    def _mark_start(self, seen: _Seen, commit: str) -> None:
        """Sets the tag where it is missing. Only after the branch: a kill in between must not read as lost."""
        if seen.start and not seen.foreign:
            return
        start = seen.tip or commit
        if not self._remote:
            program.run(self._root, *OWN_WAY, "update-ref", self._tag, start)
            return
        force = "+" if seen.foreign else ""
        try:
            done = self._network(*PUSH, REMOTE, f"{force}{start}:{self._tag}")
        except TimeoutExpired:
            return
        if done.returncode and seen.foreign:
            name = self._tag.removeprefix("refs/tags/")
            raise Refused(
                f"it is written, but the remote did not move the tag {name}, so the ledger still counts as foreign: "
                f"move it to {start[:12]} there. {words(done)}"
            )

    def _git(self, *arguments: str, stdin: bytes) -> str:
        durable = () if self._remote else ("-c", "core.fsync=all")
        done = program.run(self._root, *OWN_WAY, *durable, *arguments, stdin=stdin)
        if done.returncode:
            raise Refused(f"{self.name}: nothing was written: {words(done)}")
        return done.stdout.decode().strip()

    def _network(self, *arguments: str) -> CompletedProcess[bytes]:
        # Of this clone a push only moves the same reference as `_track`.
        return program.run(self._root, *OWN_WAY, *_IMPATIENT, *arguments, timeout=_PATIENCE)


def _ends(seen: _Seen, expected: Head | None) -> bool:
    if expected is None:
        return not seen.lines
    return len(seen.lines) == expected.length and line_hash(seen.lines[-1]) == expected.hash


def _message(lines: Sequence[str]) -> bytes:
    """What happened, and a token: two runners that write the same must not make the same commit."""
    events = [json.loads(line) for line in lines]
    told = ", ".join(" ".join(filter(None, (event["kind"], event["transfer"]))) for event in events[:3])
    more = f" and {len(events) - 3} more" if len(events) > 3 else ""
    return f"{told}{more}\n\nAppend: {uuid4().hex}\n".encode()
