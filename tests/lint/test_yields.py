"""One defect, one finding: which rule speaks, and which are silent, where several could."""

import subprocess
from datetime import date

import pytest

from wxp_lint.config.load import load
from wxp_lint.lint import catalogue
from wxp_lint.lint.check import Request, check
from wxp_lint.lint.workbook import workbook
from wxp_lint.repo.select import select

CATALOGUE = catalogue.load()
A = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
B = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
C = "6a2d0f7b-5c14-4e8f-b1a9-3d7c8e9f0a12"
PIN = "xK7pQ2mZ"
NOTHING_CACHED = {"formula": "=D2"}
NO_SUCH = {"error": "#N/A"}
REGISTRY = f"customer_id,name,aliases\n{A},Acme,Acme Corp\n{B},Globex,\n12345,Initech,\n"
SERIALS = ["5CG8234XMV", "5CG02382XZ", "SGH327SZYD", "5CD9123KLM", "5CG1010BCD", "5CG1020BCD"]


def formula(value):
    return {"formula": "=D2", "value": value}


def lay_out(folder, files, config=""):
    """`files` by path: a text, or for a workbook the rows below its header and its merged ranges."""
    for path, file in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(file, str):
            place.write_text(file)
        else:
            rows, merged = file
            place.write_bytes(workbook([{"rows": [["Serial Number", "Customer ID"], *rows], "merged": merged}]))
    (folder / "wxp-lint.toml").write_text(config)


def run(folder, paths=()):
    settings = load(folder / "wxp-lint.toml", folder)
    selection = select(settings, list(paths), cwd=folder, force_exclude=False)
    return check(settings, CATALOGUE, Request(selection, date(2026, 6, 15)))


def said(result, path):
    """The findings in `path`: "3:302" on line 3, "304" for the whole file; a warning ends in "?"."""
    return " ".join(
        f"{f'{found.line}:' if found.line else ''}{found.code[3:]}{'' if found.level == 'error' else '?'}"
        for found in result.findings
        if found.path == path
    )


def csv(rows):
    return "Serial Number,Customer ID\n" + "".join(f"{','.join(row)}\n" for row in rows)


def beside_serials(ids):
    return list(zip(SERIALS, ids))


