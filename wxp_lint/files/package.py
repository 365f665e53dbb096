"""What calamine is given in place of the file: a package written anew of the parts that were checked.

calamine trusts counts and part names in ways by which a hostile file can abort the process.
"""

from wxp_lint.files.guard import SAVE_AGAIN, Refused
from wxp_lint.files.rewrite import escape
from wxp_lint.files.workbook import Parts, walk

_FORMATS, _FORMAT_LENGTH = 65_536, 255  # Excel's own limits
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def pack(parts: Parts, strings: list[bytes], sheets: list[bytes]) -> bytes:
    """A workbook of `sheets` (`<sheetData>` elements), named "0", "1" ... in their order."""
    from io import BytesIO
    from zipfile import ZIP_STORED, ZipFile

    numbers = range(len(sheets))
    named = "".join(f'<sheet name="{n}" sheetId="{n + 1}" r:id="r{n}"/>' for n in numbers)
    dates = f'<workbookPr date1904="{int(parts.date1904)}"/>'
    content = {
        "_rels/.rels": _relationships([("r", "officeDocument", "xl/workbook.xml")]),
        "xl/_rels/workbook.xml.rels": _relationships([(f"r{n}", "worksheet", f"{n}.xml") for n in numbers]),
        "xl/workbook.xml": f"<workbook>{dates}<sheets>{named}</sheets></workbook>".encode(),
        "xl/styles.xml": _styles(parts.styles) if parts.styles else b"<styleSheet/>",
        "xl/sharedStrings.xml": b"<sst>%b</sst>" % b"".join(strings),
    }
    memory = BytesIO()
    with ZipFile(memory, "w", ZIP_STORED) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
        for number, sheet in zip(numbers, sheets):
            # calamine reads a sheet a second time to look for merged cells; this lets it find none at once
            archive.writestr(f"xl/{number}.xml", b"<worksheet><mergeCells/>%b</worksheet>" % sheet)
    return memory.getvalue()


def _relationships(targets: list[tuple[str, str, str]]) -> bytes:
    each = [f'<Relationship Id="{n}" Type="{_OFFICE}/{kind}" Target="{path}"/>' for n, kind, path in targets]
    return f"<Relationships>{''.join(each)}</Relationships>".encode()


def _styles(xml: bytes) -> bytes:
    """The number formats of `xml` alone, within Excel's limits: enough to tell dates."""
    codes: list[str] = []
    used: list[str] = []

    def visit(parent: str, tag: str, attributes: dict[str, str]) -> None:
        number, code = attributes.get("numFmtId", "0"), attributes.get("formatCode", "")
        if tag == "numFmt" and parent == "numFmts" and len(code) <= _FORMAT_LENGTH:
            codes.append(f'<numFmt numFmtId="{escape(number)}" formatCode="{escape(code)}"/>')
        elif tag == "xf" and parent == "cellXfs":
            used.append(f'<xf numFmtId="{escape(number)}"/>')
        if len(used) > _FORMATS or len(codes) > _FORMATS:
            raise Refused("unsafe", f"it has more than {_FORMATS:,} cell formats: {SAVE_AGAIN}")

    walk(xml, visit)
    formats = f"<numFmts>{''.join(codes)}</numFmts><cellXfs>{''.join(used)}</cellXfs>"
    return f"<styleSheet>{formats}</styleSheet>".encode()
