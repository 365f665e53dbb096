"""CSV bytes -> Table: encoding, newline, delimiter, and the records with their exact physical lines.

A file without quotes is handed on as `Lines`, for DuckDB to lay out; any other goes through Python's csv.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Sequence
from itertools import zip_longest

from wxp_lint.files.header import GUID, SERIAL
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Cell, Fault, Grid, Lines, Table
from wxp_lint.keys import key

DELIMITERS = ",;\t|"
SAVE_AS_CSV = "save it as CSV UTF-8 (comma delimited) from the program that made it"
_MAGIC = (
    (b"PK\x03\x04", "workbook", "this is an Excel workbook or another zip archive: name it .xlsx, or save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "workbook", "this is an old Excel file or an encrypted workbook: save it as CSV or .xlsx"),
    (b"\x89PNG", "binary", f"this is a PNG picture, not a CSV: {SAVE_AS_CSV}"),
    (b"\xff\xd8\xff", "binary", f"this is a JPEG picture, not a CSV: {SAVE_AS_CSV}"),
    (b"%PDF", "binary", f"this is a PDF, not a CSV: {SAVE_AS_CSV}"),
    (b"\x1f\x8b", "binary", "this is gzip data, not a CSV: unpack it first"),
)


def read_csv(data: bytes, is_header: Callable[[str, str], bool], limits: Limits) -> Table | Fault:
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
        return Fault("nul", f"line {_line_at(data, nul)} holds a NUL byte, so this is no text file: {SAVE_AS_CSV}")
    data, newline = _one_newline(data)
    long = _endless_line(data, limits.line)
    if long:
        return Fault("endless-line", f"line {long} is longer than {limits.line:,} bytes: this is no table of PCs")
    first = data[: 1 << 16].decode("utf-8", "ignore").split("\n")[:50]
    delimiter = _delimiter(first, is_header)
    if encoding == "windows-1252" and not _is_table(first, delimiter, is_header):
        return Fault("encoding", f"it is neither UTF-8 nor a table in Windows-1252: {SAVE_AS_CSV}")
    body, cells = _body(data, delimiter)
    return Table(body, "csv", encoding, newline, bom, delimiter, cells=cells, data=data)


def _decode(data: bytes) -> tuple[bytes, str, bool] | Fault:
    """(UTF-8 bytes without a BOM, encoding, whether there was a UTF-8 BOM)."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return Fault("encoding", f"it is in UTF-32: {SAVE_AS_CSV}")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _looks_like_utf16(data):
        codec = "utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-16-le"
        try:
            return data.decode(codec).encode(), "utf-16", False
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
            return Fault("encoding", f"line {line} is in no encoding that can be told (UTF-8, UTF-16): {SAVE_AS_CSV}")
        if bom or re.search(r"[\x01-\x08\x0e-\x1f]", text[: 1 << 16]):
            return Fault("binary", f"it is damaged, or binary data and not a CSV: {SAVE_AS_CSV}")
        return text.encode(), "windows-1252", False
    return data, "utf-8", bom


def _looks_like_utf16(data: bytes) -> bool:
    head = data[:1000]
    return len(head) > 8 and len(head) % 2 == 0 and 0 not in head[::2] and head[1::2].count(0) > 0.8 * len(head[1::2])


def _line_at(data: bytes, position: int) -> int:
    return len(re.findall(rb"\r\n|\n|\r", data[:position])) + 1


def _one_newline(data: bytes) -> tuple[bytes, str | None]:
    """`data` with "\\n" after every line, and the kind of newline that it had."""
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


def _delimiter(lines: Sequence[str], is_header: Callable[[str, str], bool]) -> str:
    """The delimiter that parts most lines, those best where a serial, an ID or a header word comes out; else a comma."""

    def score(delimiter: str) -> int:
        return sum(_points(_cells(line, delimiter), is_header) for line in lines if delimiter in line)

    return max(DELIMITERS, key=score)


def _points(cells: Sequence[str], is_header: Callable[[str, str], bool]) -> int:
    a, b = cells[0], cells[1]
    fits = is_header(a, b) or any(GUID.fullmatch(key(x)) or SERIAL.fullmatch(key(x)) for x in (a, b))
    return 3 if fits else 1


def _is_table(lines: Sequence[str], delimiter: str, is_header: Callable[[str, str], bool]) -> bool:
    return any(delimiter in line or is_header(line, "") for line in lines)


def _body(data: bytes, delimiter: str) -> tuple[Grid | Lines, tuple[Cell, ...]]:
    if b'"' not in data:
        return Lines(data, data.count(b"\n"), delimiter), ()
    reader = csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter, strict=True)
    csv.field_size_limit(max(len(data), 1))
    lines: list[int] = []
    rows: list[list[str]] = []
    malformed: list[Cell] = []
    end = 0
    try:
        for cells in reader:
            start, end = end + 1, reader.line_num
            broken = next((col for col, text in enumerate(cells[:2], 1) if "\n" in text), None)
            if broken:
                text = cells[broken - 1]
                malformed.append(Cell(start, broken, text, "malformed", "a line break inside the cell"))
            else:
                lines.append(start)
                rows.append(cells)
    except csv.Error as error:
        reason = "text after a closing quote" if "expected after" in str(error) else "a quote that is never closed"
        malformed.append(Cell(end + 1, 1, "", "malformed", reason))
    columns = [list(column) for column in zip_longest(*rows, fillvalue="")]
    return Grid(lines, columns, [None] * len(columns)), tuple(malformed)
