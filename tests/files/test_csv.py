"""CSV bytes in, a table or a fault out: encodings, newlines, delimiters, quotes, physical lines."""

import csv
import io
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wxp_lint.facts.build import Inputs, build
from wxp_lint.facts.lines import IN_MEMORY
from wxp_lint.facts.transfers import Loaded
from wxp_lint.files.csv import DELIMITERS, read_csv
from wxp_lint.files.header import find_header, is_header, words
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Fault, Grid, Lines, Source, Table
from wxp_lint.files.read import HEAD, read
from wxp_lint.files.records import AFTER_QUOTE, NEVER_CLOSED, records

G = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
A, B, C = "5CG8234XMV", "5CG02382XZ", "SGH327SZYD"
HEADER = "Serial Number,Customer ID\n"
PLAIN = f"{HEADER}{A},{G}\n{B},{G}\n"
KNOWN = words()


def table(data, line=1 << 20):
    """What read_csv makes of bytes, or of text in UTF-8, with lines of at most so many bytes."""
    data = data.encode() if isinstance(data, str) else data
    return read_csv(data, is_header(KNOWN), Limits(line=line))


def rows(found):
    """(line, cells) of a table, trailing empty cells left out."""
    assert isinstance(found, Table), found
    return [(line, _trimmed(cells)) for line, cells in found.body.head(1000)]


def _trimmed(cells):
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


@pytest.mark.parametrize(
    ("data", "encoding", "bom"),
    [
        (PLAIN.encode(), "utf-8", False),
        (PLAIN.encode("utf-8-sig"), "utf-8", True),
        (PLAIN.replace(A, "Köln").encode(), "utf-8", False),
        (PLAIN.encode("utf-16"), "utf-16", False),
        (b"\xfe\xff" + PLAIN.encode("utf-16-be"), "utf-16", False),
        (PLAIN.encode("utf-16-le"), "utf-16", False),
        (PLAIN.encode("utf-16-be"), "utf-16", False),
        (PLAIN.replace(A, "Köln").encode("cp1252"), "windows-1252", False),
        ("Seriennummer\nKöln\n".encode("cp1252"), "windows-1252", False),
        (b"", "utf-8", False),
    ],
)
def test_encodings(data, encoding, bom):
    found = table(data)

    assert (found.encoding, found.bom) == (encoding, bom)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-8-sig"])
def test_the_text_is_the_same_in_every_encoding(codec):
    text = f"{HEADER}{A},Köln é\n"

    assert table(text.encode(codec)).data.decode() == text


