import datetime
import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.formula import ArrayFormula
from workbooks import MAIN, book, inline, parts, relations, workbook, worksheet, zipped

from wxp_lint.files.guard import Limits
from wxp_lint.files.model import Cell, Table
from wxp_lint.files.xlsx import read_xlsx

HEADER = ["Serial Number", "Customer ID"]
ID = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"


def header(first, second):
    return first == "Serial Number"


def read(data):
    table = read_xlsx(data, header, Limits())
    assert isinstance(table, Table), table
    return table


@pytest.fixture
def saved(tmp_path):
    """Saves an openpyxl workbook and reads it back."""

    def save_and_read(made):
        path = tmp_path / "a.xlsx"
        made.save(path)
        return read(path.read_bytes())

    return save_and_read


@pytest.fixture
def devices():
    """A workbook with a header and two devices on its sheet `Devices`."""
    made = openpyxl.Workbook()
    made.active.title = "Devices"
    for row in (HEADER, ["5CG8234XMV", ID], ["5CG02382XZ", ID]):
        made.active.append(row)
    return made


def kinds(table, *wanted):
    return [cell for cell in table.cells if cell.kind in wanted]


def test_a_plain_table(saved, devices):
    table = saved(devices)
    assert table.body.columns == [["Serial Number", "5CG8234XMV", "5CG02382XZ"], ["Customer ID", ID, ID]]
    assert table.body.kinds == [None, None]
    assert table.body.lines == range(1, 4)
    assert (table.format, table.sheet, table.cells) == ("xlsx", "Devices", ())
    assert (table.encoding, table.newline, table.delimiter, table.bom) == (None, None, None, False)


def test_lines_are_sheet_rows_even_below_and_beside_empty_ones(saved):
    made = openpyxl.Workbook()
    made.active["C4"] = "a"
    made.active["C6"] = "b"
    body = saved(made).body
    assert body.lines == range(1, 7)
    assert body.columns == [[""] * 6, [""] * 6, ["", "", "", "a", "", "b"]]


@pytest.mark.parametrize(
    ("value", "text", "kind"),
    [
        (1234567890, "1234567890", "number"),
        (5.0, "5", "number"),
        (-7, "-7", "number"),
        (0.1, "0.1", "number"),
        (2.19e26, "2.19E+26", "number"),
        (999999999999999, "999999999999999", "number"),
        (1234567890123456, "1234567890123456", "number"),
        (1e16, "1E+16", "number"),
        (True, "TRUE", "boolean"),
        (False, "FALSE", "boolean"),
        (datetime.date(2024, 5, 1), "2024-05-01", "date"),
        (datetime.datetime(2024, 5, 1, 13, 30), "2024-05-01T13:30:00", "date"),
        (datetime.time(13, 30), "13:30:00", "date"),
        (datetime.timedelta(hours=36), "36:00:00", "date"),
        ("219E01", "219E01", "text"),
        ("2024-05-01", "2024-05-01", "text"),
        ("007", "007", "text"),
        (" x ", " x ", "text"),
        ("a\nb", "a\nb", "text"),
        ("&<>\"'é\N{OGHAM SPACE MARK}", "&<>\"'é\N{OGHAM SPACE MARK}", "text"),
    ],
)
def test_values_are_kept_as_they_stand(saved, devices, value, text, kind):
    devices.active["A2"] = value
    body = saved(devices).body
    assert body.columns[0][1] == text
    assert (body.kinds[0] or ["text"] * 3)[1] == kind


def test_a_number_in_a_column_formatted_as_text_is_a_number(saved, devices):
    devices.active["A2"] = 1234567890
    devices.active["A2"].number_format = "@"
    assert saved(devices).body.kinds[0] == ["text", "number", "text"]


def test_kinds_tell_empty_cells_where_a_column_is_not_all_text():
    rows = f'<row r="1">{inline("A1", "x")}</row><row r="3"><c r="A3"><v>5</v></c></row>'
    assert read(book(rows)).body.kinds == [["text", "empty", "number"]]