@pytest.mark.parametrize(
    ("ids", "without", "with_registry"),
    [
        pytest.param([A, A], "", "", id="nothing-to-say"),
        # 301 speaks once for the file if column B is empty throughout.
        pytest.param([A, ""], "3:301", "3:301", id="one-is-missing"),
        pytest.param(["", " "], "301", "301", id="all-are-missing"),
        # The target is the most frequent well-formed or registered Customer ID, else the most frequent value.
        pytest.param([A, B, B], "2:302", "2:302", id="most-frequent"),
        pytest.param([B, A], "3:302", "3:302", id="first-of-a-tie"),
        pytest.param(["acme", "acme", A, B], "303 5:302", "304 5:302", id="well-formed-first"),
        pytest.param(["acme", "acme", "12345"], "303", "304", id="registered-before-frequent"),
        pytest.param(["acme", "acme"], "303?", "304", id="nothing-well-formed"),
        # 303, 304, 306 and 307 add no 302; 304 and 307 silence 303.
        pytest.param([A, "acme"], "303", "304", id="malformed-beside-target"),
        pytest.param([A, C], "3:302", "304", id="unknown-beside-target"),
        pytest.param([A, B, C], "3:302 4:302", "304 3:302", id="unknown-and-mixed"),
        pytest.param([C, "acme"], "303", "304", id="one-finding-for-all-unknown"),
        pytest.param([A, f"{A} "], "3:306", "3:306", id="blank-beside-target"),
        pytest.param([A, A.upper()], "", "", id="case-is-no-difference"),
        pytest.param([A, f" {B}"], "3:302 3:306", "3:302 3:306", id="blank-and-other-target"),
        pytest.param([A, PIN], "3:307", "3:307", id="pin-beside-target"),
        pytest.param([PIN, PIN], "2:307 3:307", "2:307 3:307", id="pin-in-every-row"),
        pytest.param([PIN, "acme"], "303 2:307", "304 2:307", id="pin-beside-malformed"),
        # 304 silences 306 (306 only where the key is an ID).
        pytest.param([f"{C} "], "2:306", "304", id="blank-after-unknown"),
        pytest.param(["acme "], "303?", "304", id="blank-after-name"),
        pytest.param([A, f"{A} ", C], "3:306 4:302", "304 3:306", id="blank-and-unknown"),
        # A Customer ID in the registry silences 303.
        pytest.param(["12345"], "303?", "", id="registered-number"),
        # 113 and 308 speak alone of their customer cell: 301 to 306 are silent.
        pytest.param([A, NOTHING_CACHED], "3:113", "3:113", id="formula-without-value"),
        pytest.param([A, formula(B)], "3:113", "3:113", id="formula-with-other-target"),
        pytest.param([A, formula(f"{A} ")], "3:113", "3:113", id="formula-with-blank"),
        pytest.param([formula("acme")], "2:113", "2:113", id="formula-with-name"),
        pytest.param([formula(PIN)], "2:113", "2:113", id="formula-with-pin"),
        pytest.param([formula(C), C], "2:113", "304 2:113", id="formula-and-text"),
        pytest.param(["", NOTHING_CACHED], "2:301 3:113", "2:301 3:113", id="formula-and-missing"),
        pytest.param([A, 67890], "3:308", "3:308", id="number-beside-target"),
        pytest.param([67890, 67890], "2:308 3:308", "2:308 3:308", id="number-throughout"),
        pytest.param([A, NO_SUCH], "3:308", "3:308", id="error-beside-target"),
        pytest.param(["acme", 67890], "303? 3:308", "304 3:308", id="number-beside-name"),
    ],
)
def test_customer_cells(ids, without, with_registry, tmp_path):
    rows = beside_serials(ids)
    text = all(isinstance(cell, str) for cell in ids)
    path = f"transfers/march.{'csv' if text else 'xlsx'}"
    lay_out(tmp_path, {path: csv(rows) if text else ([list(row) for row in rows], [])})
    assert said(run(tmp_path), path) == without

    (tmp_path / "customers.csv").write_text(REGISTRY)
    (tmp_path / "wxp-lint.toml").write_text('customers = "customers.csv"')
    assert said(run(tmp_path), path) == with_registry


@pytest.mark.parametrize(
    ("ids", "merged", "expected"),
    [
        ([A, "", A], "B2:B3", "2:116 3:116"),
        ([C, "", A, A], "B2:B3", "2:116 3:116"),
        ([C, "", C], "B2:B3", "304 2:116 3:116"),
        (["", "", ""], "B2:B3", "2:116 3:116 4:301"),
        ([A, C, ""], "B3:B4", "3:116 4:116"),
    ],
)
def test_merged_customer_cells(ids, merged, expected, tmp_path):
    path = "transfers/march.xlsx"
    lay_out(
        tmp_path,
        {path: ([list(row) for row in beside_serials(ids)], [merged])},
        'customers = "customers.csv"',
    )
    (tmp_path / "customers.csv").write_text(REGISTRY)

    assert said(run(tmp_path), path) == expected


ONE, OTHER = "transfers/one.csv", "transfers/other.csv"


