"""Which row is the header, and which way round the columns stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxp_lint.files.header import find_header, is_header, words

G1, G2 = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11", "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
A, B, C = "5CG8234XMV", "5CG02382XZ", "SGH327SZYD"
KNOWN = words(serial=["Notebook Nr"], customer=["Mandant"])


def header(*rows):
    """The header of rows that stand on lines 1, 2, ..."""
    return find_header([(line, list(row)) for line, row in enumerate(rows, 1)], KNOWN)


@pytest.mark.parametrize(
    ("serial", "customer"),
    [
        ("Serial Number", "Customer ID"),
        ("serial", "customerid"),
        ("SERIAL NO", "target customer id"),
        ("s/n", "tenant id"),
        ("SN", "Company-ID"),
        ("Device_Serial_Number", "CUSTOMER_ID"),
        ("serialnumber", "Tenant ID"),
        ("deviceSN", "company id"),
        ("Serial No.", "Customer ID:"),
        (" Serial\u00a0Number ", "\ufeffCustomer ID"),
        ("Serial\nNumber", "Customer\nID"),
        ("Seriennummer", "Kunden-ID"),
        ("Numéro de série", "Identifiant client"),
        ("シリアル番号", "顧客 ID"),
        ("notebook-nr", "MANDANT"),
    ],
)
def test_known_words_in_any_dress(serial, customer):
    found = header([serial, customer], [A, G1])

    assert (found.line, found.serial, found.customer, found.known) == (1, serial, customer, True)


@pytest.mark.parametrize(
    "rows",
    [
        [["Asset", "Customer ID"], [A, G1]],
        [["Serial Number", "Kunde"], [A, G1]],
        [["Serial Number", ""], [A, G1]],
        [["Serial Number"], [A, G1]],
        [["", "Customer ID"], [A, G1]],
        [["foo", "bar"], [A, G1]],
        [["Customer ID", "Serial Number"], [A, G1]],
        [["Serial Number", "Customer ID"], [G1, A]],
    ],
    ids=lambda rows: "/".join(rows[0]),
)
def test_unknown_words(rows):
    found = header(*rows)

    assert (found.line, found.known) == (1, False)


def test_one_column_has_one_word():
    assert header(["Serial Number"], [A], [B]).known


@pytest.mark.parametrize(
    "rows",
    [
        [[A, G1], [B, G1]],
        [["x", G1]],
        [[G1, A]],
        [[A]],
        [[A, ""], [B, ""]],
        [["5CG0480H", "ACME"], ["5CG0480", "acme "]],
        [["{" + G1.upper() + "}", A]],
        [["", ""], [], [A, G1]],
        [[A, G1], ["Serial Number", "Customer ID"], [B, G1]],
    ],
    ids=str,
)
def test_the_first_row_is_a_device(rows):
    assert header(*rows).line is None


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ([["New PCs"], ["Serial Number", "Customer ID"], [A, G1]], 2),
        ([["Transfer, as agreed", "June"], [], ["Serial Number", "Customer ID"], [A, G1]], 3),
        ([["Target customer", "ACME"], ["Serial Number", "Customer ID"], [A, G1]], 2),
        ([["Target customer", G1], ["Serial Number", "Customer ID"], [A, G1]], 2),
        ([["Customer", "ACME"], ["Serial Number", "Kunde"], [A, G1]], 2),
        ([["Customer", "ACME"], ["Notebook", "Customer ID"], [A, G1]], 2),
        ([["Customer:", G1], ["Serial Number", "Customer ID"], [A, G1]], 2),
        ([["Serial Number", "Customer ID"], ["S/N", "Tenant ID"], [A, G1]], 1),
        ([["Umzug Juni"], ["Notebook", "Kunde"], [A, G1]], 2),
        ([["Umzug Juni"], ["Notebook", "Kunde"], ["5CG04", "ACME"], [A, G1]], 2),
        ([["Notebook", "Kunde"], ["5CG0480H", "ACME"], [A, G1]], 1),
        ([["foo", "bar"], ["baz", "qux"]], 1),
        ([["Serial Number", "Customer ID"], ["foo", "bar"], ["baz", "qux"]], 1),
        ([["Serial Number", "Customer ID"]], 1),
    ],
    ids=lambda value: "/".join(row[0] if row else "" for row in value) if isinstance(value, list) else None,
)
def test_text_above_the_header(rows, line):
    assert header(*rows).line == line


def test_nothing_but_blanks_has_no_header():
    assert header([], ["", " "], ["\u00a0"]).line is None


@pytest.mark.parametrize(
    ("rows", "swapped"),
    [
        # An empty first column holds no Customer IDs.
        ([["", "Serial Number"], ["", "5CG8234XMV"], ["", "5CG02382XZ"]], False),
        ([["Serial Number", "Customer ID"], [A, G1]], False),
        ([["Customer ID", "Serial Number"], [G1, A]], True),
        ([["Serial Number", "Customer ID"], [G1, A]], True),
        ([["Customer ID", "Serial Number"], [A, G1]], False),
        ([[G1, A], [G1, B]], True),
        ([["Kunde", "Gerät"], ["ACME", A], ["ACME", B]], True),
        ([["Gerät", "Kunde"], [A, "ACME"], [B, "ACME"]], False),
        ([["Serial Number", "Customer ID"], [A, G1], [G1, B], [C, G1]], False),
        ([["Serial Number", "Customer ID"], [G1, A], [B, G1], [G1, C]], True),
        ([["Customer ID", "Serial Number"], ["ACME", "5CG04"]], True),
        ([["Customer ID", "Serial Number"]], True),
        ([["Serial Number"], [G1]], False),
        ([["Serial Number", "Customer ID"], [A, B], [B, C]], False),
        ([["Serial Number", "Customer ID"], [G1, G2]], False),
        ([["Serial Number", "Customer ID"], [A, "1234567890"]], False),
        ([["Serial Number", "Customer ID"], ["", G1], ["", G1]], False),
        ([["Hostname", "Serial Number", "Customer ID"], ["PC1", A, G1], ["PC2", B, G1]], False),
        ([["Hostname", "Serial Number", "Customer ID"], ["PC1", "5CG04", G1]], False),
        ([["PC1", A], ["PC2", B]], False),
        ([["Customer ID", "Serial Number"], ["ACME", A], ["Globex", B]], True),
    ],
    ids=lambda value: "/".join(row[0] for row in value) if isinstance(value, list) else None,
)
def test_which_way_round(rows, swapped):
    assert header(*rows).swapped is swapped


def test_words_are_told_by_the_column_they_stand_over_once_swapped():
    found = header(["Tenant ID", "S/N"], [G1, A])

    assert (found.serial, found.customer, found.known) == ("S/N", "Tenant ID", True)


def test_the_majority_decides_even_when_the_first_rows_are_swapped():
    rows = [[G1, A]] * 5 + [[A, G1]] * 20

    assert header(["Serial Number", "Customer ID"], *rows).swapped is False


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("Serial Number", "", True),
        ("", "Customer ID", True),
        ("Customer ID", "SN", True),
        (A, G1, False),
        ("", "", False),
    ],
)
def test_is_header(a, b, expected):
    assert is_header(KNOWN)(a, b) is expected


CELLS = st.one_of(
    st.sampled_from([A, B, G1, G2, "Serial Number", "Customer ID", "ACME", "", " ", "\u200b"]),
    st.text(max_size=4),
)


@given(st.lists(st.lists(CELLS, max_size=4), max_size=12))
def test_whatever_the_rows_are_the_header_is_one_that_shows_something(rows):
    found = header(*rows)

    assert (found.serial is None) == (found.customer is None) == (found.line is None)
    if found.line is not None:
        a, b = ([*rows[found.line - 1], "", ""])[:2]
        assert {found.serial, found.customer} == {a, b}
        assert any(map(str.strip, rows[found.line - 1]))
        assert found.serial == (b if found.swapped else a)
