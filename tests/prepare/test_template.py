import json
import subprocess
import sys

import pytest
from openpyxl import load_workbook

ACME = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
REGISTRY = f"""customer_id,name,folder,status,merged_into,aliases
{ACME},Acme Logistics,acme,active,,ACL;Acme Log.
3f2504e0-4f89-41d3-9a0c-0305e82c3301,Bergmann Optik,bergmann,active,,ACL
d94f3f01-6a5b-4c8e-8f7a-2b1c0d9e8f70,Delta Ferries,delta,merged,acme,
"""
SERIALS = ("5CG8234XMV", "5CG02382XZ", "0001234567")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "wxp-lint.toml").write_text('customers = "customers.csv"\n')
    (tmp_path / "customers.csv").write_text(REGISTRY)
    return tmp_path


@pytest.fixture
def run(folder):
    """Runs `wxp-lint ARGUMENTS`: exit code, standard output, standard error."""

    def call(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "wxp_lint", *arguments], cwd=folder, capture_output=True, text=True, timeout=60
        )
        return done.returncode, done.stdout, done.stderr

    return call


@pytest.fixture
def codes(run):
    """The rules that speak of a file."""

    def check(path):
        _, out, err = run("check", path, "--output", "json")
        assert out, err
        return [finding["code"] for finding in json.loads(out)["findings"]]

    return check


def filled(path, serials, customer_id=None):
    """Puts serials, and an ID if it is given, into the template at `path`, as a person would."""
    book = load_workbook(path)
    for row, serial in enumerate(serials, 2):
        book.active.cell(row, 1).value = serial
        if customer_id:
            book.active.cell(row, 2).value = customer_id
    book.save(path)


def test_a_template_that_is_filled_in_is_clean(run, codes, folder):
    assert run("template", "-o", "a.xlsx")[0] == 0
    filled(folder / "a.xlsx", SERIALS, ACME)

    assert codes("a.xlsx") == []


def test_a_template_that_is_not_filled_in_is_refused(run, codes):
    run("template")
    assert codes("template.xlsx") == ["WXP301", "WXP209"]

    run("template", "--customer", "acme", "-o", "acme.xlsx")
    assert codes("acme.xlsx") == ["WXP209"]


def test_a_sample_that_is_left_is_refused(run, codes, folder):
    run("template", "--customer", "acme", "--devices", "4", "-o", "a.xlsx")
    filled(folder / "a.xlsx", SERIALS)

    assert codes("a.xlsx") == ["WXP209"]


@pytest.mark.parametrize("named", ["Acme Logistics", "acme log.", "ACME", ACME.upper()])
def test_every_row_has_the_customers_id(run, codes, folder, named):
    code, out, _ = run("template", "--customer", named, "--devices", "3", "-o", "a.xlsx")
    assert code == 0
    assert f"Acme Logistics ({ACME})" in out
    filled(folder / "a.xlsx", SERIALS)

    sheet = load_workbook(folder / "a.xlsx").active
    assert [row for row in sheet.values if any(row)][1:] == [(serial, ACME) for serial in SERIALS]
    assert codes("a.xlsx") == []


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("Acme Logistic", "did you mean 'Acme Logistics'?"),
        ("ACL", "more than one"),
        ("unassigned", "is no customer"),
        ("Delta Ferries", f"its PCs go to {ACME}"),
    ],
)
def test_who_is_no_target_gets_no_template(run, folder, named, said):
    code, out, err = run("template", "--customer", named, "-o", "a.xlsx")

    assert (code, out) == (2, "")
    assert said in err
    assert not (folder / "a.xlsx").exists()


def test_without_a_registry_no_customer_can_be_named(run, folder):
    (folder / "wxp-lint.toml").unlink()

    code, _, err = run("template", "--customer", "acme")

    assert code == 2
    assert "--customer needs the registry" in err


@pytest.mark.parametrize("customer", [None, "acme"])
def test_500_rows_are_prepared_as_text_and_checked_by_excel(run, folder, customer):
    run("template", "-o", "a.xlsx", *(["--customer", customer] if customer else []))

    sheet = load_workbook(folder / "a.xlsx").active
    assert sheet.max_row == 501
    assert {cell.number_format for row in sheet.iter_rows(max_col=2) for cell in row} == {"@"}
    assert [sheet.column_dimensions[letter].number_format for letter in "AB"] == ["@", "@"]
    assert sheet.freeze_panes == "A2"
    serials, customers = sheet.data_validations.dataValidation
    assert (str(serials.sqref), serials.type, serials.errorStyle) == ("A2:A501", "textLength", "warning")
    assert str(customers.sqref) == "B2:B501"
    assert customers.formula1 == (f'"{ACME}"' if customer else 'OR($B$2="",B2=$B$2)')
    # Excel refuses a workbook with longer ones.
    for check in (serials, customers):
        assert all(len(title) <= 32 for title in (check.promptTitle, check.errorTitle))
        assert all(len(text) <= 255 for text in (check.prompt, check.error))


def test_what_is_there_is_never_overwritten(run, folder):
    (folder / "a.xlsx").write_bytes(b"mine")
    (folder / "link.xlsx").symlink_to("elsewhere.xlsx")

    for name in ("a.xlsx", "link.xlsx"):
        code, _, err = run("template", "-o", name)
        assert code == 2
        assert f"{name}: it is there already" in err
    assert (folder / "a.xlsx").read_bytes() == b"mine"
    assert not (folder / "elsewhere.xlsx").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "a.csv"], "ends in .xlsx"),
        (["-o", "customers.csv/a.xlsx"], "cannot be written"),
        (["--devices", "0"], "--devices"),
    ],
)
def test_wrong_calls(run, arguments, said):
    code, _, err = run("template", *arguments)

    assert code == 2
    assert said in err
    assert "Traceback" not in err


def test_the_folder_of_a_new_customer_is_made(run, folder):
    assert run("template", "-o", "transfers/acme/a.xlsx")[0] == 0

    assert (folder / "transfers/acme/a.xlsx").is_file()


def test_a_template_can_be_shown(run):
    run("template", "--customer", "acme", "-o", "a.xlsx")

    lines = run("show", "a.xlsx")[1].splitlines()

    assert lines == ["# sheet Transfer", "Serial Number,Customer ID", f"SAMPLE0001,{ACME}"]
