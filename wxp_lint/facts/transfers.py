"""Transfer files -> the tables `file`, `cell` and the rows behind `row` and `repo_row`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from wxp_lint.database import Connection, insert
from wxp_lint.facts.lines import split_lines
from wxp_lint.facts.sql import run
from wxp_lint.files.header import STRICT, Words
from wxp_lint.files.model import Grid, Lines, Table, TransferFile
from wxp_lint.keys import key

if TYPE_CHECKING:
    from collections.abc import Mapping

# A row that no rule about single cells can have a word on: the strict form, but SCG and SCD (often 5CG, 5CD).
_PLAIN = (
    f"customer_id <> '' and regexp_full_match(serial, '{STRICT.pattern}') "
    "and not (serial >= 'SCD' and serial < 'SCE' or serial >= 'SCG' and serial < 'SCH')"
)
# Anything but what str.isspace() knows: \s alone is ASCII, and not all of that.
_SHOWS = r"[^\s\x0b\x1c-\x1f\x85\p{Z}]"
_ADDRESS = re.compile(r"[^@\s]@[^@\s]+\.[A-Za-z]{2,}")
_GIVEN = ("file", "line", "serial", "customer_id")
_COLUMNS = "file, line, serial, customer_id, serial_kind, customer_kind, extra"


class Loaded(NamedTuple):
    """A transfer file with its part in this run (see `repo.select.Selected`)."""

    file: TransferFile
    checked: bool
    open: bool
    tracked: bool


class Beyond(NamedTuple):
    """A column beyond B: the line and text of its first cell below the header that is not blank.

    `address` is the line of its first e-mail address.
    """

    file: int
    col: int
    line: int
    text: str
    address: int | None


def load(con: Connection, loaded: Sequence[Loaded], known: Words) -> None:
    """Fills `file`, `cell` and the rows, keys included."""
    _insert_files(con, loaded)
    tables = [(number, item.file, item.file.table) for number, item in enumerate(loaded) if item.file.table]
    grids = [(n, file, table.body) for n, file, table in tables if isinstance(table.body, Grid)]
    plain = [(n, file, table.body) for n, file, table in tables if isinstance(table.body, Lines)]
    beyond: list[Beyond] = []
    if plain:
        beyond += _lay_out(con, plain)
    else:
        con.execute(_LINE)
    if grids:
        _insert_grids(con, grids)
        beyond += [found for number, file, grid in grids for found in _beyond_in_grid(number, file, grid)]
    _insert_cells(con, tables, beyond)
    _fold(con)
    header_words = {"serial": list(known.serial), "customer": list(known.customer)}
    con.execute(
        """
        create temp table _header_word as
        select 'serial' as field, unnest($serial::varchar[]) as word
        union all select 'customer_id', unnest($customer::varchar[])
        """,
        header_words,
    )
    run(con, "layout.sql")


def _insert_files(con: Connection, loaded: Sequence[Loaded]) -> None:
    rows = [_file_row(number, item) for number, item in enumerate(loaded)]
    if rows:
        insert(con, "file", {name: [row[name] for row in rows] for name in rows[0]})


def _file_row(number: int, item: Loaded) -> "Mapping[str, object]":
    file, table, header = item.file, item.file.table, item.file.header
    folder, _, _ = file.source.path.rpartition("/")
    return {
        "id": number,
        "path": file.source.path,
        "folder": folder,
        "format": file.format,
        "encoding": table and table.encoding,
        "newline": table and table.newline,
        "bom": bool(table and table.bom),
        "delimiter": table and table.delimiter,
        "sheet": table and table.sheet,
        "header_serial": header.serial,
        "header_customer": header.customer,
        "header_known": header.known,
        "header_line": header.line,
        "swapped": header.swapped,
        "rows": 0,
        "bytes": file.size,
        "sha256": file.sha256,
        "fault": file.fault and file.fault.kind,
        "fault_detail": file.fault and file.fault.detail,
        "checked": item.checked,
        "open": item.open,
        "tracked": item.tracked,
    }


_LINE = """
create table _line (
    file integer, line integer, serial varchar, customer_id varchar, serial_kind kind, customer_kind kind,
    extra boolean, plain boolean
)
"""


def _lay_out(con: Connection, plain: Sequence[tuple[int, TransferFile, Lines]]) -> list[Beyond]:
    """Makes `_line` of plain CSVs, file after file. Returns what `_beyond` does."""
    split_lines(con, plain)
    turned = {file.header.swapped for _, file, _ in plain}
    serial, customer = "a", "b"
    if turned == {True}:
        serial, customer = customer, serial
    elif len(turned) == 2:
        serial, customer = "if(swapped, b, a)", "if(swapped, a, b)"
    con.execute(
        f"""
        create table _line as
        select {_COLUMNS}, {_PLAIN} as plain
        from (
            select file, line, {serial} as serial, {customer} as customer_id,
                null::kind as serial_kind, null::kind as customer_kind,
                more is not null and regexp_matches(array_to_string(more, ''), '{_SHOWS}') as extra
            from _split where line > header
        )
        """
    )
    beyond = _beyond(con)
    con.execute("drop view _split; drop table _raw; drop table if exists _span")
    return beyond


def _beyond(con: Connection) -> list[Beyond]:
    """The columns beyond B that hold a text below the header."""
    if not con.execute("select 1 from _line where extra limit 1").fetchone():
        return []
    found = con.execute(
        f"""
        select
            file, col, min(line), arg_min(text, line),
            min(line) filter (regexp_matches(text, '{_ADDRESS.pattern}'))
        from (
            select file, line, unnest(more) as text, unnest(range(3, len(more) + 3)) as col
            from _split where line > header and file in (select file from _line where extra)
        ) where regexp_matches(text, '{_SHOWS}') group by file, col order by file, col
        """
    ).fetchall()
    return [Beyond(*row) for row in found]


def _insert_grids(con: Connection, grids: Sequence[tuple[int, TransferFile, Grid]]) -> None:
    columns: dict[str, list[object]] = {
        name: [] for name in ("file", "line", "serial", "customer_id", "serial_kind", "customer_kind", "extra")
    }
    for number, file, grid in grids:
        serial, customer = (1, 0) if file.header.swapped else (0, 1)
        start = _after_header(file, grid)
        count = len(grid.lines) - start
        columns["file"] += [number] * count
        columns["line"] += grid.lines[start:]
        for name, at in (("serial", serial), ("customer", customer)):
            texts, kinds = _column(grid, at)
            columns["serial" if name == "serial" else "customer_id"] += texts[start:]
            columns[f"{name}_kind"] += kinds[start:]
        columns["extra"] += _any_text(grid.columns[2:], start, count)
    # What no row has need not travel: null is "as the text tells", and "nothing more".
    insert(con, "_line", {name: values for name, values in columns.items() if name in _GIVEN or any(values)})
    texts_alone = "coalesce(serial_kind, 'text') = 'text' and coalesce(customer_kind, 'text') = 'text'"
    con.execute(f"update _line set plain = {_PLAIN} and {texts_alone} where plain is null")


def _after_header(file: TransferFile, grid: Grid) -> int:
    header = file.header.line or 0
    return next((at for at, line in enumerate(grid.lines) if line > header), len(grid.lines))


def _column(grid: Grid, at: int) -> tuple[Sequence[str], Sequence[str | None]]:
    """Texts and kinds of column `at`, which may be missing; None for the kind that the text tells."""
    unsaid: list[str | None] = [None] * len(grid.lines)
    if at >= len(grid.columns):
        return [""] * len(grid.lines), unsaid
    return grid.columns[at], grid.kinds[at] or unsaid


def _any_text(columns: Iterable[list[str]], start: int, count: int) -> list[bool]:
    found = [False] * count
    for column in columns:
        found = [before or bool(text and not text.isspace()) for before, text in zip(found, column[start:])]
    return found


def _insert_cells(
    con: Connection,
    tables: Sequence[tuple[int, TransferFile, Table]],
    beyond: Sequence[Beyond],
) -> None:
    """What the readers marked, the texts above headers, and one cell a column beyond B.

    That cell is the header word of the column, or else its first text; its note tells of an e-mail address.
    """
    first = {(each.file, each.col): (each.line, each.text) for each in beyond}
    address = {(each.file, each.col): f"address on line {each.address}" for each in beyond if each.address}
    cells: list[tuple[object, ...]] = []
    for number, file, table in tables:
        path = file.source.path
        cells += [(path, c.line, c.col, _field(file, c.col), c.text, c.kind, c.note) for c in table.cells]
        above, names = _above_and_names(file, table)
        cells += [(path, line, 1, None, text, "preamble", None) for line, text in above]
        first |= {(number, col): (file.header.line or 0, text) for col, text in names}
    paths = {number: file.source.path for number, file, _ in tables}
    cells += [
        (paths[number], line, col, None, text, "extra", address.get((number, col)))
        for (number, col), (line, text) in sorted(first.items())
    ]
    names_of_columns = ("path", "line", "col", "field", "text", "kind", "note")
    insert(con, "cell", dict(zip(names_of_columns, map(list, zip(*cells)))) if cells else {})


def _above_and_names(file: TransferFile, table: Table) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """(line, text) of what stands above the header, and (column, text) of the header's words beyond B."""
    if not file.header.line:
        return [], []
    above: list[tuple[int, str]] = []
    for line, cells in table.body.head(file.header.line):
        if line == file.header.line:
            return above, [(col, text) for col, text in enumerate(cells[2:], 3) if text and not text.isspace()]
        if text := " ".join(filter(None, map(str.strip, cells))):
            above.append((line, text))
    return above, []


def _beyond_in_grid(number: int, file: TransferFile, grid: Grid) -> Iterator[Beyond]:
    """As `_beyond`."""
    start = _after_header(file, grid)
    for at, column in enumerate(grid.columns[2:], 3):
        below = range(start, len(column))
        first = next((n for n in below if column[n] and not column[n].isspace()), None)
        if first is not None:
            address = next((grid.lines[n] for n in below if "@" in column[n] and _ADDRESS.search(column[n])), None)
            yield Beyond(number, at, grid.lines[first], column[first], address)


def _field(file: TransferFile, col: int | None) -> str | None:
    if col not in (1, 2):
        return None
    return "serial" if (col == 1) != file.header.swapped else "customer_id"


def _fold(con: Connection) -> None:
    """The keys of texts that SQL cannot fold: those that are not ASCII."""
    con.execute("create temp table _fold (text varchar, key varchar)")
    texts = [
        text
        for (text,) in con.execute(
            "select serial from _line where not plain and strlen(serial) <> length(serial) "
            "union select customer_id from _line where strlen(customer_id) <> length(customer_id)"
        ).fetchall()
    ]
    insert(con, "_fold", {"text": texts, "key": [key(text) for text in texts]})
