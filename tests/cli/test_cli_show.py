import io
import shlex
import subprocess
import sys

import pytest
from openpyxl import Workbook

ID = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
HEADER = ("Serial Number", "Customer ID")


@pytest.fixture
def bytes_of():
    """A workbook's bytes, of rows, or of sheets by their names."""

    def make(content, change=lambda book: None):
        book = Workbook()
        book.remove(book.active)
        for name, rows in (content if isinstance(content, dict) else {"Devices": content}).items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        change(book)
        memory = io.BytesIO()
        book.save(memory)
        return memory.getvalue()

    return make


def test_a_row_is_a_line_and_a_text_is_not_taken_for_a_number(cli, write, bytes_of):
    rows = [HEADER, ("5CG8234XMV", ID), (1234567890, ID), ("1234567890", ID), (), ("", ID), ('a "b", c', True)]
    write({"a.xlsx": bytes_of(rows)})

    done = cli("show", "a.xlsx")

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "# sheet Devices",
        "Serial Number,Customer ID",
        f"5CG8234XMV,{ID}",
        f"1234567890,{ID}",
        f'"1234567890",{ID}',
        "",
        f",{ID}",
        '"a ""b"", c",TRUE',
    ]


def test_formulas_and_what_hides_are_told(cli, write, bytes_of):
    def change(book):
        book["Devices"].row_dimensions[3].hidden = True
        book["Devices"].column_dimensions["C"].hidden = True
        book["Devices"].merge_cells("A4:B4")
        book["Old"].sheet_state = "hidden"

    rows = [HEADER, ("=UPPER(D2)", ID), ("5CG8234XMV", ID, "note"), ("both", None), ('=IF(A1="x",1,2)', "#N/A")]
    write({"a.xlsx": bytes_of({"Devices": rows, "Old": [("SGH327SZYD",)]}, change)})

    done = cli("show", "a.xlsx")

    assert done.out.splitlines() == [
        "# sheet Devices",
        "# [hidden] column C",
        "# merged A4:B4",
        "Serial Number,Customer ID",
        f"=UPPER(D2),{ID}",
        f"[hidden] 5CG8234XMV,{ID},note",
        "both",
        '"=IF(A1=""x"",1,2)",#N/A',
        "# sheet Old [hidden]",
        "SGH327SZYD",
    ]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"\xef\xbb\xbfa;b\r\nc;d\r\n", ["a;b", "c;d"]),
        ("Gerät,b\nc,d".encode("utf-16"), ["Gerät,b", "c,d"]),
        (b"", []),
        (b"a,\x1b[31mb\n", ["a,\\u001b[31mb"]),
    ],
)
def test_a_csv_is_shown_decoded(cli, write, content, lines):
    write({"a.csv": content})

    done = cli("show", "a.csv")

    assert done.code == 0
    assert done.out.splitlines() == lines


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html>"])
def test_a_broken_workbook_is_shown_as_its_fault(cli, write, content):
    write({"a.xlsx": content})

    done = cli("show", "a.xlsx")

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("# cannot be read: ")
    assert done.out.count("\n") == 1


def test_a_broken_config_is_no_reason_to_show_nothing(cli, write, bytes_of):
    write({"a.xlsx": bytes_of([HEADER, ("5CG8234XMV", ID)]), "wxp-lint.toml": "nonsense = 1\n"})

    done = cli("show", "a.xlsx")

    assert done.code == 0
    assert f"5CG8234XMV,{ID}" in done.out


def test_a_company_pin_is_not_shown(cli, write, bytes_of):
    rows = [HEADER, ("5CG8234XMV", ID), ("5CG02382XZ", "xK7pQ2mZ")]
    write({"a.xlsx": bytes_of(rows)})

    done = cli("show", "a.xlsx")

    assert "xK7pQ2mZ" not in done.out
    assert "5CG02382XZ,********" in done.out


def test_a_file_that_is_not_there_is_a_wrong_call(cli):
    done = cli("show", "nowhere.xlsx")

    assert (done.code, done.out) == (2, "")
    assert "no such file: nowhere.xlsx" in done.err


def test_git_shows_what_changed_in_a_workbook(git, write, folder, environment, bytes_of):
    program = f"{shlex.quote(sys.executable)} -m wxp_lint show"
    git("init", "--quiet")
    git("config", "diff.wxp-lint.textconv", program)
    name = "März 2026.xlsx"
    write({".gitattributes": "*.xlsx diff=wxp-lint\n", name: bytes_of([HEADER, ("5CG8234XMV", ID), ("0123", ID)])})
    git("add", "--all")
    git("commit", "--quiet", "--message", "Two PCs")
    write({name: bytes_of([HEADER, ("5CG02382XZ", ID), ("5CG8234XMV", ID), (123, ID)])})

    done = subprocess.run(["git", "diff", "-U0"], cwd=folder, env=environment, capture_output=True, check=True)

    changed = [
        line for line in done.stdout.decode().splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    assert changed == [f"+5CG02382XZ,{ID}", f'-"0123",{ID}', f"+123,{ID}"]

    write({name: b"PK\x03\x04 cut off"})
    done = subprocess.run(["git", "diff"], cwd=folder, env=environment, capture_output=True, check=True)
    assert "+# cannot be read: " in done.stdout.decode()
