"""The workbooks of rule examples: typed cells, formulas with the values they showed, hidden and merged parts.

Written by hand, since openpyxl cannot write a formula's cached value, and examples are about exactly such cells.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from wxp_lint.files.excerpt import column_letters

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DATE_STYLE = 1
_EPOCH = date(1899, 12, 30)


def workbook(sheets: Sequence[Mapping[str, Any]]) -> bytes:
    """An XLSX of `sheets`, each with rows and optionally name, hidden, hidden_rows, hidden_columns, merged."""
    out = io.BytesIO()
    numbers = range(1, len(sheets) + 1)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        overrides = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for n in numbers
        )
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{overrides}</Types>',
        )
        archive.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        parts = [("worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
        archive.writestr("xl/_rels/workbook.xml.rels", _relations([*parts, ("styles", "styles.xml")]))
        archive.writestr("xl/workbook.xml", _book(sheets))
        archive.writestr("xl/styles.xml", _STYLES)
        for n, sheet in zip(numbers, sheets):
            archive.writestr(f"xl/worksheets/sheet{n}.xml", _sheet(sheet))
    return out.getvalue()


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _book(sheets: Sequence[Mapping[str, Any]]) -> str:
    entries = ""
    for n, sheet in enumerate(sheets, 1):
        name = quoteattr(sheet.get("name", f"Sheet{n}"))
        state = ' state="hidden"' if sheet.get("hidden") else ""
        entries += f'<sheet name={name} sheetId="{n}" r:id="rId{n}"{state}/>'
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{entries}</sheets></workbook>'


_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


def _sheet(sheet: Mapping[str, Any]) -> str:
    letters = {column_letters(n): n for n in range(1, 100)}
    hidden = [letters[name] for name in sheet.get("hidden_columns", ())]
    columns = "".join(f'<col min="{n}" max="{n}" width="9" hidden="1"/>' for n in hidden)
    rows = "".join(_row(n, row, n in sheet.get("hidden_rows", ())) for n, row in enumerate(sheet["rows"], 1))
    merged = "".join(f'<mergeCell ref="{ref}"/>' for ref in sheet.get("merged", ()))
    return (
        f'<worksheet xmlns="{_MAIN}">'
        + (f"<cols>{columns}</cols>" if columns else "")
        + f"<sheetData>{rows}</sheetData>"
        + (f"<mergeCells>{merged}</mergeCells>" if merged else "")
        + "</worksheet>"
    )


def _row(n: int, row: Sequence[Any], hidden: bool) -> str:
    cells = "".join(_cell(f"{column_letters(at)}{n}", value) for at, value in enumerate(row, 1))
    mark = ' hidden="1"' if hidden else ""
    return f'<row r="{n}"{mark}>{cells}</row>'


def _cell(ref: str, value: Any) -> str:
    if value == "":
        return ""
    if isinstance(value, dict) and "formula" in value:
        kind, text = _value(value.get("value", ""))
        formula = escape(value["formula"].lstrip("="))
        return f'<c r="{ref}"{kind.replace("inlineStr", "str")}><f>{formula}</f>{f"<v>{text}</v>" if text else ""}</c>'
    kind, text = _value(value)
    content = f'<is><t xml:space="preserve">{text}</t></is>' if "inlineStr" in kind else f"<v>{text}</v>"
    return f'<c r="{ref}"{kind}>{content}</c>'


def _value(value: Any) -> tuple[str, str]:
    """(attributes, text) of a cell."""
    if isinstance(value, dict) and "error" in value:
        return ' t="e"', escape(value["error"])
    if isinstance(value, dict):
        value = date.fromisoformat(value["date"])
    if isinstance(value, bool):
        return ' t="b"', str(int(value))
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return f' s="{_DATE_STYLE}"', str((value - _EPOCH).days)
    if isinstance(value, int | float):
        return "", repr(value)
    return ' t="inlineStr"', escape(value)
