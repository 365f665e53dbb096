"""The inventory -> the tables `device`, `place`, `located`, `unseen` and `near`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from wxp_lint.config.settings import InventorySource
from wxp_lint.database import SMALL, Connection, is_refusal, tune
from wxp_lint.errors import UsageError
from wxp_lint.facts.places import Place, Places, customer
from wxp_lint.facts.sql import run
from wxp_lint.files.model import Source
from wxp_lint.inventory.ages import ask_git, day_in
from wxp_lint.inventory.exports import Devices, expand, open_export

# What a list may say of a device beside its serial: the column's type, how its text is read, and what stands for nothing.
_DETAILS = {
    "customer": ("varchar", "coalesce(customer, '')", "''"),
    "device_name": ("varchar", "nullif(device_name, '')", "null"),
    "last_user": ("varchar", "nullif(last_user, '')", "null"),
    "last_seen": ("timestamp", "_moment(last_seen)", "null"),
    "as_of": ("date", "_moment(as_of)::date", "null"),
}


@dataclass(frozen=True, slots=True)
class _List:
    """A file of the inventory, open: the source that names it, and the place it is a list of (None: a column tells)."""

    source: InventorySource
    path: Path
    place: Place | None
    devices: Devices

    @property
    def fields(self) -> set[str]:
        """The details that count: a place that the config gives stands above a column."""
        return {field for field in self.devices.fields if field != "customer" or self.place is None}


def load_devices(
    con: Connection,
    sources: Sequence[InventorySource],
    root: Path,
    places: Places,
    history: tuple[Path, str | None],
) -> str | None:
    """Fills the tables of `devices.sql`, as far as rows name devices.

    `root` is where the sources' paths start; `history` the repository whose commits up to a
    revision (None: HEAD) tell how old they are.

    What comes back is why there are no devices to compare with, in the user's terms; None if there are. Raises
    UsageError for a list that cannot be read, and for a place that the registry lacks.
    """
    if not sources:
        return "no inventory configured"
    with ExitStack() as opened:
        lists: list[_List] = []
        for source in sources:
            if source.path is None:
                return "the database of the inventory is not read yet: run wxp-lint inventory sync"
            place = None if source.place is None else _known(source, places)
            paths = expand(source, root)
            if not paths:
                return f"there is no inventory {source.path}: export the device list, or mend [inventory] sources"
            lists += [_List(source, path, place, _open(con, source, path, root, opened)) for path in paths]
        size = sum(one.path.stat().st_size for one in lists)
        if size > SMALL:
            tune(con, size)
        ages = ask_git(history[0], [one.devices.name for one in lists if _needs_git(one, root)], history[1])
        lists = _match(con, lists)
        if _is_empty(con, lists):
            return f"the inventory is empty: {', '.join(one.devices.name for one in lists)} lists no device"
        _insert_places(con, lists, places, ages())
        expected = con.execute("select count(*) from _row where serial_key <> ''").fetchone()
        if con.execute("select count(*) from _seen").fetchone() != expected:
            run(con, "several.sql")
        run(con, "located.sql")
        if con.execute("select 1 from unseen limit 1").fetchone():
            _insert_near(con, lists)
    return None


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


def _needs_git(one: _List, root: Path) -> bool:
    dated = "as_of" in one.fields or day_in(one.path.name) or one.source.as_of
    return not dated and one.path.is_relative_to(root)


@contextmanager
def _streaming(con: Connection) -> Iterator[None]:
    """In a join, the right side is what is hashed, and the left streams past.

    DuckDB cannot know how many devices a CSV holds, and would take it for the smaller side.
    """
    con.execute("set disabled_optimizers = 'build_side_probe_side'")
    try:
        yield
    finally:
        con.execute("reset disabled_optimizers")


def _match(con: Connection, lists: Sequence[_List]) -> list[_List]:
    """Makes `_seen`; what comes back are the lists in the way in which they could be read.

    It has a row for each row with a serial: what the lists say of it, `source` null where they say nothing; several
    where they say several things. `shown` is false where another row names the same device.
    """
    with _streaming(con):
        try:
            con.execute(*_stated(lists))
        except Exception as error:
            if not is_refusal(error):
                raise
            lists = [_readable(con, one) for one in lists]
            con.execute(*_stated(lists))
    absent = "".join(
        f", {nothing}::{kind} as {field}"
        for field, (kind, _, nothing) in _DETAILS.items()
        if not any(field in one.fields for one in lists)
    )
    con.execute(f"create view _seen as select *{absent} from _stated")
    con.execute(
        """
        update _stated set shown = false
        from (
            select file, line from _row semi join _twice using (serial_key)
            qualify row_number() over (partition by serial_key order by file, line) > 1
        ) later
        where later.file = _stated.file and later.line = _stated.line
        """
    )
    return list(lists)


def _stated(lists: Sequence[_List]) -> tuple[str, dict[str, str]]:
    """The query behind `_seen`, and its parameters. A detail that no list has is no column, so that it costs nothing."""
    there = {field for one in lists for field in one.fields}
    said = " union all ".join(
        f"select {number}::integer as source, _export_key(serial) as serial_key"
        + "".join(
            f", {text if field in one.fields else f'{nothing}::{kind}'} as {field}"
            for field, (kind, text, nothing) in _DETAILS.items()
            if field in there
        )
        + f" from ({one.devices.relation})"
        for number, one in enumerate(lists)
    )
    query = f"""
        create table _stated as
        select r.file, r.line, r.serial_key, 1::smallint as places, l.source is not null as shown, l.* exclude (serial_key)
        from ({said}) l
        right join (select file, line, serial_key from _row where serial_key <> '') r on l.serial_key = r.serial_key
    """
    return query, {name: value for one in lists for name, value in one.devices.parameters.items()}


def _readable(con: Connection, one: _List) -> _List:
    """`one`, opened otherwise where DuckDB refuses to read it."""
    devices = one.devices
    if devices.otherwise is None:
        return one
    try:
        texts = ", ".join(f"max({field})" for field in devices.fields)
        con.execute(f"select {texts} from ({devices.relation})", dict(devices.parameters))
    except Exception as error:
        if not is_refusal(error):
            raise
        return _List(one.source, one.path, one.place, devices.otherwise())
    return one


def _is_empty(con: Connection, lists: Sequence[_List]) -> bool:
    """Whether no list holds any device, be it named by a row or not."""
    if con.execute("select 1 from _seen where source is not null limit 1").fetchone():
        return False
    return not any(
        con.execute(
            f"select 1 from ({one.devices.relation}) where trim(serial) <> '' limit 1",
            dict(one.devices.parameters),
        ).fetchone()
        for one in lists
    )


def _insert_places(
    con: Connection, lists: Sequence[_List], places: Places, ages: Mapping[str, object]
) -> None:
    texts: dict[int, list[str]] = {}
    if any("customer" in one.fields for one in lists):
        for source, text in con.execute(
            "select distinct source, customer from _seen where source is not null"
        ).fetchall():
            texts.setdefault(source, []).append(text)
    for number, one in enumerate(lists):
        name = one.devices.name
        age = day_in(one.path.name) or one.source.as_of or ages.get(name)
        for text in sorted(texts.get(number, [])) if "customer" in one.fields else [""]:
            place = one.place or places.find(text) or customer(text)
            values = [number, text, place.name, place.customer_key, place.key, name, age]
            con.execute("insert into _place values (?, ?, ?, ?, ?, ?, ?)", values)


def _insert_near(con: Connection, lists: Sequence[_List]) -> None:
    run(con, "near.sql")
    with _streaming(con):
        for one in lists:
            con.execute(
                "insert into _near select v.serial_key, l.serial, v.variant, v.cost "
                f"from ({one.devices.relation}) l join _variant v on _export_key(l.serial) = v.variant",
                dict(one.devices.parameters),
            )
    run(con, "nearest.sql")
