"""Where the cells of a line start, and how columns are called."""

import pytest

from wxp_lint.files.excerpt import cell_number, cell_starts, column_letters


@pytest.mark.parametrize(
    ("text", "delimiter", "starts"),
    [
        ("5CG8234XMV,id", ",", (1, 12)),
        ("5CG8234XMV;id;note", ";", (1, 12)),
        (",id", ",", (1, 2)),
        ("5CG8234XMV", ",", (1,)),
        ("5CG8234XMV,", ",", (1, 12)),
        ('"5CG8234XMV","id"', ",", (2, 15)),
        ('"a,b",id', ",", (2, 7)),
        ('"a""b,c",id', ",", (2, 10)),
        ('"a""","id"', ",", (2, 8)),
        ('"never closed, id', ",", (2,)),
        ("", ",", (1,)),
    ],
)
def test_where_the_first_two_cells_start(text, delimiter, starts):
    assert cell_starts(text, delimiter) == starts


def test_columns_are_called_as_a_sheet_calls_them():
    assert [column_letters(number) for number in (1, 2, 26, 27, 28, 702, 703, 16384)] == [
        *("A", "B", "Z", "AA", "AB", "ZZ", "AAA", "XFD")
    ]
    assert [cell_number(field, swapped) for field in ("serial", "customer_id", None) for swapped in (False, True)] == [
        *(1, 2, 2, 1, None, None)
    ]
