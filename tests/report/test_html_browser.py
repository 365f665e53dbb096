"""The page in a real Chromium: what a person sees, does by keyboard and prints, and what hostile texts cannot do."""

import re

import pages
import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import HEADER, ID, OTHER, SERIALS
from playwright.sync_api import expect

FILES = {
    "acme.csv": f"{HEADER}5CG8234XMV,{ID}\n5CG0480H,{ID}\n5cg02382xz,{ID}\n",
    "globex.xlsx": [["Serial Number", "Customer ID", "Tag"], ["5CG8234XMB", OTHER, "T1"], ["5CG1234ABC", OTHER, "T2"]],
    "fine.csv": f"{HEADER}5CG8235XMV,{ID}\n",
}
HOSTILE = (
    "<script>alert(1)</script>",
    '"""><img src=x onerror=alert(2)>"',
    "</script><svg onload=alert(3)>",
    "<iframe src=https://example.org>",
    "\u202e5CG8234XMV",
    "\u05d0\u05d1\u05d2\u05d3",
    "\u20285CG02382XZ\u0007",
    "A" * 5000,
    "::error::5CG8234XMV",
    "{{5CG8234XMV}}",
)


class Seen:
    """A page that is open, with all that it asked for and complained of."""

    def __init__(self, page, url):
        self.page, self.url = page, url
        self.asked, self.complaints = [], []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        page.goto(url)

    def is_quiet(self):
        return self.asked == [self.url] and self.complaints == []

    def rows(self):
        """The numbers of the marked rows that are shown, by file."""
        return self.page.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll("article")].map(a =>
                 [a.querySelector("h3").innerText,
                  [...a.querySelectorAll("tbody tr:has(li) th")].map(th => Number(th.innerText.match(/\\d+/)[0]))]))"""
        )

    def says(self, status, timeout=5000):
        """Waits for the line that tells how much is shown; the policy forbids to wait by an expression."""
        expect(self.page.locator("#status")).to_have_text(status, timeout=timeout)


@pytest.fixture
def see(chromium, tmp_path):
    """Opens the page about files in a new browser window."""
    contexts = []

    def see(files, config="", **options):
        page = tmp_path / "page.html"
        page.write_bytes(pages.html(tmp_path, files, config).encode())
        contexts.append(chromium.new_context(**options))
        return Seen(contexts[-1].new_page(), page.as_uri())

    yield see
    for context in contexts:
        context.close()


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def test_it_opens_and_asks_for_nothing(see):
    seen = see(FILES)

    assert seen.page.inner_text("h1") == "1 thing must be mended before these PCs can be transferred"
    assert seen.rows() == {"acme.csv": [3, 4], "globex.xlsx": [3]}
    assert seen.is_quiet()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
def test_it_is_accessible(see, scheme, width):
    seen = see(FILES, color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    for details in seen.page.query_selector_all("summary"):
        details.click()

    found = Axe().run(seen.page)

    assert [violation["id"] for violation in found.response["violations"]] == []
    assert len(found.response["passes"]) > 10


def test_dark_is_dark(see):
    def paper(scheme):
        return see(FILES, color_scheme=scheme).page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert paper("light") == "rgb(245, 246, 248)"
    assert paper("dark") == "rgb(18, 21, 26)"


def test_filters_are_worked_by_keyboard(see):
    seen = see(FILES)
    page = seen.page

    press(page, "Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to what was found"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    press(page, "Enter", "Tab")
    assert page.evaluate("document.activeElement.name") == "level"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"

    press(page, "ArrowDown")  # Must be mended
    seen.says("1 finding")
    assert seen.rows() == {"acme.csv": [3]}

    press(page, "ArrowUp", "Tab", "A")  # a rule, by the first letter of its words
    chosen = page.evaluate("document.activeElement.selectedOptions[0].innerText")
    seen.says("1 finding")
    assert chosen.startswith("A serial number that does not have the form of one")

    press(page, "ArrowUp", "Tab", "ArrowDown", "ArrowDown")  # the customer that comes second
    expect(page.locator("article h3")).to_have_text(["globex.xlsx"])
    assert page.evaluate("document.activeElement.selectedOptions[0].innerText") == OTHER
    assert seen.rows() == {"globex.xlsx": [3]}

    press(page, "Tab", "Tab", "Enter")
    expect(page.locator("article h3")).to_have_text(["acme.csv", "globex.xlsx"])
    assert seen.rows() == {"acme.csv": [3, 4], "globex.xlsx": [3]}
    seen.says("All 4 findings")
    assert seen.is_quiet()


def test_a_row_keeps_only_what_the_filter_asks_for(see):
    seen = see({"a.csv": f"{HEADER} 5cg02382xz,{ID}\n"})

    seen.page.select_option("[name=level]", "note")
    seen.says("1 finding")

    assert [item.inner_text().split()[-1] for item in seen.page.query_selector_all("li[data-k]:visible")] == ["WXP204"]


def test_text_is_found_and_what_fits_nothing_says_so(see):
    seen = see(FILES)

    seen.page.fill("[name=text]", "5cg0480")
    seen.says("1 finding")
    assert seen.rows() == {"acme.csv": [3]}

    seen.page.fill("[name=text]", "<td")
    seen.says("No finding fits")
    assert seen.rows() == {}


def test_more_rows_come_when_they_are_asked_for(see):
    seen = see({"a.csv": HEADER + "".join(f"{serial[:8]},{ID}\n" for serial in SERIALS)})
    assert len(seen.rows()["a.csv"]) == 200

    seen.page.focus("#more")
    press(seen.page, "Enter")

    assert seen.rows()["a.csv"] == list(range(2, 262))
    seen.says("All 260 findings")
    assert not seen.page.is_visible("#more")


def test_without_scripts_the_first_rows_are_there_and_no_dead_controls(see):
    seen = see({"a.csv": HEADER + "".join(f"{serial[:8]},{ID}\n" for serial in SERIALS)}, java_script_enabled=False)

    assert seen.page.locator("tbody tr:has(li)").count() == 200
    seen.says("All 260 findings, the first 200 of 260 rows")
    assert not seen.page.is_visible("#filters")
    assert not seen.page.is_visible("#more")


def test_on_paper_everything_is_unfolded_and_nothing_is_to_be_clicked(see):
    seen = see(FILES | {"many.csv": HEADER + "".join(f"{serial[:8]},{ID}\n" for serial in SERIALS)})
    assert not seen.page.is_visible("text=fine.csv")

    seen.page.emulate_media(media="print", color_scheme="dark")
    expect(seen.page.locator("article tbody tr:has(li)")).to_have_count(263)

    assert seen.page.is_visible("text=fine.csv")
    assert len(seen.rows()["many.csv"]) == 260
    assert not seen.page.is_visible("#filters")
    assert not seen.page.is_visible("#more")
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("width", [1200, 320])
def test_hostile_texts_stay_texts(see, width):
    rows = "".join(f"{text},{ID}\n" for text in HOSTILE)
    seen = see({"a<img src=x>.csv": HEADER + rows}, viewport={"width": width, "height": 800})
    page = seen.page

    page.fill("[name=text]", "a")  # the script draws the rows anew
    seen.says(re.compile("^(?!All)"))
    page.fill("[name=text]", "")
    seen.says(re.compile("^All"))

    assert page.inner_text("h3") == "a<img src=x>.csv"
    cells = page.locator("article tbody tr:has(li) td:nth-child(2)").all_inner_texts()
    assert cells[:4] == [HOSTILE[0], HOSTILE[1][2:-1].replace('"">', '">'), HOSTILE[2], HOSTILE[3]]
    assert cells[4] == "\\u202e5CG8234XMV"
    assert cells[6] == "\\u20285CG02382XZ\\u0007"
    assert page.locator("main img, main iframe, main svg[onload]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen.is_quiet()


def test_right_to_left_letters_stay_in_their_place(see):
    seen = see({"a.csv": f"{HEADER}\u05d0\u05d1\u05d2 5CG02382XZ,{ID}\n"})

    items = seen.page.locator("li[data-k]")
    assert items.count() > 0
    for item in items.all():
        letters, code = item.locator("bdi").first.bounding_box(), item.locator("small").bounding_box()
        assert (code["y"] // 10, code["x"]) > (letters["y"] // 10, letters["x"]), "the code stands after the message"


def test_with_50_000_findings_the_first_row_is_there_within_5_seconds(see):
    rows = "".join(f"5CG{n:05},{ID}\n" for n in range(50_000))
    seen = see({"a.csv": HEADER + rows})

    first = seen.page.evaluate(
        """() => new Promise(tell =>
             new PerformanceObserver(list => tell(list.getEntriesByName("first-contentful-paint")[0].startTime))
               .observe({type: "paint", buffered: true}))"""
    )
    assert len(seen.rows()["a.csv"]) == 200
    assert first < 5000
    seen.says("All 50,001 findings, the first 200 of 50,000 rows")  # one is about so large a file

    seen.page.fill("[name=text]", "5CG49999")
    seen.says("1 finding", timeout=10_000)
    assert seen.rows() == {"a.csv": [50_001]}
