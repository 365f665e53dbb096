"""How every transfer stands: those that the ledger knows, and the open files that are none of its yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from wxp_lint.facts.places import Places
from wxp_lint.ledger.states import MOVED, UNKNOWN, Transfer, Transfers
from wxp_lint.transfer.inputs import Party
from wxp_lint.transfer.listings import Listing
from wxp_lint.transfer.outcome import counted
from wxp_lint.transfer.plan import PLANNED, Plan
from wxp_lint.transfer.revert import place_key


class Standing(NamedTuple):
    """A transfer: `devices` counts moved, failed, unknown; `at` is when its state was told, None without a ledger.

    `by` told that. `failed` and `unknown` are serial keys, for what was handed over. `closed`: no evidence is waited
    for. `about` is why it is blocked.
    """

    id: str | None
    path: str
    state: str
    source: str | None
    target: str | None
    devices: Mapping[str, int]
    at: datetime | None
    by: str | None
    failed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    settled: bool = False
    about: str | None = None

    def age(self, now: datetime) -> int | None:
        """For how many whole days it has been so."""
        return None if self.at is None else max(0, (now - self.at).days)


class Drift(NamedTuple):
    """A PC that is not where its last confirmed move put it.

    `found` is where the list `source` of `day` has it; None if that is a list of the target, and has it not.
    """

    serial: str
    transfer: str
    target: str
    moved: date
    found: str | None
    source: str
    day: date


@dataclass(frozen=True, slots=True)
class Status:
    """All transfers: first what waits for somebody, then what is settled; PCs that drifted, None if nobody asked.

    `notes` say what could not be told.
    """

    transfers: Sequence[Standing]
    drift: Sequence[Drift] | None
    ledger: str
    has_ledger: bool
    now: datetime
    notes: Sequence[str] = ()


def standings(known: Transfers, plan: Plan | None) -> list[Standing]:
    """The transfers of the ledger, and the files of the plan that it does not know."""
    planned = [
        Standing(
            id=one.id,
            path=one.path,
            state=one.state,
            source=_name(one.source),
            target=_name(one.target),
            devices={"moved": 0, "failed": 0, "unknown": len(one.serials)},
            at=None,
            by=None,
            about=one.blockers[0].message if one.blockers else None,
        )
        for one in (plan.transfers if plan else ())
        if one.state in PLANNED
    ]
    kept = [_of(one) for one in known.values()]
    return [*(one for one in kept if not one.settled), *planned, *(one for one in kept if one.settled)]


def _of(one: Transfer) -> Standing:
    return Standing(
        id=one.id,
        path=one.path,
        state=one.state,
        source=one.source.name,
        target=one.target.name,
        devices=counted(one),
        at=one.state_at,
        by=one.steps[-1].actor.name,
        failed=tuple(serial for serial, said in one.outcome.items() if said == "failed"),
        unknown=tuple(serial for serial, said in one.outcome.items() if said == UNKNOWN),
        settled=one.settled,
    )


def _name(party: Party | None) -> str | None:
    return party.name if party else None


class LastMove(NamedTuple):
    """The last move of a PC that is known to have taken place, and the day on which that was told."""

    transfer: Transfer
    day: date


def last_moves(known: Transfers) -> dict[str, LastMove]:
    """By serial key."""
    found: dict[str, tuple[datetime, int, Transfer]] = {}
    for one in known.values():
        for step in one.steps:
            for serial, said in step.data.get("devices", {}).items():
                if said == MOVED and (serial not in found or (step.at, step.seq) >= found[serial][:2]):
                    found[serial] = (step.at, step.seq, one)
    return {serial: LastMove(one, at.astimezone(UTC).date()) for serial, (at, _, one) in found.items()}


def drifted(
    moves: Mapping[str, LastMove],
    listed: Mapping[str, Sequence[Listing]],
    covered: Mapping[str, tuple[str, date]],
    places: Places,
) -> list[Drift]:
    """The PCs that lists newer than their last move have elsewhere, or that a newer list of the target lacks.

    `covered` has the newest list of each place by its key, and its day.
    """
    found = []
    for serial, move in sorted(moves.items()):
        target = place_key(places, move.transfer.target)
        about = (serial, move.transfer.id, move.transfer.target.name, move.day)
        newer = [one for one in listed.get(serial, ()) if one.day and one.day > move.day]
        newest = [one for one in newer if one.day == newer[0].day]
        if any((one.place.customer_key or "") == target for one in newest):
            continue
        if newest:
            one = newest[0]
            found.append(Drift(*about, one.place.name, one.source, one.day or move.day))
        elif target in covered and covered[target][1] > move.day:
            found.append(Drift(*about, None, *covered[target]))
    return found
