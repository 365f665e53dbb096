"""Rows of texts -> a CSV or a workbook."""

import csv
import io
from collections.abc import Iterable, Sequence

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {"csv": CSV, "xlsx": XLSX}

Rows = Iterable[Sequence[str]]


def write(form: str, header: Sequence[str], rows: Rows, sheet: str) -> bytes:
    """The bytes of a table as "csv" (UTF-8, LF) or "xlsx", with one sheet of that name."""
    return _csv(header, rows) if form == "csv" else _xlsx(header, rows, sheet)


def _csv(header: Sequence[str], rows: Rows) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _xlsx(header: Sequence[str], rows: Rows, sheet: str) -> bytes:
    """Every cell is text, so that nothing is taken for a number or a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    page = book.create_sheet(sheet)
    for row in (header, *rows):
        cells = []
        for text in row:
            cell = WriteOnlyCell(page, ILLEGAL_CHARACTERS_RE.sub("\ufffd", text))
            cell.data_type = "s"
            cell.number_format = "@"
            cells.append(cell)
        page.append(cells)
    memory = io.BytesIO()
    book.save(memory)
    return memory.getvalue()
