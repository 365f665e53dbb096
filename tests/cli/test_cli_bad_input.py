"""Whatever lies there under a transfer file's name: a finding that says what to do, no traceback, no hang."""

import ctypes
import io
import json
import os
import re
import subprocess

import msoffcrypto.format.ooxml
import openpyxl
import pytest

ID = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
HEADER = "Serial Number,Customer ID\n"
GOOD = f"{HEADER}5CG8234XMV,{ID}\n"
BAD = f"{HEADER}5CG8234XMV,{ID}\n5CG0480H,{ID}\n"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000")
XLS = bytes.fromhex("d0cf11e0a1b11ae1").ljust(512, b"\0") + "Root Entry\0Workbook\0".encode("utf-16-le").ljust(
    512, b"\0"
)
HTML = f"<html><body><table><tr><td>5CG8234XMV</td><td>{ID}</td></tr></table></body></html>"


def workbook(cells):
    book = openpyxl.Workbook()
    for cell, value in cells.items():
        book.active[cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def plain_workbook():
    return workbook({"A1": "Serial Number", "B1": "Customer ID", "A2": "5CG8234XMV", "B2": ID})


def encrypted_workbook():
    out = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(plain_workbook())).encrypt("secret", out)
    return out.getvalue()


def far_away_workbook():
    return workbook({"A1": "Serial Number", "B1": "Customer ID", "A2": "5CG8234XMV", "B2": ID, "XFD1048576": "x"})


# The name, what lies there, the rule that speaks, and words of what to do.
FILES = [
    pytest.param("a.csv", b"", "WXP108", r"add|put|name", id="an empty file"),
    pytest.param("a.csv", HEADER, "WXP108", r"add|put|name", id="a header alone"),
    pytest.param("a.csv", b"\xef\xbb\xbf", "WXP108", r"add|put|name", id="a byte order mark alone"),
    pytest.param("a.csv", b"\n" * 100, "WXP108", r"add|put|name", id="newlines alone"),
    pytest.param("a.csv", b"5" * 50_000_000, "WXP101", r"longer than [\d,]+ bytes", id="50 MB in one line"),
    pytest.param("a.csv", GOOD.replace("8", "\0"), "WXP101", "save it as CSV", id="NULs"),
    pytest.param("a.csv", PNG, "WXP101", "save it as CSV", id="a picture named .csv"),
    pytest.param("a.csv", b"\xff\xfe5", "WXP101", "save it as CSV", id="half a character of UTF-16"),
    pytest.param("a.csv", HTML, "WXP101", "save it as CSV", id="a web page named .csv"),
    pytest.param("a.csv", plain_workbook, "WXP101", r"name it \.xlsx", id="a workbook named .csv"),
    pytest.param("a.xlsx", b"", "WXP101", "save the workbook again", id="an empty workbook"),
    pytest.param("a.xlsx", XLS, "WXP101", r"save it as \.xlsx or CSV", id="an .xls named .xlsx"),
    pytest.param("a.xlsx", HTML, "WXP101", r"save it as \.xlsx or CSV", id="a web page named .xlsx"),
    pytest.param("a.xlsx", GOOD, "WXP101", r"name it \.csv", id="a CSV named .xlsx"),
    pytest.param("a.xlsx", encrypted_workbook, "WXP101", "save it without one", id="an encrypted workbook"),
    pytest.param("a.xlsx", lambda: plain_workbook()[:-900], "WXP101", "fetch it again", id="a truncated zip"),
    pytest.param("a.xlsx", far_away_workbook, "WXP101", "delete the empty rows", id="a cell at XFD1048576"),
]


@pytest.fixture
def check(cli, folder):
    """Checks `name`: the run's exit code, the codes found, and what a person reads."""

    def run(name, **more):
        done = cli("check", name, "--output", "full", "--output", "json=report.json", **more)
        assert "Traceback" not in done.out + done.err
        assert "internal error" not in done.err
        report = json.loads((folder / "report.json").read_text("utf-8"))
        return done.code, [finding["code"] for finding in report["findings"]], done.out + done.err

    return run


@pytest.mark.parametrize(("name", "content", "rule", "advice"), FILES)
def test_a_file_that_is_no_list_of_devices(write, check, name, content, rule, advice):
    write({name: content() if callable(content) else content})

    code, found, said = check(name)

    assert code == 1
    assert rule in found
    about = [line for line in said.splitlines() if rule in line]
    assert len(about) == 1
    assert re.search(advice, about[0])


def test_the_workbook_that_these_are_made_from_is_good(write, check):
    write({"a.xlsx": plain_workbook()})

    assert check("a.xlsx")[:2] == (0, [])


