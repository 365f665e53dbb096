"""A worksheet's cells, proved to be what they seem, and its marks, which calamine does not tell.

Excel and most other programs write cells in one plain form, which a regular expression can check as a whole.
What is not written so goes through rewrite.py first.
"""

import re

from wxp_lint.files.guard import SAVE_AGAIN, Refused
from wxp_lint.files.rewrite import rewrite_sheet, rewrite_strings, unescape
from wxp_lint.files.sheet import (
    COLUMNS,
    ROWS,
    Position,
    Range,
    Sheet,
    column_letters,
    column_number,
    covered,
    position,
    range_of,
)
from wxp_lint.files.workbook import walk

ROOMY = 2 * ROWS  # a box that needs no reason: calamine takes 150 MB for it

_REFERENCE = rb'<c r="([A-Z]{1,3}[1-9][0-9]{0,6})"'
_STYLE = rb'(?: s="[0-9]{1,9}")?'
_INLINE = rb'inlineStr"><is><t(?: xml:space="preserve")?>[^<]*</t></is>'
_ATTRIBUTES = rb'(?: [\w:]+="[^"<>]*")*'


def _cells(formula: bytes, types: bytes) -> re.Pattern[bytes]:
    """A cell in the plain form, by its reference: a `formula` before its value, and text of such `types`."""
    forms = (
        b' t="' + _INLINE + b"</c>",
        b' t="s"><v>[0-9]{1,9}</v></c>',
        b' t="b">' + formula + b"<v>[01]</v></c>",
        b' t="n">' + formula + b"<v>[^<&]*</v></c>",
        b' t="(?:' + types + b')">' + formula + b"<v>[^<]*</v></c>",
        b">" + formula + b"(?:<v>[^<&]*</v>|<v ?/>)?</c>",
        b'(?: t="n")? ?/>',
    )
    return re.compile(_REFERENCE + _STYLE + b"(?:" + b"|".join(forms) + b")")


_PLAIN = _cells(b"", b"str|d")
_MARKED = _cells(b"(?:<f" + _ATTRIBUTES + b"(?: ?/>|>[^<]*</f>))?", b"str|d|e")
_FORMULA = re.compile(_REFERENCE + rb"[^<>]*><f(" + _ATTRIBUTES + rb")(?: ?/>|>([^<]*)</f>)")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')
_ERROR = re.compile(rb"(" + _REFERENCE + _STYLE + rb') t="e"')
_FILLED = re.compile(_REFERENCE + rb"(?!" + _STYLE + rb'(?: t="n")? ?/>)')
_ROW = re.compile(rb'<row r="([1-9][0-9]{0,6})"([^<>]*)>')
_HIDDEN_ROW = re.compile(rb' hidden="(?!0"|false")| ht="0+(?:\.0*)?"')
_PREFIXED = re.compile(rb"<[^\s<>/]*:")
_STRING = re.compile(rb'<si><t(?: xml:space="preserve")?>[^<]*</t></si>')
_LETTERS = bytes(range(65, 91))
_DIGITS = bytes(range(48, 58))


def plain_strings(xml: bytes) -> list[bytes]:
    """The shared strings in `xml`, a vetted part or b"", each as `<si><t>...</t></si>`. Raises ExpatError."""
    strings = _STRING.findall(xml)
    if len(strings) == xml.count(b"<si") and b"<!" not in xml and b":si" not in xml:
        return strings
    return rewrite_strings(xml)


def scan(xml: bytes) -> Sheet:
    """The worksheet in `xml`, a vetted part. Raises Refused, ExpatError."""
    sheet = _plain(xml) or _plain(rewrite_sheet(xml))
    if sheet is None:
        raise Refused("corrupt", f"it has cells of a kind that Excel does not know: {SAVE_AGAIN}")
    return sheet


