"""The page for the person who filled in the sheet, as text; what a browser makes of it is in test_html_browser.py."""

import json
import re
from base64 import b64encode
from functools import partial
from hashlib import sha256
from html.parser import HTMLParser

import pages
import pytest
from pages import HEADER, ID, SERIALS

from wxp_lint.cli import app

GOOD = f"5CG8234XMV,{ID}\n"


class Page(HTMLParser):
    """The texts of a page: of everything that is shown, and of each row of the sheets' tables."""

    def __init__(self, html):
        super().__init__()
        self.shown, self.rows, self.tags, self.silent = [], [], [], 0
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.silent += tag in ("script", "style")
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.silent -= tag in ("script", "style")

    def handle_data(self, data):
        if not self.silent:
            self.shown.append(data)
            if self.rows and self.rows[-1]:
                self.rows[-1][-1] += data

    @property
    def text(self):
        return " ".join(" ".join(self.shown).split())


@pytest.fixture
def html(tmp_path):
    """The page about files, by name: text, bytes or rows of a workbook."""
    return partial(pages.html, tmp_path)


def rows_of(html):
    """The rows of the sheets' tables: the cells' texts."""
    first = html[html.index('<div id="files"') : html.index('<button id="more"')]
    return [[" ".join(cell.split()) for cell in row] for row in Page(first).rows]


@pytest.mark.parametrize(
    ("rows", "config", "verdict"),
    [
        ("5CG0480H", "", "1 thing must be mended before this PC can be transferred"),
        ("5CG0480H 5CG0480J", "", "2 things must be mended before these PCs can be transferred"),
        ("5CG1234ABC", "", "Nothing must be mended, but 1 thing should be looked at"),
        ("5CG1234ABC", 'fail-on = "warning"', "1 thing must be mended before this PC can be transferred"),
        ("5cg8234xmv", "", "Nothing must be mended"),
        ("5CG8234XMV", "", "Everything that was checked is fine"),
        (
            "5CG8234XMV",
            'must-run = ["device-not-visible"]',
            "The check is not complete: 1 part of it could not run",
        ),
    ],
)
def test_the_verdict_comes_first(html, rows, config, verdict):
    page = html({"a.csv": HEADER + "".join(f"{serial},{ID}\n" for serial in rows.split())}, config)

    assert f"<h1>{verdict}</h1>" in page
    assert f"<title>{verdict}</title>" in page
    assert page.index("<h1>") < page.index("What to do next") < page.index("In your files")


def test_a_csv_is_shown_as_the_sheet_it_is(html):
    page = html({"a.csv": f"Seriennummer,Kunden-ID\n{GOOD}5CG0480H,{ID}\n 5cg02382xz,{ID}\n"})

    assert rows_of(page) == [
        ["", "A", "B", "What to do"],
        ["1", "Seriennummer", "Kunden-ID", ""],
        ["2", "5CG8234XMV", ID, ""],
        [
            "3",
            "5CG0480H",
            ID,
            "Mend A3 '5CG0480H' is no serial number, it has 8 characters, not 10: "
            "compare it with the PC's label WXP202",
        ],
        [
            "4",
            "5cg02382xz",
            ID,
            "Mend A4 ' 5cg02382xz' has a blank at its start Write 5cg02382xz WXP203"
            "Info A4 ' 5cg02382xz' has lower-case letters Write 5CG02382XZ WXP204",
        ],
    ]


def test_a_workbook_is_shown_alike(html):
    csv = f"{HEADER}{GOOD}5CG0480H,{ID}\n"
    sheet = [row.split(",") for row in csv.splitlines()]

    assert rows_of(html({"a.xlsx": sheet})) == rows_of(html({"a.csv": csv}))
    assert "Sheet <b>Sheet</b>" in html({"a.xlsx": sheet})


def test_many_good_rows_are_told_in_a_word(html):
    rows = [f"{serial},{ID}\n" for serial in SERIALS[:100]]
    rows[49] = f"5CG0480H,{ID}\n"

    told = [row for row in rows_of(html({"a.csv": HEADER + "".join(rows)})) if len(row) != 4 or row[0] == "51"]

    assert [row[0] for row in told] == ["Rows 2 to 50 are fine", "51", "Rows 52 to 101 are fine"]


def test_rows_of_a_file_with_a_defect_as_a_whole_are_not_called_fine(html):
    swapped = "Customer ID,Serial Number\n" + "".join(f"{ID},{serial}\n" for serial in SERIALS[:50])

    rows = rows_of(html({"a.csv": swapped}))

    assert rows[1] == ["1", "Customer ID", "Serial Number", ""]
    assert rows[-1] == ["Rows 5 to 51 are without a mark of their own"]


