"""The bytes of an upload -> its rows, or why it is refused."""

import codecs
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from wxp_lint.errors import UsageError
from wxp_lint.files.header import words
from wxp_lint.files.limits import Limits, without_raise
from wxp_lint.files.model import Source, TransferFile
from wxp_lint.files.read import read
from wxp_lint.files.records import records
from wxp_lint.keys import key

MOST_BYTES = 5 << 20
MOST_ROWS = 5_000
SAMPLE_HEADER = ("Serial Number", "Customer ID")
_LIMITS = Limits(file=MOST_BYTES, line=1 << 14, unpacked=64 << 20, cells=1_000_000, parts=500)


class Row(NamedTuple):
    """A row as it stands in the file: its line, column A, column B."""

    line: int
    serial: str
    customer_id: str


class Refused(Exception):
    """The whole file is not taken: `what` is wrong with it, and how to `mend` it."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what, mend)
        self.what = what
        self.mend = mend


def shown(name: str) -> str:
    """A file's name as it is shown: never more than a text, without folders and control characters."""
    base = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in base)[:100] or "upload"


def rows(data: bytes, behaviour: Mapping[str, str]) -> tuple[Row, ...]:
    """The rows below the header that hold anything. Columns go by position, A and B. Raises Refused."""
    if behaviour["bom"] == "refuse" and data.startswith(codecs.BOM_UTF8):
        raise Refused("the file begins with a byte order mark", "save it as UTF-8 without one: wxp-lint fix does it")
    name = "upload.xlsx" if data.startswith(b"PK\x03\x04") else "upload.csv"
    try:
        file = read(Source(name, Path(name), data), words(), _LIMITS, Path())
    except UsageError as error:
        raise Refused(str(error), "save it as CSV UTF-8 and upload that") from None
    if file.fault is not None:
        what, _, mend = without_raise(file.fault.detail).partition(": ")
        raise Refused(f"the file cannot be read: {what}", mend or "save it as CSV UTF-8 and upload that")
    found = list(_below_header(file, behaviour["header"]))
    if not found:
        raise Refused("there is no PC in the file", "add a row for each PC below the header")
    if len(found) > MOST_ROWS:
        raise Refused(
            f"the file has {len(found):,} rows, and the sandbox takes {MOST_ROWS:,}", "split it into several files"
        )
    targets = {key(row.customer_id) for row in found}
    if behaviour["mixed-targets"] == "refuse" and len(targets) > 1:
        raise Refused(f"the file has {len(targets)} different Customer IDs", "make one file for each customer")
    return tuple(found)


def _below_header(file: TransferFile, header: str) -> Iterator[Row]:
    first = True
    for line, cells in _records(file):
        row = Row(line, *(text.strip() for text in (*cells, "", "")[:2]))
        if not (row.serial or row.customer_id):
            continue
        if first and header == "exact" and (row.serial, row.customer_id) != SAMPLE_HEADER:
            raise Refused(f"the first row is not {', '.join(SAMPLE_HEADER)}", "take the first row from the sample file")
        is_header = line == file.header.line if header == "likely" else first
        first = False
        if not is_header:
            yield row


def _records(file: TransferFile) -> Iterator[tuple[int, list[str]]]:
    table = file.table
    assert table is not None
    if table.format == "xlsx":
        yield from table.body.head(_LIMITS.cells)
    else:
        for line, cells, _ in records(table.data.decode(), table.delimiter or ","):
            yield line, cells