def test_dates_count_from_1904_where_the_workbook_says_so():
    content = parts(
        worksheet('<row r="1"><c r="A1" s="1"><v>0.5</v></c><c r="B1" s="1"><v>366</v></c></row>'),
        styles='<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>',
    )
    assert read(zipped(content)).body.columns[1] == ["1900-12-31"]
    content["xl/workbook.xml"] = content["xl/workbook.xml"].replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    assert read(zipped(content)).body.columns[1] == ["1905-01-01"]


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_dates_are_told_by_a_format_of_the_workbooks_own(prefix):
    cells = f'<{prefix}c r="A1" s="1"><{prefix}v>366</{prefix}v></{prefix}c><{prefix}c r="B1" s="2"><{prefix}v>366'
    content = parts(
        worksheet(f'<{prefix}row r="1">{cells}</{prefix}v></{prefix}c></{prefix}row>').replace(
            "<worksheet ", f'<worksheet xmlns:x="{MAIN}" '
        ),
        styles='<numFmts><numFmt numFmtId="170" formatCode="dd/mm/yyyy"/><numFmt numFmtId="171" formatCode="0.0"/>'
        '</numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs>',
    )

    body = read(zipped(content)).body

    assert (body.columns, body.kinds) == ([["1900-12-31"], ["366"]], [["date"], ["number"]])


def test_iso_dates_of_type_d_are_dates():
    body = read(book('<row r="1"><c r="A1" t="d"><v>2024-05-01</v></c></row>')).body
    assert (body.columns, body.kinds) == ([["2024-05-01"]], [["date"]])


def test_shared_rich_and_phonetic_strings():
    strings = (
        "<si><t>plain</t></si><si><r><t>5CG</t></r><r><rPr/><t xml:space='preserve'> 8234</t></r></si>"
        '<si><t>漢字</t><rPh sb="0" eb="2"><t>かんじ</t></rPh></si><si/><si><t><![CDATA[a<b]]></t></si>'
    )
    row = "".join(f'<c r="{letter}1" t="s"><v>{n}</v></c>' for n, letter in enumerate("ABCDE"))
    columns = read(book(f'<row r="1">{row}</row>', strings=strings)).body.columns
    assert columns == [["plain"], ["5CG 8234"], ["漢字"], [""], ["a<b"]]


def test_inline_rich_text():
    rich = '<r><t>5CG</t></r><r><t>8234XMV</t></r><rPh sb="0" eb="1"><t>x</t></rPh>'
    assert read(book(f'<row r="1"><c r="A1" t="inlineStr"><is>{rich}</is></c></row>')).body.columns == [["5CG8234XMV"]]


FORMS = {
    "plain": '<c r="A1"><v>12</v></c><c r="B1" t="str"><v>x&amp;y</v></c>',
    "quotes": "<c r='A1'><v>12</v></c><c r='B1' t='str'><v>x&amp;y</v></c>",
    "no references": '<c><v>12</v></c><c t="str"><v>x&amp;y</v></c>',
    "lower case": '<c r="a1"><v>12</v></c><c r="b1" t="str"><v>x&amp;y</v></c>',
    "character references": '<c r="A1"><v>1&#50;</v></c><c r="&#66;1" t="str"><v>x&#38;y</v></c>',
    "character data": '<c r="A1"><v><![CDATA[12]]></v></c><c r="B1" t="str"><v>x<![CDATA[&]]>y</v></c>',
    "comments": '<c r="A1"><v>1<!-- . -->2</v></c><!-- <c r="B1"/> --><c r="B1" t="str"><v>x&amp;y</v></c>',
    "spacing": '<c  r="A1"\n><v >12</v></c ><c r = "B1" t="str" ><v>x&amp;y</v></c>',
    "other attributes": '<c r="A1" cm="1"><v>12</v></c><c t="str" r="B1"><v>x&amp;y</v></c>',
}


@pytest.mark.parametrize("row", ['<row r="1">', "<row>"])
@pytest.mark.parametrize("name", FORMS)
def test_every_legal_form_of_a_cell_reads_the_same(name, row):
    assert read(book(f"{row}{FORMS[name]}</row>")).body.columns == [["12"], ["x&y"]]


