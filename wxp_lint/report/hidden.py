"""A checked file without its serial numbers, and without what stands beyond its two columns."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from wxp_lint.files.header import words
from wxp_lint.files.model import Cell, Grid, Lines, Table, TransferFile
from wxp_lint.keys import word

HIDDEN = "•"
_HEAD, _TAIL = 4, 2  # characters of a serial number of ten that are left
_ALIASES = words().serial
_DIGIT = re.compile(r"\d")

Mask = Callable[[str], str]


def hide(serial: str) -> str:
    """`5CG8234XMV` as `5CG8••••MV`; of a shorter one less is left. It is as long as before. A header's word stays."""
    count = len(serial)
    if not _DIGIT.search(serial) and word(serial) in _ALIASES:
        return serial
    head, tail = min(_HEAD, count * 2 // 5), min(_TAIL, count // 5)
    return serial[:head] + HIDDEN * (count - head - tail) + serial[count - tail :]


def hide_all(text: str) -> str:
    """Nothing is left but blanks and the length."""
    return re.sub(r"\S", HIDDEN, text)


def is_masked(text: str) -> bool:
    """Whether something of `text` is hidden."""
    return HIDDEN in text


def hidden_file(file: TransferFile, mask: Mask, spare: Mask) -> TransferFile:
    """`file` with its rows masked.

    `mask` is for texts in which a serial number or user may stand; `spare` takes out what nobody may see a part of.
    """
    table = file.table
    if table is None:
        return file
    # A file has few Customer IDs, and masking a text is slow.
    columns = _Columns(1 if file.header.swapped else 0, file.header.serial, lru_cache(1000)(mask), spare)
    header = file.header.line or 0
    data = table.data
    body: Grid | Lines
    if isinstance(table.body, Lines):
        body = Lines(_lines(table.body.data, table.body.delimiter, header, None, columns), table.body.delimiter)
        data = body.data
    else:
        body = _grid(table.body, header, columns)
        if table.format == "csv":
            data = _lines(data, table.delimiter or ",", header, frozenset(table.body.lines), columns)
    return file._replace(table=_about(table, columns)._replace(body=body, data=data))


class _Columns(NamedTuple):
    """Which column (from 0) holds the serials, the word above it, and how other texts are masked."""

    serial: int
    name: str | None
    mask: Mask
    spare: Mask

    def above(self, text: str, *, is_header: bool) -> str:
        """The text of the header, or of what stands above it, masked."""
        return self.mask(text) if is_header else hide_all(text)

    def cell(self, at: int, text: str) -> str:
        """The text of a device row's cell, masked."""
        if at > 1:
            return hide_all(text)
        if at != self.serial or text == self.name:
            return self.mask(text)
        return hide(self.spare(text))


def _about(table: Table, columns: _Columns) -> Table:
    cells = tuple(
        Cell(
            cell.line,
            cell.col,
            columns.cell(cell.col - 1, cell.text) if cell.col else columns.mask(cell.text),
            cell.kind,
            cell.note and columns.mask(cell.note),
        )
        for cell in table.cells
    )
    return table._replace(cells=cells, sheet=table.sheet and columns.mask(table.sheet))


def _grid(grid: Grid, header: int, columns: _Columns) -> Grid:
    start = bisect_right(grid.lines, header)
    texts = [
        [
            *(columns.above(text, is_header=line == header) for line, text in zip(grid.lines[:start], column)),
            *(columns.cell(at, text) for text in column[start:]),
        ]
        for at, column in enumerate(grid.columns)
    ]
    return Grid(grid.lines, texts, grid.kinds)


def _lines(data: bytes, delimiter: str, header: int, starts: frozenset[int] | None, columns: _Columns) -> bytes:
    """A CSV's text, masked line by line. `starts` are the lines on which records start; None: all, and no quotes."""
    lines = data.decode().split("\n")
    return "\n".join(_masked(lines, delimiter, header, starts, columns)).encode()


def _masked(
    lines: list[str], delimiter: str, header: int, starts: frozenset[int] | None, columns: _Columns
) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if number <= header:
            yield columns.above(line, is_header=number == header)
        elif starts is None:
            yield delimiter.join(columns.cell(at, text) for at, text in enumerate(line.split(delimiter)))
        elif number in starts:
            yield delimiter.join(_quoted(at, text, columns) for at, text in enumerate(_parts(line, delimiter)))
        else:
            yield hide_all(line)


def _parts(line: str, delimiter: str) -> Iterator[str]:
    """The cells of a line as they are written, quotes and all."""
    at = 0
    while True:
        close = _closing(line, at) if line[at : at + 1] == '"' else at
        end = line.find(delimiter, close)
        if end < 0:
            yield line[at:]
            return
        yield line[at:end]
        at = end + 1


def _closing(line: str, at: int) -> int:
    found = re.compile(r'"(?:[^"]|"")*"?').match(line, at)
    return found.end() if found else at


def _quoted(at: int, text: str, columns: _Columns) -> str:
    if not text.startswith('"'):
        return columns.cell(at, text)
    inner = text[1:].removesuffix('"')
    shown = hide_all(inner) if '"' in inner else columns.cell(at, inner)
    return f'"{shown}{text[len(inner) + 1 :]}'
