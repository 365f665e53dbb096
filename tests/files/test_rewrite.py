"""Worksheets in any legal XML, and the plain form that is made of them."""

from xml.parsers.expat import ExpatError

import pytest
from workbooks import worksheet

from wxp_lint.files.guard import Refused
from wxp_lint.files.rewrite import rewrite_sheet, rewrite_strings


def rewritten(data, before="", after=""):
    """The plain form of the rows, columns and merged cells."""
    return rewrite_sheet(worksheet(data, before, after).encode()).decode()


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ('<c r="B2"><v>7</v></c>', '<c r="B2" t="n"><v>7</v></c>'),
        ('<c r="B2" t="s"><v>0</v></c>', '<c r="B2" t="s"><v>0</v></c>'),
        ('<c r="B2"><v>a&amp;b</v></c>', '<c r="B2" t="str"><v>a&amp;b</v></c>'),
        ('<c r="B2" t="str"><v>a&lt;b</v></c>', '<c r="B2" t="str"><v>a&lt;b</v></c>'),
        ('<c r="B2" t="b"><v>true</v></c>', '<c r="B2" t="b"><v>1</v></c>'),
        ('<c r="B2" t="b"><v> false </v></c>', '<c r="B2" t="b"><v>0</v></c>'),
        ('<c r="B2" t="b"><v>0</v></c>', '<c r="B2" t="b"><v>0</v></c>'),
        ('<c r="B2" s="3"><v>7</v></c>', '<c r="B2" s="3" t="n"><v>7</v></c>'),
        ('<c r="B2" s="x"><v>7</v></c>', '<c r="B2" t="n"><v>7</v></c>'),
        ("<c><v>7</v></c><c><v>8</v></c>", '<c r="A1" t="n"><v>7</v></c><c r="B1" t="n"><v>8</v></c>'),
        ('<c r="C1"><v>7</v></c><c><v>8</v></c>', '<c r="C1" t="n"><v>7</v></c><c r="D1" t="n"><v>8</v></c>'),
        ("<c/>", ""),
        ('<c r="B2"><v></v></c>', ""),
        ('<c r="B2"><f>A1*2</f></c>', '<c r="B2"><f>A1*2</f></c>'),
        (
            '<c r="B2"><f t="shared" si="0" ref="B2:B9" x="y">A1</f><v>3</v></c>',
            '<c r="B2" t="n"><f t="shared" si="0" ref="B2:B9">A1</f><v>3</v></c>',
        ),
        (
            '<c r="B2" t="inlineStr"><is><t>a</t></is></c>',
            '<c r="B2" t="inlineStr"><is><t xml:space="preserve">a</t></is></c>',
        ),
        # The text counts where a cell of this type has a value too, or has text and no value.
        (
            '<c r="B2" t="inlineStr"><is><t>a</t></is><v>0</v></c>',
            '<c r="B2" t="inlineStr"><is><t xml:space="preserve">a</t></is></c>',
        ),
        (
            '<c r="B2" t="n"><is><t>a</t></is></c>',
            '<c r="B2" t="inlineStr"><is><t xml:space="preserve">a</t></is></c>',
        ),
        ('<c r="B2" t="n"><is><t>a</t></is><v>5</v></c>', '<c r="B2" t="n"><v>5</v></c>'),
        ('<c r="B2" t="inlineStr"><f>A1</f><is><t>a</t></is></c>', '<c r="B2" t="str"><f>A1</f><v>a</v></c>'),
    ],
)
def test_a_cell_in_its_plain_form(cell, plain):
    assert f'<sheetData><row r="1">{plain}</row></sheetData>' in rewritten(f"<row>{cell}</row>")


@pytest.mark.parametrize(
    ("rows", "plain"),
    [
        ("<row/><row/>", '<row r="1"></row><row r="2"></row>'),
        ('<row r="5"/><row/>', '<row r="5"></row><row r="6"></row>'),
        ('<row r="1" hidden="1" ht="0" spans="1:2"/>', '<row r="1" hidden="1" ht="0"></row>'),
    ],
)
def test_a_row_keeps_its_place_and_what_hides_it(rows, plain):
    assert f"<sheetData>{plain}</sheetData>" in rewritten(rows)


def test_columns_and_merged_cells_are_kept_where_they_belong():
    columns = '<cols><col min="1" max="2" hidden="1" width="0" style="4"/></cols>'
    merged = '<mergeCells count="2"><mergeCell ref="A1:B2"/><mergeCell ref="C3:D4" id="x"/></mergeCells>'

    assert rewritten("", columns, merged) == (
        '<worksheet><cols><col min="1" max="2" hidden="1" width="0"/></cols><sheetData></sheetData>'
        '<mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="C3:D4"/></mergeCells></worksheet>'
    )


def test_what_comes_after_the_rows_is_no_row():
    after = '<sheetData><row r="9"><c r="A9"><v>1</v></c></row></sheetData>'

    assert 'r="9"' not in rewritten('<row r="1"/>', after=after)


def test_a_cell_inside_a_cell_is_refused():
    with pytest.raises(Refused, match="it has a cell inside a cell"):
        rewritten('<row><c r="A1"><c r="B1"/></c></row>')


def test_what_is_no_xml_is_no_sheet():
    with pytest.raises(ExpatError):
        rewrite_sheet(b"<worksheet>")


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("<t>a</t>", "a"),
        ("<t> a\n</t>", "a"),
        ('<t xml:space="preserve"> a\n</t>', " a\n"),
        ('<t xml:space="default"> a</t>', "a"),
        ("<t>a\u00a0</t>", "a\u00a0"),
        ("<r><t>a</t></r><r><t>b</t></r>", "ab"),
        ("<t>a</t><rPh sb='0' eb='1'><t>b</t></rPh>", "a"),
        ("<t>a&lt;&#13;&amp;&quot;</t>", "a&lt;&#13;&amp;&quot;"),
        ("", ""),
    ],
)
def test_a_shared_string_is_the_text_that_is_shown(item, text):
    strings = rewrite_strings(f"<sst><si><t>before</t></si><si>{item}</si><si><t>after</t></si></sst>".encode())

    assert [one.decode() for one in strings] == [
        f'<si><t xml:space="preserve">{one}</t></si>' for one in ("before", text, "after")
    ]
