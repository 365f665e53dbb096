"""Worksheets and shared strings in any legal XML -> the plain form that marks.py and calamine read.

calamine reads some legal XML wrongly (a character reference in a number ends it), and expat is slow.
So expat only translates what is out of the ordinary: prefixes, quotes, entities, rich text, no positions.
"""

from collections.abc import Callable

from wxp_lint.files.guard import SAVE_AGAIN, Refused
from wxp_lint.files.sheet import column_letters, position
from wxp_lint.files.workbook import local

_OFF = ("0", "false")


def rewrite_sheet(xml: bytes) -> bytes:
    """The worksheet `xml` with its cells and marks alone. Raises Refused, ExpatError."""
    return _Sheet().read(xml)


def rewrite_strings(xml: bytes) -> list[bytes]:
    """Every shared string of `xml` as `<si><t>...</t></si>`, rich text joined, phonetic guides left out."""
    strings: list[bytes] = []
    text = _Text()

    def start(name: str, attributes: dict[str, str]) -> None:
        tag = local(name)
        if tag == "si":
            text.clear()
        text.start(tag, attributes)

    def end(name: str) -> None:
        tag = local(name)
        text.end(tag)
        if tag == "si":
            strings.append(f'<si><t xml:space="preserve">{escape(text.text())}</t></si>'.encode())

    _parse(xml, start, end, text.data)
    return strings


def escape(text: str) -> str:
    """`text` as XML character data or an attribute's value, line ends kept."""
    for plain, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\r", "&#13;")):
        if plain in text:
            text = text.replace(plain, entity)
    return text


def unescape(xml: bytes) -> str:
    """The character data `xml` as text."""
    pieces: list[str] = []
    _parse(b"<t>%b</t>" % xml, lambda name, attributes: None, lambda name: None, pieces.append)
    return "".join(pieces)


def _parse(
    xml: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    data: Callable[[str], object],
) -> None:
    from pyexpat import ParserCreate

    parser = ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = data
    parser.Parse(xml, True)


class _Text:
    """Collects the text of a string item: its `<t>` elements, but not those of phonetic guides."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._done: list[str] = []
        self._open: list[str] | None = None
        self._keep = self._phonetic = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "t":
            self._open = []
            self._keep = attributes.get("xml:space") == "preserve"
        elif tag == "rPh":
            self._phonetic = True

    def data(self, text: str) -> None:
        if self._open is not None:
            self._open.append(text)

    def end(self, tag: str) -> None:
        if tag == "t" and self._open is not None:
            text = "".join(self._open)
            self._open = None
            if not self._phonetic:
                self._done.append(text if self._keep else text.strip(" \t\r\n"))
        elif tag == "rPh":
            self._phonetic = False

    def text(self) -> str:
        return "".join(self._done)


class _Sheet:
    """A row or cell without a position follows the one before it."""

    def __init__(self) -> None:
        self._columns: list[str] = []
        self._rows: list[str] = []
        self._merged: list[str] = []
        self._state = "before"  # then "in" the sheet's data, then "after" it
        self._row = self._column = 0
        self._cell: dict[str, str] | None = None  # the attributes of the open cell
        self._chars: list[str] | None = None
        self._value: str | None = None
        self._formula = ""
        self._inline = False
        self._text = _Text()

    def read(self, xml: bytes) -> bytes:
        _parse(xml, self._start, self._end, self._data)
        columns, rows, merged = map("".join, (self._columns, self._rows, self._merged))
        data = f"<cols>{columns}</cols><sheetData>{rows}</sheetData><mergeCells>{merged}</mergeCells>"
        return f"<worksheet>{data}</worksheet>".encode()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local(name)
        if self._cell is not None:
            self._open_value(tag, attributes)
        elif self._state == "in":
            if tag == "c":
                self._cell, self._value, self._formula, self._inline = attributes, None, "", False
            elif tag == "row":
                row = attributes.get("r")
                self._row = self._row + 1 if row is None else position(f"A{row}")[0]
                self._column = 0
                self._rows.append(f'<row r="{self._row}"{_kept(attributes, "hidden", "ht")}>')
        elif tag == "sheetData" and self._state == "before":
            self._state = "in"
        elif tag == "mergeCell":
            self._merged.append(f"<mergeCell{_kept(attributes, 'ref')}/>")
        elif tag == "col":
            self._columns.append(f"<col{_kept(attributes, 'min', 'max', 'hidden', 'width')}/>")

    def _open_value(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "v":
            self._chars = []
        elif tag == "f":
            self._chars, self._formula = [], f"<f{_kept(attributes, 't', 'si', 'ref')}>"
        elif tag == "is":
            self._inline = True
            self._text.clear()
        elif tag == "c":
            raise Refused("corrupt", f"it has a cell inside a cell: {SAVE_AGAIN}")
        else:
            self._text.start(tag, attributes)

    def _data(self, text: str) -> None:
        if self._chars is not None:
            self._chars.append(text)
        elif self._inline:
            self._text.data(text)

    def _end(self, name: str) -> None:
        tag = local(name)
        if self._cell is not None:
            if tag == "c":
                self._close_cell(self._cell)
                self._cell = None
            elif self._chars is None:
                self._text.end(tag)
            elif tag == "v":
                self._value, self._chars = "".join(self._chars), None
            elif tag == "f":
                self._formula, self._chars = f"{self._formula}{escape(''.join(self._chars))}</f>", None
        elif self._state == "in" and tag == "row":
            self._rows.append("</row>")
        elif self._state == "in" and tag == "sheetData":
            self._state = "after"

    def _close_cell(self, cell: dict[str, str]) -> None:
        given = cell.get("r")
        row, self._column = position(given) if given else (self._row, self._column + 1)
        kind, value = cell.get("t", "n"), self._value or ""
        if self._inline and (kind == "inlineStr" or not value):
            kind, value = "inlineStr", self._text.text()
        if not value and not self._formula:
            return
        style = cell.get("s", "")
        styled = f' s="{style}"' if style.isascii() and style.isdecimal() else ""
        head = f'<c r="{column_letters(self._column)}{row}"{styled}'
        self._rows.append(f"{head}{_typed(kind, value, self._formula)}</c>")


def _typed(kind: str, value: str, formula: str) -> str:
    """The rest of a cell: its type, formula and value."""
    text = escape(value)
    if kind == "inlineStr" and not formula:
        return f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is>'
    if kind == "b":
        text = str(int(value.strip() not in _OFF))
    elif kind == "inlineStr" or (kind == "n" and text != value):
        kind = "str"
    return f' t="{escape(kind)}">{formula}<v>{text}</v>' if value else f">{formula}"


def _kept(attributes: dict[str, str], *names: str) -> str:
    return "".join(f' {name}="{escape(attributes[name])}"' for name in names if name in attributes)
