"""A worksheet as it was found: its cells, the box around them, its marks; and how references count."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from wxp_lint.files.guard import SAVE_AGAIN, Refused

ROWS, COLUMNS = 1_048_576, 16_384

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")

Position = tuple[int, int]  # row, column, both 1-based
Range = tuple[int, int, int, int]  # first row, first column, last row, last column


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet's cells as a plain `<sheetData>`, the box from A1 around them, and its marks.

    `furthest` is the cell that stretches the box most, where the box is large. A formula is its text with
    "=", and where it comes from if another cell has it. `hidden_columns` are pairs of first and last.
    """

    xml: bytes
    cells: int
    rows: int
    columns: int
    furthest: str
    formulas: dict[Position, str]
    errors: frozenset[Position]
    merged: tuple[Range, ...]
    hidden_columns: tuple[tuple[int, int], ...]
    hidden_rows: tuple[int, ...]


def position(reference: str) -> Position:
    """(row, column) of a reference such as B12. Raises Refused if no sheet has such a cell."""
    match = _REFERENCE.fullmatch(reference)
    row, column = (int(match[2]), column_number(match[1].encode())) if match else (0, 0)
    if not (1 <= row <= ROWS and column <= COLUMNS):
        words = f"it has a cell at {reference[:20]!r}, where no sheet can have one: {SAVE_AGAIN}"
        raise Refused("far-cell", words)
    return row, column


def range_of(reference: str) -> Range:
    """The range of a reference such as A2:B3 or A2. Raises Refused."""
    first, _, last = reference.partition(":")
    (top, left), (bottom, right) = position(first), position(last or first)
    return min(top, bottom), min(left, right), max(top, bottom), max(left, right)


@cache
def column_number(letters: bytes) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


@cache
def column_letters(number: int) -> str:
    """A for 1, AA for 27."""
    letters = ""
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def covered(ranges: Iterable[Range], rows: int, columns: int, most: int) -> Iterator[tuple[int, int, Range]]:
    """(row, column, range) of the cells under `ranges` within a grid of that size, but no more than `most`.

    Ranges of an honest workbook do not overlap, so they cover no more cells than there are.
    """
    for found in ranges:
        for row in range(found[0], min(found[2], rows) + 1):
            for column in range(found[1], min(found[3], columns) + 1):
                if most == 0:
                    return
                most -= 1
                yield row, column, found
