"""Where each PC is: the newest of its exports and its confirmed moves (DESIGN 9)."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple

from wxp_lint.ledger.states import MOVED, Transfers
from wxp_lint.transfer.inputs import Inputs, Party, Registry, Spot


class Move(NamedTuple):
    """A PC's last move that is known to have taken place; `at` is when its evidence was recorded."""

    transfer: str
    to: Party
    at: datetime


class Where(NamedTuple):
    """Where a PC is; `transfer` is the move that tells it, None where an export does.

    `party` is None where exports of equal age disagree.
    """

    party: Party | None
    transfer: str | None


def moves(known: Transfers, registry: Registry) -> dict[str, Move]:
    """The last move of each PC, by serial key."""
    found: dict[str, Move] = {}
    for one in known.values():
        to = registry.party(one.target.customer_id, one.target.name)
        for step in one.steps:
            for serial, outcome in step.data.get("devices", {}).items():
                if outcome == MOVED and (serial not in found or step.at >= found[serial].at):
                    found[serial] = Move(one.id, to, step.at)
    return found


def whereabouts(inputs: Inputs, known: Transfers) -> Mapping[str, Where]:
    """Where the PCs of the open transfers are, by serial key; those of which nothing is known are absent."""
    moved = moves(known, inputs.registry)
    found: dict[str, Where] = {}
    for serial in {serial for sheet in inputs.sheets for serial in sheet.serials}:
        here = newest(inputs.spots.get(serial), moved.get(serial))
        if here:
            found[serial] = here
    return found


def newest(spot: Spot | None, move: Move | None) -> Where | None:
    """Which of the two holds. An export of the day of the move, or of unknown age, counts as older than the move."""
    if move and (spot is None or _day(spot.as_of) <= _day(move.at)):
        return Where(move.to, move.transfer)
    if spot is None:
        return None
    return Where(spot.party if spot.places == 1 else None, None)


def _day(moment: date | None) -> date:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).date()
    return moment or date.min
