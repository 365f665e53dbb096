"""The sources of the inventory, found and opened."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wxp_lint.config.settings import InventorySource
from wxp_lint.database import Connection
from wxp_lint.errors import UsageError
from wxp_lint.facts.moves import Moves
from wxp_lint.facts.places import Place, Places
from wxp_lint.inventory.devices import Asked, Devices, DeviceSource
from wxp_lint.inventory.exports import Export, expand

if TYPE_CHECKING:
    from wxp_lint.inventory.synced import StandIn


class DeviceList(NamedTuple):
    """An open source: what was asked of it, and the place that it is a list of (None: a column tells)."""

    source: DeviceSource
    asked: Asked
    place: Place | None
    devices: Devices

    @property
    def name(self) -> str:
        """How messages call it."""
        return self.devices.name

    @property
    def details(self) -> set[str]:
        """The columns that count: a place that the config gives stands above one."""
        return {field for field in self.devices.fields if field != "customer" or self.place is None}

    @property
    def is_moves(self) -> bool:
        """Whether it is what the ledger tells, and no list that somebody exported."""
        return isinstance(self.source, Moves)

    def age(self, committed: Mapping[str, date]) -> date | None:
        """The day that it is of, where no column says so."""
        return self.source.day(self.asked, committed)

    def is_dated(self) -> bool:
        """Whether something besides git tells how old it is."""
        return "as_of" in self.details or self.age({}) is not None


def open_lists(
    con: Connection, sources: Sequence[InventorySource], root: Path, places: Places, asked: Asked, opened: ExitStack
) -> list[DeviceList] | str:
    """The lists of `sources`, whose paths start from `root`; or why there are none, in the user's terms.

    They stay open until `opened` closes. Raises UsageError for one that cannot be read, and for a place that the
    registry lacks.
    """
    if not sources:
        return "no inventory configured"
    found: list[tuple[DeviceSource, Place | None]] = []
    for source, lists in find_all(sources, root, asked):
        if isinstance(lists, str):
            return lists
        place = None if source.place is None else _known(source.place, places, source.path or lists[0].name)
        found += [(one, place) for one in lists]
    return [DeviceList(one, asked, place, one.open(con, asked, opened)) for one, place in found]


def find_all(
    sources: Sequence[InventorySource], root: Path, asked: Asked
) -> Iterator[tuple[InventorySource, Sequence[DeviceSource] | str]]:
    """As `find` for each of `sources`; where something may be remembered, a snapshot answers for what it holds."""
    stand_in = None if asked.remember is None else _snapshot(asked.remember, asked.personal)
    for source in sources:
        yield source, find(source, root, stand_in)


def _snapshot(root: Path, personal: frozenset[str]) -> "StandIn | None":
    from wxp_lint.inventory.snapshot import load

    found = load(root)
    if found is None:
        return None
    from wxp_lint.inventory.synced import StandIn

    return StandIn(found, personal)


def find(source: InventorySource, root: Path, stand_in: "StandIn | None" = None) -> Sequence[DeviceSource] | str:
    """The lists that an entry of the config means; or why there are none, in the user's terms."""
    if source.path is None:
        from wxp_lint.inventory.database import Database

        database = Database(source, root)
        one = stand_in(source, database) if stand_in else database
        return (database.missing() if one is database else None) or [one]
    paths = expand(source, root)
    if not paths:
        return f"there is no inventory {source.path}: export the list, or mend [inventory] sources"
    exports = [Export(source, path, root) for path in paths]
    return [stand_in(source, one) for one in exports] if stand_in else exports


def _known(text: str, places: Places, name: str) -> Place:
    try:
        return places.known(text)
    except UsageError as error:
        raise UsageError(f"inventory {name}: {error}") from None
