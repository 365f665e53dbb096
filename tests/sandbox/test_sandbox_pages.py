"""The whole job by hand, in a real Chromium."""

import csv
import io
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from consoles import ASSIGNMENTS, TOKEN, transfer_file
from openpyxl import load_workbook
from playwright.sync_api import expect

from wxp_lint.sandbox.world import UNASSIGNED_ID

ACME = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


class Person:
    """Somebody at the console: goes by what a screen reader would read out."""

    def __init__(self, page, url):
        self.page = page
        self.url = url
        self.complaints = []
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self, token=TOKEN):
        self.page.goto(self.url)
        self.page.get_by_label("Token").fill(token)
        self.page.get_by_role("button", name="Sign in").click()
        return self

    def go(self, *links):
        for name in links:
            with self.page.expect_navigation():  # until its script has run as well
                self.page.get_by_role("link", name=name, exact=True).first.click()

    def download(self, name):
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name=name).first.click()
        return download.value.path().read_bytes(), download.value.suggested_filename

    def upload(self, name, data):
        self.page.get_by_role("button", name="Transfer").click()
        dialog = self.page.get_by_role("dialog", name="Transfer Devices")
        dialog.get_by_label("Transfer file").set_input_files({"name": name, "mimeType": "", "buffer": data.encode()})
        dialog.get_by_role("button", name="Upload").click()

    def serials(self):
        return self.page.get_by_role("rowheader").all_inner_texts()

    def summary(self):
        """The rows of the newest Summary, once the bell has its mark."""
        self.page.get_by_role("link", name=re.compile(r"^Notification Center, \d+ new$")).click()
        data, _ = self.download("Download Summary (CSV)")
        return list(csv.DictReader(io.StringIO(data.decode())))


@pytest.fixture(scope="module")
def assignments(start):
    return start("--from", ASSIGNMENTS)


@pytest.fixture
def person(assignments, chromium):
    assignments.client.post("/api/reset").raise_for_status()
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"], accept_downloads=True)
    yield Person(context.new_page(), assignments.url)
    context.close()


def test_a_transfer_a_mistake_and_its_reversal(person, assignments):
    page = person.sign_in().page

    person.go("Customers", "Overview of Acme Logistics")
    page.get_by_role("button", name="Copy the Customer ID").click()
    expect(page.get_by_role("button", name="Copy the Customer ID")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == ACME

    person.go("Unassigned Devices")
    export, name = person.download("Export CSV")
    listed = [row["Serial Number"] for row in csv.DictReader(io.StringIO(export.decode()))]
    assert re.fullmatch(r"unassigned-\d{4}-\d\d-\d\d\.csv", name)
    assert listed == person.serials() == assignments.serials()

    wrong = transfer_file([*listed[:2], "5CG0000XXX"], ACME)
    person.upload("mistake.csv", wrong)
    expect(page.get_by_role("status").first).to_contain_text("mistake.csv was accepted with 3 rows")
    rows = person.summary()
    assert [row["Status"] for row in rows] == ["Moved", "Moved", "Error"]
    assert rows[2]["Message"] == "Not found among your devices"
    expect(page.get_by_role("link", name="Notification Center", exact=True)).to_be_visible()

    person.go("Customers", "Acme Logistics")
    assert set(listed[:2]) < set(person.serials())
    person.upload("back.csv", transfer_file(listed[:2], UNASSIGNED_ID))
    assert [row["Status"] for row in person.summary()] == ["Moved", "Moved"]
    person.go("Unassigned Devices")
    assert person.serials() == listed
    assert [event["place"] for event in assignments.events()] == ["unassigned", ACME]
    assert person.complaints == []


def test_a_file_that_is_none_is_told_in_the_dialog(person, assignments):
    page = person.sign_in().page
    person.go("Unassigned Devices")
    person.upload("empty.csv", "Serial Number,Customer ID\n")

    dialog = page.get_by_role("dialog", name="Transfer Devices")
    expect(dialog.get_by_role("alert")).to_have_text(
        "Not accepted: there is no PC in the file: add a row for each PC below the header."
    )
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    page.reload()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert assignments.events() == []


def test_a_file_that_is_far_too_large_is_told_on_a_page(person, assignments):
    page = person.sign_in().page
    person.go("Unassigned Devices")
    person.upload("large.csv", "5CG8234XMV," * 2_000_000)

    expect(page.get_by_role("heading", name="The body is larger than 20,971,520 bytes")).to_be_visible()
    expect(page.get_by_role("complementary", name="Simulation")).to_contain_text("not HP's")
    expect(page.get_by_text("Send a smaller file.")).to_be_visible()
    assert assignments.events() == []


def test_the_sample_file_and_the_exports_open(person):
    person.sign_in()
    person.go("Unassigned Devices")
    book, name = person.download("Export XLSX")
    assert name.endswith(".xlsx")
    assert load_workbook(io.BytesIO(book)).active.max_row == 61

    person.page.get_by_role("button", name="Transfer").click()
    sample, name = person.download("Download sample file (CSV)")
    assert (sample.splitlines()[0], name) == (b"Serial Number,Customer ID", "sample-transfer.csv")


def test_a_pc_is_found_among_many(start, chromium):
    sandbox = start("--devices", 450, "--customers", 1)
    context = chromium.new_context()
    person = Person(context.new_page(), sandbox.url).sign_in()
    page = person.page
    person.go("Unassigned Devices")
    assert len(person.serials()) == 100
    person.go("Next", "Next")
    assert person.serials() == sandbox.serials()[200:]

    wanted = sandbox.serials()[210]
    page.get_by_role("searchbox", name="Search serial number or device name").fill(wanted[3:].lower())
    page.get_by_role("button", name="Search").click()
    assert wanted in person.serials()
    expect(page.get_by_text(re.compile(r"of 225 PCs fit"))).to_be_visible()
    context.close()


def test_a_reset_and_a_snapshot(person, assignments, tmp_path):
    before = assignments.serials()
    page = person.sign_in().page
    person.go("Unassigned Devices")
    person.upload("a.csv", transfer_file(before[:1], ACME))
    person.summary()

    person.go("Sandbox")
    snapshot, _ = person.download("Download snapshot")
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_role("status").first).to_contain_text("Everything is as it was at first")
    assert assignments.serials() == before

    page.get_by_label("Snapshot file").set_input_files({"name": "s.json", "mimeType": "", "buffer": snapshot})
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("status").first).to_contain_text("where the snapshot has it")
    assert assignments.serials() == before[1:]

    page.get_by_label("Snapshot file").set_input_files({"name": "s.json", "mimeType": "", "buffer": b"{}"})
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("alert")).to_contain_text("no snapshot")


