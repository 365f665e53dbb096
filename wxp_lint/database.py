"""The in-process DuckDB that holds the facts: opening it, filling it, closing it off."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    Connection = DuckDBPyConnection
else:
    Connection = Any

SMALL = 4 << 20  # bytes of input up to which planning a query costs more than running it
FEW = 4  # rows up to which a parameter a value is cheaper than JSON
IN_MEMORY = 1 << 20  # bytes of text that are handed over as a parameter; more goes through a file


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


def whole_lines(con: Connection, table: str, text: bytes, file: Path | None = None) -> None:
    """Makes the temporary `table` of the lines of `text`: its column is `text`, `rowid + 1` the number of the line.

    `text` is UTF-8 and ends with a newline. An empty line is null or "". `file` is where these very bytes lie, if
    anywhere: DuckDB then finds the lines in it with all cores. What is small is handed over as it is; the rest goes
    through a private file.
    """
    create = f"create temp table {table} as select text from"
    if len(text) <= IN_MEMORY:
        lines = {"text": text[:-1].decode()}
        con.execute(f"{create} (select unnest(string_split($text, chr(10))) as text)", lines)
    elif not (file and _read_in_place(con, f"{create} {_READ_LINES}", table, file, len(text))):
        _read_spooled(con, f"{create} {_READ_LINES}", [text])


def marked_lines(con: Connection, table: str, texts: Mapping[int, bytes]) -> None:
    """As `whole_lines` for several texts, one after the other; `table` has their numbers, too, as `number`."""
    marks = ((b"%d\x01" % number, text) for number, text in texts.items() if text)
    marked = [mark + text[:-1].replace(b"\n", b"\n" + mark) + b"\n" for mark, text in marks]
    create = f"create temp table {table} as select"
    if sum(map(len, marked)) <= IN_MEMORY:
        parted = "select string_split(unnest(string_split($text, chr(10))), chr(1)) as p"
        lines = {"text": b"".join(marked)[:-1].decode()}
        con.execute(f"{create} p[1]::integer as number, p[2] as text from ({parted}) where p[1] <> ''", lines)
    else:
        _read_spooled(con, f"{create} number, text from {_READ_MARKED_LINES}", marked)


_READ = (
    "read_csv($file, delim = chr(1), quote = '', escape = '', header = false, auto_detect = false, new_line = '\\n', "
)
_READ_LINES = f"{_READ} columns = {{'text': 'varchar'}})"
_READ_MARKED_LINES = f"{_READ} columns = {{'number': 'integer', 'text': 'varchar'}})"


def _read_spooled(con: Connection, create: str, texts: Iterable[bytes]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="wxp-lint-") as folder:
        spool = Path(folder, "lines")
        with spool.open("wb") as out:
            out.writelines(texts)
        con.execute(create, {"file": str(spool)})


def _read_in_place(con: Connection, create: str, table: str, file: Path, size: int) -> bool:
    """False, and no table, if the file cannot be read so, or no longer has `size` bytes."""
    if set(str(file)) & set("*?[{"):  # DuckDB takes the name for a glob
        return False
    try:
        con.execute(create, {"file": str(file)})
        changed = file.stat().st_size != size
    except OSError:
        changed = True
    except Exception as error:
        if not is_refusal(error):
            raise
        return False
    if changed:
        con.execute(f"drop table if exists {table}")
    return not changed


def seal(con: Connection) -> None:
    """From here on no query reaches a file, the network or a setting."""
    con.execute("set enable_external_access = false; set lock_configuration = true")
