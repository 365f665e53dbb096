"""Device lists exported from the console (CSV or XLSX), and Parquet files -> relations in DuckDB."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from functools import partial
from itertools import islice
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
from wxp_lint.inventory.ages import day_in
from wxp_lint.inventory.columns import HEAD, find_columns, is_header
from wxp_lint.inventory.devices import Asked, Devices, fresh

EXPORTS = (".csv", ".xlsx", ".parquet")
_HEAD_BYTES = 1 << 16
_MOST = 1 << 36  # bytes of a list that DuckDB reads by itself, so that it never is in memory as a whole
_WORTH = 1 << 17  # bytes of a list from which on it takes longer to read than to look up what it held


class Export(NamedTuple):
    """A file of the inventory, as a DeviceSource: the entry of the config that names it, its path, where paths start.

    `as_of` is the day that the entry gives it.
    """

    source: InventorySource
    path: Path
    root: Path

    @property
    def name(self) -> str:
        """Its path from the root, where it lies below it."""
        return (self.path.relative_to(self.root) if self._is_below else self.path).as_posix()

    @property
    def size(self) -> int:
        """The size of the file; where it went away in the meantime, none."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    @property
    def commit_path(self) -> str | None:
        """Its name, for a file below the root."""
        return self.name if self._is_below else None

    @property
    def _is_below(self) -> bool:
        return self.path.is_relative_to(self.root)

    def open(self, con: Connection, asked: Asked, opened: ExitStack) -> Devices:
        """Its devices, all of them. Raises UsageError."""
        # Outside of the root nothing comes from a checkout, so a link is the user's own.
        root = self.root if self._is_below else Path(self.path.anchor)
        return open_export(con, self.source, Source(self.name, self.path), root, opened, asked)

    def day(self, asked: Asked, committed: Mapping[str, date]) -> date | None:
        """The day in its name, else the config's, else that of its last commit."""
        return day_in(self.path.name) or self.source.as_of or committed.get(self.name)


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


def open_export(
    con: Connection, source: InventorySource, file: Source, root: Path, opened: ExitStack, asked: Asked
) -> Devices:
    """The devices of one file. What this needs in `con` or on disk is there until `opened` closes.

    A symbolic link that leads out of `root` is refused. Raises UsageError that names the file and the mend.
    """
    if file.location.suffix.lower() == ".parquet":
        return _parquet(con, source, file, root, asked)
    if file_format(file.path) == "csv" and file.content is None:
        quick = _by_duckdb(con, source, file, root, opened, asked)
        if quick:
            return quick
    return _remembered(con, source, file, root, opened, asked)


def _by_duckdb(
    con: Connection, source: InventorySource, file: Source, root: Path, opened: ExitStack, asked: Asked
) -> Devices | None:
    """A CSV that DuckDB can read by itself, as far as its beginning tells."""
    head = content(file, Limits(file=_MOST), root, _HEAD_BYTES)
    if isinstance(head, Fault):
        raise _refused(file, head, asked)
    if len(head) == _HEAD_BYTES:
        head = head[: head.rfind(b"\n") + 1]
    table = read_csv(head, is_header, asked.limits) if head else None
    if not isinstance(table, Table) or table.encoding != "utf-8" or table.newline not in ("lf", "crlf"):
        return None
    rows = list(islice(_records(table), HEAD + 1))
    at, columns = _columns([cells for _, cells in rows], source, file, asked)
    if at is not None:
        _refuse_cut(asked.called(file.path), len(rows[at][1]), table.delimiter or ",", _end(file.location))
    first = 0 if at is None else at + 1
    skip = rows[first][0] - 1 if first < len(rows) else table.data.count(b"\n")
    names = [f"c{n}" for n in range(max(len(cells) for _, cells in rows))]
    shape = ", ".join(f"'{name}': 'varchar'" for name in names)
    options = f"header = false, auto_detect = false, null_padding = true, quote = '\"', escape = '\"', skip = {skip}"
    picked = ", ".join(f"{names[n]} as {_sql(field)}" for field, n in columns.items())
    path, delimiter = fresh("path", "delimiter")
    return Devices(
        file.path,
        tuple(map(_sql, columns)),
        f"select {picked} from read_csv(${path}, delim = ${delimiter}, {options}, columns = {{{shape}}})",
        {path: _literal(file.location), delimiter: table.delimiter or ","},
        partial(_remembered, con, source, file, root, opened, asked),
    )


def _end(path: Path) -> bytes:
    with path.open("rb") as data:
        data.seek(0, os.SEEK_END)
        data.seek(max(0, data.tell() - _HEAD_BYTES))
        return data.read()


