"""Workbooks mended: one part changes, in the cells in question, and every byte of the others stays."""

import io
import shutil
import subprocess
import zipfile

import openpyxl
import pytest
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

ID = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEET = "xl/worksheets/sheet1.xml"
HEADER = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
STRINGS = ["Serial Number", "Customer ID", ID]


def inline(reference, text, more=""):
    return f'<c r="{reference}"{more} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def book(data, *, before="", after="", root=f'worksheet xmlns="{MAIN}"', more=(), method=zipfile.ZIP_DEFLATED):
    """A workbook, written by hand, whose sheet has the rows `data`."""
    element = root.split()[0]
    relations = [("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")]
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="Devices" sheetId="1" r:id="r0"/></sheets></workbook>',
        SHEET: f"<{root}>{before}<{data[0]}sheetData>{data[1]}</{data[0]}sheetData>{after}</{element}>"
        if isinstance(data, tuple)
        else f"<{root}>{before}<sheetData>{data}</sheetData>{after}</{element}>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
        + "".join(
            f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
            for n, (kind, target) in enumerate(relations)
        )
        + "</Relationships>",
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">' + "".join(f"<si><t>{s}</t></si>" for s in STRINGS) + "</sst>",
        **dict(more),
    }
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", method) as archive:
        for n, (name, part) in enumerate(parts.items()):
            info = zipfile.ZipInfo(name, (2020 + n, 1, 2, 3, 4, 6))
            info.compress_type, info.external_attr, info.comment = method, n << 16, name.encode()
            archive.writestr(info, part)
        archive.comment = b"made by hand"
    return memory.getvalue()


def office_book():
    """A workbook as people have them: styles, a formula elsewhere, merged and hidden parts, a validation, a note."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "Devices"
    sheet.append(["Serial Number", "Customer ID", "Count"])
    for serial in (" 5cg8234xmv", "5CG02382XZ", "=1+1", "5cd9123klm"):
        sheet.append([serial, ID, "=COUNTA(A:A)"])
    sheet["A5"].font = Font(bold=True, color="FF0000")
    sheet.merge_cells("E1:F2")
    sheet.row_dimensions[3].hidden = True
    sheet.add_data_validation(DataValidation(type="textLength", operator="equal", formula1="10", sqref="A2:A99"))
    sheet["A2"].comment = openpyxl.comments.Comment("from the label", "somebody")
    workbook.create_sheet("Notes")["A1"] = "5cg8234xmv"
    workbook["Notes"].sheet_state = "hidden"
    memory = io.BytesIO()
    workbook.save(memory)
    return memory.getvalue()


def cells(repair):
    """Columns A and B as they read when the file is mended."""
    grid = repair.outcome.left.files[repair.name].table.body
    return [row[:2] for _, row in grid.head(99)]


def sheet_xml(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(SHEET).decode()


def entries(data):
    """What stands in the archive, but for the sheet: name -> its packed bytes and all that the directory says."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        ends = [*sorted(info.header_offset for info in infos)[1:], archive.start_dir]
        for info, end in zip(sorted(infos, key=lambda info: info.header_offset), ends):
            about = (info.date_time, info.flag_bits, info.external_attr, info.comment, info.extra, info.CRC)
            found[info.filename] = (data[info.header_offset : end], about)
        order, comment = [info.filename for info in infos], archive.comment
    return found, order, comment


def assert_only_the_sheet_changed(old, new):
    before, after = entries(old), entries(new)
    assert before[1:] == after[1:]
    assert zipfile.ZipFile(io.BytesIO(new)).testzip() is None
    assert {name for name in before[0] if before[0][name] != after[0][name]} == {SHEET}
    assert before[0][SHEET][1][:5] == after[0][SHEET][1][:5]


def test_a_workbook_as_people_have_them(bench):
    old = office_book()

    repair = bench.mend(old, "a.xlsx")

    assert_only_the_sheet_changed(old, repair.data)
    assert cells(repair) == [
        ["Serial Number", "Customer ID"],
        ["5CG8234XMV", ID],
        ["5CG02382XZ", ID],
        ["", ID],
        ["5CD9123KLM", ID],
    ]
    before, after = (openpyxl.load_workbook(io.BytesIO(data))["Devices"] for data in (old, repair.data))
    assert (after["A5"].font.b, after["A5"].font.color.rgb) == (True, before["A5"].font.color.rgb)
    assert after["A2"].comment.text == "from the label"
    assert after.data_validations == before.data_validations
    assert after.row_dimensions[3].hidden
    assert after["C5"].value == "=COUNTA(A:A)"
    assert bench.mend(repair.data, "a.xlsx").outcome.files == []


def test_libreoffice_opens_what_was_mended(bench, tmp_path, service_missing):
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        service_missing("LibreOffice is not installed (Debian: libreoffice-calc)")
    mended = tmp_path / "mended.xlsx"
    mended.write_bytes(bench.mend(office_book(), "a.xlsx").data)

    subprocess.run(
        [
            office,
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "csv",
            mended,
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=180,
    )
    rows = (tmp_path / "mended.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["Serial Number", "5CG8234XMV", "5CG02382XZ", "2", "5CD9123KLM"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"])
