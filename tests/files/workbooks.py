"""Workbooks written by hand, for what no honest program writes."""

import io
import zipfile

PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def relations(*targets):
    """Relationships r1, r2 ... to (kind, target)."""
    each = (f'<Relationship Id="r{n}" Type="{OFFICE}/{k}" Target="{t}"/>' for n, (k, t) in enumerate(targets, 1))
    return f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE}">{"".join(each)}</Relationships>'


def workbook(*sheets):
    """workbook.xml with sheets of (name, state), the first being r1."""
    each = (f'<sheet name="{s}" sheetId="{n}" state="{v}" r:id="r{n}"/>' for n, (s, v) in enumerate(sheets, 1))
    return f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{"".join(each)}</sheets></workbook>'


def worksheet(data, before="", after=""):
    """A worksheet whose rows are `data`."""
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{data}</sheetData>{after}</worksheet>'


def inline(reference, text):
    """A cell with its text in it."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def parts(sheet, strings="", styles=""):
    """The parts of a workbook with one sheet, the worksheet XML `sheet`, by their names."""
    return {
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": workbook(("Devices", "visible")),
        "xl/_rels/workbook.xml.rels": relations(
            ("worksheet", "worksheets/sheet1.xml"),
            ("sharedStrings", "sharedStrings.xml"),
            ("styles", "styles.xml"),
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        "xl/worksheets/sheet1.xml": sheet,
    }


def zipped(content, method=zipfile.ZIP_DEFLATED):
    """A zip archive of `content`: a dict, or pairs where a name may stand twice."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", method) as archive:
        for name, part in content.items() if isinstance(content, dict) else content:
            archive.writestr(name, part)
    return memory.getvalue()


def book(data, before="", after="", **more):
    """A workbook with one sheet whose rows are `data`."""
    return zipped(parts(worksheet(data, before, after), **more))
