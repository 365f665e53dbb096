"""`wxp-lint prepare`: any list of PCs becomes transfer files that check passes."""

import csv
import io
import tomllib
from datetime import date, timedelta

import openpyxl
import pytest

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
CONTOSO = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
FABRIKAM = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
REGISTRY = (
    f"customer_id,name,folder,aliases\n{ACME},Acme Corp,acme,Acme\n{CONTOSO},Contoso,contoso,\n"
    f"{FABRIKAM},Fabrikam GmbH,,Fabrikam\n"
)
CONFIG = """
customers = "customers.csv"
[columns]
carry = ["asset tag"]
[inventory]
sources = [{path = "unassigned.csv", place = "unassigned"}, {path = "contoso.csv", place = "contoso"}]
"""
PROJECT = {
    "wxp-lint.toml": CONFIG,
    "customers.csv": REGISTRY,
    "unassigned.csv": "Serial\n5CG8234XMV\n5CG02382XZ\nSGH327SZYD\n5CD9123KLM\n",
    "contoso.csv": "Serial\n5CG2222CCC\n5CG2222CCD\n",
}
HEADER = "Serial Number,Customer ID\n"


def workbook(rows, **cells):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place, (value, kind) in cells.items():
        book.active[place].value = value
        book.active[place].data_type = kind
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ruined():
    """Two sources, three targets by name, and five cells that Excel has converted."""
    rows = [
        ["Orders of March"],
        ["Asset Tag", "Serial-No.", "Kunde"],
        ["=A1", "5CG8234XMV", "Acme Corp"],
        ["A2", " 5cg02382xz", "ACME"],
        ["A3", "5CG2222CCC", "acme"],
        ["A4", "SGH327SZYD", "Fabrikam"],
        ["A5", "5CD9123KLM", "Contoso"],
        ["A6", 5120000000, "Acme"],
        ["A7", date(2026, 1, 2), "Acme"],
        ["A8", "", "Acme"],
        ["A9", "=B3", "Acme"],
        ["B1", "5.12E+09", "Acme"],
    ]
    return workbook(rows, A3=("=A1", "s"), B10=("#N/A", "e"))


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode()
        for path in (folder / "transfers").rglob("*")
        if path.is_file()
    }


def test_a_ruined_workbook_becomes_checked_transfer_files(write, cli, folder):
    write({**PROJECT, "march.xlsx": ruined()})

    done = cli("prepare", "march.xlsx", "--reason", "delivery", "--ticket", "4711")

    assert done.code == 1, done.err
    made = files(folder)
    assert {path: text for path, text in made.items() if path.endswith(".csv")} == {
        "transfers/acme/march-from-unassigned.csv": "Serial Number,Customer ID,Asset Tag\n"
        f"5CG8234XMV,{ACME},=A1\n5CG02382XZ,{ACME},A2\n",
        "transfers/acme/march-from-contoso.csv": f"Serial Number,Customer ID,Asset Tag\n5CG2222CCC,{ACME},A3\n",
        "transfers/fabrikam-gmbh/march.csv": f"Serial Number,Customer ID,Asset Tag\nSGH327SZYD,{FABRIKAM},A4\n",
        "transfers/contoso/march.csv": f"Serial Number,Customer ID,Asset Tag\n5CD9123KLM,{CONTOSO},A5\n",
    }
    sidecars = [tomllib.loads(text) for path, text in made.items() if path.endswith(".toml")]
    assert sidecars == [{"reason": "delivery", "ticket": "4711"}] * 4
    unresolved = [line for line in done.out.splitlines() if ": unresolved: " in line]
    assert [line.split(": unresolved: ")[0] for line in unresolved] == [f"march.xlsx:{n}" for n in range(8, 13)]
    assert [line.split()[2] for line in unresolved] == ["WXP205", "WXP205", "WXP205", "WXP113", "WXP206"]
    assert done.out.endswith("10 rows: 5 in 4 files, 5 unresolved\n")
    checked = cli("check", *made)
    assert checked.code == 0, checked.out
    assert "4 files, 5 devices: 0 errors" in checked.out


def test_a_dry_run_shows_exactly_what_is_then_written(write, cli, folder):
    write({**PROJECT, "march.xlsx": ruined()})
    asked = ["prepare", "march.xlsx", "--ticket", "4711", "--unresolved", "rest.csv"]

    shown = cli(*asked, "--dry-run")

    assert shown.code == 1
    assert not (folder / "transfers").exists()
    assert not (folder / "rest.csv").exists()
    done = cli(*asked)
    made = files(folder)
    for path, text in made.items():
        assert f"--- {path}\n{text}" in shown.out
    assert (folder / "rest.csv").read_text("utf-8") in shown.out
    assert shown.out.count("--- ") == len(made) + 1
    assert all(line in shown.out for line in done.out.splitlines()[:-1])