def _refuse_cut(name: str, cells: int, delimiter: str, end: bytes) -> None:
    """Raises UsageError for a list whose last line ends before its cells do, as a download that broke off leaves it."""
    lines = end.split(b"\n")
    widths = [line.count(delimiter.encode()) + 1 for line in lines[-2:]]
    if lines[-1].strip() and b'"' not in lines[-1] and widths[-1] < cells == widths[0]:
        raise UsageError(f"{name}: it breaks off in its last line: export it again")


def _remembered(
    con: Connection, source: InventorySource, file: Source, root: Path, opened: ExitStack, asked: Asked
) -> Devices:
    """As `_by_cells`; what it takes time to find is remembered, by content."""
    if asked.remember is None:
        return _by_cells(con, source, file, root, opened, asked)
    data = content(file, asked.limits, root)
    if isinstance(data, Fault):
        raise _refused(file, data, asked)
    held = file._replace(content=data)
    if len(data) < _WORTH:
        return _by_cells(con, source, held, root, opened, asked)
    from wxp_lint.inventory.remembered import keep, recall

    again = partial(_by_cells, con, source, held, root, opened, asked)
    found = recall(con, file.path, data, source, asked, again)
    return found or keep(con, again(), data, source, asked)


def _by_cells(
    con: Connection, source: InventorySource, file: Source, root: Path, opened: ExitStack, asked: Asked
) -> Devices:
    """A workbook, or a CSV with something in it that DuckDB does not take."""
    table = read_table(file, is_header, asked.limits, root)
    if isinstance(table, Fault):
        raise _refused(file, table, asked)
    if table.format == "xlsx" and isinstance(table.body, Grid):
        head = [cells for _, cells in table.body.head(HEAD)]
        at, columns = _columns(head, source, file, asked)
        first = 0 if at is None else at + 1
        texts = {field: table.body.columns[n][first:] for field, n in columns.items()}
    else:
        rows = [cells for _, cells in _records(table, asked.called(file.path))]
        at, columns = _columns(rows[:HEAD], source, file, asked)
        end = (_end(file.location) if file.content is None else file.content[-2:]).rstrip(b"\0")
        if at is not None and not end.endswith((b"\n", b"\r")):
            # The table ends every line, the last one too.
            _refuse_cut(
                asked.called(file.path),
                len(rows[at]),
                table.delimiter or ",",
                table.data[-_HEAD_BYTES:].removesuffix(b"\n"),
            )
        first = 0 if at is None else at + 1
        texts = {field: [row[n] if n < len(row) else "" for row in rows[first:]] for field, n in columns.items()}
    (name,) = fresh("_export")
    con.execute(f"create temp table {name} ({', '.join(f'{_sql(field)} varchar' for field in texts)})")
    opened.callback(con.execute, f"drop table {name}")
    insert(con, name, {_sql(field): column for field, column in texts.items()})
    return Devices(file.path, tuple(map(_sql, texts)), f"from {name}", {})


def _records(table: Table, name: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of a CSV. Raises UsageError for a quote that swallows the rest of the list `name`."""
    for line, cells, broken in records(table.data.decode(), table.delimiter or ","):
        if name and any(fault.reason == NEVER_CLOSED for fault in broken):
            raise UsageError(f"{name}:{line}: {NEVER_CLOSED}: export it again, or mend that line")
        yield line, cells


def _parquet(con: Connection, source: InventorySource, file: Source, root: Path, asked: Asked) -> Devices:
    refused = content(file, Limits(file=_MOST), root, 1)
    if isinstance(refused, Fault):
        raise _refused(file, refused, asked)
    (path,) = fresh("path")
    parameters = {path: _literal(file.location)}
    try:
        described = con.execute(f"describe from read_parquet(${path})", parameters).fetchall()
    except Exception as error:
        if not is_refusal(error):
            raise
        raise UsageError(
            f"{asked.called(file.path)}: this is no Parquet file, or not all of one: write it again"
        ) from None
    labels: Sequence[str] = [row[0] for row in described]
    _, columns = _columns([labels], source, file, asked)
    picked = ", ".join(f"{_quoted(labels[n])}::varchar as {_sql(field)}" for field, n in columns.items())
    return Devices(file.path, tuple(map(_sql, columns)), f"select {picked} from read_parquet(${path})", parameters)


def _columns(
    head: Sequence[Sequence[str]], source: InventorySource, file: Source, asked: Asked
) -> tuple[int | None, dict[str, int]]:
    """As `find_columns`, without those that are not to be read."""
    at, columns = find_columns(head, source.columns, asked.called(file.path))
    return at, {field: n for field, n in columns.items() if not asked.leaves(_sql(field))}


def _literal(path: Path) -> str:
    """`path` for DuckDB, which takes some characters for a glob's."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def _refused(file: Source, fault: Fault, asked: Asked) -> UsageError:
    return UsageError(f"{asked.called(file.path)}: {fault.detail}")


def _sql(field: str) -> str:
    return field.replace("-", "_")


def _quoted(label: str) -> str:
    return '"' + label.replace('"', '""') + '"'