def _plain(xml: bytes) -> Sheet | None:
    """The sheet, or None if anything in its data is not in the plain form."""
    start, end = xml.find(b"<sheetData>"), xml.find(b"</sheetData>")
    if not 0 <= start < end:
        return None
    end += len(b"</sheetData>")
    count = xml.count(b"<c", start, end)
    references = _PLAIN.findall(xml, start, end)
    marked = len(references) != count
    if marked and len(references := _MARKED.findall(xml, start, end)) != count:
        return None
    if xml.find(b":", start, end) >= 0 and _PREFIXED.search(xml, start, end):
        return None
    around = _around(xml[:start] + xml[end:])
    hidden_rows = _hidden_rows(xml, start, end)
    if around is None or hidden_rows is None:
        return None
    existing = set(references)
    if len(existing) != len(references):
        raise Refused("corrupt", f"one of its cells stands there twice: {SAVE_AGAIN}")
    data, errors, formulas, furthest = xml[start:end], [], {}, ""
    if marked:
        formulas = _formulas(data, existing)
        errors = [position(reference.decode()) for _, reference in _ERROR.findall(data)]
        data = _ERROR.sub(rb'\1 t="str"', data)  # calamine would drop the error, or fail at a new one
    rows, columns = _box(references)
    if rows * columns > ROOMY:
        references = _FILLED.findall(data)  # blank cells with a border or colour cost nothing
        furthest = max((reference.decode() for reference in references), key=_stretch, default="")
        rows, columns = _box(references)
    return Sheet(
        data,
        len(references),
        rows,
        columns,
        furthest,
        formulas,
        frozenset(errors),
        merged=around[0],
        hidden_columns=around[1],
        hidden_rows=hidden_rows,
    )


def _around(xml: bytes) -> tuple[tuple[Range, ...], tuple[tuple[int, int], ...]] | None:
    """The merged ranges and hidden columns in a sheet without its data; None if that was not all its data."""
    from pyexpat import ExpatError

    merged: list[Range] = []
    columns: list[tuple[int, int]] = []
    tags: set[str] = set()

    def visit(parent: str, tag: str, attributes: dict[str, str]) -> None:
        tags.add(tag)
        if tag == "mergeCell":
            found = range_of(attributes.get("ref", ""))
            merged.extend([found] if found[:2] != found[2:] else [])
        elif tag == "col" and (
            attributes.get("hidden", "0") not in ("0", "false") or float(attributes.get("width", 1)) == 0
        ):
            columns.append((int(attributes["min"]), min(int(attributes["max"]), COLUMNS)))

    try:
        walk(xml, visit)
    except ExpatError:
        return None
    return None if tags & {"c", "sheetData"} else (tuple(merged), tuple(columns))


def _hidden_rows(xml: bytes, start: int, end: int) -> tuple[int, ...] | None:
    """The hidden rows; None if a row is not in the plain form."""
    if xml.find(b"hidden", start, end) < 0 and xml.find(b' ht="0', start, end) < 0:
        return ()
    rows = _ROW.findall(xml, start, end)
    if len(rows) != xml.count(b"<row", start, end):
        return None
    return tuple(int(row) for row, attributes in rows if _HIDDEN_ROW.search(attributes))


def _formulas(data: bytes, existing: set[bytes]) -> dict[Position, str]:
    """The formulas in `data`, with their "=", also those that a cell has from another one."""
    formulas: dict[Position, str] = {}
    shared: dict[bytes, str] = {}
    arrays: list[Range] = []
    for reference, raw, formula in _FORMULA.findall(data):
        attributes = dict(_ATTRIBUTE.findall(raw)) if raw else {}
        kind, group = attributes.get(b"t"), attributes.get(b"si", b"")
        text = "=" + (unescape(formula) if b"&" in formula else formula.decode()).removeprefix("=")
        if kind == b"shared" and text == "=":
            text = shared.get(group, text)
        elif kind == b"shared":
            shared[group] = f"{text} (from {reference.decode()})"
        elif kind in (b"array", b"dataTable"):
            arrays.append(range_of(attributes.get(b"ref", reference).decode()))
        formulas[position(reference.decode())] = text
    origins: dict[Position, str] = {}  # made once each: a formula can be long, its range large
    for top, left, *_ in arrays:
        origins[top, left] = f"{formulas.get((top, left), '=')} (from {column_letters(left)}{top})"
    for row, column, (top, left, *_) in covered(arrays, ROWS, COLUMNS, len(existing)):
        if f"{column_letters(column)}{row}".encode() in existing:
            formulas.setdefault((row, column), origins[top, left])
    return formulas


def _box(references: list[bytes]) -> tuple[int, int]:
    """The rows and columns of the box from A1 to the furthest row and column."""
    if not references:
        return 0, 0
    joined = b" ".join(references)
    rows = max(map(int, joined.translate(None, _LETTERS).split()))
    columns = max(map(column_number, set(joined.translate(None, _DIGITS).split())))
    return position(f"{column_letters(columns)}{rows}")


def _stretch(reference: str) -> int:
    row, column = position(reference)
    return row * column