def test_a_quote_that_is_never_closed_is_shown_on_its_own_line(html):
    rows = rows_of(html({"a.csv": f'{HEADER}{GOOD}"5CG02382XZ,{ID}\n{GOOD}'}))

    assert rows[-1][:3] == ["3", '"5CG02382XZ', ID]
    assert "never closed" in rows[-1][3]


def test_other_columns_show_their_header_and_no_names(html):
    page = html({"a.csv": f"Serial Number,Customer ID,User,Tag\n5CG0480H,{ID},Jo Doe <jo@example.org>,T-17\n"})

    assert rows_of(page)[:2] == [
        ["", "A", "B", "C to D", "What to do"],
        ["1", "Serial Number", "Customer ID", "User, Tag", ""],
    ]
    assert rows_of(page)[2][3] == "…"
    assert "Jo Doe" not in page
    assert "T-17" not in page


def test_a_company_pin_stands_nowhere_on_the_page(html):
    page = html({"xK7pQ2mZ.csv": f"{HEADER}5CG8234XMV,xK7pQ2mZ\n5CG02382XZ,{ID}\n5CG02382XY, xK7pQ2mZ\n"})

    assert "xK7pQ2mZ" not in page
    assert rows_of(page)[2][:3] == ["2", "5CG8234XMV", "********"]


def test_what_is_masked_is_not_to_be_copied(html, tmp_path, monkeypatch, capsys):
    html({"a.csv": f"{HEADER}5cg8234xmv,{ID}\n"})
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SystemExit):
        app(["check", "a.csv", "--mask", "--output", "html"])

    page = capsys.readouterr().out
    assert rows_of(page)[2] == [
        "2",
        "5cg8••••mv",
        ID,
        "Info A2 '5cg8••••mv' has lower-case letters: write '5CG8••••MV' WXP204",
    ]
    assert "8234" not in page


def test_what_was_not_checked_is_told_with_the_reason(html):
    text = Page(html({"a.csv": HEADER + GOOD})).text

    assert (
        "No list of your PCs was given So nobody looked for: A PC that is in none of the lists of your devices" in text
    )
    assert "No list of your customers was given" in text


def test_a_file_that_cannot_be_read_and_files_that_are_fine_are_named(html):
    page = html({"a.csv": b"%PDF-1.7", "b.csv": HEADER + GOOD})

    text = Page(page).text
    assert "The file cannot be read: this is a PDF, not a CSV" in text
    assert "1 file has no finding b.csv" in text
    assert rows_of(page) == []


def test_files_with_what_must_be_mended_come_first(html):
    page = html({"a.csv": f"{HEADER}5cg8234xmv,{ID}\n", "b.csv": f"{HEADER}5CG0480H,{ID}\n"})

    assert page.index("<h3>b.csv") < page.index("<h3>a.csv")


def test_nothing_is_left_out_of_the_counts(html):
    page = html({"a.csv": HEADER + "".join(f"{serial[:8]},{ID}\n" for serial in SERIALS)})

    assert len(SERIALS) == 260
    assert "260 things must be mended" in page
    assert "All 260 findings, the first 200 of 260 rows" in page
    assert len(rows_of(page)) == 2 + 200
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])
    assert len(data["files"][0]["rows"]) == 260


def test_the_same_files_give_the_same_bytes(html):
    files = {"a.csv": f"{HEADER}5CG0480H,{ID}\n", "b.xlsx": [["Serial Number", "Customer ID"], ["5cg8234xmv", ID]]}

    assert html(files) == html(files)


def test_no_tag_of_a_file_is_one_of_the_page(html):
    page = html(
        {
            "<i>&'.csv": f"<h4>Serial Number,Customer ID\n</script><script>alert(1)</script>,{ID}\n"
            f"<!--<script>,{ID}\n<u>5CG0480H,'onclick=alert(2)\n"
        }
    )

    assert {"h4", "u", "i"} & set(Page(page).tags) == {"i"}  # the cell's name beside a message
    assert "<i>&" not in page
    assert Page(page).tags.count("script") == 2
    assert "<!--" not in page


def test_the_policy_allows_the_script_and_the_style_of_the_page_alone(html):
    page = html({"a.csv": HEADER + GOOD})

    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    script, style = re.findall(r"<script>(.*?)</script>|<style>(.*?)</style>", page, re.DOTALL)[::-1]
    marks = [f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in (style[1], script[0])]
    assert policy == (
        f"default-src 'none'; style-src {marks[0]}; script-src {marks[1]}; base-uri 'none'; form-action 'none'"
    )
