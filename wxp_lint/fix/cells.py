"""The records of a CSV as places in its text, so that a cell can be changed and nothing else."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wxp_lint.fix.plan import Withheld

NEWLINE = re.compile(r"\r\n|\n|\r")
_QUOTED = re.compile(r'"([^"]*+(?:""[^"]*+)*+)"')


@dataclass(frozen=True, slots=True)
class Record:
    """A record: its physical line, where it starts and ends (its newline included), and its cells' places.

    A place is (start, end) with the quotes. A record without any text has one empty cell.
    """

    line: int
    start: int
    end: int
    cells: tuple[tuple[int, int], ...]


def reader(text: str, delimiter: str) -> Callable[[int, int], Record]:
    """A function (line, its start) -> the record that begins there. It raises Withheld for an open quote.

    It parts records as files/records.py does: text after a closing quote belongs to the cell.
    """
    part = re.escape(delimiter)
    cell = re.compile(rf'(?:"[^"]*+(?:""[^"]*+)*+"[^{part}\r\n]*+|(?!")[^{part}\r\n]*+)({part}|\r\n|\n|\r|\Z)')

    def read(line: int, start: int) -> Record:
        cells: list[tuple[int, int]] = []
        at = start
        while True:
            found = cell.match(text, at)
            if found is None:
                raise Withheld(f"line {line} has a quote that is never closed: mend that first")
            cells.append((at, found.start(1)))
            at = found.end()
            if found[1] != delimiter:
                return Record(line, start, at, tuple(cells))

    return read


def records(text: str, delimiter: str) -> Iterator[Record]:
    """All records of `text`. Raises Withheld for an open quote."""
    read = reader(text, delimiter)
    at, line = 0, 1
    while at < len(text):
        record = read(line, at)
        yield record
        inside = text[at : record.end]
        line += len(NEWLINE.findall(inside)) if '"' in inside else 1
        at = record.end


def value(raw: str) -> str:
    """What a cell says, without its quotes."""
    quoted = _QUOTED.match(raw)
    return quoted[1].replace('""', '"') + raw[quoted.end() :] if quoted else raw


def written(text: str, delimiter: str, *, quoted: bool) -> str:
    """`text` as it stands in a cell: in quotes where it needs them, or had them."""
    if quoted or delimiter in text or '"' in text or NEWLINE.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text
