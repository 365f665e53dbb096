import io
import struct
import subprocess
import sys
import time
import warnings
import zipfile
from pathlib import Path

import msoffcrypto.format.ooxml
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workbooks import book, inline, parts, relations, workbook, worksheet, zipped

from wxp_lint.files.guard import Limits, Refused, calm, unpack
from wxp_lint.files.model import Fault, Table
from wxp_lint.files.xlsx import read_xlsx

DEVICE = f'<row r="1">{inline("A1", "Serial Number")}{inline("B1", "Customer ID")}</row>'
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def header(first, second):
    return first == "Serial Number"


DEFAULT = Limits()


def read(data, limits=DEFAULT):
    return read_xlsx(data, header, limits)


def refused(data, limits=DEFAULT):
    """The fault of a workbook that is not read."""
    found = read(data, limits)
    assert isinstance(found, Fault)
    return found


def named(*names):
    """An OLE2 file with such names in its directory."""
    return OLE2 + b"".join(name.encode("utf-16-le") + bytes(64) for name in names)


@pytest.fixture(scope="module")
def honest():
    book = openpyxl.Workbook()
    book.active.append(["Serial Number", "Customer ID"])
    for number in range(30):
        book.active.append([f"5CG8234X{number:02}", "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"])
    memory = io.BytesIO()
    book.save(memory)
    return memory.getvalue()


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"", "empty", "empty"),
        (b" \r\n", "empty", "empty"),
        (b"P", "corrupt", "cut off"),
        (b"x", "text", ".csv"),
        (b"Serial Number,Customer ID\n5CG8234XMV,acme\n", "text", ".csv"),
        ("Serial Number\t1\n".encode("utf-16"), "text", ".csv"),
        (b"\xef\xbb\xbf <!DOCTYPE html><table>", "html", "web page"),
        (b"<html><body>", "html", "web page"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "html",
            "XML Spreadsheet 2003",
        ),
        (b"%PDF-1.7\n", "binary", "this is a PDF, not an Excel workbook"),
        (b"\x89PNG\r\n\x1a\n\0\0", "binary", "this is a PNG picture, not"),
        (b"\xff\xd8\xff\xe0", "binary", "this is a JPEG picture, not"),
        (b"GIF89a", "binary", "this is a GIF picture, not"),
        (b"\x1f\x8b\x08", "binary", "this is gzip data, not"),
        (b"7z\xbc\xaf\x27\x1c", "binary", "this is a 7z archive, not"),
        (b"Rar!\x1a", "binary", "this is a RAR archive, not"),
        (b"{\\rtf1", "binary", "this is an RTF document, not"),
        (b"SQLite format 3\0", "binary", "this is a SQLite database, not"),
        (b"PAR1", "binary", "this is a Parquet file, not"),
        (bytes(range(256)), "binary", "no Excel workbook"),
        (named("Root Entry", "Workbook"), "xls", "old Excel file (.xls): save it as .xlsx or CSV"),
        (named("Root Entry", "Book"), "xls", "old Excel file (.xls)"),
        (named("Root Entry", "WordDocument"), "binary", "old Office file"),
        (named("EncryptedPackage", "\x06DataSpaces", "LabelInfo"), "encrypted", "sensitivity label"),
        (named("EncryptedPackage", "DRMEncryptedDataSpace"), "encrypted", "sensitivity label"),
        (zipped({"word/document.xml": "<a/>"}), "package", "Word"),
        (zipped({"mimetype": "x", "content.xml": "<a/>"}), "package", ".ods"),
        (zipped({"xl/workbook.bin": b"\1"}), "package", ".xlsb"),
        (zipped({"notes.txt": "x"}), "package", "zip archive"),
        (zipped({}), "package", "zip archive"),
    ],
)
def test_what_is_no_workbook_is_named(data, kind, words):
    fault = refused(data)
    assert fault.kind == kind
    assert words in fault.detail


def test_a_password_and_a_label_have_their_own_words(honest):
    memory = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(honest)).encrypt("secret", memory)
    by_password = refused(memory.getvalue())
    assert by_password.kind == "encrypted"
    assert "password" in by_password.detail
    labelled = refused(memory.getvalue() + "LabelInfo".encode("utf-16-le"))
    assert labelled.kind == "encrypted"
    assert "label without encryption, or as CSV" in labelled.detail


def in_other_case(data):
    return zipped({name.upper(): part for name, part in parts(worksheet(data)).items()})


def in_utf16(data):
    sheet = '<?xml version="1.0" encoding="UTF-16"?>' + worksheet(data)
    return zipped(parts(sheet.encode("utf-16")))


