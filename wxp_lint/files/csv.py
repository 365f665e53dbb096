"""CSV bytes -> Table: encoding, newline, delimiter, and the records with their exact physical lines.

A file without quotes is handed on as `Lines`, for DuckDB to lay out; any other goes through Python's csv.
"""

import codecs
import re
from collections.abc import Callable, Sequence

from wxp_lint.files.header import GUID, SERIAL
from wxp_lint.files.limits import Limits, or_raise
from wxp_lint.files.model import Cell, Fault, Grid, Lines, Table
from wxp_lint.files.records import NEVER_CLOSED, Broken, records, simple_records
from wxp_lint.keys import key

IsHeader = Callable[[str, str], bool]

HEAD = 1 << 16  # bytes looked at to find the delimiter
ROOMY = 10_000_000  # cells that a table may span whatever its rows hold
LINE_BREAK = "a line break inside the cell"
DELIMITERS = ",;\t|"
SAVE_AS_CSV = "save it as CSV UTF-8 (comma delimited) from the program that made it"
_MAGIC = (
    (
        b"PK\x03\x04",
        "workbook",
        "this is a workbook or another zip archive: name it .xlsx, or save it as CSV",
    ),
    (b"\xd0\xcf\x11\xe0", "workbook", "this is an old or encrypted Excel workbook: save it as CSV or .xlsx"),
    (b"\x89PNG", "binary", f"this is a PNG picture, not a CSV: {SAVE_AS_CSV}"),
    (b"\xff\xd8\xff", "binary", f"this is a JPEG picture, not a CSV: {SAVE_AS_CSV}"),
    (b"%PDF", "binary", f"this is a PDF, not a CSV: {SAVE_AS_CSV}"),
    (b"\x1f\x8b", "binary", "this is gzip data, not a CSV: unpack it first"),
)


def read_csv(data: bytes, is_header: IsHeader, limits: Limits) -> Table | Fault:
    """The table in `data`. `is_header` tells header words, which help to find delimiter and encoding."""
    for magic, kind, words in _MAGIC:
        if data.startswith(magic):
            return Fault(kind, words)
    if re.match(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml)", data[:200].lower()):
        return Fault("html", f"this is a web page or XML, not a CSV: {SAVE_AS_CSV}")
    decoded = _decode(data)
    if isinstance(decoded, Fault):
        return decoded
    data, encoding, bom = decoded
    nul = data.find(b"\0")
    if nul >= 0:
        return Fault("nul", f"line {_line_at(data, nul)} holds a NUL byte, so it is no text: {SAVE_AS_CSV}")
    data, newline = _one_newline(data)
    long = _endless_line(data, limits.line)
    if long:
        words = f"line {long} is longer than {limits.line:,} bytes: this is no table of PCs; {SAVE_AS_CSV}"
        return Fault("endless-line", words + or_raise("line"))
    delimiter = _delimiter(data, is_header)
    if encoding == "windows-1252" and not _is_table(data, delimiter, is_header):
        return Fault("encoding", f"it is neither UTF-8 nor a table in Windows-1252: {SAVE_AS_CSV}")
    try:
        body, cells = _body(data, delimiter, is_header)
    except _TooWide as error:
        return Fault("size", str(error))
    return Table(body, "csv", encoding, newline, bom, delimiter, cells=cells, data=data)


def _decode(data: bytes) -> tuple[bytes, str, bool] | Fault:
    """(UTF-8 bytes without a BOM, encoding, whether there was a UTF-8 BOM)."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return Fault("encoding", f"it is in UTF-32: {SAVE_AS_CSV}")
    utf16 = _utf16(data)
    if utf16:
        try:
            return data.decode(utf16).encode(), "utf-16", False
        except UnicodeError:
            return Fault("encoding", f"it begins as UTF-16, but is cut off or damaged: {SAVE_AS_CSV}")
    bom = data.startswith(codecs.BOM_UTF8)
    if bom:
        data = data[3:]
    if data.isascii():
        return data, "utf-8", bom
    try:
        data.decode()
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError as error:
            line = _line_at(data, error.start)
            return Fault("encoding", f"line {line} is in no encoding that can be told: {SAVE_AS_CSV}")
        if bom or re.search(r"[\x01-\x08\x0e-\x1f]", text[: 1 << 16]):
            return Fault("binary", f"it is damaged, or binary data and not a CSV: {SAVE_AS_CSV}")
        return text.encode(), "windows-1252", False
    return data, "utf-8", bom


def _utf16(data: bytes) -> str | None:
    """The codec of UTF-16 data: told by its mark, or by the zeros of Western text."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    low, high = data[:1000:2], data[1:1000:2]
    if len(high) < 4 or 0 not in data[:4]:
        return None
    if 0 not in low and high.count(0) > 0.8 * len(high):
        return "utf-16-le"
    return "utf-16-be" if 0 not in high and low.count(0) > 0.8 * len(low) else None


