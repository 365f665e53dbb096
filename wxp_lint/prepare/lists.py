"""Lists of PCs as people keep them: every row with its serial number, its target and what is carried along."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from wxp_lint.config.settings import Columns as Named
from wxp_lint.errors import UsageError
from wxp_lint.files.csv import LINE_BREAK
from wxp_lint.files.header import SERIAL, is_header, words
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Cell, Fault, Grid, Source, Table
from wxp_lint.files.read import read_table
from wxp_lint.keys import key, word
from wxp_lint.prepare.columns import LOOK, Columns, find_columns

_MARKS = ("formula", "error", "merged")


class Field(NamedTuple):
    """A cell: its text, its kind (`files.model.KINDS`), and what the reader marked there."""

    text: str
    kind: str
    marks: tuple[Cell, ...] = ()


BLANK = Field("", "empty")


class Row(NamedTuple):
    """A row of the list number `list`, on its physical line or sheet row.

    `customers` are the cells that say where the PC goes: its Customer ID, its customer's name, or both.
    """

    list: int
    line: int
    serial: Field
    customers: tuple[Field, ...]
    carried: Mapping[str, str]


class Lost(NamedTuple):
    """Something of a list that could not be read as rows: the line, None for more than one, and why."""

    line: int | None
    reason: str


class Reading(NamedTuple):
    """A list as read. `carried` are the header words of the columns that are carried along."""

    name: str
    format: str
    rows: Sequence[Row]
    carried: Sequence[str]
    lost: Sequence[Lost]
    notes: Sequence[str]


def read_list(
    source: Source,
    number: int,
    named: Named,
    is_customer: Callable[[str], bool],
    *,
    target: bool,
    limits: Limits,
) -> Reading:
    """The rows of `source`, the list number `number`; `limits` are how much of it is read, other arguments as for
    `find_columns`. Raises UsageError.

    A row is a record below the header in which any cell shows something.
    """
    known = words(named.serial, named.customer)
    # A list can lie anywhere, so a link is the user's own.
    table = read_table(source, is_header(known), limits, Path(source.location.anchor or "/"))
    if isinstance(table, Fault):
        raise UsageError(f"{source.path}: {table.detail}")
    grid = _grid(table)
    records = [cells for _, cells in grid.head(LOOK)]
    columns = find_columns(records, named, is_customer, source.path, target=target)
    notes: list[str] = []
    if columns.guessed and columns.header is not None:
        line, word_there = grid.lines[columns.header], grid.columns[columns.serial][columns.header]
        notes.append(f"line {line} ('{word_there[:30]}') is taken for the header")
    rows = list(_rows(grid, table, columns, number, notes))
    notes += _unseen(table)
    said = tuple(f"{source.path}: {note}" for note in notes)
    return Reading(source.path, table.format, rows, [name for name, _ in columns.carried], list(_lost(table)), said)


def _grid(table: Table) -> Grid:
    """The table cell by cell, whichever way it was read."""
    if isinstance(table.body, Grid):
        return table.body
    rows = [cells for _, cells in table.body.head(table.body.count)]
    width = max(map(len, rows), default=0)
    columns = [[cells[at] if at < len(cells) else "" for cells in rows] for at in range(width)]
    return Grid(range(1, len(rows) + 1), columns, [None] * width)


def _rows(grid: Grid, table: Table, columns: Columns, number: int, notes: list[str]) -> Iterator[Row]:
    marks: dict[tuple[int, int], list[Cell]] = defaultdict(list)
    for cell in table.cells:
        if cell.kind in _MARKS and cell.line is not None and cell.col is not None:
            marks[cell.line, cell.col - 1].append(cell)

    def field(at: int, column: int) -> Field:
        text = grid.columns[column][at]
        kinds = grid.kinds[column]
        kind = kinds[at] if kinds else "text" if text else "empty"
        return Field(text, kind, tuple(marks.get((grid.lines[at], column), ())))

    label = [_label(grid, columns.header, column) for column in (columns.serial, *columns.customers)]
    above: list[int] = []
    for at, line in enumerate(grid.lines):
        serial = field(at, columns.serial)
        customers = tuple(field(at, column) for column in columns.customers)
        is_blank = not any(column[at].strip() for column in grid.columns) and not any(
            each.marks for each in (serial, *customers)
        )
        if is_blank or at == columns.header:
            continue
        if columns.header is not None and at < columns.header and not SERIAL.fullmatch(key(serial.text)):
            above.append(line)
        elif columns.header is not None and [word(each.text) for each in (serial, *customers)] == label:
            notes.append(f"line {line} is the header again, and no device")
        else:
            carried = {name: grid.columns[column][at] for name, column in columns.carried}
            yield Row(number, line, serial, customers, carried)
    if above:
        span = f"line {above[0]} stands" if len(above) == 1 else f"lines {above[0]} to {above[-1]} stand"
        notes.append(f"{span} above the header, and {'is' if len(above) == 1 else 'are'} not read")


def _label(grid: Grid, header: int | None, column: int) -> str:
    return word(grid.columns[column][header]) if header is not None else ""


def _lost(table: Table) -> Iterator[Lost]:
    """What the readers could not take in: broken records, and sheets beside the one that is read."""
    for cell in table.cells:
        if cell.kind == "malformed":
            # Without its text: what no rule has judged may be a company PIN.
            mend = "put the cell on one line" if cell.note == LINE_BREAK else "mend the quotes"
            yield Lost(cell.line, f"{cell.note}: {mend}")
        elif cell.kind == "sheet":
            yield Lost(None, f"sheet '{cell.text}' is not read, only '{table.sheet}': save it as a list of its own")


def _unseen(table: Table) -> Iterator[str]:
    """What a person who looks at the workbook does not see."""
    hidden = [cell for cell in table.cells if cell.kind == "hidden"]
    rows = [cell for cell in hidden if cell.line is not None]
    if rows:
        first = f"row {rows[0].line}"
        many = f"{len(rows)} hidden rows are read like any other, the first is {first}"
        yield many if len(rows) > 1 else f"the hidden {first} is read like any other"
    for cell in hidden:
        if cell.note == "sheet":
            yield f"the hidden sheet '{cell.text}' is not read"


def names_of(readings: Sequence[Reading]) -> list[str]:
    """The words over the columns that are carried, over all lists, each once."""
    found: dict[str, str] = {}
    for reading in readings:
        for name in reading.carried:
            found.setdefault(word(name), name)
    return list(found.values())
