"""The story of examples/story.py, which `make story` tells: it ends by itself where a step goes otherwise."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def told():
    done = subprocess.run(
        [sys.executable, "examples/story.py"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    return done.stdout


def part(told, title):
    return told.partition(f"# {title}")[2].partition("\n# ")[0]


def test_a_bad_file_is_refused_and_an_unmerged_one_is_not_handed_over(told):
    assert "WXP401 duplicate-serial" in part(told, "You put")
    merging = part(told, "In the pull request")
    assert "3 PCs: Unassigned -> Acme, not merged yet" in merging
    assert "refused, and nothing was done" in merging
    assert "Nothing has been sent to HP." in part(told, "After the merge")


def test_the_export_says_that_one_pc_failed_and_says_it_once(told):
    outcome = part(told, "The exports of the day")
    assert "partly failed (was uploaded), 2 moved, 1 failed" in outcome
    assert "Nothing new: the ledger stays as it is." in outcome
    assert "confirmed (was uploaded), 1 moved" in part(told, "The one that failed")


def test_it_is_undone_and_the_ledger_says_so(told):
    back = part(told, "Acme never ordered")
    assert "revert-t-d1f92564.csv written: 2 PCs, Acme -> Unassigned" in back
    assert "t-d1f92564: reverted (was partly failed)" in back


def test_who_moved_this_pc_when_and_why(told):
    history = part(told, "How everything stands").partition("$ wxp-lint history")[2]
    events = re.findall(r"^\d{4}-\d\d-\d\d \d\d:\d\d UTC +(.*)$", history, re.MULTILINE)
    assert [event.split(",")[0] for event in events] == [
        "requested by Your Name <you@example.org>",
        "t-d1f92564 prepared for upload",
        "t-d1f92564 taken",
        "t-d1f92564 uploaded",
        "t-d1f92564 partly failed",
        "requested by Your Name <you@example.org>",
        "t-b692410c prepared for upload",
        "t-b692410c taken",
        "t-b692410c uploaded",
        "t-b692410c confirmed",
        "t-d1f92564 reverted",
    ]
    assert "ticket T-4711" in history
    assert "reviewed in pull request #1" in history
    assert "reviewed by A Colleague" in history
    assert "not known:" not in history


def test_one_documented_command_tells_it():
    assert "$(BIN)/python examples/story.py" in (ROOT / "Makefile").read_text("utf-8")
    assert "make story" in (ROOT / "docs/apply.md").read_text("utf-8")
