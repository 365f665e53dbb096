"""The states of transfers: what the events of a ledger add up to. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from wxp_lint.errors import UsageError
from wxp_lint.keys import key
from wxp_lint.ledger.events import ACCEPTED, CREATED, Actor, Event, Log
from wxp_lint.ledger.identity import VERSION

MOVED, FAILED, UNKNOWN = "moved", "failed", "unknown"
SETTLED = frozenset({"confirmed", "partly_failed", "failed", "reverted"})
DONE = SETTLED - {"failed"}  # `failed`: nothing moved, so that the file may be handed over again
RELEASED = ""  # the holder of a claim that was let go of before anything was sent
_EVIDENCE = ("reported", "confirmed", "partly_failed", "failed")

# From a state (None: no such transfer yet) to the kinds of event that may follow. Evidence may come at any time:
# a person may upload a prepared file and say nothing. `claimed` and `sending` again: a lease is renewed or taken over.
NEXT: Mapping[str | None, frozenset[str]] = MappingProxyType(
    {
        None: frozenset({"prepared", "claimed", "reported"}),
        "prepared": frozenset({"taken", "uploaded", *_EVIDENCE}),
        "taken": frozenset({"uploaded", "in_doubt", *_EVIDENCE}),
        "uploaded": frozenset({"in_doubt", *_EVIDENCE}),
        "claimed": frozenset({"claimed", "sending", "failed"}),
        "sending": frozenset({"sending", "submitted", "in_doubt", *_EVIDENCE}),
        "submitted": frozenset({"in_doubt", *_EVIDENCE}),
        "in_doubt": frozenset(_EVIDENCE),
        "reported": frozenset({"in_doubt", *_EVIDENCE}),
        "partly_failed": frozenset({"partly_failed", "confirmed", "reverted"}),
        "confirmed": frozenset({"reverted"}),
        "failed": frozenset({"confirmed", "partly_failed"}),
        "reverted": frozenset(),
    }
)
STATES = tuple(state for state in NEXT if state)


class IllegalStep(UsageError):
    """An event that does not go on from the state of its transfer."""


class Place(NamedTuple):
    """A customer, or another place of PCs such as Unassigned; `customer_id` None where it has none."""

    name: str
    customer_id: str | None


class Step(NamedTuple):
    """One event in the life of a transfer."""

    seq: int
    kind: str
    at: datetime
    actor: Actor
    data: Mapping[str, Any]


class Transfer(NamedTuple):
    """A transfer as the ledger knows it.

    `sheet` and `upload` are the sha256 of the file and of what is uploaded. `serials` are texts as in the file,
    `outcome` says of each of their keys "moved", "failed" or "unknown". `holder` holds the claim until `lease`.
    `recorded`: it was not handed over by this program, a person says that it took place. `closed`: no evidence is
    waited for although its state is `reported` (`ledger baseline --settled`).
    """

    id: str
    path: str
    digest: str
    sheet: str | None
    upload: str | None
    target: Place
    source: Place
    serials: tuple[str, ...]
    steps: tuple[Step, ...]
    outcome: Mapping[str, str]
    ticket: str | None = None
    reason: str | None = None
    waivers: tuple[Any, ...] = ()
    warnings: tuple[Any, ...] = ()
    holder: str | None = None
    lease: datetime | None = None
    reference: str | None = None
    reverted_by: str | None = None
    recorded: bool = False
    closed: bool = False

    @property
    def customer_key(self) -> str:
        """The key of the target's Customer ID."""
        return key(self.target.customer_id or "")

    @property
    def state(self) -> str:
        """What happened last, which is what it is in."""
        return self.steps[-1].kind

    @property
    def state_at(self) -> datetime:
        """When the last event was recorded (UTC)."""
        return self.steps[-1].at

    @property
    def settled(self) -> bool:
        """Nothing more is waited for."""
        return self.state in SETTLED or self.closed

    @property
    def done(self) -> bool:
        """It is settled, and its file is not to be handed over again."""
        return self.state in DONE or self.closed

    @property
    def released(self) -> bool:
        """It was claimed once, nothing was sent, and nobody holds it now: as if it had not begun."""
        return self.state == "claimed" and self.holder == RELEASED

    @property
    def settled_at(self) -> datetime | None:
        """When it was settled, None while it is open."""
        return self.state_at if self.settled else None


Transfers = Mapping[str, Transfer]


def transfers(events: Iterable[Event], so_far: Transfers = MappingProxyType({})) -> dict[str, Transfer]:
    """The transfers that `events` speak of, by id, in the order of their first event.

    `so_far` are those of the events before. An event that does not follow is taken as it stands: what a ledger
    holds has happened.
    """
    found = dict(so_far)
    for event in events:
        if event.kind in (CREATED, ACCEPTED) or not event.transfer:
            continue
        found[event.transfer] = _after(found.get(event.transfer), event)
    return found


def of_log(log: Log | None) -> dict[str, Transfer]:
    """The transfers of a log, none without one."""
    return transfers(log.events) if log else {}