def test_prefixed_elements_read_the_same():
    cells = '<x:c r="A1" t="inlineStr"><x:is><x:t>5CG</x:t></x:is></x:c><x:c r="B1"><x:f>1+1</x:f></x:c>'
    data = f'<x:sheetData><x:row r="1">{cells}</x:row></x:sheetData>'
    sheet = f'<x:worksheet xmlns:x="{MAIN}">{data}</x:worksheet>'
    table = read(zipped(parts(sheet)))
    assert table.body.columns == [["5CG"], [""]]
    assert table.cells == (Cell(1, 2, "", "formula", "=1+1"),)


def test_formulas_in_any_column_with_and_without_a_value(saved, devices):
    devices.active["A3"] = '=UPPER("<5cg>")&C3'
    devices.active["D2"] = "=1+1"
    table = saved(devices)
    assert table.cells == (
        Cell(2, 4, "", "formula", "=1+1"),
        Cell(3, 1, "", "formula", '=UPPER("<5cg>")&C3'),
    )
    assert table.body.kinds == [["text", "text", "formula"], None, None, ["empty", "formula", "empty"]]
    assert [len(column) for column in table.body.columns] == [3, 3, 3, 3]
    cached = '<row r="1"><c r="A1" t="str"><f>UPPER(B1)</f><v>5CG</v></c><c r="B1"><f>2*3</f><v>6</v></c></row>'
    table = read(book(cached))
    assert table.body.columns == [["5CG"], ["6"]]
    assert table.body.kinds == [["formula"], ["formula"]]


def test_a_formula_below_and_beside_all_values_is_not_lost():
    table = read(book(f'<row r="1">{inline("A1", "x")}</row><row r="4"><c r="C4"><f>A1</f></c></row>'))
    assert table.body.lines == range(1, 5)
    assert table.body.columns == [["x", "", "", ""], [""] * 4, [""] * 4]
    assert table.cells == (Cell(4, 3, "", "formula", "=A1"),)


def test_formulas_that_a_cell_has_from_another():
    table = read(
        book(
            '<row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0">B1*2</f><v>2</v></c></row>'
            '<row r="2"><c r="A2"><f t="shared" si="0"/><v>4</v></c></row>'
            '<row r="3"><c r="A3"><f t="shared" si="0"/></c></row>'
            '<row r="4"><c r="A4" cm="1"><f t="array" ref="A4:A5">FILTER(X,Y)</f><v>7</v></c></row>'
            '<row r="5"><c r="A5"><v>8</v></c></row><row r="6"><c r="A6"><v>9</v></c></row>'
        )
    )
    assert [(cell.line, cell.text, cell.note) for cell in table.cells] == [
        (1, "2", "=B1*2"),
        (2, "4", "=B1*2 (from A1)"),
        (3, "", "=B1*2 (from A1)"),
        (4, "7", "=FILTER(X,Y)"),
        (5, "8", "=FILTER(X,Y) (from A4)"),
    ]
    assert table.body.kinds == [["formula"] * 5 + ["number"]]


def test_array_formulas_as_openpyxl_writes_them(saved, devices):
    devices.active["C2"] = ArrayFormula("C2:C3", "=A2:A3")
    assert kinds(saved(devices), "formula") == [Cell(2, 3, "", "formula", "=A2:A3")]


def test_errors_keep_their_text_known_or_not(saved, devices):
    devices.active["A3"] = "#N/A"
    table = saved(devices)
    assert table.cells == (Cell(3, 1, "#N/A", "error"),)
    assert table.body.kinds[0] == ["text", "text", "error"]
    table = read(
        book('<row r="1"><c r="A1" t="e"><v>#SPILL!</v></c><c r="B1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>')
    )
    assert table.body.columns == [["#SPILL!"], ["#DIV/0!"]]
    assert table.cells == (Cell(1, 2, "#DIV/0!", "formula", "=1/0"), Cell(1, 1, "#SPILL!", "error"))


