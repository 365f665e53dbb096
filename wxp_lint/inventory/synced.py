"""Lists that are answered from the snapshot instead of being read."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from wxp_lint.config.settings import InventorySource
from wxp_lint.database import Connection
from wxp_lint.inventory.database import Database
from wxp_lint.inventory.devices import Asked, Devices, DeviceSource, fresh
from wxp_lint.inventory.exports import Export
from wxp_lint.inventory.snapshot import Listed, Snapshot, identity, seal

FEW = 4096  # keys up to which DuckDB is handed them one by one, so that it can tell which groups may hold one


def sealed(source: DeviceSource) -> str | None:
    """The seal of the file that `source` is read from; None for a database on a server."""
    if isinstance(source, Export):
        return seal(source.path)
    if isinstance(source, Database) and source.file:
        return f"{seal(source.file)} {seal(source.file.with_name(f'{source.file.name}-wal'))}"
    return None


class Lookup:
    """Asks a snapshot once for the keys in question, whichever of its lists they may be in."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._tables: dict[tuple[int, str], str] = {}

    def table(self, con: Connection, keys: str, opened: ExitStack) -> str:
        """The name of a table with `list`, `serial_key` and FIELDS of the devices that the query `keys` names."""
        at = id(con), keys
        if at not in self._tables:
            self._tables[at] = name = _look_up(con, self.snapshot.data, keys)
            opened.callback(self._forget, con, at, name)
        return self._tables[at]

    def _forget(self, con: Connection, at: tuple[int, str], name: str) -> None:
        del self._tables[at]
        con.execute(f"drop table {name}")


class Synced(NamedTuple):
    """A list, as a DeviceSource, that is answered from the snapshot. `source` is the list itself."""

    source: DeviceSource
    listed: Listed
    lookup: Lookup

    @property
    def name(self) -> str:
        """That of the list."""
        return self.source.name

    @property
    def size(self) -> int:
        """Next to nothing."""
        return 0

    @property
    def commit_path(self) -> str | None:
        """That of the list."""
        return self.source.commit_path

    def open(self, con: Connection, asked: Asked, opened: ExitStack) -> Devices:
        """The devices that are asked for."""
        if asked.keys is None:
            return self._whole(asked)
        name = self.lookup.table(con, asked.keys, opened)
        fields = tuple(field for field in self.listed.fields if not asked.leaves(field))
        picked = ", ".join(("serial_key as serial", *fields))
        return Devices(
            self.name,
            ("serial", *fields),
            f"select {picked} from {name} where list = {self.listed.number}",
            {},
            others=self.listed.devices > 0,
            partial=True,
        )

    def _whole(self, asked: Asked) -> Devices:
        fields = tuple(field for field in self.listed.fields if not asked.leaves(field))
        (path,) = fresh("path")
        return Devices(
            self.name,
            ("serial", *fields),
            f"select {', '.join(('serial_key as serial', *fields))} from read_parquet(${path}) "
            f"where list = {self.listed.number}",
            {path: str(self.lookup.snapshot.data)},
        )

    def day(self, asked: Asked, committed: Mapping[str, date]) -> date | None:
        """That of the list; for a database the day on which it was read."""
        read = datetime.fromtimestamp(self.listed.read).date()
        return self.source.day(asked if self.listed.seal else asked._replace(today=read), committed)


def _look_up(con: Connection, data: Path, keys: str) -> str:
    name, wanted, path = fresh("_synced", "_wanted", "path")
    con.execute(f"create table {wanted} as select distinct serial_key from ({keys}) k(serial_key)")
    found = [row[0] for row in con.execute(f"select serial_key from {wanted} limit {FEW + 1}").fetchall()]
    # Only values that stand in the query let DuckDB leave out groups of rows; a join reads them all.
    few = ", ".join(map(_quoted, found)) or "null"
    where = f"semi join {wanted} using (serial_key)" if len(found) > FEW else f"where serial_key in ({few})"
    # Leaving out is the optimizer's doing, which is off where little is read. A cursor has settings of its own.
    with con.cursor() as own:
        own.execute("pragma enable_optimizer")
        own.execute(f"create table {name} as from read_parquet(${path}) {where}", {path: str(data)})
    con.execute(f"drop table {wanted}")
    return name


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class InUse(NamedTuple):
    """A snapshot that answers: the day on which it was made, its devices, and how many lists are read beside it."""

    day: date
    devices: int
    beside: int


class StandIn:
    """Puts lists that a snapshot holds as they are now in the place of the lists themselves."""

    def __init__(self, snapshot: Snapshot, personal: frozenset[str]) -> None:
        self._lookup = Lookup(snapshot)
        self._personal = personal

    def __call__(self, source: InventorySource, one: DeviceSource) -> DeviceSource:
        """`one`, which the entry `source` of the config means, or what answers for it."""
        held = self._lookup.snapshot.holds(identity(source, one.name), sealed(one), self._personal)
        return one if held is None else Synced(one, held, self._lookup)


def in_use(sources: Sequence[DeviceSource]) -> InUse | None:
    """What there is to say of the snapshot, if it answers for one of `sources`."""
    synced = [one for one in sources if isinstance(one, Synced)]
    if not synced:
        return None
    snapshot = synced[0].lookup.snapshot
    return InUse(snapshot.day, snapshot.devices, len(sources) - len(synced))
