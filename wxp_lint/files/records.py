"""CSV text with quotes -> its records: the physical line on which each starts, and what is broken in it."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

AFTER_QUOTE = "text after a closing quote"
NEVER_CLOSED = "a quote that is never closed"
_QUOTED = re.compile(r'"([^"]*+(?:""[^"]*+)*+)"')


class Broken(NamedTuple):
    """A cell whose quotes are wrong: its column (1-based) and the reason, one of the two above."""

    col: int
    reason: str


def simple_records(text: str, delimiter: str) -> list[list[str]] | None:
    """The cells of each record if every line of `text` is one and none is broken: faster than `records`."""
    csv.field_size_limit(max(len(text), csv.field_size_limit()))
    try:
        found = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return found if len(found) == text.count("\n") else None


def records(text: str, delimiter: str) -> Iterator[tuple[int, list[str], Sequence[Broken]]]:
    r"""(line, cells, broken cells) of each record of `text`, in which "\n" ends every line.

    A broken record is read as far as it goes: text after a closing quote belongs to the cell, and a quote
    that is never closed takes in the rest of `text`.
    """
    csv.field_size_limit(max(len(text), csv.field_size_limit()))
    at = line = 0

    def lines() -> Iterator[str]:
        nonlocal at, line
        while at < len(text):
            start, at, line = at, text.index("\n", at) + 1, line + 1
            yield text[start:at]

    while at < len(text):
        start, first = at, line + 1
        try:
            for cells in csv.reader(lines(), delimiter=delimiter, strict=True):
                yield first, cells, ()
                start, first = at, line + 1
        except csv.Error:
            cells, broken, at = _broken_record(text, start, delimiter)
            line = first - 1 + text.count("\n", start, at)
            yield first, cells, broken


def _broken_record(text: str, at: int, delimiter: str) -> tuple[list[str], list[Broken], int]:
    """The cells of the record at `at`, those that are broken, and where the next record starts."""
    cell_end = re.compile(f"[{re.escape(delimiter)}\n]")
    cells: list[str] = []
    broken: list[Broken] = []
    while True:
        value = ""
        quoted = text.startswith('"', at)
        if quoted:
            closed = _QUOTED.match(text, at)
            if not closed:
                return [*cells, text[at:]], [*broken, Broken(len(cells) + 1, NEVER_CLOSED)], len(text)
            value, at = closed[1].replace('""', '"'), closed.end()
        found = cell_end.search(text, at)
        end = found.start() if found else len(text)
        if quoted and end > at:
            broken.append(Broken(len(cells) + 1, AFTER_QUOTE))
        cells.append(value + text[at:end])
        at = end + 1
        if not found or found[0] == "\n":
            return cells, broken, min(at, len(text))
