"""The life of one PC: who asked for its moves, who reviewed, prepared, took and uploaded them, what came of it.

What git knows stands beside what the ledger knows; what neither knows is named as a gap.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from wxp_lint.config.settings import Settings
from wxp_lint.config.text import masked
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Fault, Source
from wxp_lint.files.read import read_table
from wxp_lint.inventory.columns import is_header
from wxp_lint.keys import key
from wxp_lint.ledger.states import MOVED, UNKNOWN, Step, Transfer, Transfers
from wxp_lint.repo import git
from wxp_lint.repo.glob import matcher
from wxp_lint.repo.requests import Commit, Touched, is_shallow, merge_of, naming, touching
from wxp_lint.repo.standing import standing
from wxp_lint.repo.typed import FOLDER_SIDECAR

_TABLES = (":(icase)*.csv",)
_WORKBOOKS = (":(icase)*.xlsx",)
_ALIKE = str.maketrans("OIS", "015")
_MOST = 2000  # versions of workbooks that are looked into, for git cannot search them


class Request(NamedTuple):
    """That somebody put the PC into a transfer file. `merge` is how it came into the branch that counts, if it did."""

    path: str
    commit: Commit
    merge: Commit | None
    ticket: str | None
    reason: str | None


class Entry(NamedTuple):
    """An event of the ledger about a transfer of the PC. `outcome` is what it says of this PC, None if nothing."""

    at: datetime
    kind: str
    transfer: str
    by: str
    origin: str
    source: str
    target: str
    evidence: str | None
    outcome: str | None
    path: str
    commit: str | None
    run: str | None
    ticket: str | None
    reason: str | None
    second: str | None


class Replacement(NamedTuple):
    """That one PC came in place of another; `path` is the transfer that says so."""

    new: str
    old: str
    path: str


@dataclass(frozen=True, slots=True)
class History:
    """All that is known of a PC. `near` are known serial numbers like this one, where it is not known itself."""

    serial: str
    requests: Sequence[Request]
    entries: Sequence[Entry]
    replacements: Sequence[Replacement]
    gaps: Sequence[str]
    near: str = ""

    @property
    def is_known(self) -> bool:
        """Whether anything is known of it."""
        return bool(self.requests or self.entries or self.replacements)


Runs = Mapping[int, tuple[str | None, str | None]]


def history(serial: str, known: Transfers | None, runs: Runs, settings: Settings, away: str = "") -> History:
    """What ledger and git know of the PC. `known` is None where there is no ledger; `away` says why it is out of reach.

    `runs` has the commit and the CI run of each event, by its number. Raises UsageError for no serial number.
    """
    mark = key(serial)
    if not mark:
        raise UsageError("name a serial number, as in wxp-lint history 5CG8234XMV")
    own = [one for one in (known or {}).values() if mark in one.outcome]
    entries = sorted(
        ((step, _entry(step, one, mark, runs)) for one in own for step in one.steps), key=lambda each: each[0].seq
    )
    gaps = [away] if away else list(_ledger_gaps(known, own, mark))
    replacements = [*_replacements(own, mark)]
    requests: list[Request] = []
    root = settings.root
    if git.root(root) is None:
        gaps.append("no git repository here: who asked for it and who reviewed it is not known")
    elif not git.exists(root, "HEAD"):
        gaps.append("no commits yet on this branch: who asked for it and who reviewed it is not known")
    else:
        here = standing(root, settings.apply.branch)
        requests = list(_requests(mark, own, settings, here.tip or here.head))
        replacements += _said_in_git(mark, root)
        gaps += _git_gaps(requests, own, root, here.tip_name)
    found = History(mark, requests, [entry for _, entry in entries], list(dict.fromkeys(replacements)), gaps)
    if found.is_known:
        return found
    return History(mark, (), (), (), gaps, _near(mark, sorted(_all(known, settings))))


def _entry(step: Step, one: Transfer, mark: str, runs: Runs) -> Entry:
    data = step.data
    commit, run = runs.get(step.seq, (None, None))
    said = [text for text in (data.get("why"), data.get("evidence")) if text]
    devices = data.get("devices", {})
    is_open = not any(mark in each.data.get("devices", {}) for each in one.steps if each.seq < step.seq)
    return Entry(
        at=step.at,
        kind=step.kind,
        transfer=one.id,
        by=step.actor.name,
        origin=step.actor.origin,
        source=one.source.name,
        target=one.target.name,
        evidence=masked("; ".join(map(str, said))) or None,
        outcome=devices.get(mark) or (UNKNOWN if is_open and "how" in data and step.kind == "reported" else None),
        path=data.get("path", one.path),
        commit=commit,
        run=run and masked(run),
        ticket=data.get("ticket"),
        reason=data.get("reason"),
        second=data.get("second"),
    )


def _ledger_gaps(known: Transfers | None, own: Sequence[Transfer], mark: str) -> Iterator[str]:
    if known is None:
        yield "no ledger: who uploaded it and what came of it is not recorded"
    elif not own:
        yield "the ledger has no transfer of it: who uploaded it, if anybody did, and what came of it is not recorded"
    for one in own:
        if one.outcome[mark] == UNKNOWN:
            yield f"{one.id} is {one.state.replace('_', ' ')}: whether this PC moved is not known"
        elif not any(step.kind in ("uploaded", "submitted", "sending") for step in one.steps) and not one.recorded:
            yield f"{one.id}: nobody said that they uploaded it"


def _replacements(own: Sequence[Transfer], mark: str) -> Iterator[Replacement]:
    for one in own:
        for step in one.steps:
            for new, old in step.data.get("replaces", {}).items():
                if mark in (key(new), key(old)):
                    yield Replacement(key(new), key(old), one.path)


def _requests(mark: str, own: Sequence[Transfer], settings: Settings, tip: str) -> Iterator[Request]:
    root = settings.root
    is_transfer, is_archived = matcher(settings.transfers), matcher(settings.archive)
    paths = [f":(literal){one.path}" for one in own if is_transfer(one.path) or is_archived(one.path)]
    touched = [
        *touching(root, mark, _TABLES),
        *touching(root, None, _WORKBOOKS)[-_MOST:],
        *(touching(root, None, paths) if paths else ()),
    ]
    for one in sorted(dict.fromkeys(touched), key=lambda each: each.commit.at):
        if (is_transfer(one.path) or is_archived(one.path)) and _is_added(one, mark, root):
            said = _sidecar(root, "HEAD" if git.show(root, "HEAD", one.path) is not None else one.commit.id, one.path)
            yield Request(
                one.path,
                one.commit,
                merge_of(root, one.commit.id, tip),
                _text(said.get("ticket")),
                _text(said.get("reason")),
            )


def _is_added(one: Touched, mark: str, root: Path) -> bool:
    if not _holds(root, one.commit.id, one.path, mark):
        return False
    before = f"{one.commit.id}^"
    return one.before is None or not git.exists(root, before) or not _holds(root, before, one.before, mark)


def _holds(root: Path, ref: str, path: str, mark: str) -> bool:
    data = git.show(root, ref, path)
    if data is None:
        return False
    table = read_table(Source(path, root / path, data), is_header, Limits(), root)
    if isinstance(table, Fault):
        return False
    return any(key(cell) == mark for _, cells in table.body.head(sys.maxsize) for cell in cells)


def _sidecar(root: Path, ref: str, path: str) -> dict[str, Any]:
    """What is said beside a file at a revision; nothing where that cannot be read."""
    from wxp_lint.config.parse import decoded, parse

    above, slash, _ = path.rpartition("/")
    found: dict[str, Any] = {}
    for name in (f"{above}{slash}{FOLDER_SIDECAR}", f"{path}.toml"):
        data = git.show(root, ref, name)
        if data is None:
            continue
        try:
            found |= parse(decoded(data, name), name)
        except UsageError:
            continue
    return found


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) else None


def _said_in_git(mark: str, root: Path) -> Iterator[Replacement]:
    for name in naming(root, mark, (":(icase)*.toml",)):
        path = name.removesuffix(".toml")
        table = _sidecar(root, "HEAD", path).get("replaces")
        for new, old in table.items() if isinstance(table, Mapping) else ():
            if isinstance(old, str) and mark in (key(new), key(old)):
                yield Replacement(key(new), key(old), path)


def _git_gaps(requests: Sequence[Request], own: Sequence[Transfer], root: Path, tip: str) -> Iterator[str]:
    if is_shallow(root):
        yield "this clone does not hold all commits (git fetch --unshallow): who asked for it may be missing"
    by_file = [one for one in own if not one.recorded]
    if by_file and not requests:
        yield f"no commit up to HEAD puts it into {by_file[-1].path}: who asked for it is not known here"
    for request in requests:
        if request.merge is None:
            yield f"{request.path}: commit {request.commit.id[:9]} is not merged into {tip}"
        elif not request.merge.number and not request.merge.reviewers and not request.commit.reviewers:
            yield f"{request.path}: neither commit nor merge names a pull request or a reviewer"


def _near(mark: str, serials: Sequence[str]) -> str:
    """`did_you_mean`, with O for 0 and I for 1 before other errors."""
    alike = [serial for serial in serials if serial.translate(_ALIKE) == mark.translate(_ALIKE)]
    return did_you_mean(mark, alike or serials)


def _all(known: Transfers | None, settings: Settings) -> set[str]:
    """The serial numbers that ledger and transfer files of HEAD have, to suggest one."""
    found = {serial for one in (known or {}).values() for serial in one.outcome}
    root = settings.root
    if git.root(root) is None or not git.exists(root, "HEAD"):
        return found
    is_transfer = matcher(settings.transfers)
    for path in filter(is_transfer, git.files_at(root, "HEAD")):
        data = git.show(root, "HEAD", path)
        table = read_table(Source(path, root / path, data or b""), is_header, Limits(), root)
        if not isinstance(table, Fault):
            found |= {key(cells[0]) for _, cells in table.body.head(sys.maxsize) if cells}
    return found


def moved_last(entries: Sequence[Entry]) -> Entry | None:
    """The last event that says that the PC moved, and was not taken back by a later one of the same transfer."""
    last = {entry.transfer: entry for entry in entries if entry.outcome}
    return next(
        (entry for entry in reversed(entries) if last.get(entry.transfer) is entry and entry.outcome == MOVED), None
    )