PAGES = ["/customers", "/unassigned", "/unassigned?transfer=1", f"/customers/{ACME}/settings/overview",
         f"/customers/{ACME}/devices/pcs", "/notifications", "/sandbox", "/nothing"]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_says_what_it_is_and_fits_a_phone(assignments, chromium, scheme):
    context = chromium.new_context(color_scheme=scheme, viewport={"width": 360, "height": 740})
    person = Person(context.new_page(), assignments.url)
    page = person.page
    axe = Axe()

    def look(path):
        page.goto(assignments.url + path)
        expect(page.get_by_role("complementary", name="Simulation")).to_contain_text("not HP's")
        found = axe.run(page, options={"rules": {"label-content-name-mismatch": {"enabled": True}}})
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path

    look("/sign-in")
    person.sign_in("wrong")
    expect(page.get_by_role("alert")).to_contain_text("This is not the token")
    person.sign_in()
    person.go("Unassigned Devices")
    person.upload("a.csv", transfer_file(["5CG0000XXX"], ACME))
    expect(page.get_by_role("link", name=re.compile(r"Notification Center, \d+ new"))).to_be_visible()
    for path in PAGES:
        look(path)
    context.close()


def test_the_job_can_be_done_without_scripts(assignments, chromium):
    context = chromium.new_context(java_script_enabled=False)
    person = Person(context.new_page(), assignments.url).sign_in()
    page = person.page
    person.go("Customers", "Bergmann Optik")
    before = person.serials()
    person.upload("a.csv", transfer_file(before[:1], ACME))
    expect(page.get_by_role("status").first).to_contain_text("was accepted with 1 row.")

    bell = page.get_by_role("link", name=re.compile(r"^Notification Center, \d+ new$"))
    for _ in range(50):
        if bell.count():
            break
        page.wait_for_timeout(100)
        page.reload()
    assert person.summary()[0]["Status"] == "Moved"
    context.close()


def test_the_keyboard_does_it_all(person):
    page = person.page
    page.goto(person.url)
    page.keyboard.type(TOKEN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    person.go("Unassigned Devices")
    page.get_by_role("button", name="Transfer").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Transfer Devices")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Transfer Devices")).to_be_hidden()
    expect(page.get_by_role("button", name="Transfer")).to_be_focused()


def test_a_fault_is_told_on_the_page(start, chromium):
    sandbox = start("--fault", "error-after")
    context = chromium.new_context()
    person = Person(context.new_page(), sandbox.url).sign_in()
    person.go("Unassigned Devices")
    person.upload("a.csv", transfer_file(sandbox.serials()[:1], sandbox.customers()[0]))

    expect(person.page.get_by_role("heading", name="Something went wrong")).to_be_visible()
    assert len(sandbox.events()) == 1
    person.go("Sandbox")
    expect(person.page.get_by_text("error-after: every upload is accepted, and answered with 500")).to_be_visible()
    context.close()
