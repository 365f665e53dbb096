"""What becomes of an upload, without a server."""

import io

import pytest
from openpyxl import Workbook

from wxp_lint.sandbox.behaviour import DEFAULTS
from wxp_lint.sandbox.transfer import carry_out
from wxp_lint.sandbox.upload import MOST_ROWS, Refused, Row, rows, shown
from wxp_lint.sandbox.world import UNASSIGNED_ID, Customer, Device, World

ACME, GLOBEX = "7c9e6679-7425-40de-944b-e07fc1f90ae7", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
HEADER = "Serial Number,Customer ID\n"
WORLD = World(
    (Customer(ACME, "Acme"), Customer(GLOBEX, "Globex")),
    {
        "5CG8234XMV": Device("5CG8234XMV", "", "", "unassigned"),
        "5CG02382XZ": Device("5CG02382XZ", "", "", "unassigned"),
        "SGH327SZYD": Device("SGH327SZYD", "", "", ACME.upper()),
    },
)
UNASSIGNED, AT_ACME, _ = WORLD.places


def moved(pairs, source=UNASSIGNED, world=WORLD, **behaviour):
    found = [Row(line, serial, customer) for line, (serial, customer) in enumerate(pairs, 2)]
    chosen = {**DEFAULTS, **{name.replace("_", "-"): value for name, value in behaviour.items()}}
    outcome = carry_out(world, source, found, chosen)
    return [result.error for result in outcome.results], outcome.world


def place_of(world, serial):
    return next(place.name for place in world.places if place.key == world.devices[serial].place)


def test_every_row_has_an_outcome_of_its_own():
    errors, after = moved([("5CG8234XMV", ACME), ("5CG0000000", ACME), ("", ACME), ("5CG02382XZ", "")])

    assert errors == [
        None,
        "Not found among your devices",
        "The serial number is missing",
        "The Customer ID is missing",
    ]
    assert place_of(after, "5CG8234XMV") == "Acme"
    assert place_of(after, "5CG02382XZ") == "Unassigned Devices"
    assert place_of(WORLD, "5CG8234XMV") == "Unassigned Devices"


def test_one_source_a_file():
    errors, after = moved([("5CG8234XMV", GLOBEX), ("SGH327SZYD", GLOBEX)])

    assert errors == [None, "Not in Unassigned Devices but in Acme: transfer it from there"]
    assert place_of(after, "SGH327SZYD") == "Acme"


def test_one_target_a_file():
    errors, after = moved([("5CG8234XMV", ACME), ("5CG02382XZ", GLOBEX)])

    assert errors == [None, "Another Customer ID than in row 2: one customer a file"]
    assert place_of(after, "5CG02382XZ") == "Unassigned Devices"


def test_a_customer_that_is_none_moves_nothing():
    errors, after = moved([("5CG8234XMV", "Acme"), ("5CG02382XZ", "Acme")])

    assert errors == ["No customer of yours has this Customer ID"] * 2
    assert after == WORLD


def test_a_second_upload_is_a_second_transfer_and_a_reversal_a_third():
    _, after = moved([("5CG8234XMV", ACME)])

    errors, _ = moved([("5CG8234XMV", ACME)], world=after)
    assert errors == ["Already in Acme"]

    errors, back = moved([("5CG8234XMV", UNASSIGNED_ID)], AT_ACME, after)
    assert errors == [None]
    assert back == WORLD


@pytest.mark.parametrize(("behaviour", "second"), [({}, "Stands twice in the file"), ({"duplicates": "ignore"}, None)])
def test_a_serial_that_stands_twice(behaviour, second):
    errors, after = moved([("5CG8234XMV", ACME), ("5cg8234xmv", ACME)], **behaviour)

    assert errors == [None, second]
    assert place_of(after, "5CG8234XMV") == "Acme"


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [({}, None), ({"lower_case": "error"}, "Not found among your devices: it has lower-case letters")],
)
def test_lower_case(behaviour, error):
    assert moved([("5cg8234xmv", ACME)], **behaviour)[0] == [error]


def read(data, **behaviour):
    chosen = {**DEFAULTS, **{name.replace("_", "-"): value for name, value in behaviour.items()}}
    return [tuple(row) for row in rows(data if isinstance(data, bytes) else data.encode(), chosen)]


def test_columns_go_by_position_and_blank_rows_are_nothing():
    text = f"{HEADER}5CG8234XMV, {ACME},asset 7\n\n,\n 5CG02382XZ ,{ACME}\n"

    assert read(text) == [(2, "5CG8234XMV", ACME), (5, "5CG02382XZ", ACME)]


def test_a_workbook_is_read_like_a_csv():
    book = Workbook()
    for row in (["Serial Number", "Customer ID"], ["5CG8234XMV", ACME]):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)

    assert read(data.getvalue()) == [(2, "5CG8234XMV", ACME)]


@pytest.mark.parametrize(
    ("first", "behaviour", "expected"),
    [
        ("Seriennummer,Kunde\n", {}, ["5CG8234XMV"]),
        (f"5CG02382XZ,{ACME}\n", {}, ["5CG02382XZ", "5CG8234XMV"]),
        (f"5CG02382XZ,{ACME}\n", {"header": "first-row"}, ["5CG8234XMV"]),
        (HEADER, {"header": "exact"}, ["5CG8234XMV"]),
        ("serial,customer\n", {"header": "exact"}, "the first row is not Serial Number, Customer ID"),
    ],
)
def test_which_first_row_is_a_header(first, behaviour, expected):
    text = f"{first}5CG8234XMV,{ACME}\n"
    if isinstance(expected, str):
        with pytest.raises(Refused, match=expected):
            read(text, **behaviour)
    else:
        assert [serial for _, serial, _ in read(text, **behaviour)] == expected


@pytest.mark.parametrize(
    ("data", "behaviour", "what"),
    [
        (b"", {}, "there is no PC in the file"),
        (HEADER, {}, "there is no PC in the file"),
        (b"\x89PNG\r\n\x1a\n", {}, "cannot be read: this is a PNG picture"),
        (b"PK\x03\x04 no zip", {}, "cannot be read"),
        (b"a\0b", {}, "cannot be read: line 1 holds a NUL byte"),
        (HEADER + f"5CG8234XMV,{ACME}\n" * (MOST_ROWS + 1), {}, "the file has 5,001 rows"),
        (f"\ufeff{HEADER}5CG8234XMV,{ACME}\n", {"bom": "refuse"}, "byte order mark"),
        (f"{HEADER}5CG8234XMV,{ACME}\n5CG02382XZ,{GLOBEX}\n", {"mixed_targets": "refuse"}, "2 different Customer IDs"),
    ],
)
def test_what_is_no_transfer_file_is_refused_as_a_whole(data, behaviour, what):
    with pytest.raises(Refused) as refused:
        read(data, **behaviour)

    assert what in refused.value.what
    assert refused.value.mend


def test_a_byte_order_mark_is_taken_by_default():
    assert read(f"\ufeff{HEADER}5CG8234XMV,{ACME}\n") == [(2, "5CG8234XMV", ACME)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv", "a.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\b.csv", "b.csv"),
        ("..", ".."),
        ("a\r\nSet-Cookie: b.csv", "a\ufffd\ufffdSet-Cookie: b.csv"),
        ("\u202egnp.csv", "\ufffdgnp.csv"),
        ("/", "upload"),
        ("x" * 500, "x" * 100),
    ],
)
def test_a_file_name_is_a_short_text(name, expected):
    assert shown(name) == expected
