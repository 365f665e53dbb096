"""The whole job by hand: the real console of a sandbox in a real Chromium, the real command line, a real origin."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from consoles import ASSIGNMENTS, CHECKOUT, TOKEN
from playwright.sync_api import expect

from wxp_lint.sandbox.world import UNASSIGNED_ID

ACME = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
CONFIG = f"""customers = "customers.csv"

[inventory]
sources = [{{ path = "inventory/*.csv", place = "unassigned" }}]

[places.unassigned]
customer-id = "{UNASSIGNED_ID}"

[reconcile]
summary = "all"
"""


class Desk:
    """A clone of the assignments repo, and who works in it."""

    def __init__(self, folder):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "WXP_LINT_"))}
        who = {f"GIT_{role}_{what}": "jo@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        self.environment = {
            **kept,
            **who,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "PYTHONPATH": str(CHECKOUT),
            "WXP_LINT_CACHE_DIR": str(folder / "cache"),
        }
        self.downloads = folder / "downloads"
        self.folder = folder / "assignments"
        self._run(folder, 0, "git", "init", "-q", "--bare", "-b", "main", folder / "origin.git")
        shutil.copytree(ASSIGNMENTS, self.folder, ignore=shutil.ignore_patterns("transfers", "bergmann-*", "acme-*"))
        (self.folder / "wxp-lint.toml").write_text(CONFIG)
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", folder / "origin.git")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "Customers and inventory")
        self.git("push", "-q", "-u", "origin", "main")

    def _run(self, folder, code, *command):
        done = subprocess.run(
            [*map(str, command)], cwd=folder, env=self.environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def git(self, *arguments):
        return self._run(self.folder, 0, "git", *arguments)

    def wxp_lint(self, *arguments, code=0):
        return self._run(self.folder, code, sys.executable, "-m", "wxp_lint", *arguments)

    def merge(self, words):
        """A pull request: a branch, its review, the merge at the origin."""
        self.git("switch", "-q", "-c", "work")
        self.git("add", "transfers", "inventory")
        self.git("commit", "-q", "-m", words)
        self.wxp_lint("check", "--since", "origin/main")
        self.git("switch", "-q", "main")
        self.git("merge", "-q", "--no-ff", "-m", f"Merge: {words}", "work")
        self.git("branch", "-q", "-d", "work")
        self.git("push", "-q", "origin", "main")

    def planned(self):
        """The transfers of the plan, by id."""
        found = json.loads(self.wxp_lint("plan", "--output", "json"))["transfers"]
        return {one["id"]: (one["state"], one["target"]["name"], one["devices"]) for one in found}

    def status(self):
        """State and outcomes of each transfer."""
        found = json.loads(self.wxp_lint("status", "--output", "json"))["transfers"]
        return {one["id"]: (one["state"], one["devices"]) for one in found}

    def history(self, serial):
        found = json.loads(self.wxp_lint("history", serial, "--output", "json"))["events"]
        return [(one["kind"], one["transfer"]) for one in found]

    def hand_over(self, transfer):
        """The upload file, prepared and taken."""
        self.wxp_lint("apply", "--yes")
        self.wxp_lint("take", transfer)
        return self.folder / f".wxp-lint/outbox/{transfer}/upload.csv"


class Browser:
    """The console as a person sees it. Every step leaves pictures of it, light and dark."""

    def __init__(self, page, pictures, downloads):
        self.page = page
        self._pictures = pictures
        self._downloads = downloads
        self._step = 0
        self.complaints = []
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def look(self, name):
        self._step += 1
        for scheme in ("dark", "light"):
            self.page.emulate_media(color_scheme=scheme)
            self.page.screenshot(path=self._pictures / f"job-{self._step:02}-{name}-{scheme}.png")

    def go(self, *links):
        for name in links:
            with self.page.expect_navigation():  # until its script has run as well
                self.page.get_by_role("link", name=name, exact=True).first.click()

    def download(self, name):
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name=name).first.click()
        path = self._downloads / download.value.suggested_filename
        download.value.save_as(path)
        return path

    def transfer(self, path, name):
        """Uploads a file in the dialog of the list that is open, and waits for the bell's red mark."""
        page = self.page
        page.get_by_role("button", name="Transfer").click()
        dialog = page.get_by_role("dialog", name="Transfer Devices")
        dialog.get_by_label("Transfer file").set_input_files(path)
        self.look(f"{name}-dialog")
        dialog.get_by_role("button", name="Upload").click()
        expect(page.get_by_role("status").first).to_contain_text("upload.csv was accepted with 2 rows")
        self.look(f"{name}-accepted")
        bell = page.get_by_role("link", name="Notification Center, 1 new", exact=True)
        expect(bell.locator(".mark")).to_be_visible()
        self.look(f"{name}-mark")
        bell.click()
        self.look(f"{name}-notification")
        return self.download("Download Summary (CSV)")


