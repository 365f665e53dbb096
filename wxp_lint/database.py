"""The in-process DuckDB that holds the facts: opening it, filling it, closing it off."""

import json
from collections.abc import Mapping, Sequence
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    Connection = DuckDBPyConnection
else:
    Connection = Any

SMALL = 4 << 20  # bytes of input up to which planning a query costs more than running it
FEW = 4  # rows up to which a parameter a value is cheaper than JSON


def connect() -> Connection:
    """An empty in-memory database.

    `_duckdb` is the extension module inside the duckdb package: importing it alone saves 38 ms. The name is private,
    so the public package is the fallback.
    """
    try:
        from _duckdb import connect as open_database
    except ImportError:
        from duckdb import connect as open_database

    con: Connection = open_database(":memory:")
    con.execute("set temp_directory = ''; set enable_progress_bar = false")
    return con


def close_behind(con: Connection) -> None:
    """Closes a database while others go on: that takes some milliseconds."""
    Thread(target=con.close).start()


def is_refusal(error: Exception) -> bool:
    """Whether DuckDB raised `error`; told by name, since importing its classes costs 38 ms."""
    return type(error).__module__ in ("duckdb", "_duckdb", "duckdb.duckdb")


def tune(con: Connection, size: int, *, plan: bool = False) -> None:
    """Fits the engine to the `size` of what it is to read, in bytes: little of it needs no threads and no optimizer.

    `plan`: queries that rely on the optimizer are to come; without it a join by `where` goes through all pairs.
    """
    small = size <= SMALL
    con.execute("set threads = 1" if small else "reset threads")
    con.execute("pragma disable_optimizer" if small and not plan else "pragma enable_optimizer")


def insert(con: Connection, table: str, columns: Mapping[str, Sequence[object]]) -> None:
    """Appends rows, given column-wise, to `table`.

    Each column travels as one JSON text: the fastest way in that takes any character (a parameter a value costs ten
    times as much); one that holds one value alone as that. Dates and times go as ISO texts, lists as JSON; DuckDB casts
    each column to the table's type.
    """
    count = max(map(len, columns.values()), default=0)
    if not count:
        return
    into = f"insert into {table} ({', '.join(columns)})"
    if count <= FEW and not any(isinstance(value, list | tuple) for values in columns.values() for value in values):
        row = f"({', '.join('?' * len(columns))})"
        con.execute(f"{into} values {', '.join([row] * count)}", [v for row in zip(*columns.values()) for v in row])
        return
    alike = {name: values[0] for name, values in columns.items() if _is_one_value(values)}
    lists = {name: json.dumps(values, default=str) for name, values in columns.items() if name not in alike}
    shown = (f"${name}" if name in alike else f"unnest(from_json(${name}, '[\"varchar\"]'))" for name in columns)
    con.execute(f"{into} select {', '.join(shown)} from range({1 if lists else count})", {**alike, **lists})


def _is_one_value(values: Sequence[object]) -> bool:
    return isinstance(values[0], str | int | None) and values.count(values[0]) == len(values)


def seal(con: Connection) -> None:
    """From here on no query reaches a file, the network or a setting."""
    con.execute("set enable_external_access = false; set lock_configuration = true")
