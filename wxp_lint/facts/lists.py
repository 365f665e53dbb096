"""The files of the inventory, found and opened."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import NamedTuple

from wxp_lint.config.settings import InventorySource
from wxp_lint.database import Connection
from wxp_lint.errors import UsageError
from wxp_lint.facts.places import Place, Places
from wxp_lint.files.model import Source
from wxp_lint.inventory.ages import day_in
from wxp_lint.inventory.exports import Devices, expand, open_export


class DeviceList(NamedTuple):
    """An open file: the source that names it, and the place that it is a list of (None: a column tells)."""

    source: InventorySource
    path: Path
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

    def age(self, committed: Mapping[str, date]) -> date | None:
        """The day in its name, else the config's, else that of its last commit."""
        return day_in(self.path.name) or self.source.as_of or committed.get(self.name)

    def is_dated(self) -> bool:
        """Whether something besides git tells how old it is."""
        return "as_of" in self.details or self.age({}) is not None


def open_lists(
    con: Connection, sources: Sequence[InventorySource], root: Path, places: Places, opened: ExitStack
) -> list[DeviceList] | str:
    """The files of `sources`, whose paths start from `root`; or why there are none, in the user's terms.

    They stay open until `opened` closes. Raises UsageError for a file that cannot be read, and for a place that the
    registry lacks.
    """
    if not sources:
        return "no inventory configured"
    lists: list[DeviceList] = []
    for source in sources:
        if source.path is None:
            return "this version reads no database (url): export the device list, and name the file in [inventory]"
        place = None if source.place is None else _known(source, places)
        paths = expand(source, root)
        if not paths:
            return f"there is no inventory {source.path}: export the list, or mend [inventory] sources"
        lists += [DeviceList(source, path, place, _open(con, source, path, root, opened)) for path in paths]
    return lists


def _known(source: InventorySource, places: Places) -> Place:
    try:
        return places.known(source.place or "")
    except UsageError as error:
        raise UsageError(f"inventory {source.path}: {error}") from None


def _open(con: Connection, source: InventorySource, path: Path, root: Path, opened: ExitStack) -> Devices:
    below = path.is_relative_to(root)
    name = (path.relative_to(root) if below else path).as_posix()
    # Outside of the root nothing comes from a checkout, so a link is the user's own.
    return open_export(con, source, Source(name, path), root if below else Path(path.anchor), opened)
