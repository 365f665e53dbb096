"""The cells of a worksheet as places in its XML, whatever legal form that has, and new XML for them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from wxp_lint.files.rewrite import escape
from wxp_lint.files.sheet import Position, column_letters, position
from wxp_lint.files.workbook import local

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(rb"""\sr\s*=\s*(?:"[^"]*"|'[^']*')""")
_TAG = re.compile(rb"""<[^\s/>]+(?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*""")


@dataclass(frozen=True, slots=True)
class Element:
    """A cell's element: where it starts and ends in the XML, its name and attributes as they stand there.

    `formula` is the kind of its formula ("normal", "shared", "array", "dataTable"), None without one.
    """

    start: int
    end: int
    name: str
    attributes: dict[str, str]
    formula: str | None


def elements(xml: bytes, wanted: Callable[[Position], bool]) -> dict[Position, Element]:
    """The cells of the worksheet `xml`, a vetted part, at the wanted positions; a cell may have no element."""
    from pyexpat import ParserCreate

    parser = ParserCreate("UTF-8")
    found: dict[Position, Element] = {}
    row = column = 0
    inside = False  # the sheet's data
    cell: tuple[int, dict[str, str]] | None = None  # where the open cell starts, its attributes
    formula: str | None = None

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, inside, cell, formula
        tag = local(name)
        if tag == "sheetData":
            inside = True
        elif inside and tag == "row":
            given = attributes.get("r")
            row, column = (row + 1 if given is None else position(f"A{given}")[0]), 0
        elif inside and tag == "c":
            given = attributes.get("r")
            row, column = position(given) if given else (row, column + 1)
            cell, formula = (parser.CurrentByteIndex, attributes), None
        elif cell is not None and tag == "f":
            formula = attributes.get("t", "normal")

    def end(name: str) -> None:
        nonlocal inside, cell
        tag = local(name)
        if tag == "sheetData":
            inside = False
        elif tag == "c" and cell is not None:
            if wanted((row, column)):
                until = _end(xml, parser.CurrentByteIndex, name.encode())
                found[row, column] = Element(cell[0], until, name, cell[1], formula)
            cell = None

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(xml, True)
    return found


def _end(xml: bytes, at: int, name: bytes) -> int:
    """Where an element ends: expat points to its end tag, or behind it if it is all one tag."""
    closing = re.compile(rb"</" + re.escape(name) + rb"\s*>").match(xml, at)
    return closing.end() if closing else at


def is_legal(text: str) -> bool:
    """Whether XML can hold `text`."""
    return not _ILLEGAL.search(text)


def with_text(element: Element, text: str) -> bytes:
    """The cell with `text`, which is legal, as text whatever it begins with; its style stays."""
    prefix = element.name[: -len("c")]
    kept = "".join(f' {name}="{escape(element.attributes[name])}"' for name in ("r", "s") if name in element.attributes)
    space = ' xml:space="preserve"' if text != text.strip() else ""
    inner = f"<{prefix}is><{prefix}t{space}>{escape(text)}</{prefix}t></{prefix}is>"
    return f'<{element.name}{kept} t="inlineStr">{inner}</{element.name}>'.encode()


def moved(xml: bytes, element: Element, to: Position) -> bytes:
    """The cell as it stands, but at another place."""
    whole = xml[element.start : element.end]
    tag = _TAG.match(whole)
    assert tag is not None
    head = _REFERENCE.sub(b"", tag[0], count=1) if "r" in element.attributes else tag[0]
    name = f"<{element.name}".encode()
    reference = f' r="{column_letters(to[1])}{to[0]}"'.encode()
    return name + reference + head[len(name) :] + whole[tag.end() :]
