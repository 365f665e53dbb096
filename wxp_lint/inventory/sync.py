"""Gathering all lists of the inventory into one Parquet file: the snapshot that `check` looks into, or an export."""

import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from wxp_lint.config.cache import is_private
from wxp_lint.config.settings import InventorySource
from wxp_lint.database import Connection, connect, is_refusal
from wxp_lint.errors import UsageError
from wxp_lint.inventory.devices import Asked, Devices, DeviceSource
from wxp_lint.inventory.snapshot import (
    FIELDS,
    GROUP,
    HIDDEN,
    MANIFEST,
    Listed,
    Snapshot,
    home,
    identity,
    load,
    manifest,
)
from wxp_lint.inventory.synced import sealed
from wxp_lint.inventory.texts import MACROS

MINIMAL = ("customer", "as_of")
_READERS = 600  # seconds for which a run that has read the old manifest may still open what it names
_LEFT = 86400  # seconds after which what a killed sync left is nobody's

Progress = Callable[[int, int, str], None]  # lists done, of how many, the one that is read now


class Gathered(NamedTuple):
    """Lists as drafts: `parts` are Parquet files with `list`, `serial_key` and FIELDS; `again` how many were read.

    `before` is the snapshot that holds just these lists as they are now, where there is one: the only part.
    """

    folder: Path
    parts: Sequence[Path]
    lists: Sequence[Listed]
    again: int
    minimal: bool
    before: Snapshot | None = None


@contextmanager
def gather(
    sources: Sequence[tuple[InventorySource, DeviceSource]],
    root: Path,
    asked: Asked,
    progress: Progress,
    *,
    minimal: bool,
) -> Iterator[Gathered]:
    """Reads the lists that the snapshot of `root` does not hold as they are, and takes the others from there.

    What it writes lies in a private folder that is gone afterwards. Raises UsageError for a list that cannot be
    read, and where nothing can be written.
    """
    draft = _draft(root)
    try:
        before = _kept(load(root), draft)
        con = connect()
        con.execute(f"set temp_directory = {_text(draft / 'spilled')}")
        con.execute(MACROS)
        try:
            yield _gather(con, sources, draft, before, asked, progress, minimal)
        finally:
            con.close()
    except OSError as error:
        raise UsageError(f"inventory: {draft} cannot be written: {(error.strerror or str(error)).lower()}") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def keep(gathered: Gathered, root: Path) -> Snapshot:
    """Makes what was gathered the snapshot of `root`, in one step. Raises UsageError, OSError."""
    place = _home(root)
    name = f"{secrets.token_hex(8)}.parquet"
    draft = gathered.folder / name
    if gathered.before:
        gathered.before.data.replace(draft)
        devices = gathered.before.devices
    else:
        devices = _lay_out(gathered, draft)
        _harden(draft)
    snapshot = Snapshot(place / name, time.time(), gathered.minimal, devices, tuple(gathered.lists))
    draft.replace(snapshot.data)
    before = load(root)
    if before:
        # From now on it is told by its age for how long it has not been in force.
        os.utime(before.data)
    written = gathered.folder / MANIFEST
    written.write_bytes(manifest(snapshot))
    _harden(written)
    written.replace(place / MANIFEST)
    _tidy(place, snapshot.data)
    return snapshot


def write(gathered: Gathered, places: Mapping[int, str | None], days: Mapping[int, date | None], target: Path) -> int:
    """Writes what was gathered to `target` as a list that is an inventory by itself; how many devices it has.

    Its columns are serial, customer (the place: as `places` has it, else as the list does), as_of (the list's own,
    else `days`) and the details that were gathered. The same devices give the same bytes. Raises OSError.
    """
    names = [name for name in FIELDS if name not in MINIMAL and any(name in one.fields for one in gathered.lists)]
    con = connect()
    con.execute(f"set temp_directory = {_text(gathered.folder / 'spilled')}")
    con.execute(MACROS)
    con.execute("create table _list (list integer, place varchar, day date)")
    for one in gathered.lists:
        con.execute("insert into _list values (?, ?, ?)", [one.number, places[one.number], days[one.number]])
    draft = gathered.folder / "export.parquet"
    more = "".join(f", {name}" for name in names)
    con.execute(
        f"""
        copy (
            select
                serial_key as serial, coalesce(l.place, nullif(trim(p.customer), ''), 'Unassigned') as customer,
                strftime(max(coalesce(_moment(p.as_of)::date, l.day)), '%Y-%m-%d') as as_of{more}
            from {_parts(gathered)} p join _list l using (list)
            group by all
            order by all
        ) to {_text(draft)} (format parquet, compression zstd)
        """
    )
    found = con.execute(f"select count(distinct serial) from read_parquet({_text(draft)})").fetchone()
    con.close()
    _move(draft, target)
    return int(found[0]) if found else 0


def _gather(
    con: Connection,
    sources: Sequence[tuple[InventorySource, DeviceSource]],
    draft: Path,
    before: Snapshot | None,
    asked: Asked,
    progress: Progress,
    minimal: bool,
) -> Gathered:
    asked = asked._replace(keys=None, personal=frozenset() if minimal else asked.personal)
    lists: list[Listed] = []
    parts: list[Path] = []
    numbers: dict[int, int] = {}
    for number, (source, one) in enumerate(sources):
        meant, seal = identity(source, one.name), sealed(one)
        held = before.holds(meant, seal, asked.personal) if before and seal and before.minimal == minimal else None
        if held and held.number not in numbers:
            numbers[held.number] = number
            lists.append(held._replace(number=number))
            continue
        progress(number, len(sources), one.name)
        part = draft / f"{number}.parquet"
        began = time.time()
        fields, devices = _read(con, one, number, part, asked, minimal)
        if sealed(one) != seal:
            raise UsageError(f"inventory {one.name}: it changed while it was read: sync again")
        parts.append(part)
        lists.append(Listed(number, one.name, meant, seal, fields, tuple(sorted(asked.personal)), devices, began))
    if before and before.lists == tuple(lists):
        progress(len(sources), len(sources), "")
        return Gathered(draft, [before.data], lists, 0, minimal, before)
    if before and numbers:
        parts.append(draft / "held.parquet")
        _take(con, before, numbers, parts[-1])
    progress(len(sources), len(sources), "")
    return Gathered(draft, parts, lists, len(lists) - len(numbers), minimal)


