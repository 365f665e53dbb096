"""A move that somebody made by hand in the console, for the ledger. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from wxp_lint.errors import UsageError
from wxp_lint.facts.places import Place, Places
from wxp_lint.keys import key
from wxp_lint.ledger.events import Draft
from wxp_lint.ledger.identity import digest
from wxp_lint.ledger.states import Transfers, id_for

BY_HAND = "by hand"  # in place of a path, where no file is named


class Move(NamedTuple):
    """What is said of a move: which PCs, from where to where, on which day, why, how that is known.

    `path` is the list that was uploaded and `sheet` its sha256, as far as there is one. IDs are None where not known.
    """

    serials: tuple[str, ...]
    source: Place
    source_id: str | None
    target: Place
    target_id: str | None
    on: date
    why: str
    evidence: str
    reason: str | None = None
    ticket: str | None = None
    path: str = BY_HAND
    sheet: str | None = None


def record(known: Transfers, move: Move) -> Draft:
    """The event that enters it, as `reported`. Raises UsageError for a move that makes no sense, or is known."""
    serials = list(dict.fromkeys(key(serial) for serial in move.serials if key(serial)))
    if not serials:
        raise UsageError("which PCs? Name a list of them, or --serial (repeatable)")
    bad = [serial for serial in serials if not serial.isprintable() or any(mark in serial for mark in ',"')]
    if bad:
        raise UsageError(f"'{bad[0]}' is no serial number")
    if move.source == move.target:
        raise UsageError(f"--from and --to are both {move.target.name}: nothing moved")
    mark = digest(move.target.key or move.target.customer_key or "", serials)
    name = id_for(known, mark)
    if name in known:
        one = known[name]
        uploaded = "wxp-lint uploaded, " if one.state in ("prepared", "taken") else ""
        raise UsageError(
            f"{name} is this transfer, and {one.state.replace('_', ' ')} ({one.path}): tell what came of it with "
            f"{uploaded}wxp-lint reconcile or wxp-lint resolve {name}"
        )
    way = next((one for one in known.values() if not one.settled and set(serials) & one.outcome.keys()), None)
    if way:
        shared = next(serial for serial in serials if serial in way.outcome)
        raise UsageError(
            f"{shared} is under way as {way.id} ({way.state.replace('_', ' ')}, to {way.target.name}): tell what "
            f"came of that first, with wxp-lint reconcile or wxp-lint resolve {way.id}"
        )
    data: dict[str, Any] = {
        "path": move.path,
        "digest": mark,
        "sheet": move.sheet,
        "upload": None,
        "target": _party(move.target, move.target_id),
        "source": _party(move.source, move.source_id),
        "serials": serials,
        "ticket": move.ticket,
        "reason": move.reason,
        "on": move.on.isoformat(),
        "why": move.why,
        "evidence": move.evidence,
        "how": "person",
        "devices": {},
    }
    return Draft("reported", name, data)


def find_place(places: Places, text: str, option: str) -> Place:
    """The place that was typed. Raises UsageError."""
    if not key(text):
        raise UsageError(f"{option}: name a customer (name, folder or Customer ID), or unassigned")
    try:
        return places.known(text)
    except UsageError as error:
        raise UsageError(f"{option}: {error}") from None


def refuse_others(customers: Sequence[str], name: str, between: Collection[Place], places: Places) -> None:
    """Raises UsageError if a list says of its PCs that they belong to others than those they moved `between`."""
    keys = {one.customer_key for one in between}
    named = {key(text): places.find(text) for text in customers if key(text)}
    others = [one for mark, one in named.items() if one not in between and mark not in keys]
    if others:
        known = ", ".join(sorted({one.name for one in others if one})[:3]) or "somebody else"
        raise UsageError(
            f"{name} says of some PCs that they are {known}'s: leave --to out and record a list a customer, or take "
            "that column out if it is about something else"
        )


def customer_id(place: Place, ids: Mapping[str, str], typed: str) -> str | None:
    """The Customer ID of a place by `ids` (key of the customer, "" for Unassigned), else as typed; None: not known."""
    if place.customer_key is None:
        return ids.get("") or None
    return ids.get(place.customer_key, typed.strip())


def _party(place: Place, customer_id: str | None) -> dict[str, str | None]:
    return {"name": place.name, "customer_id": customer_id}


def one_target(customers: Sequence[str], name: str) -> str | None:
    """The Customer ID of all rows of a list; None where it has none. Raises UsageError for several."""
    found = {key(text): text.strip() for text in reversed(customers) if key(text)}
    if len(found) > 1:
        raise UsageError(f"{name} names {len(found)} Customer IDs, and a transfer has one: record each by itself")
    return next(iter(found.values()), None)
