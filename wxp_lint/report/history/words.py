"""What all formats say of a PC's life."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from wxp_lint.transfer.history import Entry, History, Request, moved_last

_SAID = {
    "prepared": "prepared for upload",
    "taken": "taken",
    "uploaded": "uploaded",
    "claimed": "claimed",
    "sending": "being sent",
    "submitted": "submitted",
    "in_doubt": "in doubt",
    "reported": "reported",
    "confirmed": "confirmed",
    "partly_failed": "partly failed",
    "failed": "failed",
    "reverted": "reverted",
}
_ORIGINS = {"ci": "by the CI", "git": "by git's config", "typed": "as typed", "system": "by the account"}


class Line(NamedTuple):
    """Something that happened: when, what, and what there is to say of it."""

    at: datetime
    what: str
    about: tuple[str, ...]


def headline(history: History) -> str:
    """Where the PC is by the last move that is known."""
    last = moved_last(history.entries)
    if last is None:
        return "no move of it is known to have taken place"
    return f"moved to {last.target} by {last.transfer}, known since {day(last.at)}"


def lines(history: History) -> list[Line]:
    """All of it in the order of time."""
    told = [*map(_request, history.requests), *(_entry(entry) for entry in history.entries)]
    return sorted(told, key=lambda line: line.at)


def replaced(history: History) -> Iterator[str]:
    """What it replaces, or what replaces it."""
    for one in history.replacements:
        if one.new == history.serial:
            yield f"it replaces {one.old} ({one.path})"
        else:
            yield f"it is replaced by {one.new} ({one.path})"


def day(moment: datetime) -> str:
    """`2026-11-03 14:05 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _request(one: Request) -> Line:
    about = [f"file {one.path}, commit {one.commit.id[:9]}"]
    about += [f"ticket {one.ticket}"] if one.ticket else []
    about += [f"reason {one.reason}"] if one.reason else []
    about += list(_review(one))
    return Line(one.commit.at, f"requested by {one.commit.author}", tuple(about))


def _review(one: Request) -> Iterator[str]:
    merge = one.merge
    if merge is None:
        yield "not merged"
        return
    where = f"pull request {merge.number}, " if merge.number else ""
    if merge.id == one.commit.id:
        yield f"reviewed in {where}commit {merge.id[:9]}" if where else "committed to the branch itself, with no merge"
    else:
        yield f"reviewed in {where}merged by {merge.author} on {day(merge.at)} (commit {merge.id[:9]})"
    names = list(dict.fromkeys((*merge.reviewers, *one.commit.reviewers)))
    if names:
        yield f"reviewed by {', '.join(names)}"


def _entry(one: Entry) -> Line:
    outcome = f", this PC: {one.outcome}" if one.outcome else ""
    about = (
        [f"{one.source or '?'} -> {one.target or '?'}, {one.path}"]
        if one.kind in ("prepared", "claimed", "reported")
        else []
    )
    about += [f"ticket {one.ticket}"] if one.ticket else []
    about += [f"reason {one.reason}"] if one.reason else []
    about += [f"evidence: {one.evidence}"] if one.evidence else []
    about += [f"a second person was named: {one.second} (as typed, not an approval)"] if one.second else []
    about += [f"run {one.run}"] if one.run else []
    who = f"{one.by} ({_ORIGINS.get(one.origin, one.origin)})"
    return Line(one.at, f"{one.transfer} {_SAID.get(one.kind, one.kind)}{outcome}, by {who}", tuple(about))