def test_nothing_is_written_over_and_a_second_run_makes_no_second_file(write, cli, folder):
    old = f"{HEADER}5CD9123KLM,{CONTOSO}\n"
    write({**PROJECT, "transfers/acme/march.csv": old, "march.csv": "Serial,Customer\n5CG8234XMV,Acme\n"})

    assert cli("prepare", "march.csv").code == 0
    again = cli("prepare", "march.csv")

    assert files(folder) == {
        "transfers/acme/march.csv": old,
        "transfers/acme/march-2.csv": f"{HEADER}5CG8234XMV,{ACME}\n",
    }
    assert again.code == 1
    assert "transfers/acme/march-2.csv" in again.out


@pytest.mark.parametrize(
    "content",
    [f"{HEADER}5CG8234XMV,{ACME}\n5CG2222CCC,{ACME}\n", f"{HEADER}5CG8234XMV,{ACME}\n5CG02382XZ,{FABRIKAM}\n"],
    ids=["WXP502", "WXP302"],
)
def test_a_file_that_check_wants_split_is_split(write, cli, folder, content):
    write({**PROJECT, "transfers/acme/a.csv": content})
    assert "wxp-lint prepare" in cli("check", "transfers/acme/a.csv").out

    done = cli("prepare", "transfers/acme/a.csv")

    assert done.code == 0, done.out
    assert "delete it once the new files are right" in done.err
    (folder / "transfers/acme/a.csv").unlink()
    made = files(folder)
    assert len(made) == 2
    assert cli("check", *made).code == 0


def test_a_scanner_on_standard_input(write, cli, folder):
    write(PROJECT)

    done = cli("prepare", "-", "--customer", "fabrikam", stdin=b"5CG8234XMV\r\n5cg02382xz\r\n5CG0480H\r\n")

    assert done.code == 1
    assert files(folder) == {
        "transfers/fabrikam-gmbh/stdin.csv": f"{HEADER}5CG8234XMV,{FABRIKAM}\n5CG02382XZ,{FABRIKAM}\n"
    }
    assert "stdin.csv:3: unresolved: WXP202 '5CG0480H'" in done.out


def test_without_an_inventory_the_target_alone_parts_and_it_is_said(write, cli, folder):
    write({"list.csv": f"Serial,Customer\n5CG8234XMV,{ACME}\n5CG2222CCC,{ACME}\nSGH327SZYD,Contoso\n"})

    done = cli("prepare", "list.csv")

    assert "no inventory configured" in done.err
    assert files(folder) == {f"transfers/{ACME}/list.csv": f"{HEADER}5CG8234XMV,{ACME}\n5CG2222CCC,{ACME}\n"}
    assert "list.csv:4: unresolved: WXP303 'Contoso'" in done.out


def test_what_is_not_visible_yet_waits_in_a_file_of_its_own(write, cli, folder):
    until = date.today() + timedelta(days=30)
    write({**PROJECT, "list.csv": "Serial,Customer\n5CG8234XMV,Acme\n5CG02382XV,Acme\n"})
    alone = cli("prepare", "list.csv", "--dry-run")
    assert "did you mean 5CG02382XZ?" in alone.out

    done = cli("prepare", "list.csv", "--by", "visible", "--wait-until", until)

    assert done.code == 0, done.out
    assert files(folder) == {
        "transfers/acme/list.csv": f"{HEADER}5CG8234XMV,{ACME}\n",
        "transfers/acme/list-wait.csv": f"{HEADER}5CG02382XV,{ACME}\n",
        "transfers/acme/list-wait.csv.toml": f"[wait]\nuntil = {until}\n",
    }
    assert "did you mean 5CG02382XZ?" in done.out
    assert cli("check", "transfers/acme").code == 0


def test_possession_is_bound_to_the_serials_of_each_file(write, cli, folder):
    write({**PROJECT, "list.csv": "Serial,Customer\n5CG8234XMV,Acme\n5CG02382XZ,Fabrikam\n"})

    done = cli(
        "prepare", "list.csv", "--possession-by", "Ann Lee", "--possession-on", "2026-01-09", "--evidence", "call"
    )

    assert done.code == 0, done.err
    said = tomllib.loads(files(folder)["transfers/acme/list.csv.toml"])
    assert said == {
        "possession": {"by": "Ann Lee", "on": date(2026, 1, 9), "evidence": "call", "serials": ["5CG8234XMV"]}
    }


def test_unresolved_rows_can_be_mended_and_prepared_again(write, cli, folder):
    write({**PROJECT, "march.xlsx": ruined()})
    cli("prepare", "march.xlsx", "--unresolved", "rest.csv")
    rows = list(csv.DictReader(io.StringIO((folder / "rest.csv").read_text("utf-8"))))
    assert [(row["Asset Tag"], row["Line"]) for row in rows] == [
        ("A6", "8"), ("A7", "9"), ("A8", "10"), ("A9", "11"), ("B1", "12"),
    ]  # fmt: skip
    # 5120000000 looks like a serial number, once it is text.
    assert [row["Serial Number"] for row in rows] == ["", "", "", "", "5.12E+09"]

    again = cli("prepare", "rest.csv")

    assert (again.code, again.out.splitlines()[-1]) == (1, "5 rows: 0 in 0 files, 5 unresolved")


