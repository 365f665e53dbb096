"""A plan done to a workbook: the cells in question change in the sheet's part, every other part stays as it is.

A spreadsheet library would write the whole workbook anew, and lose cached values, and what it does not know.
"""

import sys
from io import BytesIO
from typing import cast

from wxp_lint.files.guard import Refused, calm, part_name, unpack
from wxp_lint.files.header import Words, is_header, stands_right
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Grid, Header, Table, TransferFile
from wxp_lint.files.sheet import Position
from wxp_lint.files.workbook import find_parts
from wxp_lint.fix.archive import replace_part
from wxp_lint.fix.plan import OTHER_KEY, Plan, Withheld
from wxp_lint.fix.sheet import Element, elements, is_legal, moved, with_text
from wxp_lint.lint.finding import Finding

_BOM = b"\xef\xbb\xbf"
_ANY = Limits(*[sys.maxsize] * len(Limits._fields))  # the reader has accepted the file

Edit = tuple[int, int, bytes]  # start, end, the XML that goes there


def fix_xlsx(data: bytes, file: TransferFile, plan: Plan, known: Words) -> tuple[bytes, dict[Finding, str]]:
    """`data` after `plan`, and the findings in `plan.cells` that were not answered, with the reason.

    `file` is what was read from `data`; `known` tells header words. Raises Withheld if nothing can be done.
    """
    table = file.table
    assert table is not None
    name, part = _sheet(data, table)
    mark, xml = (_BOM, part[len(_BOM) :]) if part.startswith(_BOM) else (b"", part)
    if plan.swap:
        edits, refused = _swap(xml, file.header, table, known), dict[Finding, str]()
    else:
        edits, refused = _edits(xml, table, plan, chained=b"calcchain.xml" in data.lower())
    if not edits:
        return data, refused
    pieces: list[bytes] = []
    at = 0
    for start, end, new in sorted(edits):
        pieces += [xml[at:start], new]
        at = end
    return replace_part(data, name, mark + b"".join([*pieces, xml[at:]])), refused


def _sheet(data: bytes, table: Table) -> tuple[str, bytes]:
    """The name and the XML of the part that holds the table's sheet."""
    from zipfile import ZipFile

    try:
        sheets = calm(find_parts, calm(unpack, data, _ANY)).sheets
    except Refused as refused:
        raise Withheld(refused.fault.detail) from None
    parts = [sheet.part for sheet in sheets if sheet.name == table.sheet]
    with ZipFile(BytesIO(data)) as archive:
        names = [entry for entry in archive.infolist() if part_name(entry.filename) in parts]
        if len(parts) != 1 or len(names) != 1:
            raise Withheld(f"it has two sheets named '{table.sheet}': give one another name")
        return names[0].orig_filename, archive.read(names[0])


def _edits(xml: bytes, table: Table, plan: Plan, *, chained: bool) -> tuple[list[Edit], dict[Finding, str]]:
    """The new texts as edits, and the findings that are not answered. `chained`: there is a calculation chain."""
    grid = cast(Grid, table.body)
    places = elements(xml, lambda place: place in plan.cells)
    edits: list[Edit] = []
    refused: dict[Finding, str] = {}
    for place, new in plan.cells.items():
        element = places.get(place)
        old = _text(grid, place)
        if element is None:
            refused[new.finding] = "the cell is empty: fill it in"
        elif not new.keeps(old):
            refused[new.finding] = OTHER_KEY.format(old=old)
        elif element.formula is not None and (chained or element.formula != "normal"):
            refused[new.finding] = "other cells hang on the formula in it: mend it in Excel"
        elif not is_legal(new.text):
            refused[new.finding] = "its new text has a character that no workbook can hold"
        else:
            edits.append((element.start, element.end, with_text(element, new.text)))
    return edits, refused


def _text(grid: Grid, place: Position) -> str:
    row, column = place
    return grid.columns[column - 1][row - 1] if row <= len(grid.lines) and column <= len(grid.columns) else ""


def _swap(xml: bytes, header: Header, table: Table, known: Words) -> list[Edit]:
    """Columns A and B change places from the header on, but not words that stand right. Raises Withheld."""
    if any(cell.kind == "formula" for cell in table.cells):
        raise Withheld("formulas in the sheet would point to the wrong column: swap the columns in Excel")
    if any(cell.kind == "merged" and (cell.col or 1) <= 2 for cell in table.cells):
        raise Withheld("there are merged cells in the two columns: swap them in Excel")
    if b"tablePart " in xml:
        raise Withheld("the sheet holds an Excel table, whose columns have names: swap them in Excel")
    grid = cast(Grid, table.body)
    names = is_header(known)
    by_row: dict[int, dict[int, Element]] = {}
    for (row, column), element in elements(xml, lambda place: place[1] <= 2).items():
        by_row.setdefault(row, {})[column] = element
    edits: list[Edit] = []
    for row, cells in by_row.items():
        if not (header.line or 1) <= row <= len(grid.lines):
            continue
        first, second = (_text(grid, (row, column)) for column in (1, 2))
        named = row == header.line or names(first, second)
        if not (named and stands_right(first, second, known)):
            edits += _exchanged(xml, row, cells)
    return edits


def _exchanged(xml: bytes, row: int, cells: dict[int, Element]) -> list[Edit]:
    """The elements of columns A and B, each where the other stood, or the only one at its new place."""
    slots = sorted((element.start, element.end) for element in cells.values())
    new = [moved(xml, cells[column], (row, 3 - column)) for column in (2, 1) if column in cells]
    return [(start, end, xml_of) for (start, end), xml_of in zip(slots, new)]
