"""`wxp-lint confirm`: who made sure that the target has the PCs."""

import io
import tomllib
from datetime import date, timedelta

import openpyxl
import pytest

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
A = "transfers/acme/a.csv"
WHO = ["--by", "Ann Lee", "--evidence", "delivery note 4711"]
REQUIRED = "[apply]\nrequire-possession = true\n"


def transfer(*serials):
    return "Serial Number,Customer ID\n" + "".join(f"{serial},{ACME}\n" for serial in serials)


def workbook(*serials):
    book = openpyxl.Workbook()
    for row in (("Serial Number", "Customer ID"), *((serial, ACME) for serial in serials)):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(("name", "made"), [(A, transfer), ("transfers/acme/b.xlsx", workbook)])
def test_a_confirmed_file_passes_until_a_pc_is_added(write, cli, folder, name, made):
    write({"wxp-lint.toml": REQUIRED, name: made("5CG8234XMV", "sgh327szyd ")})
    asked = ["check", name, "--output", "json", "--select", "WXP601"]
    assert cli(*asked).codes == ["WXP601"]

    done = cli("confirm", name, "--on", "2026-11-09", *WHO)

    assert (done.code, done.err) == (0, "")
    assert done.out == f"{name}.toml: possession of 2 PCs confirmed by Ann Lee\n"
    assert tomllib.loads((folder / f"{name}.toml").read_text("utf-8")) == {
        "possession": {
            "by": "Ann Lee",
            "on": date(2026, 11, 9),
            "evidence": "delivery note 4711",
            "serials": ["5CG8234XMV", "SGH327SZYD"],
        }
    }
    assert cli(*asked).codes == []

    write({name: made("5CG8234XMV", "SGH327SZYD", "5CG02382XZ")})
    assert cli(*asked).codes == ["WXP601"]
    cli("confirm", name, *WHO)
    assert cli(*asked).codes == []


@pytest.mark.parametrize(
    "sidecar",
    [
        '# from the warehouse\nsource = "unassigned"\nticket = 4711\n\n[wait]\nuntil = 2026-12-01 # HP said so\n',
        '# head\n[possession] # signed\nby = "Bob" # who\non = 2020-01-01\nserials = ["5CG02382XZ"]\n# tail\n\n'
        '[replaces]\n"5CG8234XMV" = "5CG02382XZ" # the broken one\n',
        'possession.by = "Bob" # who\nticket = "x"\n',
        'possession = { by = "Bob" } # who\n',
        "[possession]\n# to be filled in\n",
        'ticket = "x"\r\n# a note\r\n[possession]\r\nby = "Bob"\r\n',
        'ticket = "no newline at the end"',
        "\ufeff# only a comment\n",
    ],
    ids=["none", "older", "dotted", "inline", "empty", "crlf", "no newline", "byte order mark"],
)
def test_everything_else_in_the_sidecar_stays(write, cli, folder, sidecar):
    write({A: transfer("5CG8234XMV"), f"{A}.toml": sidecar})

    done = cli("confirm", A, "--on", "2026-11-09", *WHO)

    assert done.code == 0, done.err
    text = (folder / f"{A}.toml").read_bytes().decode()
    said = tomllib.loads(text)
    before = tomllib.loads(sidecar.removeprefix("\ufeff"))
    assert said.pop("possession") == {
        "by": "Ann Lee",
        "on": date(2026, 11, 9),
        "evidence": "delivery note 4711",
        "serials": ["5CG8234XMV"],
    }
    before.pop("possession", None)
    assert said == before
    comments = [line.partition("#")[2] for line in sidecar.splitlines() if "#" in line]
    assert [line.partition("#")[2] for line in text.splitlines() if "#" in line] == comments
    assert text.count("\r\n") == (text.count("\n") if "\r\n" in sidecar else 0)


def test_a_folder_stands_for_its_transfers(write, cli, folder):
    write({A: transfer("5CG8234XMV"), "transfers/acme/b.csv": transfer("5CG02382XZ"), "transfers/acme/n.txt": ""})

    assert cli("confirm", "transfers/acme", *WHO).code == 0

    sidecars = sorted(path.name for path in (folder / "transfers/acme").glob("*.toml"))
    assert sidecars == ["a.csv.toml", "b.csv.toml"]
    said = tomllib.loads((folder / f"{A}.toml").read_text("utf-8"))["possession"]
    assert said["on"] == date.today()


