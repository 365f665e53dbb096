"""What becomes of an upload: a pure function of the world, the place it was made from, and its rows."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from wxp_lint.keys import key
from wxp_lint.sandbox.upload import Row
from wxp_lint.sandbox.world import Place, World


class Result(NamedTuple):
    """What became of one row: `error` is None where its PC was moved."""

    row: Row
    error: str | None


class Outcome(NamedTuple):
    """What became of every row, and the world afterwards."""

    results: tuple[Result, ...]
    world: World

    @property
    def moved(self) -> int:
        """How many rows were done."""
        return sum(result.error is None for result in self.results)


def carry_out(world: World, source: Place, rows: Sequence[Row], behaviour: Mapping[str, str]) -> Outcome:
    """Moves those PCs of `rows` that are in `source` to the one target; every other row is an error of its own."""
    target = world.place(rows[0].customer_id)
    results: list[Result] = []
    moves: dict[str, None] = {}
    for row in rows:
        error = _error(world, source, target, rows[0], row, moves, behaviour)
        results.append(Result(row, error))
        if error is None:
            moves[key(row.serial)] = None
    return Outcome(tuple(results), world.moved(moves, target) if target else world)


def _error(
    world: World,
    source: Place,
    target: Place | None,
    first: Row,
    row: Row,
    moves: Mapping[str, None],
    behaviour: Mapping[str, str],
) -> str | None:
    serial = key(row.serial)
    device = world.devices.get(serial)
    if not row.serial:
        return "The serial number is missing"
    if not row.customer_id:
        return "The Customer ID is missing"
    if key(row.customer_id) != key(first.customer_id):
        return f"Another Customer ID than in row {first.line}: one customer a file"
    if target is None:
        return "No customer of yours has this Customer ID"
    if behaviour["lower-case"] == "error" and row.serial != row.serial.upper():
        return "Not found among your devices: it has lower-case letters"
    if device is None:
        return "Not found among your devices"
    if serial in moves:
        return "Stands twice in the file" if behaviour["duplicates"] == "error" else None
    if device.place == target.key:
        return f"Already in {target.name}"
    if device.place != source.key:
        where = next(place for place in world.places if place.key == device.place)
        return f"Not in {source.name} but in {where.name}: transfer it from there"
    return None