@pytest.mark.parametrize(
    ("row", "after"),
    [
        pytest.param(
            '<row r="2"><c r="A2" s="3" t="s"><v>3</v></c><c r="B2" t="s"><v>2</v></c></row>',
            '<row r="2"><c r="A2" s="3" t="inlineStr"><is><t>5CG8234XMV</t></is></c><c r="B2" t="s"><v>2</v></c></row>',
            id="a shared string, with a style",
        ),
        pytest.param(
            "<row><c t='s' ><v>3</v></c ><c r = 'B2' t=\"s\"><v>2</v></c></row>",
            '<row><c t="inlineStr"><is><t>5CG8234XMV</t></is></c><c r = \'B2\' t="s"><v>2</v></c></row>',
            id="no position, single quotes, blanks in tags",
        ),
        pytest.param(
            '<row r="2"><c r="A2" t="inlineStr"><is><r><t> 5cg</t></r><r><rPr/><t>8234xmv</t></r></is></c>'
            '<!-- > </c> --><c r="B2" t="s"><v>2</v></c><c r="C2"/></row>',
            '<row r="2"><c r="A2" t="inlineStr"><is><t>5CG8234XMV</t></is></c>'
            '<!-- > </c> --><c r="B2" t="s"><v>2</v></c><c r="C2"/></row>',
            id="rich text and a comment",
        ),
    ],
)  # fmt: skip
def test_cells_in_any_form(bench, monkeypatch, row, after, method):
    monkeypatch.setitem(globals(), "STRINGS", [*STRINGS, " 5cg8234xmv "])
    old = book(HEADER + row, method=method)

    repair = bench.mend(old, "a.xlsx")

    assert_only_the_sheet_changed(old, repair.data)
    assert sheet_xml(repair.data) == sheet_xml(old).replace(row, after)


def test_prefixed_elements_and_a_mark_in_front(bench):
    row = '<x:row r="2"><x:c r="A2" t="str"><x:v>5cg8234xmv</x:v></x:c><x:c r="B2" t="s"><x:v>2</x:v></x:c></x:row>'
    header = HEADER.replace("<c", "<x:c").replace("<v", "<x:v").replace("<row", "<x:row").replace("</", "</x:")
    old = book(("x:", header + row), root=f'x:worksheet xmlns:x="{MAIN}"', before="<!--é-->")
    old = book(("x:", header + row), root=f'x:worksheet xmlns:x="{MAIN}"', more=[(SHEET, "\ufeff" + sheet_xml(old))])

    repair = bench.mend(old, "a.xlsx")

    assert_only_the_sheet_changed(old, repair.data)
    assert sheet_xml(repair.data) == sheet_xml(old).replace(
        '<x:c r="A2" t="str"><x:v>5cg8234xmv</x:v></x:c>',
        '<x:c r="A2" t="inlineStr"><x:is><x:t>5CG8234XMV</x:t></x:is></x:c>',
    )


def test_text_is_written_as_text_whatever_it_begins_with(bench):
    bench.files |= {
        "wxp-lint.toml": 'customers = "customers.csv"\n',
        "customers.csv": "customer_id,name\n=1&<2,Acme\n",
    }
    old = book(f'{HEADER}<row r="2">{inline("A2", "5CG8234XMV")}{inline("B2", "Acme")}</row>')

    repair = bench.mend(old, "a.xlsx", unsafe=True)

    assert '<c r="B2" t="inlineStr"><is><t>=1&amp;&lt;2</t></is></c>' in sheet_xml(repair.data)


def test_a_customers_name_in_many_cells(bench):
    bench.files |= {
        "wxp-lint.toml": 'customers = "customers.csv"\n',
        "customers.csv": f"customer_id,name\n{ID},Acme\n",
    }
    rows = "".join(
        f'<row r="{n}">{inline(f"A{n}", f"5CG8234XM{n}")}{cell}</row>'
        for n, cell in enumerate(
            [
                inline("B2", "Acme"),
                inline("B3", " ACME "),
                '<c r="B4" t="str"><f>B2</f><v>Acme</v></c>',
                inline("B5", "Globex"),
            ],
            2,
        )
    )

    repair = bench.mend(book(HEADER + rows), "a.xlsx", unsafe=True)

    assert [row[1] for row in cells(repair)[1:]] == [ID, ID, "Acme", "Globex"]


SWAPPED = (
    f'<row r="1">{inline("A1", "Customer ID")}{inline("B1", "Serial Number")}{inline("C1", "x")}</row>'
    f'<row r="2">{inline("A2", ID)}{inline("B2", "5CG8234XMV")}</row>'
    f'<row r="3"><c r="A3" s="1"><v>12345</v></c><c t="s"><v>2</v></c>{inline("C3", "x")}</row>'
    f'<row r="4">{inline("A4", ID)}{inline("C4", "x")}</row>'
    f'<row r="5">{inline("B5", "5CG02382XZ")}{inline("C5", "x")}</row>'
)


