"""Workbook bytes -> Table: the sheet with the devices, its cells as text plus kind, and what hides in it.

guard.py unpacks, workbook.py finds the sheets, marks.py reads what calamine does not tell, calamine the rest.
"""

import datetime
import gc
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

from wxp_lint.files.guard import SAVE_AGAIN, Refused, calm, unpack
from wxp_lint.files.limits import Limits, or_raise
from wxp_lint.files.marks import ROOMY, plain_strings, scan
from wxp_lint.files.model import Cell, Fault, Grid, Table
from wxp_lint.files.package import pack
from wxp_lint.files.sheet import Range, Sheet, column_letters, covered
from wxp_lint.files.workbook import SheetPart, find_parts

HEAD = 50  # rows of a sheet that are looked at for a header
_SPARSE = 16  # how much larger than the number of cells the box around them may be
_SHARED = re.compile(rb't="s"><v>([0-9]+)</v>')

Value = str | float | bool | datetime.date | datetime.time | datetime.timedelta
IsHeader = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class _Tab:
    """A worksheet of an open workbook: `rows()` reads its values, from A1 on."""

    name: str
    hidden: bool
    sheet: Sheet
    rows: Callable[[], list[list[Value]]]


class Page(NamedTuple):
    """A worksheet as a whole: its name, whether it is hidden, its cells, and what is no plain cell of it."""

    name: str
    hidden: bool
    grid: Grid
    cells: tuple[Cell, ...]


def read_xlsx(data: bytes, is_header: IsHeader, limits: Limits) -> Table | Fault:
    """The table in the workbook `data`, or why it cannot be read.

    It is the first visible sheet with a recognised header (`is_header` of columns A and B is true for one of
    its first 50 rows), else the first visible sheet with text, else empty. Lines are sheet rows.
    """
    try:
        tabs = calm(_open, data, limits)
        index, grid, texts = _choose(tabs, is_header)
        cells = calm(_cells, tabs, index, grid, texts)
    except Refused as refused:
        return refused.fault
    return Table(grid, "xlsx", sheet=None if index is None else tabs[index].name, cells=tuple(cells))


def read_pages(data: bytes, limits: Limits) -> list[Page] | Fault:
    """All worksheets of the workbook `data` in their order, hidden ones too, or why it cannot be read."""

    def page(tab: _Tab) -> Page:
        grid = _grid(tab)
        return Page(tab.name, tab.hidden, grid, tuple(_marked(tab.sheet, grid)))

    try:
        return [calm(page, tab) for tab in calm(_open, data, limits)]
    except Refused as refused:
        return refused.fault


def _open(data: bytes, limits: Limits) -> list[_Tab]:
    """The worksheets of the workbook `data`, once nothing in it can harm the reader."""
    parts = find_parts(unpack(data, limits))
    strings = plain_strings(parts.strings)
    sheets = [scan(part.xml) for part in parts.sheets]
    _check_box(parts.sheets, sheets, limits)
    _check_text(sheets, strings, limits)
    package = pack(parts, strings, [sheet.xml for sheet in sheets])
    from io import BytesIO

    from python_calamine import CalamineWorkbook

    workbook = CalamineWorkbook.from_filelike(BytesIO(package))

    def reader(number: int) -> Callable[[], list[list[Value]]]:
        return lambda: workbook.get_sheet_by_name(str(number)).to_python(skip_empty_area=False)

    both = zip(parts.sheets, sheets)
    return [_Tab(part.name, part.hidden, sheet, reader(number)) for number, (part, sheet) in enumerate(both)]


def _check_box(parts: Sequence[SheetPart], sheets: list[Sheet], limits: Limits) -> None:
    """Refuse cells so far away that the box around them, which calamine fills, would not fit in memory."""
    box = sum(sheet.rows * sheet.columns for sheet in sheets)
    if box > max(ROOMY, _SPARSE * sum(sheet.cells for sheet in sheets)):
        part, sheet = max(zip(parts, sheets), key=lambda pair: pair[1].rows * pair[1].columns)
        cell = sheet.furthest or f"{column_letters(sheet.columns)}{sheet.rows}"
        raise Refused(
            "far-cell",
            f"sheet {part.name!r} reaches out to cell {cell}, far away from the rest: "
            "delete the empty rows and columns beyond the table, and what stands behind them",
        )
    if box > limits.cells:
        words = f"its sheets span {box:,} cells, more than the limit of {limits.cells:,}: split it"
        raise Refused("size", words + or_raise("cells"))


def _check_text(sheets: list[Sheet], strings: list[bytes], limits: Limits) -> None:
    """Refuse one long shared text in so many cells that its copies would not fit in memory."""
    lengths = [len(text) for text in strings]
    if sum(sheet.cells for sheet in sheets) * max(lengths, default=0) <= limits.unpacked:
        return
    indices = (int(found[1]) for sheet in sheets for found in _SHARED.finditer(sheet.xml))
    if sum(lengths[index] for index in indices if index < len(lengths)) > limits.unpacked:
        words = f"the text of its cells has more than {limits.unpacked:,} bytes: {SAVE_AGAIN}"
        raise Refused("size", words + or_raise("unpacked"))