def test_merged_cells_and_those_they_cover(saved, devices):
    devices.active.merge_cells("A2:A3")
    devices.active.merge_cells("C1:E2")
    devices.active["C1"] = "note"
    table = saved(devices)
    assert kinds(table, "merged") == [
        Cell(2, 1, "5CG8234XMV", "merged", "A2:A3"),
        Cell(1, 3, "note", "merged", "C1:E2"),
        Cell(3, 1, "", "merged", "A2:A3"),
    ]


@pytest.mark.parametrize(
    ("found", "texts"),
    [
        # Only the rows that are there are marked, and a text that is covered is told.
        ("A2:B1048576", [(2, 1, "y"), (2, 2, "")]),
        ("A1:B1", [(1, 1, "x"), (1, 2, "covered")]),
    ],
)
def test_merged_cells_tell_what_stands_in_each(found, texts):
    rows = f'<row r="1">{inline("A1", "x")}{inline("B1", "covered")}</row><row r="2">{inline("A2", "y")}</row>'
    after = f'<mergeCells><mergeCell ref="{found}"/></mergeCells>'
    assert kinds(read(book(rows, after=after)), "merged") == [
        Cell(line, column, text, "merged", found) for line, column, text in texts
    ]


def test_overlapping_merged_ranges_cannot_multiply():
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 101))
    merged = '<mergeCells><mergeCell ref="A1:B100"/></mergeCells>'.replace(
        "<mergeCell ", '<mergeCell ref="A1:B99"/>' * 500 + "<mergeCell "
    )
    assert len(kinds(read(book(rows, after=merged)), "merged")) <= 501 + 200


def test_hidden_rows_and_columns_that_hold_text(saved, devices):
    sheet = devices.active
    sheet["C1"] = "Notes"
    sheet["E5"] = "secret"
    for column in "CDE":
        sheet.column_dimensions[column].hidden = True
    sheet.row_dimensions[2].hidden = True
    sheet.row_dimensions[4].hidden = True
    sheet.row_dimensions[5].hidden = True
    assert saved(devices).cells == (
        Cell(2, None, "5CG8234XMV", "hidden", "row 2"),
        Cell(5, None, "secret", "hidden", "row 5"),
        Cell(None, 3, "Notes", "hidden", "column C"),
        Cell(None, 5, "secret", "hidden", "column E"),
    )


@pytest.mark.parametrize("row", ['<row r="1" hidden="false" ht="12.8">', "<row r='1' hidden='0'>", '<row hidden="0">'])
def test_rows_that_say_they_are_not_hidden(row):
    assert read(book(f"{row}{inline('A1', 'x')}</row>")).cells == ()


@pytest.mark.parametrize("row", ['<row hidden="1" r="1">', "<row r='1' hidden='true'>", '<row r="1" ht="0.0">'])
def test_rows_that_are_hidden_in_any_form(row):
    assert read(book(f"{row}{inline('A1', 'x')}</row>")).cells == (Cell(1, None, "x", "hidden", "row 1"),)


@pytest.mark.parametrize(
    ("column", "is_hidden"),
    [
        ('hidden="0" width="9"', False),
        ('hidden="false"', False),
        ("", False),
        ('hidden="1"', True),
        ('hidden="true"', True),
        ('hidden="0" width="0"', True),
        ('width="0.0"', True),
    ],
)
def test_columns_that_are_hidden_in_any_form_and_those_that_say_they_are_not(column, is_hidden):
    columns = f'<cols><col min="1" max="1" {column}/></cols>'
    found = read(book(f'<row r="1">{inline("A1", "x")}</row>', before=columns)).cells
    assert [(cell.kind, cell.note) for cell in found] == [("hidden", "column A")] * is_hidden