def _line_at(data: bytes, position: int) -> int:
    return len(re.findall(rb"\r\n|\n|\r", data[:position])) + 1


def _one_newline(data: bytes) -> tuple[bytes, str | None]:
    r"""`data` with "\n" after every line, and the kind of newline that it had."""
    crlf, newline = 0, None
    if b"\r" in data:
        crlf = data.count(b"\r\n")
        lone = data.count(b"\r") - crlf
        feeds = data.count(b"\n") - crlf
        newline = "crlf" if not lone and not feeds else "cr" if not crlf and not feeds else "mixed"
        data = data.replace(b"\r\n", b"\n")
        if lone:
            data = data.replace(b"\r", b"\n")
    elif b"\n" in data:
        newline = "lf"
    return (data if data.endswith(b"\n") or not data else data + b"\n"), newline


def _endless_line(data: bytes, limit: int) -> int | None:
    """The first line longer than `limit`: found by stepping from newline to newline, a limit at a time."""
    start = 0
    while len(data) - start > limit:
        end = data.rfind(b"\n", start, start + limit + 1)
        if end < 0:
            return _line_at(data, start)
        start = end + 1
    return None


def _cells(line: str, delimiter: str) -> list[str]:
    """A rough split, good enough to tell delimiters apart."""
    return re.sub(r'"[^"]*"', lambda quoted: quoted[0][1:-1].replace(delimiter, " "), line).split(delimiter)


def _delimiter(data: bytes, is_header: IsHeader) -> str:
    """The delimiter that parts most of the first lines, or a comma where there is none.

    Lines count thrice where a serial, a Customer ID or a header word comes out.
    """
    head = data[:HEAD]
    there = [delimiter for delimiter in DELIMITERS if delimiter.encode() in head]
    if len(there) < 2 and b'"' not in head:
        return there[0] if there else ","
    lines = head.decode("utf-8", "ignore").split("\n")[:50]

    def score(delimiter: str) -> int:
        return sum(_points(_cells(line, delimiter), is_header) for line in lines if delimiter in line)

    return max(DELIMITERS, key=score)


def _points(cells: Sequence[str], is_header: IsHeader) -> int:
    if len(cells) < 2:
        return 0
    a, b = cells[0], cells[1]
    fits = is_header(a, b) or any(GUID.fullmatch(key(x)) or SERIAL.fullmatch(key(x)) for x in (a, b))
    return 3 if fits else 1


def _is_table(data: bytes, delimiter: str, is_header: IsHeader) -> bool:
    lines = data[:HEAD].decode("utf-8", "ignore").split("\n")
    return any(delimiter in line or is_header(line, "") for line in lines)


def _body(data: bytes, delimiter: str, is_header: IsHeader) -> tuple[Grid | Lines, tuple[Cell, ...]]:
    if b'"' not in data and b"\x01" not in data:  # \x01 parts the cells where DuckDB reads whole lines
        return Lines(data, delimiter), ()
    text = data.decode()
    lines: Sequence[int]
    malformed: list[Cell] = []
    rows = simple_records(text, delimiter)
    if rows is not None:
        lines = range(1, len(rows) + 1)
    else:
        lines, rows = [], []
        for line, cells, broken in records(text, delimiter):
            cell = _malformed(line, cells, broken, is_header) if broken or _line_break(cells) else None
            if cell:
                malformed.append(cell)
            else:
                lines.append(line)
                rows.append(cells)
    width = max(map(len, rows), default=0)
    if width * len(rows) > max(ROOMY, 16 * sum(map(len, rows))):
        line = next(line for line, cells in zip(lines, rows) if len(cells) == width)
        raise _TooWide(f"line {line} has {width:,} cells, far more than the others: this is no table of PCs")
    columns = [[cells[at] if at < len(cells) else "" for cells in rows] for at in range(width)]
    return Grid(lines, columns, [None] * len(columns)), tuple(malformed)


class _TooWide(Exception):
    """A row so long that a table as wide would not fit in memory."""


def _line_break(cells: Sequence[str]) -> int | None:
    """Which of the first two cells (1 or 2) holds a line break; in any other it is legal."""
    return next((col for col, text in enumerate(cells[:2], 1) if "\n" in text), None)


def _malformed(line: int, cells: Sequence[str], broken: Sequence[Broken], is_header: IsHeader) -> Cell | None:
    """Why a record cannot be read: something is wrong in A or B, or it swallows the rest of the file."""
    for fault in broken:
        if fault.col <= 2 or fault.reason == NEVER_CLOSED:
            text = cells[fault.col - 1].split("\n")[0]
            return Cell(line, fault.col if fault.col <= 2 else None, text, "malformed", fault.reason)
    col = _line_break(cells)
    if col is None or is_header(*(*cells, "")[:2]):
        return None
    return Cell(line, col, cells[col - 1], "malformed", LINE_BREAK)