def id_for(known: Transfers, digest: str) -> str:
    """The id of the transfer with this digest: that of the open one, else the next that is free.

    It is `t-` and the first 8 hex digits, more where another digest begins alike; `-2`, `-3`... once the
    transfer before it is settled.
    """
    # What is recorded elsewhere may be open under any id: its digest counts.
    alike = [transfer for transfer in known.values() if transfer.digest == digest]
    if alike and not alike[-1].settled:
        return alike[-1].id
    name = f"t-{digest.removeprefix(f'{VERSION}-')}"
    begins = (name[:length] for length in range(10, len(name), 4))
    base = next((begin for begin in begins if begin not in known or known[begin].digest == digest), name)
    number = len(alike) + 1
    while (found := base if number == 1 else f"{base}-{number}") in known:
        number += 1
    return found


def newest(known: Transfers, path: str) -> Transfer | None:
    """The transfer of the file at `path` that was begun last."""
    return next((transfer for transfer in reversed(list(known.values())) if transfer.path == path), None)


def check(known: Transfers, events: Iterable[Event]) -> None:
    """Raises IllegalStep unless each event may follow, one after another."""
    found = dict(known)
    for event in events:
        if event.kind in (CREATED, ACCEPTED):
            continue
        before = found.get(event.transfer)
        _check(before, event)
        found[event.transfer] = _after(before, event)


def rows(known: Transfers) -> list[dict[str, object]]:
    """The rows of the table `ledger` (DESIGN 5)."""
    return [
        {
            "path": one.path,
            "digest": one.digest,
            "sha256": one.sheet,
            "state": one.state,
            "settled_at": one.settled_at and one.settled_at.replace(tzinfo=None).isoformat(),
            "customer_key": one.customer_key or None,
        }
        for one in known.values()
        if not one.released
    ]


def moves(known: Transfers) -> list[dict[str, object]]:
    """Each move of a PC that has evidence: its `serial_key`, the target's `customer_key` (None: Unassigned), `at`."""
    return [
        {"serial_key": serial, "customer_key": one.customer_key or None, "at": step.at.replace(tzinfo=None).isoformat()}
        for one in known.values()
        for step in one.steps
        for serial, said in step.data.get("devices", {}).items()
        if said == MOVED and one.outcome.get(serial) == MOVED  # a person may have taken it back since
    ]


def _check(before: Transfer | None, event: Event) -> None:
    name = event.transfer or "a transfer without an id"
    if event.kind not in STATES:
        raise IllegalStep(f"{name}: there is no state '{event.kind}'")
    if not event.transfer:
        raise IllegalStep(f"an event '{event.kind}' needs the id of a transfer")
    state = before.state if before else None
    if event.kind not in NEXT[state]:
        if state is None:
            raise IllegalStep(f"{name} is not in the ledger, so it cannot be {_said(event.kind)}: see wxp-lint status")
        raise IllegalStep(f"{name} is {_said(state)}, so it cannot become {_said(event.kind)}: see wxp-lint status")
    if before is None and not (event.data.get("digest") and event.data.get("path")):
        raise IllegalStep(f"{name}: the first event of a transfer needs its path and its digest")
    # A claim may pass to another; nobody acts on a claim that is not theirs.
    if (
        before
        and before.holder
        and event.kind in ("sending", "submitted")
        and event.data.get("holder") != before.holder
    ):
        raise IllegalStep(f"{name} is claimed by {before.holder}, not by {event.data.get('holder')}: leave it alone")
    alien = sorted(set(event.data.get("devices", {})) - set(before.outcome)) if before else []
    if alien:
        raise IllegalStep(f"{name} does not move {', '.join(alien[:5])}")


def _said(state: str) -> str:
    return state.replace("_", " ")


def _after(before: Transfer | None, event: Event) -> Transfer:
    """The transfer once `event` has happened."""
    data = event.data
    step = Step(event.seq, event.kind, event.at, event.actor, data)
    if before is None or "digest" in data:
        before = _described(before, event)
    claimed = event.kind in ("claimed", "sending")
    told: Mapping[str, Any] = data.get("devices", {})
    fresh = {name: said for name, said in told.items() if said != UNKNOWN or name not in before.outcome}
    return before._replace(
        path=data.get("path", before.path),
        steps=(*before.steps, step),
        outcome={**before.outcome, **fresh},
        holder=data.get("holder", before.holder) if claimed else None,
        lease=_moment(data.get("lease")) or before.lease if claimed else None,
        reference=data.get("reference", before.reference),
        reverted_by=data.get("reverted_by", before.reverted_by),
        closed=event.kind == "reported" and bool(data.get("settled")),
    )


def _described(before: Transfer | None, event: Event) -> Transfer:
    data = event.data
    serials = tuple(data.get("serials", before.serials if before else ()))
    return Transfer(
        id=event.transfer,
        path=before.path if before else "",
        digest=data.get("digest", ""),
        sheet=data.get("sheet"),
        upload=data.get("upload"),
        target=_place(data.get("target")),
        source=_place(data.get("source")),
        serials=serials,
        steps=before.steps if before else (),
        outcome={key(serial): (before.outcome if before else {}).get(key(serial), UNKNOWN) for serial in serials},
        ticket=data.get("ticket"),
        reason=data.get("reason"),
        waivers=tuple(data.get("waivers", ())),
        warnings=tuple(data.get("warnings", ())),
        reference=before.reference if before else None,
        reverted_by=before.reverted_by if before else None,
        recorded=before.recorded if before else event.kind not in ("prepared", "claimed"),
    )


def _place(data: Mapping[str, Any] | None) -> Place:
    return Place(data.get("name") or "", data.get("customer_id")) if data else Place("", None)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
