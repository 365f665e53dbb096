"""A table of PCs as stable text, one line a row: what `git diff` compares of a workbook.

No row numbers, so that an inserted row is one added line. A text that could be taken for a number, a formula or
one of the marks here stands in quotes: that a text became a number, which loses zeros, is a difference too.
"""

import re
from collections.abc import Iterator

from wxp_lint.files.csv import read_csv
from wxp_lint.files.header import is_header, words
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Fault
from wxp_lint.files.read import file_format
from wxp_lint.files.xlsx import Page, read_pages

HIDDEN = "[hidden]"
_QUOTED = re.compile(r'[\s=#\[+-].*|.*\s|.*[,"\n].*|[0-9][0-9.:/ET+-]*|TRUE|FALSE', re.IGNORECASE | re.DOTALL)


def show(data: bytes, name: str) -> str:
    """The file `data`, called `name`, as text: a CSV decoded, of a workbook all rows of all sheets.

    A sheet begins with `# sheet NAME`, then its merged cells and hidden columns; hidden rows and sheets are
    marked, formulas stand as such, not with their values. Why a file cannot be read is text too.
    """
    lines = list(_workbook(data) if file_format(name) == "xlsx" else _csv(data))
    return "".join(f"{line}\n" for line in lines)


def unreadable(fault: Fault) -> str:
    """What stands in place of a file's lines."""
    return f"# cannot be read: {fault.detail}"


def _csv(data: bytes) -> Iterator[str]:
    table = read_csv(data, is_header(words()), Limits())
    if isinstance(table, Fault):
        yield unreadable(table)
    elif table.data:
        yield from table.data.decode().removesuffix("\n").split("\n")


def _workbook(data: bytes) -> Iterator[str]:
    pages = read_pages(data, Limits())
    if isinstance(pages, Fault):
        yield unreadable(pages)
        return
    for page in pages:
        yield f"# sheet {page.name}{f' {HIDDEN}' if page.hidden else ''}"
        columns = [cell.note for cell in page.cells if cell.kind == "hidden" and cell.line is None]
        merged = dict.fromkeys(cell.note for cell in page.cells if cell.kind == "merged")
        yield from (f"# {HIDDEN} {column}" for column in columns)
        yield from (f"# merged {place}" for place in merged)
        yield from _rows(page)


def _rows(page: Page) -> Iterator[str]:
    """A line a row, without blank ones at the end and blank cells at the end of a row."""
    hidden = {cell.line for cell in page.cells if cell.kind == "hidden"}
    formulas = {(cell.line, cell.col): cell.note for cell in page.cells if cell.kind == "formula"}
    grid = page.grid
    kinds = [kinds or ["text"] * len(grid.lines) for kinds in grid.kinds]
    blank = 0
    for line, texts, found in zip(grid.lines, zip(*grid.columns), zip(*kinds)):
        cells = [
            _cell(formulas.get((line, column)) or text, kind)
            for column, (text, kind) in enumerate(zip(texts, found), 1)
        ]
        row = ",".join(cells).rstrip(",")
        if not row:
            blank += 1
            continue
        yield from [""] * blank
        blank = 0
        yield f"{HIDDEN} {row}" if line in hidden else row


def _cell(text: str, kind: str) -> str:
    """A cell as in a CSV; what is no text stands bare, unless it would part the row."""
    quoted = _QUOTED.fullmatch(text) if kind == "text" else kind == "formula" and {*'",\n'} & {*text}
    return '"' + text.replace('"', '""') + '"' if quoted else text
