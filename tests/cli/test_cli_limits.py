"""`[limits]` in the config: at each limit a file is read, beyond it WXP101 names the limit and how to raise it."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

CUSTOMER = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
CSV = f"Serial Number,Customer ID\n5CG8234XMV,{CUSTOMER}\n5CG02382XZ,{CUSTOMER}\n"


def book(*, small=False):
    """A workbook of 50 devices, whose table makes a box of 102 cells; serials maybe in small letters."""
    workbook = Workbook()
    workbook.active.append(["Serial Number", "Customer ID"])
    for n in range(50):
        serial = f"5CG82{n + 1:02}XMV"
        workbook.active.append([serial.lower() if small else serial, CUSTOMER])
    workbook.save(out := BytesIO())
    return out.getvalue()


BOOK = book()
with ZipFile(BytesIO(BOOK)) as archive:
    PARTS = len(archive.infolist())
    UNPACKED = sum(entry.file_size for entry in archive.infolist())

# The limit -> the file, what it takes, and how the finding begins that says it is too much.
EACH = {
    "file": ("a.csv", CSV, len(CSV), f"it has {len(CSV)} bytes, more than the limit of {len(CSV) - 1}: "),
    "line": ("a.csv", CSV, 47, "line 2 is longer than 46 bytes: "),
    "unpacked": (
        "a.xlsx",
        BOOK,
        UNPACKED,
        f"it unpacks to {UNPACKED:,} bytes, more than the limit of {UNPACKED - 1:,}: ",
    ),
    "cells": ("a.xlsx", BOOK, 102, "its sheets span 102 cells, more than the limit of 101: "),
    "parts": ("a.xlsx", BOOK, PARTS, f"it has more than {PARTS - 1} parts: "),
}


@pytest.fixture
def checked(cli, write):
    """What `check` finds in a file with one limit set: (code, message)."""

    def run(name, content, limit, value):
        write({f"transfers/{name}": content, "wxp-lint.toml": f"[limits]\n{limit} = {value}\n"})
        done = cli("check", f"transfers/{name}", "--output", "json")
        return [(finding["code"], finding["message"]) for finding in json.loads(done.out)["findings"]]

    return run


@pytest.mark.parametrize("limit", EACH)
def test_a_file_is_read_up_to_the_limit_and_no_further(checked, limit):
    name, content, takes, words = EACH[limit]
    assert "WXP101" not in [code for code, _ in checked(name, content, limit, takes)]
    [(code, message)] = checked(name, content, limit, takes - 1)
    assert code == "WXP101"
    assert words in message
    assert message.endswith(f", or raise limits.{limit} in the config")


@pytest.mark.parametrize(("value", "is_enough"), [(UNPACKED, True), (UNPACKED - 1, False)])
def test_prepare_and_the_inventory_go_by_the_limits(cli, write, value, is_enough):
    inventory = '[inventory]\nsources = [{ path = "list.xlsx", place = "unassigned" }]\n'
    write({"wxp-lint.toml": f"[limits]\nunpacked = {value}\n{inventory}", "list.xlsx": BOOK, "transfers/a.csv": CSV})
    for command in (
        ["prepare", "list.xlsx", "--customer", CUSTOMER, "--dry-run"],
        ["inventory", "status"],
        ["inventory", "find", "5CG8202XMV"],
        ["check"],
    ):
        done = cli(*command)
        assert ("or raise limits.unpacked in the config" in done.err) != is_enough, command
        assert (done.code == 2) != is_enough


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_fix_goes_by_the_limits(cli, write, name):
    content = CSV.replace("5CG82", "5cg82") if name == "a.csv" else book(small=True)
    limit = "file" if name == "a.csv" else "cells"
    takes = len(content) if name == "a.csv" else 102
    for value in (takes - 1, takes):
        write({f"transfers/{name}": content, "wxp-lint.toml": f"[limits]\n{limit} = {value}\n"})
        done = cli("fix", f"transfers/{name}", "--diff")
        assert ("5CG8234XMV" in done.out) == (value == takes)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cells = 0", "cells in [limits] must be a whole number from 1 to 200000000, not 0"),
        ('line = "1 MB"', 'line in [limits] must be a whole number from 1 to 1073741824, not "1 MB"'),
        ("file = 1.5", "file in [limits] must be a whole number from 1 to 68719476736, not 1.5"),
        ("part = 5", "unknown key 'part' in [limits]; did you mean 'parts'?"),
    ],
)
def test_a_wrong_limit_is_an_error_of_the_config(cli, write, text, told):
    write({"transfers/a.csv": CSV, "wxp-lint.toml": f"[limits]\n{text}\n"})
    done = cli("check")
    assert done.code == 2
    assert "wxp-lint.toml:2: " in done.err
    assert told in done.err


def test_the_limits_are_shown_with_their_origins(cli, write):
    write({"wxp-lint.toml": "[limits]\ncells = 5\n"})
    shown = [" ".join(line.split()) for line in cli("check", "--show-settings").out.splitlines()]
    assert "limits.cells = 5 # wxp-lint.toml:2" in shown
    assert "limits.parts = 10000 # default" in shown
