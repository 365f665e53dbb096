"""Device lists exported from the console (CSV or XLSX), and Parquet files -> relations in DuckDB."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple

from wxp_lint.config.settings import InventorySource
from wxp_lint.database import Connection, insert, is_refusal
from wxp_lint.errors import UsageError
from wxp_lint.files.csv import read_csv
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Fault, Grid, Source, Table
from wxp_lint.files.read import content, file_format, read_table
from wxp_lint.files.records import NEVER_CLOSED, records
from wxp_lint.inventory.columns import HEAD, find_columns, is_header

EXPORTS = (".csv", ".xlsx", ".parquet")
_HEAD_BYTES = 1 << 16
_MOST = 1 << 36  # bytes of a list that DuckDB reads by itself, so that it never is in memory as a whole
_numbers = count(1)


class Devices(NamedTuple):
    """A relation over one list: texts as they stand, null where a cell is missing.

    `fields` are its columns: "serial", and those of customer, device_name, last_user, last_seen, as_of that the list
    has. No two relations share the name of a parameter. `name` is how messages call the list. DuckDB may refuse to
    read the relation; then `otherwise`, where there is one, opens the same list in a slower way that takes anything.
    """

    name: str
    fields: tuple[str, ...]
    relation: str
    parameters: Mapping[str, str]
    otherwise: "Callable[[], Devices] | None" = None


def expand(source: InventorySource, root: Path) -> list[Path]:
    """The files that the path of a source names: one, those of a folder, or what its glob matches. May be none."""
    pattern = source.path or ""
    path = root / pattern
    if path.is_dir():
        return sorted(p for p in path.iterdir() if p.suffix.lower() in EXPORTS and not p.name.startswith("~$"))
    if path.exists() or not set(pattern) & set("*?["):
        return [path] if path.exists() else []
    top = Path(path.anchor)
    return sorted(found for found in top.glob(str(path.relative_to(top))) if not found.name.startswith("~$"))


def open_export(con: Connection, source: InventorySource, file: Source, root: Path, opened: ExitStack) -> Devices:
    """The devices of one file. What this needs in `con` or on disk is there until `opened` closes.

    A symbolic link that leads out of `root` is refused. Raises UsageError that names the file and the mend.
    """
    if file.location.suffix.lower() == ".parquet":
        return _parquet(con, source, file, root)
    if file_format(file.path) == "csv" and file.content is None:
        quick = _by_duckdb(con, source, file, root, opened)
        if quick:
            return quick
    return _by_cells(con, source, file, root, opened)


def _by_duckdb(con: Connection, source: InventorySource, file: Source, root: Path, opened: ExitStack) -> Devices | None:
    """A CSV that DuckDB can read by itself, as far as its beginning tells."""
    head = content(file, Limits(file=_MOST), root, _HEAD_BYTES)
    if isinstance(head, Fault):
        raise _refused(file, head)
    if len(head) == _HEAD_BYTES:
        head = head[: head.rfind(b"\n") + 1]
    table = read_csv(head, is_header, Limits()) if head else None
    if not isinstance(table, Table) or table.encoding != "utf-8" or table.newline not in ("lf", "crlf"):
        return None
    rows = list(islice(_records(table), HEAD + 1))
    at, columns = find_columns([cells for _, cells in rows], source.columns, file.path)
    first = 0 if at is None else at + 1
    skip = rows[first][0] - 1 if first < len(rows) else table.data.count(b"\n")
    names = [f"c{n}" for n in range(max(len(cells) for _, cells in rows))]
    shape = ", ".join(f"'{name}': 'varchar'" for name in names)
    options = f"header = false, auto_detect = false, null_padding = true, quote = '\"', escape = '\"', skip = {skip}"
    picked = ", ".join(f"{names[n]} as {_sql(field)}" for field, n in columns.items())
    path, delimiter = _fresh("path", "delimiter")
    return Devices(
        file.path,
        tuple(map(_sql, columns)),
        f"select {picked} from read_csv(${path}, delim = ${delimiter}, {options}, columns = {{{shape}}})",
        {path: str(file.location), delimiter: table.delimiter or ","},
        partial(_by_cells, con, source, file, root, opened),
    )


def _by_cells(con: Connection, source: InventorySource, file: Source, root: Path, opened: ExitStack) -> Devices:
    """A workbook, or a CSV with something in it that DuckDB does not take."""
    table = read_table(file, is_header, Limits(), root)
    if isinstance(table, Fault):
        raise _refused(file, table)
    if table.format == "xlsx" and isinstance(table.body, Grid):
        head = [cells for _, cells in table.body.head(HEAD)]
        at, columns = find_columns(head, source.columns, file.path)
        first = 0 if at is None else at + 1
        texts = {field: table.body.columns[n][first:] for field, n in columns.items()}
    else:
        rows = [cells for _, cells in _records(table, file.path)]
        at, columns = find_columns(rows[:HEAD], source.columns, file.path)
        first = 0 if at is None else at + 1
        texts = {field: [row[n] if n < len(row) else "" for row in rows[first:]] for field, n in columns.items()}
    (name,) = _fresh("_export")
    con.execute(f"create temp table {name} ({', '.join(f'{_sql(field)} varchar' for field in texts)})")
    opened.callback(con.execute, f"drop table {name}")
    insert(con, name, {_sql(field): column for field, column in texts.items()})
    return Devices(file.path, tuple(map(_sql, texts)), f"from {name}", {})


def _records(table: Table, name: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of a CSV. Raises UsageError for a quote that swallows the rest of the list `name`."""
    for line, cells, broken in records(table.data.decode(), table.delimiter or ","):
        if name and any(fault.reason == NEVER_CLOSED for fault in broken):
            raise UsageError(f"inventory {name}:{line}: {NEVER_CLOSED}: export it again, or mend that line")
        yield line, cells


def _parquet(con: Connection, source: InventorySource, file: Source, root: Path) -> Devices:
    refused = content(file, Limits(file=_MOST), root, 1)
    if isinstance(refused, Fault):
        raise _refused(file, refused)
    (path,) = _fresh("path")
    parameters = {path: str(file.location)}
    try:
        described = con.execute(f"describe from read_parquet(${path})", parameters).fetchall()
    except Exception as error:
        if not is_refusal(error):
            raise
        raise UsageError(f"inventory {file.path}: this is no Parquet file: write it again") from None
    labels: Sequence[str] = [row[0] for row in described]
    _, columns = find_columns([labels], source.columns, file.path)
    picked = ", ".join(f"{_quoted(labels[n])}::varchar as {_sql(field)}" for field, n in columns.items())
    return Devices(file.path, tuple(map(_sql, columns)), f"select {picked} from read_parquet(${path})", parameters)


def _fresh(*names: str) -> list[str]:
    """`names` made unlike any others."""
    number = next(_numbers)
    return [f"{name}_{number}" for name in names]


def _refused(file: Source, fault: Fault) -> UsageError:
    return UsageError(f"inventory {file.path}: {fault.detail}")


def _sql(field: str) -> str:
    return field.replace("-", "_")


def _quoted(label: str) -> str:
    return '"' + label.replace('"', '""') + '"'