def test_a_pin_is_never_shown(write, cli, folder):
    write({**PROJECT, "list.csv": "Serial,Customer ID\n5CG8234XMV,xK3mQ9aZ\n"})

    done = cli("prepare", "list.csv", "--unresolved", "rest.csv")

    assert done.code == 1
    assert "WXP307" in done.out
    assert "xK3mQ9aZ" not in done.out + done.err + (folder / "rest.csv").read_text("utf-8")


def test_a_pin_over_two_lines_is_not_shown_either(write, cli):
    write({**PROJECT, "list.csv": 'Serial,Customer ID\n5CG8234XMV,"xK3m\nQ9aZ"\n'})

    done = cli("prepare", "list.csv", "--dry-run")

    assert done.out.startswith("list.csv:2: unresolved: a line break inside the cell: put the cell on one line\n")
    assert "xK3m" not in done.out + done.err


def test_nobody_is_told_to_delete_a_list_that_went_nowhere(write, cli):
    write({**PROJECT, "transfers/acme/a.csv": "Serial Number,Customer ID\n"})

    done = cli("prepare", "transfers/acme/a.csv")

    assert (done.code, done.out) == (0, "0 rows: 0 in 0 files, 0 unresolved\n")
    assert "delete it" not in done.err


@pytest.mark.parametrize("command", [("prepare", "list.csv"), ("template",)])
def test_a_pin_for_a_customer_is_refused_and_not_shown(write, cli, command):
    write({**PROJECT, "list.csv": "Serial\n5CG8234XMV\n"})

    done = cli(*command, "--customer", "xK3mQ9aZ")

    assert done.code == 2
    assert "--customer: this looks like a company PIN" in done.err
    assert "xk3mq9az" not in (done.out + done.err).casefold()


def test_other_sheets_and_broken_records_are_named(write, cli):
    book = openpyxl.load_workbook(io.BytesIO(workbook([["Serial", "Customer"], ["5CG8234XMV", "Acme"]])))
    book.create_sheet("Rest").append(["5CG02382XZ", "Acme"])
    out = io.BytesIO()
    book.save(out)
    write({**PROJECT, "list.xlsx": out.getvalue(), "list.csv": 'Serial,Customer\n"5CG02"382XZ,Acme\nSGH327SZYD,Acme\n'})

    several = cli("prepare", "list.xlsx", "--dry-run")
    broken = cli("prepare", "list.csv", "--dry-run")

    assert (several.code, broken.code) == (1, 1)
    assert "sheet 'Rest' is not read" in several.out
    assert "list.csv:2: unresolved: text after a closing quote" in broken.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list.csv", "--unresolved", "transfers/rest.txt"], "among the transfer files"),
        (["list.csv", "--unresolved", "list.csv"], "is there already"),
        (["list.csv", "--customer", "Acmee"], "did you mean 'acme'?"),
        (["list.csv", "--reason", "deliver"], "did you mean 'delivery'?"),
        (["list.csv", "--by", "place"], "--by must be visible"),
        (["list.csv", "--wait-until", "2030-01-01"], "--by visible"),
        (["list.csv", "--by", "visible", "--wait-until", "2020-01-01"], "is over"),
        (["list.csv", "--possession-by", "Ann Lee"], "--evidence"),
        (["nothing.csv"], "nothing.csv: no such file"),
        (["-", "list.csv"], "alone"),
    ],
)
def test_wrong_usage_writes_nothing(write, cli, folder, arguments, words):
    write({**PROJECT, "list.csv": "Serial,Customer\n5CG8234XMV,Acme\n"})

    done = cli("prepare", *arguments)

    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert not (folder / "transfers").exists()


def test_the_source_is_where_the_last_confirmed_move_took_it(write, cli, git):
    git("init", "-q")
    write({**PROJECT, f"evidence-{date.today()}.csv": "Serial\n5CG8234XMV\n"})
    write({"unassigned.csv": "", "unassigned-2026-01-02.csv": "Serial\n5CG8234XMV\n"})
    write({"wxp-lint.toml": CONFIG.replace("unassigned.csv", "unassigned-2026-01-02.csv")})
    git("add", "-A")
    git("commit", "-q", "-m", "all")
    moved = [
        "--serial",
        "5CG8234XMV",
        "--from",
        "unassigned",
        "--to",
        "acme",
        "--evidence",
        f"evidence-{date.today()}.csv",
    ]
    assert "confirmed" in cli("record", *moved, "--why", "rush order", "--by", "Ann Lee").out
    write({"list.csv": "Serial,Customer\n5CG8234XMV,Contoso\n"})

    assert "1 PC from Acme Corp to Contoso" in cli("prepare", "list.csv", "--dry-run").out


def test_a_folder_cannot_lead_out(write, cli, folder):
    registry = f"customer_id,name,folder\n{ACME},Acme,../../out\n"
    write(
        {
            **PROJECT,
            "customers.csv": registry,
            "contoso.csv": "Serial,Customer\n",
            "wxp-lint.toml": 'customers = "customers.csv"\n',
        }
    )
    write({"list.csv": "Serial,Customer\n5CG8234XMV,Acme\n"})

    done = cli("prepare", "list.csv")

    assert done.code == 2
    assert "leads upwards" in done.err