def test_odd_words_are_text(write, cli, folder):
    write({A: transfer("5CG8234XMV")})
    by, evidence = 'Zoë "Z" \\ O\'Neil', "note\n[wait]\nuntil = 2099-01-01 \x1b[31m"

    done = cli("confirm", A, "--by", by, "--evidence", evidence)

    assert done.code == 0
    said = tomllib.loads((folder / f"{A}.toml").read_text("utf-8"))
    assert (said["possession"]["by"], said["possession"]["evidence"], list(said)) == (by, evidence, ["possession"])
    assert "\x1b" not in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([A, *WHO, "--on", "9.11.2026"], "--on must be a day such as 2026-11-09, not '9.11.2026'"),
        ([A, *WHO, "--on", "20261109"], "--on must be a day such as 2026-11-09"),
        ([A, *WHO, "--on", "2026-02-30"], "--on must be a day such as 2026-11-09"),
        ([A, *WHO, "--on", ""], "--on must be a day such as 2026-11-09"),
        ([A, *WHO, "--on", str(date.today() + timedelta(2))], "is in the future"),
        ([A, "--by", " ", "--evidence", "x"], "--by and --evidence must say something"),
        ([A, "--by", "Ann Lee"], "--evidence"),
        ([A, "gone.csv", *WHO], "no such file or folder: gone.csv"),
        ([A, "empty.csv", *WHO], "empty.csv: no serial number can be read from it: see wxp-lint check empty.csv"),
        ([A, "broken.xlsx", *WHO], "broken.xlsx: no serial number can be read from it"),
        (["notes", *WHO], "no transfer file is named"),
        ([A, "transfers/b.csv", *WHO], "transfers/b.csv.toml:2: not valid TOML"),
        ([A, "transfers/c.csv", *WHO], "transfers/c.csv.toml: possession must be a table"),
        ([A, "transfers/d.csv", *WHO], "transfers/d.csv.toml: it is a symbolic link that leads out"),
    ],
)
def test_where_something_is_wrong_nothing_is_written(write, cli, folder, arguments, words):
    files = {f"transfers/{name}.csv": transfer("5CG8234XMV") for name in "bcd"}
    sidecars = {"transfers/b.csv.toml": "ticket = 1\n?\n", "transfers/c.csv.toml": "possession = true\n"}
    write({A: transfer("5CG8234XMV"), "empty.csv": "", "broken.xlsx": "no workbook", "notes/x.txt": "", **files})
    write(sidecars)
    (folder.parent / "outside.toml").write_text("")
    (folder / "transfers/d.csv.toml").symlink_to("../../outside.toml")

    done = cli("confirm", *arguments)

    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert "Traceback" not in done.err
    assert not (folder / f"{A}.toml").exists()
    assert {name: (folder / name).read_text() for name in sidecars} == sidecars


CUSTOMERS = f"customer_id,name\n{ACME},Acme\n"
CONFIG = 'customers = "customers.csv"\ninventory.sources = [{ path = "lists/*.csv", place = "unassigned" }]\n'
NO_TRANSFER = "is no transfer file, since it does not match transfers (transfers/**/*.csv, transfers/**/*.xlsx)"
A_LIST = "is the registry or an inventory list, and no transfer file"


@pytest.mark.parametrize(
    ("path", "config", "words"),
    [
        ("customers.csv", CONFIG, A_LIST),
        ("lists/pcs.csv", CONFIG, A_LIST),
        ("notes.csv", CONFIG, NO_TRANSFER),
        ("notes.csv", None, NO_TRANSFER),
        ("customers.csv", 'transfers = ["*.csv"]\n' + CONFIG, A_LIST),
        ("lists/pcs.csv", 'transfers = ["**/*.csv"]\n' + CONFIG, A_LIST),
    ],
)
def test_what_is_no_transfer_file_is_not_confirmed(write, cli, git, folder, path, config, words):
    git("init", "--quiet")
    write({A: transfer("5CG8234XMV"), "customers.csv": CUSTOMERS, "lists/pcs.csv": "Serial Number\n5CG8234XMV\n"})
    write({"notes.csv": transfer("5CG8234XMV"), **({"wxp-lint.toml": config} if config else {})})

    done = cli("confirm", A, path, *WHO)

    assert (done.code, done.out) == (2, "")
    assert f"{path} {words}" in done.err
    assert "nothing was written" in done.err
    assert not list(folder.rglob("*.csv.toml"))


def test_an_archived_file_can_still_be_confirmed(write, cli, git, folder):
    git("init", "--quiet")
    write({"wxp-lint.toml": "", "transfers/acme/done/a.csv": transfer("5CG8234XMV")})

    assert cli("confirm", "transfers/acme/done/a.csv", *WHO).code == 0
