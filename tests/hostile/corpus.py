"""Files that nobody should have to read: each is made when a test asks for it, nothing is fetched or stored.

A case is (name, content, the rule that speaks of it, what it is). Where the rule is None any answer will do, so long
as there is one.
"""

import io
import struct
import zipfile
from typing import NamedTuple

import openpyxl
from workbooks import book, inline, parts, relations, workbook, worksheet, zipped

ID = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
HEADER = "Serial Number,Customer ID\n"
ROW = f"5CG8234XMV,{ID}\n"
DEVICE = f'<row r="1">{inline("A1", "5CG8234XMV")}{inline("B1", ID)}</row>'
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
REFUSED = "WXP101"


class Case(NamedTuple):
    """A file: its name, its bytes, the rule that must speak of it (None: any or none), what is wrong with it."""

    name: str
    content: bytes
    rule: str | None
    about: str


def honest():
    """A small workbook with nothing wrong in it."""
    made = openpyxl.Workbook()
    for row in (("Serial Number", "Customer ID"), ("5CG8234XMV", ID)):
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_part(sheet, **more):
    """A workbook whose one sheet is this XML."""
    return zipped({**parts(sheet), **more})


def declared(data, size):
    """`data`, a zip archive, whose every part is said to unpack to `size` bytes, in both places where that stands."""
    changed = bytearray(data)
    for mark, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = changed.find(mark)
        while start >= 0:
            changed[start + at : start + at + 4] = struct.pack("<I", size)
            start = changed.find(mark, start + 4)
    return bytes(changed)