def elsewhere(data):
    content = parts(worksheet(data))
    content["other/Data.XML"] = content.pop("xl/worksheets/sheet1.xml")
    content["xl/_rels/workbook.xml.rels"] = relations(("worksheet", "/other/data.xml"))
    return zipped(content)


def prefixed(data):
    sheet = worksheet(data).replace("</", "</x:").replace("</x:/", "</")
    sheet = sheet.replace("<", "<x:").replace("<x:/x:", "</x:").replace("xmlns=", "xmlns:x=")
    return zipped(parts(sheet))


FAR_CELLS = {
    "plain": book(DEVICE + FAR),
    "alone": book(FAR),
    "single quotes": book(DEVICE + FAR.replace('"', "'")),
    "blanks in r=": book(DEVICE + FAR.replace('r="XFD', 'r = "XFD')),
    "blanks in the reference": book(DEVICE + FAR.replace('"XFD1048576"', '" XFD1048576"')),
    "entities": book(DEVICE + FAR.replace("XFD", "&#88;FD")),
    "lower case": book(DEVICE + FAR.replace("XFD", "xfd")),
    "row without r": book(DEVICE + FAR.replace(' r="1048576"', "", 1)),
    "cell without r": book(DEVICE + FAR.replace(' r="XFD1048576"', "") + '<row r="1"><c r="XFD2"><v>1</v></c></row>'),
    "part in other case": in_other_case(DEVICE + FAR),
    "part elsewhere": elsewhere(DEVICE + FAR),
    "prefix": prefixed(DEVICE + FAR),
    "UTF-16": in_utf16(DEVICE + FAR),
    "formula": book(DEVICE + FAR.replace("<v>", "<f>1</f><v>")),
    "row number past the end": book(DEVICE + FAR.replace("XFD1048576", "A4294967297")),
    "column past the end": book(DEVICE + FAR.replace("XFD1048576", "XFE1")),
    "letters without end": book(DEVICE + FAR.replace("XFD1048576", "ZZZZZZZZZ1")),
    "after the data": zipped(
        parts(worksheet(DEVICE).replace("</sheetData>", f"<!-- </sheetData> -->{FAR}</sheetData>"))
    ),
    "in attribute quotes": book(DEVICE + '<row r="9"><c r="XFD1048576" x="/>"><v>1</v></c></row>'),
}


@pytest.mark.parametrize("name", FAR_CELLS)
def test_a_far_cell_never_reaches_the_reader(name):
    assert refused(FAR_CELLS[name]).kind in ("far-cell", "encoding")


def test_a_far_cell_is_named_and_so_is_the_cure():
    assert len(FAR_CELLS["plain"]) < 1900
    fault = refused(FAR_CELLS["plain"])
    assert "'Devices' reaches out to cell XFD1048576" in fault.detail
    assert "delete the empty rows and columns" in fault.detail


def test_many_sheets_with_a_cell_a_little_far_are_refused_together():
    content = parts("")
    names = [f"s{number}" for number in range(40)]
    content["xl/workbook.xml"] = workbook(*((name, "visible") for name in names))
    content["xl/_rels/workbook.xml.rels"] = relations(*(("worksheet", f"{name}.xml") for name in names))
    content |= {f"xl/{name}.xml": worksheet('<row r="1"><c r="AZ9999"><v>1</v></c></row>') for name in names}
    assert refused(zipped(content)).kind == "far-cell"


def test_blank_far_cells_with_a_style_are_no_far_cells():
    table = read(book(DEVICE + '<row r="1048576"><c r="XFD1048576" s="1"/></row>'))
    assert isinstance(table, Table)
    assert table.body.lines == range(1, 2)


def test_a_large_dense_sheet_is_read_until_the_limit_of_cells():
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 2001))
    assert len(read(book(rows)).body.lines) == 2000
    assert refused(book(rows), Limits(cells=1999)).kind == "size"


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "extra.xml"])
def test_a_document_type_definition_is_refused_in_any_part(name):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    content = parts(worksheet(DEVICE))
    content[name] = bomb + content.get(name, "<x/>")
    fault = refused(zipped(content))
    assert fault.kind == "dtd"
    assert name.lower() in fault.detail


def test_power_query_keeps_utf16_in_its_own_part_but_no_dtd():
    content = parts(worksheet(DEVICE)) | {"customXml/item1.xml": "<DataMashup/>".encode("utf-16")}
    assert isinstance(read(zipped(content)), Table)
    content["customXml/item1.xml"] = "<!DOCTYPE x><x/>".encode("utf-16")
    assert refused(zipped(content)).kind == "dtd"