def test_other_sheets_with_text(saved, devices):
    devices.create_sheet("Empty")
    devices.create_sheet("Blanks")["A1"] = "  "
    devices.create_sheet("Old list")["B7"] = 5
    for name, state in (("Hidden", "hidden"), ("Very", "veryHidden"), ("Hidden and empty", "hidden")):
        sheet = devices.create_sheet(name)
        sheet.sheet_state = state
        if "empty" not in name:
            sheet["A1"] = "x"
    assert saved(devices).cells == (
        Cell(None, None, "Old list", "sheet"),
        Cell(None, None, "Hidden", "hidden", "sheet"),
        Cell(None, None, "Very", "hidden", "sheet"),
    )


def test_the_first_visible_sheet_with_a_header_is_read(saved, devices):
    hidden = devices.create_sheet("Hidden", 0)
    hidden.append(HEADER)
    hidden.sheet_state = "hidden"
    devices.create_sheet("Cover", 1)["A1"] = "Please fill in"
    late = devices.create_sheet("Late", 2)
    late["A51"] = "Serial Number"
    devices.active = 1
    table = saved(devices)
    assert table.sheet == "Devices"
    assert [(cell.text, cell.kind) for cell in table.cells] == [
        ("Hidden", "hidden"),
        ("Cover", "sheet"),
        ("Late", "sheet"),
    ]


def test_a_header_within_the_first_50_rows_counts(saved):
    made = openpyxl.Workbook()
    made.active["A1"] = "Cover"
    made.create_sheet("Devices")["A50"] = "Serial Number"
    assert saved(made).sheet == "Devices"


def test_without_a_header_the_first_visible_sheet_with_text_is_read(saved):
    made = openpyxl.Workbook()
    made.create_sheet("Second")["A1"] = "5CG8234XMV"
    made.create_sheet("Third")["A1"] = "5CG02382XZ"
    table = saved(made)
    assert (table.sheet, table.cells) == ("Second", (Cell(None, None, "Third", "sheet"),))


def test_no_visible_text_is_an_empty_table(saved):
    made = openpyxl.Workbook()
    hidden = made.create_sheet("Hidden")
    hidden.append(HEADER)
    hidden.sheet_state = "hidden"
    table = saved(made)
    assert (list(table.body.lines), table.body.columns, list(table.body.head(50)), table.sheet) == (
        [],
        [],
        [],
        None,
    )
    assert table.cells == (Cell(None, None, "Hidden", "hidden", "sheet"),)


def test_chart_sheets_are_passed_over(saved, devices):
    devices.create_chartsheet("Chart", 0)
    assert saved(devices).sheet == "Devices"


def test_parts_anywhere_are_found_by_their_relationships():
    content = {
        "_rels/.rels": relations(("officeDocument", "/office/book.xml")),
        "office/book.xml": workbook(("Devices", "visible"), ("Chart", "visible")),
        "office/_rels/book.xml.rels": relations(
            ("worksheet", "../a/b.xml"), ("chartsheet", "c.xml"), ("sharedStrings", "s.xml")
        ),
        "a/b.xml": worksheet('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'),
        "office/c.xml": f'<chartsheet xmlns="{MAIN}"/>',
        "office/s.xml": f'<sst xmlns="{MAIN}"><si><t>5CG8234XMV</t></si></sst>',
    }
    table = read(zipped(content))
    assert (table.body.columns, table.sheet, table.cells) == ([["5CG8234XMV"]], "Devices", ())


# Blanks alone openpyxl writes without xml:space="preserve", so that nobody reads them back.
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=12).filter(
    lambda text: not text or text.strip()
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(TEXT, TEXT, st.integers(-(10**15) + 1, 10**15 - 1)), min_size=1, max_size=8))
def test_what_openpyxl_writes_is_read_back(rows):
    made = openpyxl.Workbook()
    for number, (first, second, whole) in enumerate(rows, 1):
        for column, text in enumerate((first, second), 1):
            made.active.cell(number, column, text).data_type = "s"  # "=x" too is text
        made.active.cell(number, 3, whole)
    memory = io.BytesIO()
    made.save(memory)
    body = read(memory.getvalue()).body
    assert body.columns == [[row[0] for row in rows], [row[1] for row in rows], [str(row[2]) for row in rows]]
