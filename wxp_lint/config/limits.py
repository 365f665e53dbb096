"""How much a reader takes in before it gives a file up: the table `[limits]`."""

from typing import NamedTuple


class Limits(NamedTuple):
    """Bytes of a whole file, and of one line of a CSV; of a workbook its bytes once unpacked, the cells in
    the boxes around its sheets' cells, and its parts.
    """

    file: int = 1 << 30
    line: int = 1 << 20
    unpacked: int = 256 << 20
    cells: int = 10_000_000
    parts: int = 10_000