@pytest.mark.parametrize(
    ("one", "other", "in_one", "in_other"),
    [
        pytest.param([("5CG8234XMV", A)], [("SGH327SZYD", A)], "", "", id="nothing-in-common"),
        pytest.param([("5CG8234XMV", A), ("SGH327SZYD", A)], [("5CG8234XMV", B)], "2:402", "2:402", id="other-target"),
        pytest.param([("5CG8234XMV", A), ("SGH327SZYD", A)], [("5CG8234XMV", A)], "2:403?", "2:403?", id="same-target"),
        # 404 silences its files' 403s.
        pytest.param(
            [("5CG8234XMV", A), ("SGH327SZYD", A)],
            [("SGH327SZYD", A), ("5CG8234XMV", A)],
            "404?",
            "404?",
            id="same-file",
        ),
        pytest.param([("5CG8234XMV", A)], [("5CG8234XMV", A.upper())], "404?", "404?", id="same-but-for-case"),
        pytest.param(
            [("5CG8234XMV", A), ("5CG8234XMV", A)],
            [("5CG8234XMV", A)],
            "404? 3:401",
            "404?",
            id="same-but-for-a-duplicate",
        ),
        # Duplicates look at the key: the finding about the text stands beside them.
        pytest.param([("5CG8234XMV", A)], [(" 5CG8234XMV", B)], "2:402", "2:203 2:402", id="blank-and-other-target"),
        # A Customer ID that is none is no target: its own rule speaks, the row counts for the file's target.
        pytest.param(
            [("5CG8234XMV", A), ("SGH327SZYD", A)],
            [("5CG8234XMV", "acme"), ("5CD9123KLM", A)],
            "2:403?",
            "303 2:403?",
            id="malformed",
        ),
        pytest.param([("5CG8234XMV", A)], [("5CG8234XMV", "")], "", "301", id="missing"),
        # 205, 206, 209 and 211 speak alone of their serial cell: 401 to 403 are silent.
        pytest.param([("5.12E+09", A)], [("5.12E+09", B)], "2:206", "2:206", id="scientific"),
        pytest.param(
            [("Default string", A), ("Default string", A)],
            [("Default string", B)],
            "2:209 3:209",
            "2:209",
            id="placeholder",
        ),
        pytest.param([("5CG8234XMV", A)], [("\uff15CG8234XMV", B)], "2:402", "2:211", id="full-width"),
    ],
)
def test_two_open_files(one, other, in_one, in_other, tmp_path):
    lay_out(tmp_path, {ONE: csv(one), OTHER: csv(other)})

    result = run(tmp_path)

    assert said(result, ONE) == in_one
    assert said(result, OTHER) == in_other


@pytest.mark.parametrize(
    ("cell", "code"), [(formula("5CG8234XMV"), "113"), (5120000000, "205")], ids=["formula", "number"]
)
def test_a_serial_cell_that_holds_no_text_is_no_repetition(cell, code, tmp_path):
    book = "transfers/book.xlsx"
    text = "5CG8234XMV" if isinstance(cell, dict) else "5120000000"
    lay_out(tmp_path, {book: ([[cell, A], [cell, A]], []), ONE: csv([(text, B)])})

    assert said(run(tmp_path), book) == f"2:{code} 3:{code}"


def test_only_open_files_are_in_each_others_way(tmp_path):
    done = "transfers/done/march.csv"
    lay_out(tmp_path, {done: csv([("5CG8234XMV", A)]), ONE: csv([("5CG8234XMV", B)])})

    assert said(run(tmp_path), ONE) == ""
    assert said(run(tmp_path, [done]), done) == ""


def test_a_file_that_is_not_checked_is_in_the_way_too(tmp_path):
    lay_out(tmp_path, {ONE: csv([("5CG8234XMV", A)]), OTHER: csv([("5CG8234XMV", B)])})

    result = run(tmp_path, [ONE])

    assert [(found.path, found.code) for found in result.findings] == [(ONE, "WXP402")]


def test_a_draft_is_in_nobodys_way_but_its_own(tmp_path):
    lay_out(tmp_path, {ONE: csv([("5CG8234XMV", A)]), OTHER: csv([("5CG8234XMV", B)])})
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    subprocess.run(["git", "-C", tmp_path, "add", OTHER], check=True)

    assert said(run(tmp_path, [ONE]), ONE) == "2:402"
    assert said(run(tmp_path, [ONE, OTHER]), OTHER) == ""


def test_of_many_files_the_first_one_is_named(tmp_path):
    files = {f"transfers/{n}.csv": csv([("5CG8234XMV", target)]) for n, target in enumerate([A, B, C, A])}
    lay_out(tmp_path, files)

    result = run(tmp_path)

    assert said(result, "transfers/0.csv") == "404? 2:402"
    assert {f.path: f.message.split(", line")[0] for f in result.findings if f.code == "WXP402"} == {
        "transfers/0.csv": "5CG8234XMV is also in transfers/1.csv",
        "transfers/1.csv": "5CG8234XMV is also in transfers/0.csv",
        "transfers/2.csv": "5CG8234XMV is also in transfers/0.csv",
        "transfers/3.csv": "5CG8234XMV is also in transfers/1.csv",
    }
