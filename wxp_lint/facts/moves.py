"""Confirmed transfers as witnesses of where a PC is, beside the lists (DESIGN 9)."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from typing import NamedTuple

from wxp_lint.database import Connection, insert
from wxp_lint.inventory.devices import Asked, Devices, fresh


class Moves(NamedTuple):
    """What the ledger tells, as a DeviceSource.

    `rows` have `serial_key`, the place where the PC arrived as `customer_key` (or any word for it; None: Unassigned),
    and `at`, a day or time.
    """

    rows: Sequence[Mapping[str, object]]

    @property
    def name(self) -> str:
        """How messages call it."""
        return "the ledger"

    @property
    def size(self) -> int:
        """They are in memory already."""
        return 0

    @property
    def commit_path(self) -> str | None:
        """It tells days itself."""
        return None

    def open(self, con: Connection, asked: Asked, opened: ExitStack) -> Devices:
        """The last move of each PC that is asked for."""
        (name,) = fresh("_moved")
        con.execute(f"create temp table {name} (serial varchar, customer varchar, as_of varchar)")
        opened.callback(con.execute, f"drop table {name}")
        columns = {"serial": "serial_key", "customer": "customer_key", "as_of": "at"}
        insert(
            con,
            name,
            {to: [None if row[of] is None else str(row[of]) for row in self.rows] for to, of in columns.items()},
        )
        relation = (
            "select serial, arg_max(coalesce(customer, ''), moment) as customer, max(moment)::date::varchar as as_of "
            f"from (select *, _moment(as_of) as moment from {name}) m "
            f"semi join ({asked.keys}) k on k.serial_key = m.serial group by serial"
        )
        return Devices(self.name, ("serial", "customer", "as_of"), relation, {})

    def day(self, asked: Asked, committed: Mapping[str, date]) -> date | None:
        """Each row has its own."""
        return None
