"""Rows and devices brought together: the table `_seen`, in one pass over the inventory."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from typing import NamedTuple

from wxp_lint.database import Connection, is_refusal
from wxp_lint.errors import UsageError
from wxp_lint.facts.lists import DeviceList
from wxp_lint.facts.sql import run

# What a list may say of a device beside its serial: the column's type, how its text is read, what stands for nothing.
DETAILS = {
    "customer": ("varchar", "coalesce(customer, '')", "''"),
    "device_name": ("varchar", "nullif(device_name, '')", "null"),
    "last_user": ("varchar", "nullif(last_user, '')", "null"),
    "last_seen": ("timestamp", "_moment(last_seen)", "null"),
    "as_of": ("date", "_moment(as_of)::date", "null"),
}

_VARIANTS = "select distinct variant from _variant"
_MOST_VARIANTS = 20_000  # that a database is asked for: those of some 25 serial numbers


class Group(NamedTuple):
    """Rows of one file that a source and a text in its customer column say the same of.

    `source` is None where no list names the device; `places` is in how many it is, `devices` counts each only once
    in all files.
    """

    file: int
    source: int | None
    customer: str
    places: int
    rows: int
    devices: int
    as_of: date | None
    last_seen: datetime | None


def match(con: Connection, lists: Sequence[DeviceList]) -> list[DeviceList]:
    """Makes `_seen`; what comes back are the lists in the way in which they could be read.

    It has a row for each row with a serial: what the lists say of it, `source` (an index of `lists`) null where they
    say nothing; several rows where they say several things. `shown` is false where another row names the same
    device. Details that no list has are no columns, so that they cost nothing.
    """
    with _streaming(con):
        try:
            con.execute(*_seen(lists))
        except Exception as error:
            if not is_refusal(error):
                raise
            lists = [_readable(con, one) for one in lists]
            con.execute(*_seen(lists))
    if con.execute("select 1 from _twice limit 1").fetchone():
        run(con, "shown.sql")
    return list(lists)


def details(lists: Sequence[DeviceList]) -> set[str]:
    """The details that at least one list has."""
    return {detail for one in lists for detail in one.details}


def settle(con: Connection, there: set[str]) -> set[str]:
    """Leaves of what is said of a row only the newest. Needs `_place`; what comes back are the columns from now on."""
    for name, (kind, _, nothing) in DETAILS.items():
        if name not in there:
            con.execute(f"alter table _seen add column {name} {kind} default {nothing}")
    run(con, "several.sql")
    return set(DETAILS)


def groups(con: Connection, there: set[str]) -> list[Group]:
    """What `_seen` holds, counted."""
    customer = "customer" if "customer" in there else "''"
    as_of, seen = (f"max({name})" if name in there else "null" for name in ("as_of", "last_seen"))
    found = con.execute(
        f"select file, source, {customer}, places, count(*), count(*) filter (shown), {as_of}, {seen} "
        "from _seen group by file, source, 3, places order by file, source, 3, places"
    )
    return [Group(*row) for row in found.fetchall()]


def insert_near(con: Connection, lists: Sequence[DeviceList]) -> None:
    """Fills `near`. Needs `unseen`."""
    run(con, "near.sql")
    with _streaming(con), ExitStack() as opened:
        for one in lists:
            devices = one.devices
            if devices.partial:
                devices = one.source.open(con, one.asked._replace(keys=_VARIANTS, most=_MOST_VARIANTS), opened)
            con.execute(
                "insert into _near select v.serial_key, v.variant, v.cost "
                f"from ({devices.relation}) l join _variant v on _export_key(l.serial) = v.variant",
                dict(devices.parameters),
            )
    run(con, "nearest.sql")


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


def _seen(lists: Sequence[DeviceList]) -> tuple[str, dict[str, str]]:
    """The query that makes `_seen`, and its parameters."""
    there = details(lists)
    said = " union all ".join(
        f"select {number}::integer as source, _export_key(serial) as serial_key"
        + "".join(
            f", {text if name in one.details else f'{nothing}::{kind}'} as {name}"
            for name, (kind, text, nothing) in DETAILS.items()
            if name in there
        )
        + f" from ({one.devices.relation})"
        for number, one in enumerate(lists)
    )
    query = f"""
        create table _seen as
        select
            r.file, r.line, r.serial_key, 1::smallint as places, l.source is not null as shown,
            l.* exclude (serial_key)
        from ({said}) l
        right join (select file, line, serial_key from _row where serial_key <> '') r
            on l.serial_key = r.serial_key
    """
    return query, {name: value for one in lists for name, value in one.devices.parameters.items()}


def _readable(con: Connection, one: DeviceList) -> DeviceList:
    """`one`, opened otherwise where DuckDB refuses to read it."""
    devices = one.devices
    try:
        texts = ", ".join(f"max({field})" for field in devices.fields)
        con.execute(f"select {texts} from ({devices.relation})", dict(devices.parameters))
    except Exception as error:
        if not is_refusal(error):
            raise
        if devices.otherwise is None:
            raise UsageError(f"inventory {one.name}: it cannot be read to its end: write it again") from None
        return one._replace(devices=devices.otherwise())
    return one
