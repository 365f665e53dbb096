"""The records of a checked file, looked up by line without reading all of them."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from wxp_lint.files.model import Lines, Table, TransferFile
from wxp_lint.keys import key


class Sheet(NamedTuple):
    """The records of a file, counted from 0: their lines, and the cells of each. `text` is a line that is no record."""

    lines: Sequence[int]
    cells: Callable[[int], Sequence[str]]
    text: Callable[[int], Sequence[str]]

    def place(self, line: int) -> int:
        """The record on this line, else the next one below."""
        return bisect_left(self.lines, line)

    def end(self) -> int:
        """The number of records up to the last that shows something."""
        count = len(self.lines)
        return next((at + 1 for at in range(count - 1, -1, -1) if any(map(str.strip, self.cells(at)))), 0)


def sheet(table: Table) -> Sheet:
    """The records of `table`, each split when it is asked for."""
    body, delimiter = table.body, table.delimiter or ","
    texts = table.data.split(b"\n") if table.format == "csv" else []

    def split(line: int) -> Sequence[str]:
        return texts[line - 1].decode().split(delimiter) if 0 < line <= len(texts) else ()

    if isinstance(body, Lines):
        return Sheet(range(1, body.count + 1), lambda at: split(at + 1), split)
    return Sheet(body.lines, lambda at: [column[at] for column in body.columns], split)


def target(file: TransferFile) -> str | None:
    """The Customer ID that most rows of the file have, as it first stands there."""
    if file.table is None:
        return None
    records, at = sheet(file.table), 0 if file.header.swapped else 1
    start = records.place(file.header.line) + 1 if file.header.line is not None else 0
    rows = map(records.cells, range(start, len(records.lines)))
    texts = Counter(cells[at] for cells in rows if len(cells) > at)
    keys: Counter[str] = Counter()
    spelling: dict[str, str] = {}
    for text, count in texts.items():
        keys[key(text)] += count
        spelling.setdefault(key(text), text.strip())
    del keys[""]
    return spelling[keys.most_common(1)[0][0]] if keys else None