@pytest.mark.parametrize(
    "part",
    [
        '<?xml version="1.0" encoding="ISO-8859-1"?><x/>',
        '\n <?xml version="1.0" encoding="ISO-8859-1"?><x/>',
        b'<?xml version="1.0"?><x>\xff</x>',
        "<x/>".encode("utf-16-le"),
        b"<x>\0</x>",
    ],
)
def test_parts_in_another_encoding_are_refused(part):
    assert refused(zipped(parts(worksheet(DEVICE)) | {"xl/styles.xml": part})).kind == "encoding"


@pytest.mark.parametrize("twin", ["xl/worksheets/sheet1.xml", "XL/Worksheets/Sheet1.xml", "xl\\worksheets\\sheet1.xml"])
def test_two_parts_of_one_name_are_refused(twin):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        data = zipped([*parts(worksheet(DEVICE)).items(), (twin, worksheet(FAR))])
    fault = refused(data)
    assert fault.kind == "unsafe"
    assert "xl/worksheets/sheet1.xml" in fault.detail


def test_two_sheets_in_one_part_are_refused():
    content = parts(worksheet(DEVICE))
    content["xl/workbook.xml"] = workbook(("a", "visible"), ("b", "visible"))
    target = ("worksheet", "worksheets/sheet1.xml")
    content["xl/_rels/workbook.xml.rels"] = relations(target, target)
    assert refused(zipped(content)).kind == "unsafe"


def test_encrypted_entries_and_odd_packing_are_refused():
    data = bytearray(book(DEVICE))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + flags] |= 1
    assert refused(bytes(data)).kind == "encrypted"
    assert refused(zipped(parts(worksheet(DEVICE)), zipfile.ZIP_LZMA)).kind == "unsafe"


def test_bombs_end_at_once():
    content = parts(worksheet(DEVICE)) | {
        "xl/media/x.bin": bytes(100 << 20),
        "y.xml": "<y>" + " " * (50 << 20),
    }
    bombs = [zipped(content), zipped(parts(worksheet(DEVICE + " " * (20 << 20))))]
    started = time.process_time()
    faults = [refused(bomb) for bomb in bombs]
    assert time.process_time() - started < 0.1
    assert [fault.kind for fault in faults] == ["size", "size"]
    assert all("of almost nothing: open it in Excel and save it" in fault.detail for fault in faults)


def test_declared_sizes_are_not_trusted():
    content = parts(worksheet(DEVICE + " " * (8 << 20)))
    data = bytearray(zipped(content))
    entry = data.rindex(b"PK\x01\x02")  # the sheet is the last entry
    data[entry + 24 : entry + 28] = struct.pack("<I", 1000)
    assert refused(bytes(data)).kind == "corrupt"


def test_the_sum_of_all_parts_and_their_number_are_limited(honest):
    assert "the limit of 5,000" in refused(honest, Limits(unpacked=5000)).detail
    assert "more than 3 parts" in refused(honest, Limits(parts=3)).detail


def test_a_cell_that_stands_there_twice_is_refused():
    cells = '<c r="A1"><v>1</v></c><c r="A1"><v>2</v></c>'
    for row in (cells, cells.replace("<c ", "<c  ")):
        fault = refused(book(f'<row r="1">{row}</row>'))
        assert (fault.kind, "twice" in fault.detail) == ("corrupt", True)


def test_one_long_text_in_many_cells_is_limited():
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 101))
    data = zipped(parts(worksheet(cells), f"<si><t>{'x' * 1000}</t></si>"))
    assert isinstance(read_xlsx(data, lambda a, b: False, Limits(unpacked=103_000)), Table)
    detail = refused(data, Limits(unpacked=90_000)).detail
    assert detail.startswith("the text of its cells has more than 90,000 bytes: open it in Excel")
    assert detail.endswith(", or raise limits.unpacked in the config")


def test_too_little_memory_is_said():
    def greedy():
        raise MemoryError

    with pytest.raises(Refused, match=r"^it needs more memory than there is: split it$"):
        calm(greedy)


def test_counts_of_shared_strings_are_not_trusted():
    strings = "<si><t>Serial Number</t></si>"
    content = parts(worksheet('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'), strings)
    for count in ("999999999999", "9999999999999999999"):
        content["xl/sharedStrings.xml"] = f'<sst uniqueCount="{count}">{strings}</sst>'
        assert read(zipped(content)).body.columns == [["Serial Number"]]


