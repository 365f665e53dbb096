"""What the readers hand on: every cell as text plus its kind, nothing coerced."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

# What a cell holds. A formula's or error's text is what the sheet shows (its cached value, "#N/A").
KINDS = ("text", "number", "date", "boolean", "formula", "error", "empty")


class Source(NamedTuple):
    """A file to read: `path` as findings name it (with "/"), and where its bytes are.

    `content` is set for standard input and for a file of another revision; otherwise `location` is read.
    """

    path: str
    location: Path
    content: bytes | None = None

    def read(self, most: int = -1) -> bytes:
        """The first `most` bytes, without it the whole file. Raises OSError."""
        if self.content is not None:
            return self.content if most < 0 else self.content[:most]
        with self.location.open("rb") as file:
            return file.read(most)


class Fault(NamedTuple):
    """Why a file, or one of its records, cannot be read. `kind` is one word, `detail` says how to mend it."""

    kind: str
    detail: str


class Cell(NamedTuple):
    """What is not a plain device cell (DESIGN 5, table `cell`): `line` and `col` are 1-based.

    Kinds made by the readers: formula, error, merged, hidden, malformed, sheet.
    `text` is what stands there, `note` what to know of it (a formula's text, a merged range, a reason).
    """

    line: int | None
    col: int | None
    text: str
    kind: str
    note: str | None = None


class Grid(NamedTuple):
    """A table cell by cell, column-wise.

    `lines[i]` is the physical line (CSV) or sheet row (XLSX) on which record `i` starts;
    `columns[c][i]` the text of its cell, "" where there is none; all columns are as long as `lines`.
    `kinds[c]` holds the kinds of column `c`, or None if all its cells are text or empty.
    """

    lines: Sequence[int]
    columns: list[list[str]]
    kinds: list[list[str] | None]

    def head(self, count: int) -> Iterator[tuple[int, list[str]]]:
        """The first `count` records as (line, cells), made as they are asked for."""
        rows = zip(*(column[:count] for column in self.columns)) if self.columns else iter(())
        return ((line, list(cells)) for line, cells in zip(self.lines[:count], rows))


@dataclass(frozen=True, slots=True)
class Lines:
    """A plain CSV that needs no parser: UTF-8, LF after every line, no quotes; DuckDB lays it out."""

    data: bytes
    delimiter: str

    @property
    def count(self) -> int:
        """How many lines there are."""
        return self.data.count(b"\n")

    def head(self, count: int) -> Iterator[tuple[int, list[str]]]:
        """The first `count` lines as (line, cells), made as they are asked for."""
        first = islice(re.finditer(rb"([^\n]*)\n", self.data), count)
        return ((n, line[1].decode().split(self.delimiter)) for n, line in enumerate(first, 1))


class Table(NamedTuple):
    """One table of a file, before anybody asks what its columns mean."""

    body: Grid | Lines
    format: str  # "csv" | "xlsx"
    encoding: str | None = None  # "utf-8" | "utf-16" | "windows-1252"; None for a workbook
    newline: str | None = None  # "lf" | "crlf" | "cr" | "mixed"; None for a workbook or a single line
    bom: bool = False
    delimiter: str | None = None
    sheet: str | None = None
    cells: tuple[Cell, ...] = ()
    data: bytes = b""  # a CSV's text in UTF-8, "\n" after every line; for excerpts


class Header(NamedTuple):
    """Where the columns' names stand and what they say; `line` is None where the first row is a device."""

    line: int | None
    serial: str | None
    customer: str | None
    known: bool
    swapped: bool


class TransferFile(NamedTuple):
    """A transfer file as read: the table and its header, or the fault that kept it from being read."""

    source: Source
    format: str
    size: int
    sha256: str
    table: Table | None = None
    header: Header = Header(None, None, None, False, False)
    fault: Fault | None = None
