"""The ledger's events, and the one form in which they are stored: a line of canonical JSON each.

Every line holds the hash of the line before it, so that a log can be told from another one, and from a shorter one.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

VERSION = 1
CREATED = "created"
ACCEPTED = "accepted"
NOTHING: Mapping[str, Any] = MappingProxyType({})
_KEYS = frozenset({"actor", "at", "before", "commit", "data", "kind", "run", "seq", "transfer"})
_GIVEN = ("path", "digest")  # of an event's data: texts where they are there; the next ones may also be null
_TEXTS = ("sheet", "upload", "ticket", "reason", "holder", "reference", "reverted_by")
_AT = "%Y-%m-%dT%H:%M:%S.%fZ"


class Actor(NamedTuple):
    """Who did something; `origin` is where the name comes from: "ci", "git", "typed" or "system"."""

    name: str
    origin: str


class Context(NamedTuple):
    """What all events of an append share: who, the commit of the working tree, the URL of the CI run."""

    actor: Actor
    commit: str | None = None
    run: str | None = None


class Draft(NamedTuple):
    """An event to be: what a caller appends. `data` are plain JSON values."""

    kind: str
    transfer: str = ""
    data: Mapping[str, Any] = NOTHING


class Event(NamedTuple):
    """What happened. `seq` counts from 1 and gives the order; `at` (UTC) is what a clock said."""

    seq: int
    at: datetime
    kind: str
    transfer: str
    actor: Actor
    commit: str | None
    run: str | None
    data: Mapping[str, Any]


class Head(NamedTuple):
    """The end of a log: the ledger's id, how many events it has, the hash of the last one."""

    id: str
    length: int
    hash: str


class Log(NamedTuple):
    """All events of a ledger and the lines that hold them, one each; `id` is the ledger's own."""

    id: str
    events: tuple[Event, ...]
    lines: tuple[str, ...]

    @property
    def head(self) -> Head:
        """Where the next append goes on."""
        return Head(self.id, len(self.lines), line_hash(self.lines[-1]))


class BadLog(ValueError):
    """Lines that are no log: the message is a sentence's second half, "line 7 does not follow line 6"."""


def line_hash(line: str) -> str:
    """What the next line holds as `before`."""
    return sha256(line.encode()).hexdigest()


def first_lines(drafts: Iterable[Draft], context: Context, now: datetime | None = None) -> list[str]:
    """The lines of a new ledger, with an id of its own."""
    from uuid import uuid4

    now = now or datetime.now(UTC)
    created = Draft(CREATED, data={"id": str(uuid4()), "version": VERSION})
    return _lines([created, *drafts], context, 0, "", now)


def next_lines(head: Head, drafts: Iterable[Draft], context: Context, now: datetime | None = None) -> list[str]:
    """The lines that go on from `head`."""
    return _lines(drafts, context, head.length, head.hash, now or datetime.now(UTC))


def parse(lines: Sequence[str], known: Log | None = None) -> Log:
    """The log that `lines` hold. Raises BadLog.

    Lines that `known` begins with are taken from there: a log that is read again and again only grows.
    """
    events: list[Event] = []
    if known and known.lines == tuple(lines[: len(known.lines)]):
        events = list(known.events)
    before = line_hash(lines[len(events) - 1]) if events else ""
    for number, line in enumerate(lines[len(events) :], start=len(events) + 1):
        event, stored = _event(line, number)
        if event.seq != number or stored != before:
            raise BadLog(f"event {number} does not follow event {number - 1}")
        events.append(event)
        before = line_hash(line)
    if not events:
        raise BadLog("it holds no event")
    return Log(_id(events[0]), tuple(events), tuple(lines))


def _lines(drafts: Iterable[Draft], context: Context, seq: int, before: str, now: datetime) -> list[str]:
    lines = []
    for draft in drafts:
        seq += 1
        entry = {
            "actor": context.actor._asdict(),
            "at": now.strftime(_AT),
            "before": before,
            "commit": context.commit,
            "data": dict(draft.data),
            "kind": draft.kind,
            "run": context.run,
            "seq": seq,
            "transfer": draft.transfer,
        }
        # ASCII, so that every store keeps each character as it is.
        line = json.dumps(entry, sort_keys=True, separators=(",", ":"))
        lines.append(line)
        before = line_hash(line)
    return lines


def _refuse(constant: str) -> NoReturn:
    """NaN and Infinity, which Python reads and nobody else."""
    raise ValueError


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def _event(line: str, number: int) -> tuple[Event, str]:
    """The event of a line, and the hash of the line before it."""
    try:
        entry = _DECODER.decode(line)
        if entry.keys() != _KEYS or not isinstance(entry["data"], dict):
            raise ValueError
        texts = (entry["kind"], entry["transfer"], entry["before"], entry["actor"]["name"], entry["actor"]["origin"])
        maybe = (entry["commit"], entry["run"])
        if not all(isinstance(text, str) for text in texts) or type(entry["seq"]) is not int:
            raise ValueError
        if not all(text is None or isinstance(text, str) for text in maybe) or not _is_sound(entry["data"]):
            raise ValueError
        at = datetime.fromisoformat(entry["at"])
        if at.tzinfo is not UTC:
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadLog(f"event {number} cannot be read") from None
    actor = Actor(entry["actor"]["name"], entry["actor"]["origin"])
    event = Event(entry["seq"], at, entry["kind"], entry["transfer"], actor, *maybe, entry["data"])
    return event, entry["before"]


def _is_sound(data: Mapping[str, Any]) -> bool:
    """Whether what states are made of has the types that its readers rely on."""
    texts = [*map(data.get, _TEXTS)]
    for name in ("target", "source"):
        place = data.get(name) or {}
        if not isinstance(place, dict):
            return False
        texts += [place.get("name"), place.get("customer_id")]
    serials, said = data.get("serials", []), data.get("devices", {})
    lists = (serials, data.get("waivers", []), data.get("warnings", []))
    if not isinstance(said, dict) or not all(isinstance(each, list) for each in lists):
        return False
    given = (data[name] for name in _GIVEN if name in data)
    if not all(isinstance(text, str) for text in (*serials, *said.values(), *given)):
        return False
    lease = data.get("lease")
    return all(text is None or isinstance(text, str) for text in texts) and (
        lease is None or datetime.fromisoformat(lease).tzinfo is not None
    )


def _id(first: Event) -> str:
    version, found = first.data.get("version"), first.data.get("id")
    if first.kind != CREATED or not isinstance(found, str) or type(version) is not int:
        raise BadLog("its first event does not say that it was created")
    if version > VERSION:
        raise BadLog(f"it has version {version}, this wxp-lint knows {VERSION}: update wxp-lint")
    return found