def test_columns_that_change_places(bench):
    old = book(SWAPPED)

    repair = bench.mend(old, "a.xlsx", unsafe=True, rules=["WXP107"])

    assert_only_the_sheet_changed(old, repair.data)
    assert cells(repair) == [
        ["Serial Number", "Customer ID"],
        ["5CG8234XMV", ID],
        [ID, "12345"],
        ["", ID],
        ["5CG02382XZ", ""],
    ]
    assert '<c r="B3" s="1"><v>12345</v></c>' in sheet_xml(repair.data)
    assert bench.mend(repair.data, "a.xlsx", unsafe=True, rules=["WXP107"]).outcome.files == []


@pytest.mark.parametrize(
    ("row", "after", "words"),
    [
        (
            '<row r="6"><c r="D6"><f>A2</f><v>1</v></c></row>',
            "",
            "formulas in the sheet would point to the wrong column",
        ),
        ("", '<mergeCells count="1"><mergeCell ref="A6:B6"/></mergeCells>', None),
        (
            "",
            '<mergeCells count="1"><mergeCell ref="A4:A5"/></mergeCells>',
            "there are merged cells in the two columns",
        ),
        ("", '<tableParts count="1"><tablePart r:id="r9" xmlns:r="x"/></tableParts>', "the sheet holds an Excel table"),
    ],
)
def test_columns_are_not_swapped_where_something_hangs_on_them(bench, row, after, words):
    old = book(SWAPPED + row, after=after)

    repair = bench.mend(old, "a.xlsx", unsafe=True, rules=["WXP107"])

    assert (repair.data == old) == bool(words)
    assert (words or "") in repair.reasons.get("WXP107", "")


def test_rows_of_a_workbook_are_never_moved(bench):
    rows = [
        ["Serial Number", "Customer ID"],
        ["5CG8234XMV", ID],
        [],
        ["Serial Number", "Customer ID"],
        ["5CG8234XMV", ID],
    ]
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    memory = io.BytesIO()
    workbook.save(memory)

    repair = bench.mend(memory.getvalue(), "a.xlsx", unsafe=True)

    assert repair.outcome.files == []
    assert {"WXP109", "WXP111", "WXP401"} <= set(repair.codes)


RULE = """
code = "ACME101"
name = "acme-own"
level = "note"
status = "stable"
since = "0.1.0"
subject = "row"
summary = "A rule of somebody's own"
why = "Because somebody has to try what happens then."
sources = []
message = "'{serial}'"
query = "select path, line, 'serial' as field, serial, upper(serial) as fix from row where serial <> upper(serial)"
[fix]
safety = "unsafe"
action = "cell"
[[examples]]
name = "bad"
kind = "bad"
csv = "a,x"
findings = ["1 serial"]
[[examples]]
name = "good"
kind = "good"
csv = "A,x"
findings = []
"""


@pytest.mark.parametrize(
    ("formula", "more", "mended"),
    [
        ("<f>C2</f>", (), True),
        ("<f>C2</f>", [("xl/calcChain.xml", f'<calcChain xmlns="{MAIN}"><c r="A2" i="1"/></calcChain>')], False),
        ('<f t="shared" ref="A2:A3" si="0">C2</f>', (), False),
        ('<f t="array" ref="A2:A3">C2:C3</f>', (), False),
    ],
)
def test_a_formula_is_replaced_only_where_nothing_hangs_on_it(bench, formula, more, mended):
    bench.files |= {"wxp-lint.toml": 'custom-rules = ["rules"]\n', "rules/ACME101-acme-own.toml": RULE}
    row = f'<row r="2"><c r="A2" s="2" t="str">{formula}<v>5cg8234xmv</v></c><c r="B2" t="s"><v>2</v></c></row>'
    old = book(HEADER + row, more=more)

    repair = bench.mend(old, "a.xlsx", unsafe=True, rules=["ACME101"])

    assert ('<c r="A2" s="2" t="inlineStr"><is><t>5CG8234XMV</t></is></c>' in sheet_xml(repair.data)) == mended
    assert ("ACME101" in repair.reasons) != mended
    if not mended:
        assert repair.data == old


def test_an_odd_archive_is_left_alone(bench):
    data = book(f'{HEADER}<row r="2">{inline("A2", "5cg8234xmv")}{inline("B2", ID)}</row>')
    odd = data.replace(b"PK\x05\x06\0\0\0\0", b"PK\x05\x06\1\0\0\0")  # this is said to be the second of two disks

    repair = bench.mend(odd, "a.xlsx")

    assert repair.data == odd
    assert "put together in an unusual way" in repair.reasons["WXP204"]
    assert bench.mend(data, "a.xlsx").data != data