def _choose(tabs: list[_Tab], is_header: IsHeader) -> tuple[int | None, Grid, dict[int, bool]]:
    """The sheet to check and its grid, and which of the sheets read on the way hold text."""
    chosen, grid, texts = None, Grid(range(1, 1), [], []), {}
    for index, tab in enumerate(tabs):
        if tab.hidden:
            continue
        found = calm(_grid, tab)
        texts[index] = bool(tab.sheet.formulas) or any(map(_first_text, found.columns))
        if any(is_header(*(*cells, "")[:2]) for _, cells in found.head(HEAD)):
            return index, found, texts
        if chosen is None and texts[index]:
            chosen, grid = index, found
    return chosen, grid, texts


def _grid(tab: _Tab) -> Grid:
    """The cells of a sheet by column."""
    columns, kinds = [], []
    for values in _values(tab):
        column, kinds_of_column = _texts(values)
        columns.append(column)
        kinds.append(kinds_of_column)
    marks = dict.fromkeys(tab.sheet.errors, "error") | dict.fromkeys(tab.sheet.formulas, "formula")
    for (row, number), kind in marks.items():
        known = kinds[number - 1] or ["text" if text else "empty" for text in columns[number - 1]]
        known[row - 1] = kind
        kinds[number - 1] = known
    return Grid(range(1, (len(columns[0]) if columns else 0) + 1), columns, kinds)


def _values(tab: _Tab) -> list[tuple[Value, ...]]:
    """The sheet's values by column, from A1 to the last cell that holds a value or a formula."""
    collects = gc.isenabled()
    gc.disable()  # so many young lists, none of them garbage, cost a third of the time
    try:
        rows = tab.rows()
        height = max([len(rows), *(row for row, _ in tab.sheet.formulas)])
        width = max([len(rows[0]) if rows else 0, *(column for _, column in tab.sheet.formulas)])
        if rows and width > len(rows[0]):
            for row in rows:
                row.extend([""] * (width - len(row)))
        rows.extend([""] * width for _ in range(height - len(rows)))
        return list(zip(*rows))
    finally:
        if collects:
            gc.enable()


def _texts(values: tuple[Value, ...]) -> tuple[list[str], list[str] | None]:
    """The texts and kinds of a column's values; no kinds if all are text."""
    if set(map(type, values)) == {str}:
        return cast(list[str], list(values)), None
    pairs = list(map(_text, values))
    return [text for text, _ in pairs], [kind for _, kind in pairs]


def _text(value: Value) -> tuple[str, str]:
    """A value's text and kind: numbers in their shortest form, `1E+16` and up with an exponent; ISO dates."""
    if isinstance(value, str):
        return value, "text" if value else "empty"
    if isinstance(value, bool):
        return str(value).upper(), "boolean"
    if isinstance(value, (int, float)):
        return repr(value).removesuffix(".0").upper(), "number"
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}", "date"
    return value.isoformat(), "date"


def _first_text(texts: list[str]) -> str:
    """The first of `texts` that shows something, else an empty one."""
    return next((text for text in texts if text and not text.isspace()), "")


def _cells(tabs: list[_Tab], index: int | None, grid: Grid, texts: dict[int, bool]) -> list[Cell]:
    """What of the workbook is no plain cell of the chosen sheet."""
    cells = [] if index is None else [*_marked(tabs[index].sheet, grid)]
    for number, tab in enumerate(tabs):
        if number != index and (texts[number] if number in texts else _holds_text(tab)):
            kind, note = ("hidden", "sheet") if tab.hidden else ("sheet", None)
            cells.append(Cell(None, None, tab.name, kind, note))
    return cells


def _holds_text(tab: _Tab) -> bool:
    if tab.sheet.formulas or not tab.sheet.cells:
        return bool(tab.sheet.formulas)
    return any(not isinstance(value, str) or value.strip() for row in tab.rows() for value in row)


def _marked(sheet: Sheet, grid: Grid) -> Iterator[Cell]:
    """Formulas, errors, merged cells, and hidden rows and columns that hold text."""
    columns, height, width = grid.columns, len(grid.lines), len(grid.columns)
    for (line, column), formula in sorted(sheet.formulas.items()):
        yield Cell(line, column, columns[column - 1][line - 1], "formula", formula)
    for line, column in sorted(sheet.errors - sheet.formulas.keys()):
        yield Cell(line, column, columns[column - 1][line - 1], "error")
    for found in sheet.merged:
        if found[0] <= height and found[1] <= width:
            yield Cell(found[0], found[1], columns[found[1] - 1][found[0] - 1], "merged", _name(found))
    for line, column, found in covered(sheet.merged, height, 2, 2 * height):
        if (line, column) != found[:2]:
            text = columns[column - 1][line - 1] if column <= width else ""
            yield Cell(line, column, text, "merged", _name(found))
    for line in sorted({row for row in sheet.hidden_rows if row <= height}):
        if text := _first_text([column[line - 1] for column in columns]):
            yield Cell(line, None, text, "hidden", f"row {line}")
    across = ((1, first, 1, last) for first, last in sheet.hidden_columns)
    for _, column, _ in covered(across, 1, width, width):
        if text := _first_text(columns[column - 1]):
            yield Cell(None, column, text, "hidden", f"column {column_letters(column)}")


def _name(found: Range) -> str:
    return f"{column_letters(found[1])}{found[0]}:{column_letters(found[3])}{found[2]}"