def _read(
    con: Connection, source: DeviceSource, number: int, part: Path, asked: Asked, minimal: bool
) -> tuple[tuple[str, ...], int]:
    """Writes a list to `part`; its fields, and how many rows it has."""
    with ExitStack() as opened:
        devices = source.open(con, asked, opened)
        try:
            return _write_part(con, devices, number, part, minimal)
        except Exception as error:
            if not is_refusal(error):
                raise
        if devices.otherwise is None:
            raise UsageError(f"inventory {source.name}: it cannot be read: export it again")
        return _write_part(con, devices.otherwise(), number, part, minimal)


def _write_part(
    con: Connection, devices: Devices, number: int, part: Path, minimal: bool
) -> tuple[tuple[str, ...], int]:
    fields = tuple(name for name in FIELDS if name in devices.fields and (not minimal or name in MINIMAL))
    columns = ", ".join(f"{name if name in fields else 'null::varchar'} as {name}" for name in FIELDS)
    done = con.execute(
        f"copy (select {number}::integer as list, _export_key(serial) as serial_key, {columns} "
        f"from ({devices.relation}) where serial_key <> '') to {_text(part)} (format parquet)",
        dict(devices.parameters),
    ).fetchone()
    return fields, int(done[0]) if done else 0


def _take(con: Connection, before: Snapshot, numbers: Mapping[int, int], part: Path) -> None:
    """Writes the lists that are still the same, under their new `numbers` by the old ones."""
    cases = " ".join(f"when {old} then {new}" for old, new in numbers.items())
    con.execute(
        f"copy (select * replace (case list {cases} end::integer as list) from read_parquet({_text(before.data)}) "
        f"where list in ({', '.join(map(str, numbers))})) to {_text(part)} (format parquet)"
    )


def _lay_out(gathered: Gathered, target: Path) -> int:
    """Writes the parts to `target` as `snapshot` wants them; how many devices there are, each counted once."""
    con = connect()
    con.execute(f"set temp_directory = {_text(gathered.folder / 'spilled')}")
    con.execute(
        f"copy (from {_parts(gathered)} order by serial_key, list) to {_text(target)} "
        f"(format parquet, row_group_size {GROUP})"
    )
    # Of hashes, since 10M texts would take half a gigabyte.
    found = con.execute(f"select count(distinct hash(serial_key)) from read_parquet({_text(target)})").fetchone()
    con.close()
    return int(found[0]) if found else 0


def _parts(gathered: Gathered) -> str:
    return f"read_parquet([{', '.join(map(_text, gathered.parts))}])"


def _home(root: Path) -> Path:
    """The folder of the snapshot, made where it is not there. Raises UsageError."""
    place = home(root)
    if place is None:
        raise UsageError(
            "inventory: there is no place for the snapshot outside of the working tree: set WXP_LINT_CACHE_DIR to a "
            "folder of your own, or say --to FILE.parquet"
        )
    for folder in (place.parents[1], place.parent, place):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_private(place, HIDDEN):
        raise UsageError(f"inventory: others can read or write {place}, so it is not trusted: delete it")
    return place


def _draft(root: Path) -> Path:
    """A new private folder: beside the snapshot, so that moving is one step; where there is none, a temporary one."""
    place = home(root)
    if place is None:
        return Path(mkdtemp(prefix="wxp-lint-"))
    try:
        return Path(mkdtemp(prefix="draft-", dir=_home(root)))
    except OSError as error:
        raise UsageError(f"inventory: {place} cannot be written: {(error.strerror or str(error)).lower()}") from None


def _kept(before: Snapshot | None, draft: Path) -> Snapshot | None:
    """`before` under a name of our own, so that it stays there though another sync replaces it."""
    if before is None:
        return None
    try:
        os.link(before.data, draft / "before.parquet")
    except OSError:
        return None
    return before._replace(data=draft / "before.parquet")


def _move(draft: Path, target: Path) -> None:
    """Puts a copy of `draft` at `target` in one step, for its owner alone."""
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    try:
        made = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with draft.open("rb") as data, os.fdopen(made, "wb") as to:
            shutil.copyfileobj(data, to)
            to.flush()
            os.fsync(to.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _harden(path: Path) -> None:
    """Lets only its owner read `path`, and sees to it that it is on the disk."""
    path.chmod(0o600)
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _tidy(place: Path, current: Path) -> None:
    """Deletes what nobody can want any more."""
    now = time.time()
    for path in place.iterdir():
        try:
            age = now - path.stat().st_mtime
            if path.is_dir() and age > _LEFT:
                shutil.rmtree(path, ignore_errors=True)
            elif path.suffix == ".parquet" and path != current and age > _READERS:
                path.unlink()
        except OSError:
            continue


def _text(path: Path) -> str:
    """A path as a text in a query."""
    return "'" + str(path).replace("'", "''") + "'"
