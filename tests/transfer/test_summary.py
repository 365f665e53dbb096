import pytest

from wxp_lint.errors import UsageError
from wxp_lint.transfer.summary import is_summary, outcomes, read_summary

A, B, C = "5CG8230001", "5CG8230002", "5CG8230003"


def rows(text):
    return [line.split(",") for line in text.strip().split("\n")]


def said(text):
    return dict(read_summary(rows(text), "s.csv", "0").said)


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("Serial Number,Customer ID,Status,Message", "x,Moved,", "moved"),
        ("Serial Number,Customer ID,Status,Message", "x,Error,not found", "failed"),
        ("Serial Number,Customer ID,Status,Message", "x,Pending,", "unknown"),
        ("Serial Number,Customer ID,Status,Error message", "x,Success,no such device", "unknown"),
        ("Serial Number,Customer ID,Result", "x,SUCCEEDED", "moved"),
        ("Serial Number,Customer ID,Transfer status", "x,Failed: device not found", "failed"),
        ("Serial Number,Customer ID,Error", "x,no such device", "failed"),
        ("Serial Number,Customer ID,Error", "x,", "moved"),
        ("Seriennummer,Kunde,Ergebnis", "x,erfolgreich", "moved"),
        ("Seriennummer,Kunde,Ergebnis", "x,fehlgeschlagen", "failed"),
        ("Serial Number,Customer ID,Message", "x,whatever", "unknown"),
    ],
)
def test_what_a_row_says(header, cells, expected):
    assert said(f"{header}\n{A},{cells}") == {A: expected}


def test_a_pc_that_stands_there_twice_and_otherwise_is_unknown():
    assert said(f"Serial,Status\n{A},Moved\n{A.lower()},Error\n{B},Moved\n{B},Moved") == {A: "unknown", B: "moved"}


def test_counts_beside_and_below_their_words():
    assert read_summary(rows("Status,Devices\nMoved,2\nError,1"), "s", "0").counts == {"moved": 2, "failed": 1}
    assert read_summary(rows("Total,Success,Failed\n3,2,1"), "s", "0").counts == {"total": 3, "moved": 2, "failed": 1}
    assert read_summary(rows("Transfer finished. Success: 2. Failed: 1"), "s", "0").counts == {"moved": 2, "failed": 1}


def test_an_empty_one_is_refused():
    with pytest.raises(UsageError, match="download the Summary again"):
        read_summary([], "s.csv", "0")


@pytest.mark.parametrize(
    ("trust", "expected"),
    [
        ("all", {A: "moved", B: "failed", C: "unknown"}),
        ("errors", {A: "unknown", B: "failed", C: "failed"}),
        ("counts", {}),
        ("unknown", {}),
    ],
)
def test_it_proves_what_the_config_trusts_it_for(trust, expected):
    summary = read_summary(rows(f"Serial,Status\n{A},Moved\n{B},Error\n{C},Hm"), "s.csv", "0")
    assert outcomes(summary, trust) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Serial Number,Status\n{A},Moved", True),
        (f"Serial Number,Error message\n{A},", True),
        ("Status,Devices\nMoved,2", True),
        (f"Serial Number\n{A}", False),
        (f"Serial Number,Customer\n{A},Acme", False),
        (f"Serial Number,Status\n{A},Active", False),
        (f"Serial Number,Device name,Status\n{A},pc,OK", False),
        ("customer_id,name\n1,Acme", False),
    ],
)
def test_it_is_told_from_a_list_of_devices_by_its_content(text, expected):
    assert is_summary(rows(text)) is expected