@pytest.mark.parametrize(
    ("text", "newline"),
    [
        (PLAIN, "lf"),
        (PLAIN.replace("\n", "\r\n"), "crlf"),
        (PLAIN.replace("\n", "\r"), "cr"),
        (PLAIN.replace("\n", "\r\n", 1), "mixed"),
        (PLAIN.replace("\n", "\r", 1), "mixed"),
        (PLAIN[:-1], "lf"),
        ("Serial Number,Customer ID", None),
    ],
)
def test_newlines(text, newline):
    found = table(text)

    assert found.newline == newline
    assert [line for line, _ in rows(found)] == list(range(1, len(rows(found)) + 1))
    assert rows(found) == rows(table(text.replace("\r\n", "\n").replace("\r", "\n")))


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        (PLAIN, ","),
        (PLAIN.replace(",", ";"), ";"),
        (PLAIN.replace(",", "\t"), "\t"),
        (PLAIN.replace(",", "|"), "|"),
        ("Serial Number\n5CG8234XMV\n", ","),
        ("", ","),
        ('"Serial Number; or so"\n5CG8234XMV\n', ","),
        (f"Serial Number;Customer ID;Note\n{A};{G};a, b, c\n", ";"),
        (f"Serial Number,Customer ID,Note\n{A},{G},a; b; c; d\n", ","),
        (f'Serial Number;Customer ID;Note\n{A};{G};"a, b"\n', ";"),
        (f"Please move, as agreed, in June,\n{A};{G}\n{B};{G}\n", ";"),
        (f"sep=;\nSerial Number;Customer ID\n{A};{G}\n", ";"),
        ("Gerät;Kunde\nNB 1;ACME\nNB 2;ACME, Inc.\n", ";"),
        (f"as agreed, in June\nand by hand, too\n{A};{G}\n", ";"),
    ],
)
def test_delimiters(text, delimiter):
    assert table(text).delimiter == delimiter


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"PK\x03\x04rest", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"),
        (b"%PDF-1.7\n", "binary"),
        (b"\x89PNG\r\n\x1a\n", "binary"),
        (b"\x1f\x8b\x08", "binary"),
        (b"<!DOCTYPE html><p>", "html"),
        (b"\xef\xbb\xbf \n<?xml version='1.0'?>", "html"),
        (PLAIN.encode() + b"\0", "nul"),
        (PLAIN.encode("utf-16") + "\0".encode("utf-16-le"), "nul"),
        (PLAIN.encode("utf-32"), "encoding"),
        (PLAIN.encode("utf-16")[:-1], "encoding"),
        (b"\xff\xfe\x00\xd8", "encoding"),
        (b"5CG\x81,x\n", "encoding"),
        ("Grüße aus Köln\n".encode("cp1252"), "encoding"),
        (b"\xef\xbb\xbf" + "Größe,x\n".encode("cp1252"), "binary"),
        (b"a,\x01\xe4\n", "binary"),
    ],
)
def test_faults(data, kind):
    fault = table(data)

    assert isinstance(fault, Fault)
    assert fault.kind == kind
    assert fault.detail


@pytest.mark.parametrize("line", [1, 3])
def test_a_line_without_end_is_a_fault_that_names_it(line):
    text = "x\n" * (line - 1) + "y" * 101 + "\nz\n"

    fault = table(text, line=100)

    assert isinstance(fault, Fault)
    assert fault.kind == "endless-line"
    assert f"line {line} " in fault.detail


def test_a_line_of_the_full_length_is_none():
    assert isinstance(table(("y" * 100 + "\n") * 3, line=100), Table)


def test_one_endless_row_does_not_make_all_rows_as_wide():
    fault = table('""\n' * 5000 + "," * 5000 + "\n")

    assert isinstance(fault, Fault)
    assert fault.kind == "size"
    assert "line 5001 has 5,001 cells" in fault.detail


def test_only_a_file_without_quotes_is_handed_on_as_lines():
    assert isinstance(table(PLAIN).body, Lines)
    assert isinstance(table(PLAIN.replace(A, f'"{A}"')).body, Grid)


def test_a_character_that_parts_lines_for_duckdb_goes_through_python():
    found = table(f"{HEADER}{A}\x01,{G}\n")

    assert isinstance(found.body, Grid)
    assert rows(found)[1] == (2, [f"{A}\x01", G])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'"{A}","{G}"\n', [(1, [A, G])]),
        (f'{A},{G},"say ""hi"", ok"\n', [(1, [A, G, 'say "hi", ok'])]),
        (f'{A},{G},"two\nlines"\n{B},{G}\n', [(1, [A, G, "two\nlines"]), (3, [B, G])]),
        (f'{A},{G},"a\n\n\nb"\n\n{B},{G}\n', [(1, [A, G, "a\n\n\nb"]), (5, []), (6, [B, G])]),
        (f'{A}"x,{G}\n', [(1, [f'{A}"x', G])]),
        (f'{A},{G},"b"c\n{B},{G}\n', [(1, [A, G, "bc"]), (2, [B, G])]),
        (f'{A},{G},"b"c,"d\ne"\n{B},{G}\n', [(1, [A, G, "bc", "d\ne"]), (3, [B, G])]),
        (f'"Serial\nNumber",Customer ID\n{A},{G}\n', [(1, ["Serial\nNumber", "Customer ID"]), (3, [A, G])]),
        ('""\n"",""\n', [(1, []), (2, [])]),
    ],
)
def test_quotes(text, expected):
    found = table(text)

    assert rows(found) == expected
    assert found.cells == ()