@pytest.fixture
def browser(chromium, tmp_path):
    pictures = Path(os.environ.get("WXP_LINT_PICTURES") or tmp_path / "pictures")
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"], accept_downloads=True)
    yield Browser(context.new_page(), pictures, tmp_path / "downloads")
    context.close()


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def moved(pcs):
    return {"moved": pcs, "failed": 0, "unknown": 0}


def test_a_transfer_then_a_mistake_and_its_reversal(start, tmp_path, browser):
    desk = Desk(tmp_path)
    sandbox = start("--from", desk.folder, "--state", tmp_path / "kept/sandbox.db")
    page = browser.page

    page.goto(sandbox.url)
    browser.look("sign-in")
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    browser.look("customers")

    browser.go("Customers", "Acme Logistics", "Overview")
    page.get_by_role("button", name="Copy the Customer ID").click()
    expect(page.get_by_role("button", name="Copy the Customer ID")).to_have_text("Copied")
    browser.look("overview")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == ACME

    browser.go("Unassigned Devices")
    browser.look("unassigned")
    export = browser.download("Export CSV")
    first, second, third, fourth = [one["Serial Number"] for one in rows(export)][:4]

    for old in (desk.folder / "inventory").iterdir():
        old.unlink()
    shutil.copy(export, desk.folder / "inventory")
    messy = f"From;the service desk\n\nS/N;who;tenant id\n {first.lower()} ;Ann;{copied}\n{second}\u00a0;Ben;Acme\n"
    (tmp_path / "messy.csv").write_bytes(messy.encode("utf-16"))
    assert "transfers/acme/messy.csv: 2 PCs from Unassigned to Acme Logistics" in desk.wxp_lint(
        "prepare", tmp_path / "messy.csv"
    )
    desk.merge("Two PCs for Acme")
    ((good, planned),) = desk.planned().items()
    assert planned == ("ready", "Acme Logistics", 2)

    summary = browser.transfer(desk.hand_over(good), "transfer")
    assert [(one["Serial Number"], one["Status"]) for one in rows(summary)] == [(first, "Moved"), (second, "Moved")]
    desk.wxp_lint("uploaded", good)
    browser.go("Customers", "Acme Logistics")
    browser.look("acme")
    desk.wxp_lint("reconcile", summary)
    desk.wxp_lint("reconcile", browser.download("Export CSV"), "--place", "acme")
    assert desk.status() == {good: ("confirmed", moved(2))}
    told = ["prepared", "taken", "uploaded", "confirmed"]
    assert desk.history(first) == [(kind, good) for kind in told]

    # The wrong customer: Bergmann was meant.
    (tmp_path / "wrong.csv").write_text(f"Serial Number,Customer\n{third},Acme\n{fourth},Acme\n")
    desk.wxp_lint("prepare", tmp_path / "wrong.csv")
    desk.merge("Two more, for the wrong customer")
    wrong = next(iter(desk.planned().keys() - {good}))
    browser.go("Unassigned Devices")
    desk.wxp_lint("reconcile", _uploaded(desk, wrong, browser.transfer(desk.hand_over(wrong), "mistake")))
    browser.go("Customers", "Acme Logistics")
    desk.wxp_lint("reconcile", browser.download("Export CSV"), "--place", "acme")
    assert desk.status()[wrong] == ("confirmed", moved(2))

    desk.wxp_lint("revert", wrong)
    desk.merge("Back: they are not Acme's")
    back = next(iter(desk.planned().keys() - {good, wrong}))
    desk.wxp_lint("reconcile", _uploaded(desk, back, browser.transfer(desk.hand_over(back), "reversal")))
    browser.go("Unassigned Devices")
    browser.look("back")
    assert set(page.get_by_role("rowheader").all_inner_texts()) >= {third, fourth}
    desk.wxp_lint("reconcile", browser.download("Export CSV"), "--place", "unassigned")
    assert desk.status() == {
        good: ("confirmed", moved(2)),
        wrong: ("reverted", moved(2)),
        back: ("confirmed", moved(2)),
    }
    assert [one for one in desk.history(third) if one[1] == back] == [(kind, back) for kind in told]
    assert ("reverted", wrong) in desk.history(third)

    events = sandbox.events()
    assert [(one["place"], one["target"]) for one in events] == [
        ("unassigned", ACME),
        ("unassigned", ACME),
        (ACME, UNASSIGNED_ID),
    ]
    assert [one["serials"] for one in events] == [[first, second], [third, fourth], [third, fourth]]
    assert desk.planned() == {}
    assert browser.complaints == []


def _uploaded(desk, transfer, summary):
    desk.wxp_lint("uploaded", transfer)
    return summary