def test_one_long_text_in_many_cells_is_refused():
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{n % 2}</v></c></row>' for n in range(1, 2001))
    strings = f"<si><t>{'a' * 200_000}</t></si><si><t>b</t></si>"
    assert refused(book(rows, strings=strings), Limits(unpacked=100 << 20)).kind == "size"
    once = rows.replace("<v>0<", "<v>1<").replace("<v>1<", "<v>0<", 1)
    assert isinstance(read(book(once, strings=strings), Limits(unpacked=100 << 20)), Table)


def test_no_prefix_of_a_workbook_raises(honest):
    for length in {*range(100), *range(0, len(honest), 97), *range(len(honest) - 60, len(honest))}:
        assert isinstance(read(honest[:length]), Fault)
    assert isinstance(read(honest), Table)


@settings(max_examples=150, deadline=None)
@given(flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=4))
def test_flipped_bytes_in_the_file_never_raise(honest, flips):
    data = bytearray(honest)
    for place, change in flips:
        data[int(place * len(data))] ^= change
    assert isinstance(read(bytes(data)), Table | Fault)


MIXED = parts(
    worksheet(
        f'{DEVICE}<row r="2" hidden="1"><c r="A2" t="s"><v>0</v></c><c r="B2" s="1"><v>45000.5</v></c></row>'
        '<row r="3"><c r="A3"><f t="shared" ref="A3:A4" si="0">UPPER(B3)</f><v>5</v></c>'
        '<c r="B3" t="e"><v>#N/A</v></c></row>'
        '<row r="4"><c r="A4"><f t="shared" si="0"/></c><c r="B4" t="b"><v>1</v></c></row>',
        '<cols><col min="2" max="2" hidden="1"/></cols>',
        '<mergeCells><mergeCell ref="A2:B3"/></mergeCells>',
    ),
    '<si><r><t>5CG</t></r><r><t xml:space="preserve"> x</t></r><rPh sb="0" eb="1"><t>P</t></rPh></si>',
    '<numFmts><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>',
)
SNIPPETS = [
    "",
    " ",
    "'",
    '"',
    "<",
    ">",
    "/",
    "&",
    "9",
    "4294967296",
    "1e999",
    "nan",
    "XFD",
    "é",
    "x:",
    ' t="s"',
]
SNIPPETS += [
    "<![CDATA[x]]>",
    "<!--x-->",
    "&#65;",
    "<c/>",
    "</c>",
    "</row>",
    "</sheetData>",
    ' r="A1"',
    ' hidden="1"',
]


@settings(max_examples=400, deadline=None)
@given(
    name=st.sampled_from(["xl/worksheets/sheet1.xml"] * 4 + sorted(MIXED)),
    edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(SNIPPETS)), min_size=1, max_size=3),
)
def test_edited_parts_never_raise(name, edits):
    part = MIXED[name]
    for place, length, snippet in edits:
        at = int(place * len(part))
        part = part[:at] + snippet + part[at + length :]
    assert isinstance(read(zipped(MIXED | {name: part})), Table | Fault)


def test_hostile_workbooks_leave_a_small_process_alive(tmp_path):
    """With 1 GB of address space, whatever got past the guard would end the process."""
    for number, data in enumerate(FAR_CELLS.values()):
        (tmp_path / f"{number}.xlsx").write_bytes(data)
    script = """if True:
        import pathlib, resource, sys
        from wxp_lint.files.guard import Limits
        from wxp_lint.files.xlsx import read_xlsx
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
        for path in pathlib.Path(sys.argv[1]).iterdir():
            print(type(read_xlsx(path.read_bytes(), lambda a, b: False, Limits())).__name__)
    """
    done = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["Fault"] * len(FAR_CELLS)


def test_interrupts_pass_and_panics_do_not():
    class Panic(BaseException):
        """As pyo3's PanicException: no Exception."""

    def fail(error):
        raise error

    with pytest.raises(KeyboardInterrupt):
        calm(fail, KeyboardInterrupt())
    for error, kind in ((Panic(), "corrupt"), (RecursionError(), "corrupt"), (MemoryError(), "size")):
        with pytest.raises(Refused) as raised:
            calm(fail, error)
        assert raised.value.fault.kind == kind


def test_errors_of_the_caller_are_not_swallowed(honest):
    def broken(first, second):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read_xlsx(honest, broken, Limits())


def test_only_xml_parts_are_unpacked(honest, tmp_path):
    path = Path(tmp_path / "a.xlsx")
    path.write_bytes(honest)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/media/image1.png", b"\x89PNG")
    assert "xl/worksheets/sheet1.xml" in unpack(path.read_bytes(), Limits())
    assert "xl/media/image1.png" not in unpack(path.read_bytes(), Limits())