@pytest.mark.parametrize("target", ["../outside.csv", "a.csv"], ids=["out of the repository", "to itself"])
def test_a_symbolic_link_that_leads(folder, check, target):
    (folder.parent / "outside.csv").write_text(GOOD)
    (folder / "a.csv").symlink_to(target)

    code, found, said = check("a.csv")

    assert (code, found) == (1, ["WXP101"])
    assert "put the file itself here" in said


def test_a_symbolic_link_within_the_repository_is_followed(write, folder, check):
    write({"a.csv": GOOD})
    (folder / "b.csv").symlink_to("a.csv")

    assert check("b.csv")[0] == 0


def test_a_link_to_nowhere(folder, check):
    (folder / "a.csv").symlink_to("gone.csv")

    code, found, said = check("a.csv")

    assert (code, found) == (1, ["WXP101"])
    assert "check the name" in said


def test_a_pipe_does_not_hang(folder, check):
    os.mkfifo(folder / "a.csv")

    code, found, said = check("a.csv")

    assert (code, found) == (1, ["WXP101"])
    assert "put a file here" in said


def test_a_pipe_in_place_of_the_config_does_not_hang_and_is_not_no_config(write, cli, folder, git):
    write({"transfers/a.csv": "Serial Number,Customer ID\n"})
    git("init", "--quiet")
    os.mkfifo(folder / "wxp-lint.toml")

    for command in (("check",), ("check", "transfers/a.csv"), ("check", "--config", "wxp-lint.toml"), ("plan",)):
        done = cli(*command)
        assert (done.code, done.out) == (2, "")
        assert "wxp-lint.toml: it is a folder, pipe or device: put a file there, or delete it" in done.err


def _as_anybody():
    """Takes from a child what lets root read everything: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def test_a_file_without_permission(write, folder, check):
    write({"a.csv": GOOD})
    (folder / "a.csv").chmod(0)
    probe = subprocess.run(["cat", "a.csv"], cwd=folder, preexec_fn=_as_anybody, capture_output=True)
    if not probe.returncode:
        pytest.skip("this system lets its user read everything")

    code, found, said = check("a.csv", preexec_fn=_as_anybody)

    assert (code, found) == (1, ["WXP101"])
    assert "permission denied: check the name and its permissions" in said


def test_a_folder_with_the_name_of_a_file(folder, check):
    (folder / "x.csv").mkdir()

    code, found, said = check("x.csv")

    assert (code, found) == (0, [])
    assert "nothing to check in x.csv" in said


def test_a_folder_with_the_name_of_a_file_among_the_transfers(write, folder, check):
    write({"transfers/x.csv/a.csv": BAD})

    code, found, said = check("transfers")

    assert (code, found) == (1, ["WXP202"])
    assert "transfers/x.csv/a.csv:3:1" in said


def test_a_path_that_is_not_there(write, cli):
    write({"transfers/march.csv": GOOD})

    done = cli("check", "transfers/mrach.csv")

    assert (done.code, done.out) == (2, "")
    assert done.err == ("wxp-lint: no such file or folder: transfers/mrach.csv; did you mean 'transfers/march.csv'?\n")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("new laptops.csv", "new laptops.csv"),
        ("März 💻.csv", "März 💻.csv"),
        ("two\nlines.csv", "two\\nlines.csv"),
        ("\x1b[31mred.csv", "\\u001b[31mred.csv"),
        ("--help.csv", "--help.csv"),
        ("[x]*?.csv", "[x]*?.csv"),
    ],
)
def test_odd_names(write, folder, cli, check, name, shown):
    write({name: GOOD})
    assert check(f"./{name}")[0] == 0

    write({name: BAD})
    code, found, said = check(f"./{name}")
    assert (code, found) == (1, ["WXP202"])
    assert f"--> {shown}:3:1\n" in said
    assert json.loads((folder / "report.json").read_text("utf-8"))["findings"][0]["path"] == name


def test_a_name_in_no_encoding(folder, check):
    (folder / os.fsdecode(b"caf\xe9.csv")).write_text(BAD)

    code, found, said = check(os.fsdecode(b"caf\xe9.csv"))

    assert (code, found) == (1, ["WXP202"])
    assert "caf\\xe9.csv:3:1" in said


def test_one_bad_file_holds_up_no_other(write, check):
    write(
        {
            "transfers/a.xlsx": b"PK\x03\x04",
            "transfers/b.csv": BAD,
            "transfers/c.csv": GOOD.replace("MV", "MX"),
        }
    )

    code, found, said = check("transfers")

    assert (code, sorted(found)) == (1, ["WXP101", "WXP202"])
    assert "3 files, 3 devices" in said
