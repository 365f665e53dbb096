"""What rules about customers say besides that something is wrong: whom they name, what they suggest."""

from datetime import date

import pytest

from wxp_lint.config.load import load
from wxp_lint.lint import catalogue
from wxp_lint.lint.check import Request, check
from wxp_lint.repo.select import select

CATALOGUE = catalogue.load()
ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
GLOBEX = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
REGISTRY = (
    "customer_id,name,folder,status,merged_into,aliases,protected,owners\n"
    f"{ACME},Acme Corporation,acme,,,Acme Corp;Shared,yes,Team North\n"
    f"{GLOBEX},Globex,emea/globex,,,Shared,,\n"
    f"12345,Initech,ini,merged,Umbrella,,,\n"
    f"67890,Umbrella,umb,merged,Globex,,,\n"
    f"55555,Hooli,hooli,closed,,,,\n"
)
SERIALS = ["5CG8234XMV", "5CG02382XZ", "SGH327SZYD", "5CD9123KLM"]


def findings(folder, ids, registry=True):
    """The findings in a file with these Customer IDs, by code."""
    path = folder / "transfers/march.csv"
    path.parent.mkdir()
    rows = "".join(f"{serial},{customer}\n" for serial, customer in zip(SERIALS, ids))
    path.write_text(f"Serial Number,Customer ID\n{rows}")
    (folder / "customers.csv").write_text(REGISTRY)
    (folder / "wxp-lint.toml").write_text('customers = "customers.csv"' if registry else "")
    settings = load(folder / "wxp-lint.toml", folder)
    selection = select(settings, [], cwd=folder, force_exclude=False)
    result = check(settings, CATALOGUE, Request(selection, date(2026, 6, 15)))
    return {finding.code: finding for finding in result.findings}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Acme corp", f"is a customer's name, not an ID: write {ACME}"),
        ("ACME CORPORATION", f"is a customer's name, not an ID: write {ACME}"),
        ("shared", f"is the name of 2 customers, not an ID: write {ACME} or {GLOBEX}"),
        ("Acme Cropp", f"did you mean {ACME} (Acme Corporation)?"),
        ("ini", "did you mean 12345 (Initech)?"),
        (f"{ACME[:-1]}2", f"did you mean {ACME} (Acme Corporation)?"),
        (ACME[1:], f"did you mean {ACME} (Acme Corporation)?"),
        (f"{{{GLOBEX.replace('-', '')}}}", f"did you mean {GLOBEX} (Globex)?"),
    ],
)
def test_an_unknown_customer_that_is_near_to_a_known_one(value, words, tmp_path):
    finding = findings(tmp_path, [value])["WXP304"]

    assert words in finding.message
    assert (finding.fix and finding.fix.text) == (ACME if "a customer's name" in words else None)


@pytest.mark.parametrize("value", ["Wayne", "6a2d0f7b-5c14-4e8f-b1a9-3d7c8e9f0a12", "54321", "x" * 5000])
def test_an_unknown_customer_that_is_near_to_none(value, tmp_path):
    assert "did you mean" not in findings(tmp_path, [value])["WXP304"].message


def test_a_name_is_mended_only_where_it_is_the_target(tmp_path):
    finding = findings(tmp_path, [GLOBEX, "Acme Corp"])["WXP304"]

    assert f"write {ACME}" in finding.message
    assert finding.fix is None


def test_all_that_are_unknown_are_counted(tmp_path):
    message = findings(tmp_path, [ACME, "Wayne", "Stark", "Wayne"])["WXP304"].message

    assert message.startswith("'Wayne' (line 3) is not in the customers file")
    assert message.endswith("; 1 more unknown in this file")


def test_a_mixed_file_names_both_and_how_many(tmp_path):
    message = findings(tmp_path, [ACME, GLOBEX, ACME])["WXP302"].message

    assert f"'{GLOBEX}' (1 row) is not the file's '{ACME}' (2 rows)" in message
    assert "wxp-lint prepare" in message


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("12345", "numeric companyId of a report"),
        ("2.19E+26", "a spreadsheet made a number of it"),
        ("acme", "the form"),
    ],
)
def test_what_is_no_customer_id(value, words, tmp_path):
    assert words in findings(tmp_path, [value], registry=False)["WXP303"].message


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("12345", f"Initech is merged: move the PCs to Globex, {GLOBEX}"),
        ("67890", f"Umbrella is merged: move the PCs to Globex, {GLOBEX}"),
        ("55555", "Hooli is closed: find out who has the PCs now"),
    ],
)
def test_who_carries_on(value, words, tmp_path):
    assert words in findings(tmp_path, [value])["WXP310"].message


def test_whom_to_ask_about_a_protected_customer(tmp_path):
    assert "agree the move with Team North" in findings(tmp_path, [ACME])["WXP309"].message


def test_none_at_all(tmp_path):
    assert findings(tmp_path, ["", "", ""])["WXP301"].message.startswith("none of the 3 PCs has a Customer ID")