@pytest.mark.parametrize(
    ("text", "expected", "left"),
    [
        (f'{A},"{G}\n{B},{G}\n', [(1, 2, NEVER_CLOSED)], []),
        (f'{A},{G}\n"{B},{G}\n', [(2, 1, NEVER_CLOSED)], [1]),
        (f'{A},{G},"x\n{B},{G}\n', [(1, None, NEVER_CLOSED)], []),
        (f'{A},{G},"b"c,"x\n{B},{G}\n', [(1, None, NEVER_CLOSED)], []),
        (f'{A},{G}\n"', [(2, 1, NEVER_CLOSED)], [1]),
        (f'"{A}"x,{G}\n{B},{G}\n', [(1, 1, AFTER_QUOTE)], [2]),
        (f'{A},"{G}" \n{B},{G}\n', [(1, 2, AFTER_QUOTE)], [2]),
        (f'{A},"{G}\n"{B}",{G}\n{C},{G}\n', [(1, 2, AFTER_QUOTE)], [3]),
        (f'"{A}"x,"a\nb"\n{B},{G}\n', [(1, 1, AFTER_QUOTE)], [3]),
        (f'"{A}\n",{G}\n{B},{G}\n', [(1, 1, "a line break inside the cell")], [3]),
        (
            f'{A},"x\ny"\n"{B}\n",{G}\n',
            [(1, 2, "a line break inside the cell"), (3, 1, "a line break inside the cell")],
            [],
        ),
    ],
)
def test_malformed_rows_are_left_out_and_named(text, expected, left):
    found = table(text)

    assert [(cell.line, cell.col, cell.note) for cell in found.cells] == expected
    assert {cell.kind for cell in found.cells} == {"malformed"}
    assert [line for line, _ in rows(found)] == left


FRAGMENTS = st.sampled_from(
    [
        *(b"\n", b"\r\n", b"\r", b",", b";", b"\t", b'"', b'""', b"\x01", b"\x0b", b"\x1c", b"S\0N\0"),
        *(A.encode(), G.encode(), b"Serial Number", b"\xe4", b"\xc3\xa4", b"\xef\xbb\xbf", b"\xff\xfe"),
        *(b"\xc2\xa0", b"\xe2\x80\x8b", b"\xe2\x80\xa8"),
    ]
)
ANY_BYTES = st.one_of(st.binary(max_size=60), st.lists(FRAGMENTS, max_size=25).map(b"".join))


@settings(deadline=None, max_examples=400)
@given(ANY_BYTES)
def test_any_bytes_are_a_table_or_a_fault(data):
    found = table(data)

    if isinstance(found, Fault):
        assert found.kind
        return
    lines = found.data.count(b"\n")
    assert not found.data or found.data.endswith(b"\n")
    assert all(cell.line is not None and 1 <= cell.line <= lines for cell in found.cells)
    if isinstance(found.body, Grid):
        assert list(found.body.lines) == sorted(set(found.body.lines))
        assert all(1 <= line <= lines for line in found.body.lines)
        assert all(len(column) == len(found.body.lines) for column in found.body.columns)
    else:
        assert found.body.count == lines
    find_header(found.body.head(HEAD), KNOWN)


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet='ab",\n', max_size=40))
def test_records_are_those_of_pythons_lenient_reader(text):
    text += "\n"
    found = list(records(text, ","))
    lenient = list(csv.reader(io.StringIO(text, newline="\n"), strict=False))

    swallowed = any(fault.reason == NEVER_CLOSED for _, _, broken in found for fault in broken)
    upto = len(found) - swallowed
    assert [cells for _, cells, _ in found][:upto] == lenient[:upto]
    assert swallowed or len(found) == len(lenient)


