"""The inventory -> the tables `device`, `place`, `unseen` and `near`."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from wxp_lint.config.settings import InventorySource
from wxp_lint.database import Connection
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.facts.sql import run
from wxp_lint.inventory.exports import Devices, expand, open_export
from wxp_lint.keys import key

UNASSIGNED = "Unassigned"


def load_devices(con: Connection, sources: Sequence[InventorySource], root: Path) -> None:
    """Keeps the devices that some row names, then what is unseen and which visible serials are near to it.

    Needs the rows and the table `customer`. Raises UsageError for a source that cannot be read.
    """
    con.execute("create temp view _wanted as select serial_key from _row where serial_key <> ''")
    con.execute("create temp table _place (number integer, place varchar, customer_key varchar, as_of date)")
    with ExitStack() as stack:
        opened: list[Devices] = []
        for source in sources:
            for path in expand(source, root):
                name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
                opened.append(stack.enter_context(open_export(con, source, path, name)))
        for number, devices in enumerate(opened):
            place, customer = _place(con, devices)
            con.execute("insert into _place values (?, ?, ?, ?)", [number, place, customer, devices.as_of])
            _keep_wanted(con, number, devices)
        run(con, "devices.sql")
        if con.execute("select 1 from unseen limit 1").fetchone():
            run(con, "near.sql")
            for devices in opened:
                con.execute(
                    f"insert into near select v.serial_key, any_value(d.serial) from ({devices.relation}) d "
                    "join _variant v on v.variant = _export_key(d.serial) group by v.serial_key, v.variant",
                    dict(devices.parameters),
                )


def _keep_wanted(con: Connection, number: int, devices: Devices) -> None:
    con.execute(
        f"""
        insert into _device
        select {number}, _export_key(serial), serial, customer, device_name, last_user, try_cast(last_seen as timestamp),
            try_cast(as_of as date)
        from ({devices.relation}) where _export_key(serial) in (from _wanted)
        """,
        dict(devices.parameters),
    )


def _place(con: Connection, devices: Devices) -> tuple[str | None, str | None]:
    """(name, customer key) of the place that a whole export stands for; both None where its rows tell."""
    if devices.place is None or key(devices.place) == key(UNASSIGNED):
        return (UNASSIGNED, None) if devices.place else (None, None)
    found = con.execute(
        "select name, customer_key from customer where $place in (_key(name), customer_key, _key(folder)) "
        "or list_contains(list_transform(aliases, lambda alias: _key(alias)), $place)",
        {"place": key(devices.place)},
    ).fetchone()
    if found:
        return found
    known = [name for row in con.execute("select name, folder from customer").fetchall() for name in row if name]
    if known:
        hint = did_you_mean(devices.place, [*known, UNASSIGNED])
        raise UsageError(f"inventory {devices.name}: place '{devices.place}' is no customer of the registry{hint}")
    return devices.place, key(devices.place)
