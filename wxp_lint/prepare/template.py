"""A workbook to fill in that Excel does not break: text columns, checked as they are typed in.

A second sheet, or text beside the two columns, would be a finding of the file that comes back. So the guide
stands in comments of the header and in the hints that Excel shows beside a cell.
"""

from io import BytesIO
from typing import Any

HEADER = ("Serial Number", "Customer ID")
PREPARED = 500  # rows that are formatted and checked
SHEET = "Transfer"
_LENGTH = 10  # of HP's serial numbers; those of other makers differ, so it is a warning
_MOST_LISTED = 250  # Excel takes 255 characters of a list, quotes included

_SERIALS = (
    "One PC a row: its serial number as on the label.\n"
    "The column is text, so that Excel turns no serial into a number. From another list, paste values only "
    "(Ctrl+Shift+V).\n"
    "Replace SAMPLE0001, delete no column and add no other sheet."
)
_IDS = (
    "The Customer ID of the company that gets the PCs, the same in every row: one customer a file.\n"
    "To fill the rows below, double-click the small square at the corner of B2."
)


def template(customer_id: str | None = None, devices: int = 1) -> bytes:
    """The workbook's bytes: a header, and `devices` sample rows, which WXP209 refuses until they are replaced.

    With `customer_id` it stands in the sample rows, and no other is taken in the rows beyond.
    """
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Font

    book = Workbook()
    book.properties.creator = "wxp-lint"
    sheet = book.active
    sheet.title = SHEET
    sheet.append(HEADER)
    for number in range(1, devices + 1):
        sheet.append((f"SAMPLE{number:04}", customer_id))
    last = max(PREPARED, devices) + 1
    for column, width in (("A", 22), ("B", 42)):
        sheet.column_dimensions[column].width = width
        sheet.column_dimensions[column].number_format = "@"
    for cell in (cell for row in sheet.iter_rows(1, last, 1, 2) for cell in row):
        cell.number_format = "@"
    for cell, text in zip(sheet[1], (_SERIALS, _IDS)):
        cell.font = Font(bold=True)
        cell.comment = Comment(text, "wxp-lint", height=160, width=320)
    sheet.freeze_panes = "A2"
    sheet.add_data_validation(_serial_check(f"A2:A{last}"))
    sheet.add_data_validation(_customer_check(f"B2:B{last}", customer_id))
    sheet.conditional_formatting.add(f"A2:A{last}", _twice())
    memory = BytesIO()
    book.save(memory)
    return memory.getvalue()


def _serial_check(cells: str) -> Any:
    from openpyxl.worksheet.datavalidation import DataValidation

    return DataValidation(
        sqref=cells,
        type="textLength",
        operator="equal",
        formula1=str(_LENGTH),
        allow_blank=True,
        errorStyle="warning",
        showErrorMessage=True,
        errorTitle="Serial number",
        error=f"A serial number of HP has {_LENGTH} letters and digits. Is this one right?",
        showInputMessage=True,
        promptTitle="Serial number",
        prompt="As on the PC's label, one PC a row. Paste values only.",
    )


def _customer_check(cells: str, customer_id: str | None) -> Any:
    """Only this ID, or one that differs from the first row's is asked about."""
    from openpyxl.worksheet.datavalidation import DataValidation

    shared = {
        "sqref": cells,
        "allow_blank": True,
        "showErrorMessage": True,
        "errorTitle": "Customer ID",
        "showInputMessage": True,
        "promptTitle": "Customer ID",
    }
    if customer_id and len(customer_id) <= _MOST_LISTED and not set(customer_id) & set(',"'):
        return DataValidation(
            type="list",
            formula1=f'"{customer_id}"',
            errorStyle="stop",
            error="This file is for one customer: choose the Customer ID from the list.",
            prompt="Choose it from the list, or double-click the corner of B2 to fill down.",
            **shared,
        )
    return DataValidation(
        type="custom",
        formula1='OR($B$2="",B2=$B$2)',
        errorStyle="warning",
        error="It differs from the one in B2: a file moves PCs to one customer. Is this one right?",
        prompt="The same in every row. Double-click the corner of B2 to fill down.",
        **shared,
    )


def _twice() -> Any:
    """Serial numbers that stand there twice turn red."""
    from openpyxl.formatting.rule import Rule
    from openpyxl.styles import Font
    from openpyxl.styles.differential import DifferentialStyle

    return Rule(type="duplicateValues", dxf=DifferentialStyle(font=Font(color="C00000", bold=True)))