CELL = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=6)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(CELL, min_size=3, max_size=5), min_size=1, max_size=8), st.sampled_from(DELIMITERS))
def test_what_a_csv_writer_wrote_is_read_back_with_its_lines(written, delimiter):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    starts = []
    for cells in [["Serial Number", "Customer ID", "Note"], *written]:
        starts.append(out.getvalue().count("\n") + 1)
        writer.writerow([*(cell.replace("\n", "") for cell in cells[:2]), *cells[2:]])

    found = table(out.getvalue())

    assert found.delimiter == delimiter
    assert [line for line, _ in rows(found)] == starts
    assert [cells for _, cells in rows(found)][1:] == [
        _trimmed([*(cell.replace("\n", "") for cell in cells[:2]), *cells[2:]]) for cells in written
    ]


TOKENS = (
    *(
        A,
        B,
        "5cg02382xz",
        "SCG8234XMV",
        G,
        G.upper(),
        "ACME",
        "Serial Number",
        "S/N",
        "Customer ID",
        "Asset Tag",
    ),
    *(
        "",
        "",
        " ",
        "\u00a0",
        "\u200b",
        f" {A}",
        f"{A}\u00a0",
        "\x0b",
        "\x1f",
        "\x85",
        "\u2028",
        "\ufeff",
        "1.5E+9",
    ),
    *("\u00df", "\uff15\uff23\uff27"),
)
PLAIN_ROWS = st.lists(st.lists(st.sampled_from(TOKENS), max_size=5), max_size=8)


@settings(deadline=None, max_examples=10)
@given(batch=st.lists(st.tuples(PLAIN_ROWS, st.sampled_from(DELIMITERS)), min_size=1, max_size=12))
def test_the_plain_path_gives_the_rows_of_the_quoted_path(batch):
    contents = {}
    for number, (cells, delimiter) in enumerate(batch):
        contents |= _both_ways(number, [delimiter.join(row) for row in cells])

    facts = _facts(contents)

    for number in range(len(batch)):
        assert facts(f"plain{number}.csv") == facts(f"quoted{number}.csv")


@pytest.mark.parametrize("count", [1, 3])
def test_the_plain_path_gives_the_rows_of_the_quoted_path_in_large_files(count):
    chance = random.Random(1)
    contents = {}
    for number in range(count):
        lines = [",".join(chance.choices(TOKENS, k=chance.randrange(6))) for _ in range(50_000 // count)]
        contents |= _both_ways(number, [HEADER.strip(), *lines])
    assert sum(len(contents[f"plain{number}.csv"].encode()) for number in range(count)) > IN_MEMORY

    facts = _facts(contents)

    for number in range(count):
        assert facts(f"plain{number}.csv") == facts(f"quoted{number}.csv")


def _both_ways(number, lines):
    """The same rows as a file without quotes and, by a quoted empty cell below them, as one with quotes."""
    return {f"plain{number}.csv": "\n".join(lines), f"quoted{number}.csv": "\n".join([*lines, '""'])}


def _facts(contents):
    """A look-up of all that the facts say of a file, by path."""
    loaded = []
    for path, text in contents.items():
        file = read(Source(path, Path(path), text.encode()), KNOWN, Limits(), Path())
        assert path.startswith("plain") == isinstance(file.table.body, Lines)
        loaded.append(Loaded(file, checked=True, open=True, tracked=True))
    parameters = {"customer_pattern": "[0-9A-F-]{36}", "all_suspect": True, "pin_length": 8}
    con = build(Inputs(loaded, KNOWN, Path(), parameters=parameters)).con
    queries = [
        "select columns('header.*'), swapped, rows, delimiter from file where path = $p",
        "select * exclude (path) from row where path = $p order by line",
        "select * exclude (path) from cell where path = $p order by kind, line, col",
        "select * exclude (path) from target where path = $p order by line",
        "select * exclude (path) from suspect where path = $p order by line",
        "select line, serial_key from again where path = $p order by line",
    ]
    return lambda path: [con.execute(query, {"p": path}).fetchall() for query in queries]
