"""The line or row that a finding speaks of, as a person knows it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from wxp_lint.files.model import Grid, TransferFile


class Excerpt(NamedTuple):
    """A CSV's physical line and the characters (from 1) at which its first cells start, or a sheet row's cells."""

    text: str | None
    starts: tuple[int, ...]
    cells: tuple[str, ...]


def excerpts(file: TransferFile) -> Callable[[int], Excerpt | None]:
    """A look-up of the file's lines (CSV) or rows (XLSX) by number; None where there is no such line."""
    table = file.table
    if table is None:
        return lambda line: None
    if table.format == "csv":
        return _csv_lines(table.data, table.delimiter or ",")
    assert isinstance(table.body, Grid)
    return _sheet_rows(table.body)


def _csv_lines(data: bytes, delimiter: str) -> Callable[[int], Excerpt | None]:
    lines = data.split(b"\n")

    def at(line: int) -> Excerpt | None:
        if not 0 < line < len(lines):  # what stands behind the last newline is no line
            return None
        text = lines[line - 1].decode()
        return Excerpt(text, cell_starts(text, delimiter), ())

    return at


def _sheet_rows(grid: Grid) -> Callable[[int], Excerpt | None]:
    first = grid.lines[0] if grid.lines else 1

    def at(line: int) -> Excerpt | None:
        index = line - first
        if not 0 <= index < len(grid.lines):
            return None
        return Excerpt(None, (), tuple(column[index] for column in grid.columns))

    return at


def cell_starts(text: str, delimiter: str) -> tuple[int, ...]:
    """The 1-based characters at which the first two cells' contents start, inside their quotes if they have some."""
    starts: list[int] = []
    at = 0
    while len(starts) < 2 and at <= len(text):
        quoted = text[at : at + 1] == '"'
        starts.append(at + 1 + quoted)
        if quoted:
            at = _after_quote(text, at + 1)
        end = text.find(delimiter, at)
        at = end + 1 if end >= 0 else len(text) + 1
    return tuple(starts)


def _after_quote(text: str, at: int) -> int:
    while (end := text.find('"', at)) >= 0:
        if text[end + 1 : end + 2] != '"':
            return end + 1
        at = end + 2
    return len(text)


def column_letters(number: int) -> str:
    """1 -> "A", 28 -> "AB", as a sheet names its columns."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_number(field: str | None, swapped: bool) -> int | None:
    """1 or 2: the column that holds this field ("serial" or "customer_id")."""
    order: Sequence[str] = ("customer_id", "serial") if swapped else ("serial", "customer_id")
    return order.index(field) + 1 if field else None