def overlapping(count):
    """A zip whose directory names one packed part `count` times under different names (D. Fifield's bomb, small)."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/a.xml", bytes(1 << 20))
    data = memory.getvalue()
    start, end = data.find(b"PK\x01\x02"), data.find(b"PK\x05\x06")
    entries = b"".join(data[start:end].replace(b"xl/a.xml", b"x/%06d" % n) for n in range(count))
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count & 0xFFFF, count & 0xFFFF, len(entries), start, 0)
    return data[:start] + entries + tail


def nested(depth):
    """A zip in a zip in a zip."""
    data = bytes(1 << 20)
    for _ in range(depth):
        data = zipped({"a.zip": data})
    return data


def laughs(kind):
    """An XML sheet with entities that grow, or that name a file."""
    entities = {
        "growing": "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(12)),
        "a file": '<!ENTITY l12 SYSTEM "file:///etc/passwd">',
        "another place": '<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x; <!ENTITY l12 "x">',
    }[kind]
    text = worksheet(f'<row r="1">{inline("A1", "&l12;")}</row>')
    return with_part(f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>{text}')


def utf16(sheet, codec):
    """A workbook with its sheet in this form of UTF-16."""
    return zipped(parts(f'<?xml version="1.0" encoding="{codec}"?>{sheet}'.encode(codec)))


def prefixed(data):
    sheet = worksheet(data).replace("</", "</x:").replace("</x:/", "</")
    return with_part(sheet.replace("<", "<x:").replace("<x:/x:", "</x:").replace("xmlns=", "xmlns:x="))


def elsewhere(data):
    content = parts(worksheet(data))
    content["other/Data.XML"] = content.pop("xl/worksheets/sheet1.xml")
    content["xl/_rels/workbook.xml.rels"] = relations(("worksheet", "/other/data.xml"))
    return zipped(content)


def far_cells():
    """A cell at the far corner, in every disguise that once got past a guard (DESIGN 5)."""
    both = DEVICE + FAR
    forms = {
        "plain": book(both),
        "single-quotes": book(both.replace('"', "'")),
        "blanks": book(both.replace('r="XFD', 'r = "XFD')),
        "blank-inside": book(both.replace('"XFD1048576"', '" XFD1048576"')),
        "entities": book(both.replace("XFD", "&#88;FD")),
        "lower-case": book(both.replace("XFD", "xfd")),
        "row-without-r": book(both.replace(' r="1048576"', "", 1)),
        "no-r": book(both.replace(' r="XFD1048576"', "") + '<row r="1"><c r="XFD2"><v>1</v></c></row>'),
        "upper-case-part": zipped({name.upper(): part for name, part in parts(worksheet(both)).items()}),
        "elsewhere": elsewhere(both),
        "prefix": prefixed(both),
        "formula": book(both.replace("<v>", "<f>1</f><v>")),
        "past-the-end": book(both.replace("XFD1048576", "A4294967297")),
        "column-past-the-end": book(both.replace("XFD1048576", "XFE1")),
        "endless-letters": book(both.replace("XFD1048576", "ZZZZZZZZZ1")),
        "comment": with_part(worksheet(DEVICE).replace("</sheetData>", f"<!-- </sheetData> -->{FAR}</sheetData>")),
        "cdata": with_part(worksheet(DEVICE + f"<row r='2'><![CDATA[</sheetData>]]></row>{FAR}")),
        "many-sheets": many_sheets(40),
    }
    return [Case(f"far-{name}.xlsx", data, REFUSED, "a cell at XFD1048576") for name, data in forms.items()]


def many_sheets(count):
    """Each sheet with a cell only a little far away: together they would fill the memory."""
    content = parts(worksheet(DEVICE))
    names = [f"worksheets/sheet{n}.xml" for n in range(1, count + 1)]
    content["xl/workbook.xml"] = workbook(*((f"S{n}", "visible") for n in range(count)))
    content["xl/_rels/workbook.xml.rels"] = relations(*(("worksheet", name) for name in names))
    far = worksheet(DEVICE + '<row r="999999"><c r="B999999"><v>1</v></c></row>')
    return zipped({**content, **{f"xl/{name}": far for name in names}})


def books():
    """Workbooks that are none, or that are meant to hurt."""
    whole, sheet = honest(), worksheet(DEVICE)
    stored = zipped(parts(sheet), zipfile.ZIP_STORED)
    zeros, spaces = bytes(100 << 20), worksheet(DEVICE, after=" " * (40 << 20))
    long = f"<si><t>{'x' * 30000}</t></si>"
    copies = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 30001))
    encrypted = whole.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
    yield Case("bomb-one-part.xlsx", with_part(sheet, **{"xl/media/a.bin": zeros}), REFUSED, "100 MB of zeros")
    yield Case("bomb-sheet.xlsx", with_part(spaces), REFUSED, "a sheet that is 40 MB of blanks")
    yield Case("bomb-nested.xlsx", nested(6), REFUSED, "six zips in one another")
    yield Case("bomb-overlapping.xlsx", overlapping(5000), REFUSED, "one packed part under 5,000 names")
    yield Case("bomb-parts.xlsx", overlapping(60_000), REFUSED, "60,000 parts")
    yield Case("bomb-lies-small.xlsx", declared(with_part(spaces), 10), REFUSED, "40 MB that are said to be 10 bytes")
    yield Case("bomb-lies-large.xlsx", declared(whole, 0x7FFFFFFF), REFUSED, "parts that are said to have 2 GB")
    yield Case("bomb-text.xlsx", zipped(parts(worksheet(copies), long)), REFUSED, "one long text in 30,000 cells")
    yield Case("twins.xlsx", zipped([*parts(sheet).items(), ("XL\\Workbook.xml", "<a/>")]), REFUSED, "a part twice")
    for kind in ("growing", "a file", "another place"):
        yield Case(f"entities-{kind.replace(' ', '-')}.xlsx", laughs(kind), REFUSED, f"an XML entity: {kind}")
    for codec in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        yield Case(f"part-{codec}.xlsx", utf16(sheet, codec), REFUSED, f"a sheet in {codec}")
    yield Case(
        "part-utf7.xlsx", with_part(f'<?xml version="1.0" encoding="utf-7"?>{sheet}'), REFUSED, "a sheet in UTF-7"
    )
    yield Case("deep.xlsx", with_part(worksheet("<a>" * 200_000)), None, "200,000 elements in one another")
    yield Case("deep-closed.xlsx", book(DEVICE, after="<a>" * 99_999 + "</a>" * 99_999), None, "the same, closed")
    yield Case("attributes.xlsx", book(f"<row r='1' {' '.join(f'a{n}=1' for n in range(9999))}/>"), None, "no XML")
    yield Case(
        "merged.xlsx",
        book(DEVICE, after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>' * 99),
        None,
        "all cells merged, 99 times",
    )
    yield Case("no-sheet.xlsx", zipped({"_rels/.rels": parts(sheet)["_rels/.rels"]}), REFUSED, "no workbook in it")
    yield Case("flagged.xlsx", encrypted, None, "parts that say they are encrypted")
    yield Case("encrypted.xlsx", OLE.ljust(512, b"\0") + "EncryptedPackage".encode("utf-16-le"), REFUSED, "a password")
    yield Case("old.xlsx", OLE.ljust(512, b"\0") + "Workbook".encode("utf-16-le"), REFUSED, "an .xls named .xlsx")
    yield Case("old.xls", OLE.ljust(512, b"\0") + "Workbook".encode("utf-16-le"), None, "an .xls")
    yield Case("page.xlsx", b"<html><table><tr><td>5CG8234XMV</td></tr></table></html>", REFUSED, "a web page")
    yield Case("list.xlsx", (HEADER + ROW).encode(), REFUSED, "a CSV named .xlsx")
    yield Case("empty.xlsx", b"", REFUSED, "nothing")
    yield Case("zip-end.xlsx", b"PK\x05\x06" + bytes(18), REFUSED, "an empty zip archive")
    yield Case(
        "zip64.xlsx",
        stored[:-22] + b"PK\x06\x06" + b"\xff" * 52 + b"PK\x06\x07" + b"\xff" * 16 + stored[-22:],
        None,
        "a broken zip64 end",
    )
    yield Case(
        "zip-comment.xlsx", stored[:-2] + b"\xff\xff" + b"PK\x05\x06" * 16000, None, "ends of a zip in its comment"
    )
    yield from far_cells()


def cut_books(step=97):
    """A workbook cut off at many places, and with a byte changed there."""
    whole = honest()
    for at in range(0, len(whole), step):
        yield Case(f"cut-{at}.xlsx", whole[:at], None, f"cut off after {at} bytes")
        yield Case(
            f"hit-{at}.xlsx", whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :], None, f"byte {at} changed"
        )


def texts():
    """CSV files that are none, or that are meant to hurt."""
    good, mark = (HEADER + ROW).encode(), b"\xef\xbb\xbf"
    rows = good * 3
    yield Case("nul.csv", good.replace(b"8", b"\0"), REFUSED, "NULs in a line")
    yield Case("nuls.csv", bytes(1 << 16), REFUSED, "nothing but NULs")
    yield Case("last-nul.csv", rows + b"\0", REFUSED, "a NUL at the end")
    yield Case("endless.csv", b"5" * (3 << 20), REFUSED, "3 MB in one line")
    yield Case("endless-last.csv", rows + b"5," * (1 << 20), REFUSED, "an endless last line")
    yield Case("endless-quoted.csv", rows + b'"' + b"x\n" * (1 << 20), None, "a quote over a million lines")
    yield Case("quotes.csv", b'"' * 999_999, None, "nothing but quotes")
    yield Case("quote-lines.csv", b'"\n' * 8_000, None, "a quote a line")
    yield Case("broken-quotes.csv", HEADER.encode() + b'"5CG"8234XMV,x\n' * 4_000, None, "4,000 broken quotes")
    yield Case("open-quotes.csv", HEADER.encode() + b'5CG8234XMV,"x\n"y"z,\n' * 4_000, None, "quotes across lines")
    yield Case("wide.csv", b"," * 1_000_000 + b"\n" + rows, None, "a million columns")
    yield Case("wide-all.csv", (b"," * 100_000 + b"\n") * 20, None, "twenty lines of 100,000 columns")
    yield Case("wide-quoted.csv", b'"",' * 300_000 + b"\n" + good * 2000, None, "300,000 columns in quotes")
    yield Case("delimiters.csv", b";,\t|" * 20_000 + b"\n" + rows, None, "all delimiters at once")
    yield Case("one-row-many-marks.csv", mark * 2000 + good, None, "2,000 byte order marks")
    yield Case("marks.csv", b"\n".join([mark + good, b"\xff\xfe", b"\xfe\xff"]), None, "marks of all kinds")
    yield Case("mark-16-in-8.csv", b"\xff\xfe" + good, None, "a UTF-16 mark before UTF-8")
    yield Case("mark-8-in-16.csv", mark + good.decode().encode("utf-16-le"), None, "a UTF-8 mark before UTF-16")
    yield Case("utf-32.csv", good.decode().encode("utf-32"), REFUSED, "UTF-32")
    yield Case("odd-16.csv", good.decode().encode("utf-16") + b"x", REFUSED, "UTF-16 with half a character")
    yield Case("surrogate.csv", good.decode().encode("utf-16-le") + b"\x00\xd8", None, "UTF-16 with half a pair")
    yield Case("utf-8-surrogate.csv", good + b"\xed\xa0\x80,x\n", None, "a surrogate in UTF-8")
    yield Case("overlong.csv", good + b"\xc0\xaf,x\n", None, "an overlong form of UTF-8")
    yield Case(
        "separators.csv", good + "a\x0bb\x0cc\x1cd\x1de\x85f\u2028g\u2029,x\n".encode(), None, "every line break"
    )
    yield Case("controls.csv", good + b"\x01\x02\x1b[31m\x7f,\x08\x08\n", None, "control characters")
    yield Case("carriage.csv", good.replace(b"\n", b"\r") * 100 + b"\r\r\n\n\r", None, "every kind of newline")
    yield Case("bidi.csv", good + "5CG\u202e8234XMV\u2066,\ufeff\u200b\n".encode(), None, "text that runs backwards")
    yield Case("zalgo.csv", HEADER.encode() + ("5" + "\u0301" * 5000 + ",x\n").encode(), None, "5,000 accents on one 5")
    yield Case(
        "widening.csv", HEADER.encode() + ("\ufdfa" * 20_000 + ",x\n").encode(), None, "NFKC makes 18 characters of one"
    )
    yield Case("formula.csv", HEADER.encode() + b"=cmd|' /C calc'!A0,@SUM(1)\n+1,-1\n", None, "formulas")
    yield Case("commands.csv", HEADER.encode() + b"::error::x,##[x]\n", None, "commands for a build service")
    yield Case("one-serial.csv", (HEADER + ROW * 900).encode(), None, "one PC 900 times")
    yield Case(
        "one-customer-each.csv",
        HEADER.encode() + b"".join(b"5CG%07d,c%d\n" % (n, n) for n in range(900)),
        None,
        "900 targets",
    )
    yield Case("pattern.csv", HEADER.encode() + b"5" * 900_000 + b",x\n", None, "a serial of 900,000 digits")
    yield Case("blanks.csv", HEADER.encode() + b" " * 900_000 + b"x,y\n", None, "900,000 blanks before an x")
    yield Case("address.csv", HEADER.encode() + b"x,y," + b"a@" * 400_000 + b"\n", None, "400,000 at signs")
    yield Case("sep.csv", b"sep=\n" + rows, None, "Excel's line of delimiters, without one")
    yield Case("zip.csv", honest(), REFUSED, "a workbook named .csv")
    yield Case("gzip.csv", b"\x1f\x8b\x08" + bytes(30), REFUSED, "gzip named .csv")
    for byte in range(256):
        yield Case(f"byte-{byte:02x}.csv", bytes([byte]), None, "one byte")
        if byte % 16 == 0:
            yield Case(f"byte-{byte:02x}.xlsx", bytes([byte]), REFUSED, "one byte")


FAMILIES = {
    "bomb": ("bomb-",),
    "far": ("far-",),
    "deep": ("deep",),
    "wide": ("wide",),
    "endless": ("endless",),
    "quote": ("quote", "broken-quotes", "open-quotes"),
    "long": ("blanks", "address", "pattern", "zalgo", "widening"),
}


def family(case):
    """Which cases meet in a process of their own: what could take all time or memory, or end the process; else None."""
    return next((name for name, begins in FAMILIES.items() if case.name.startswith(begins)), None)
