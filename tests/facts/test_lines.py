"""Plain CSVs as DuckDB gets them: every line, in its place, however it is read."""

import pytest

from wxp_lint.database import connect
from wxp_lint.facts.lines import IN_MEMORY, read_lines, read_marked_lines

PAIRS = [f"5CG{n:07},acme" for n in range(IN_MEMORY // 15)]


@pytest.fixture
def con():
    with connect() as con:
        yield con


def read(con, lines, file, name="a.csv", written=None):
    text = "".join(f"{line}\n" for line in lines).encode()
    file = file / name
    file.write_bytes(text if written is None else written)
    return read_lines(con, text, ",", file)


def texts(con):
    return [text or "" for (text,) in con.execute("select text from _raw order by rowid").fetchall()]


def test_lines_of_a_large_file_that_all_have_two_cells_are_split(con, tmp_path):
    lines = ["Serial Number,Customer ID", *PAIRS, "5CG8234XMV,", ",acme", ",", "\u00e9 ,\u3042"]

    assert read(con, lines, tmp_path)

    found = con.execute("select coalesce(a, ''), coalesce(b, '') from _raw order by rowid").fetchall()
    assert found == [tuple(line.split(",")) for line in lines]


@pytest.mark.parametrize("odd", ["", "5CG8234XMV", "5CG8234XMV,acme,old", ",,", " "])
@pytest.mark.parametrize("at", [0, 2, -1])
def test_lines_are_whole_where_one_does_not_have_two_cells(con, tmp_path, odd, at):
    lines = [*PAIRS]
    lines[at] = odd

    assert not read(con, lines, tmp_path)

    assert texts(con) == lines


def test_a_name_that_looks_like_a_pattern_is_no_pattern(con, tmp_path):
    (tmp_path / "a1.csv").write_text("x,y\n")

    assert not read(con, PAIRS, tmp_path, "a[1].csv")

    assert texts(con) == PAIRS


@pytest.mark.parametrize("written", [b"", b"x,y\n", b"\xff,\xff\n" * 9])
def test_a_file_that_has_changed_since_it_was_read_is_not_read_again(con, tmp_path, written):
    assert not read(con, PAIRS, tmp_path, written=written)

    assert texts(con) == PAIRS


def test_a_file_that_is_gone_is_not_read_again(con, tmp_path):
    text = "".join(f"{line}\n" for line in PAIRS).encode()

    assert not read_lines(con, text, ",", tmp_path / "gone.csv")

    assert texts(con) == PAIRS


@pytest.mark.parametrize("more", [[], PAIRS])
def test_each_line_of_several_texts_has_the_number_of_its_own(con, more):
    lines = {3: ["a,b", "", "c"], 0: more, 7: [""], 12: ["\u00e9,x", *more, "z"]}

    read_marked_lines(con, {number: "".join(f"{one}\n" for one in of).encode() for number, of in lines.items()})

    found = con.execute("select number, coalesce(text, '') from _raw order by rowid").fetchall()
    assert found == [(number, line) for number, of in lines.items() for line in of]


def test_texts_without_a_line_have_none(con):
    read_marked_lines(con, {0: b"", 1: b""})

    assert texts(con) == []
