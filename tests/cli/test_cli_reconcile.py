"""`reconcile`, `status`, `resolve`, `revert`, `record`, `history` at the command line, over one real repository."""

import io
import json
import sys
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from assignments import ACME, CONFIG, CONTOSO, FILES, A, B, serial, sheet

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)


def export(*numbers):
    return "Serial Number\n" + "".join(f"{serial(n)}\n" for n in numbers)


@pytest.fixture
def run(cli):
    def call(*arguments, code=0, **more):
        done = cli(*arguments, **more)
        assert done.code == code, done.out + done.err
        assert "Traceback" not in done.err
        assert "internal error" not in done.err
        return done

    return call


@pytest.fixture
def desk(git, write, run):
    """A repository whose two transfers are prepared; gives the id of a file."""
    write({**FILES, ".gitignore": ".wxp-lint/\n*.export.csv\ndownloads/\n"})
    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "files")
    run("apply", "--yes")
    found = {one["path"]: one["id"] for one in json.loads(run("status", "-o", "json").out)["transfers"]}
    return found


def status(run):
    return {one["path"]: one for one in json.loads(run("status", "-o", "json").out)["transfers"]}


def upload(run, name):
    run("take", name, "--by", "Ann Lee")
    run("uploaded", name, "--by", "Ann Lee")


def events(run):
    return len(run("ledger", "export").out.splitlines())


def test_an_export_of_the_target_then_one_of_the_source(desk, run, write):
    upload(run, desk[A])
    write({f"downloads/acme-{TODAY}.csv": export(1, 2, 20), f"downloads/unassigned-{TODAY}.csv": export(3, 4)})

    assert "reported (was uploaded), 2 moved, 1 unknown" in run("reconcile", f"downloads/acme-{TODAY}.csv").out
    assert (
        "partly failed (was reported), 2 moved, 1 failed" in run("reconcile", f"downloads/unassigned-{TODAY}.csv").out
    )
    before = events(run)
    assert "Nothing new" in run("reconcile", f"downloads/acme-{TODAY}.csv", f"downloads/unassigned-{TODAY}.csv").out
    (*_, last) = map(json.loads, run("ledger", "export").out.splitlines())
    assert [(file["name"], file["day"]) for file in last["data"]["files"]] == [
        (f"downloads/unassigned-{TODAY}.csv", f"{TODAY}")
    ]

    assert events(run) == before
    one = status(run)[A]
    assert (one["state"], one["devices"]) == ("partly_failed", {"moved": 2, "failed": 1, "unknown": 0})
    assert status(run)[B]["state"] == "prepared"


def test_the_shapes_of_the_design(desk, run):
    told = json.loads(run("status", "-o", "json").out)
    assert told["version"] == 1
    assert (
        told["transfers"][0].items()
        >= {
            "id": desk[A],
            "path": A,
            "state": "prepared",
            "devices": {"moved": 0, "failed": 0, "unknown": 3},
        }.items()
    )
    told = json.loads(run("history", serial(1).lower(), "-o", "json").out)
    assert (told["version"], told["serial"]) == (1, serial(1))
    assert (
        told["events"][0].items()
        >= {
            "kind": "prepared",
            "transfer": desk[A],
            "by": "tester <tester@example.org>",
            "from": "Unassigned",
            "to": "Acme",
            "evidence": None,
        }.items()
    )


def test_whose_pcs_an_export_lists_has_to_be_known(desk, run, write):
    upload(run, desk[A])
    write({f"downloads/list-{TODAY}.csv": export(1, 2, 3), "downloads/list.csv": export(1, 2, 3)})

    assert "say --place CUSTOMER" in run("reconcile", f"downloads/list-{TODAY}.csv", code=2).err
    assert "no customer of the registry" in run("reconcile", "downloads/list.csv", "--place", "acmee", code=2).err
    assert "each as PLACE=FILE" in run("reconcile", "--place", "acme", "a.csv", "b.csv", code=2).err
    assert "nothing tells of which day it is" in run("reconcile", "downloads/list.csv", "--place", "acme").out
    assert "is yet to come" in run("reconcile", "acme=downloads/list.csv", "--on", "2126-01-01", code=2).err
    assert "confirmed (was uploaded)" in run("reconcile", "acme=downloads/list.csv", "--on", "today").out


def test_a_customer_column_tells_too(desk, run, write):
    upload(run, desk[A])
    places = {1: ACME, 2: "Acme", 3: ""}
    rows = "".join(f"{serial(number)},{place},{TODAY}\n" for number, place in places.items())
    write({"downloads/all.csv": f"Serial Number,Customer,As of\n{rows}"})

    assert "2 moved, 1 failed" in run("reconcile", "downloads/all.csv").out


def test_a_file_that_is_neither_export_nor_summary_says_what_is_needed(desk, run, write):
    upload(run, desk[A])
    rows = f"{{}};Result;Grund\n{serial(1)};Fehlgeschlagen;Unbekannt\n"
    write({"s.csv": rows.format("Device Serial")})

    told = run("reconcile", "s.csv", code=2).err

    assert told.startswith(
        "wxp-lint: s.csv: there is no column with serial numbers among Device Serial, Result, Grund, so neither an "
        "export of PCs nor HP's Summary is recognised: call one column Serial Number in the file. "
    )
    assert "--summary" in told
    assert 'path = "s.csv"' in told
    assert "Summary" not in run("reconcile", "acme=s.csv", code=2).err
    told = run("record", "s.csv", "--from", "unassigned", "--to", "acme", "--why", "x", "--by", "Ada", code=2).err
    assert told == (
        "wxp-lint: s.csv: there is no column with serial numbers among Device Serial, Result, Grund: call one column "
        "Serial Number in the file\n"
    )
    write({"s.csv": rows.format("Serial Number")})
    assert "s.csv is kept" in run("reconcile", "s.csv", "--transfer", desk[A]).out


def test_an_export_older_than_the_upload_proves_nothing(desk, run, write):
    upload(run, desk[A])
    write({f"downloads/acme-{YESTERDAY}.csv": export(1, 2, 3)})

    assert "older than the upload" in run("reconcile", f"downloads/acme-{YESTERDAY}.csv").out
    assert "older than the upload" in run("reconcile", f"downloads/acme-{YESTERDAY}.csv", "--on", "today").out
    assert status(run)[A]["state"] == "uploaded"


def test_what_was_to_be_moved_is_no_evidence(desk, run, folder, write):
    upload(run, desk[A])
    made = folder / ".wxp-lint/outbox" / desk[A] / "upload.csv"
    write({f"downloads/acme-{TODAY}.csv": b"\xef\xbb\xbf" + made.read_bytes().replace(b"\n", b"\r\n")})

    for path in (A, f".wxp-lint/outbox/{desk[A]}/upload.csv", f"downloads/acme-{TODAY}.csv"):
        assert f"{path} is the list of {desk[A]} that was to be moved" in run("reconcile", path, code=2).err
    write({"transfers/acme/other.csv": sheet(9)})
    assert "other.csv is the list that was to be moved" in run("reconcile", "transfers/acme/other.csv", code=2).err
    assert status(run)[A]["devices"]["moved"] == 0


def test_a_summary_in_a_workbook(desk, run, write, git):
    book = openpyxl.Workbook()
    for row in (["Serial Number", "Status", "Message"], [serial(1), "Moved", ""], [serial(2), "Error", "not found"]):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    upload(run, desk[A])
    write({"downloads/Summary.xlsx": data.getvalue()})

    assert "nothing is concluded from it" in run("reconcile", "downloads/Summary.xlsx").out
    assert status(run)[A]["devices"]["unknown"] == 3
    write({"wxp-lint.toml": CONFIG + '[reconcile]\nsummary = "all"\n'})
    out = run("reconcile", "downloads/Summary.xlsx").out
    assert "1 moved, 1 failed, 1 unknown" in out
    assert f"so unknown: {serial(3)}" in out
    assert f"{serial(2)}: Error not found" in out


def test_resolve_keeps_a_second_name_and_calls_it_no_approval(desk, run):
    upload(run, desk[A])
    out = run("resolve", desk[A][:5], "--outcome", "moved", "--evidence", "seen", "--by", "Ann", "--second", "Kim").out

    assert f"{desk[A]}: confirmed (was uploaded), 3 moved" in out
    assert "nobody had said" not in out
    assert "Kim is kept as a name that was typed, not as an approval." in out
    history = json.loads(run("history", serial(1), "-o", "json").out)["events"][-1]
    assert (history["kind"], history["by"], history["second"], history["evidence"]) == (
        "confirmed",
        "Ann",
        "Kim",
        "seen",
    )
    assert "nothing about it is open" in run("resolve", A, "--outcome", "failed", "--evidence", "x", code=2).err
    assert "no transfer 't-nope'" in run("resolve", "t-nope", "--outcome", "failed", "--evidence", "x", code=2).err


def test_resolve_says_where_nobody_had_said_that_it_was_uploaded(desk, run):
    known = ["--outcome", "moved", "--evidence", "seen", "--by", "Ann"]
    assert "confirmed (was prepared), 3 moved" in (out := run("resolve", desk[A], *known).out)
    assert "  it was only prepared: nobody had said that it was taken or uploaded\n" in out

    run("take", desk[B], "--by", "Bo Chen")
    out = run("resolve", desk[B], *known).out
    assert "  it was only taken, by Bo Chen: nobody had said that it was uploaded\n" in out
    assert "prepared or taken can be resolved too" in " ".join(run("resolve", "--help").out.split())


def test_revert_is_a_transfer_like_any_other(desk, run, git, folder, write):
    upload(run, desk[B])
    write({"downloads/contoso.csv": export(20, 21)})
    run("reconcile", "contoso=downloads/contoso.csv", "--on", "today")
    out = run("revert", desk[B], "--ticket", "T-1").out
    path = f"transfers/acme/revert-{desk[B]}.csv"

    assert f"{path} written: 2 PCs, Contoso -> Acme" in out
    assert "is there already, and stays as it is" in run("revert", desk[B], code=2).err
    run("check", path)
    git("add", "--all")
    git("commit", "--quiet", "--message", "back")
    run("apply", "--yes")
    upload(run, path)
    write({f"downloads/acme-{TODAY}.csv": export(20, 21)})
    out = run("reconcile", f"downloads/acme-{TODAY}.csv").out
    assert "confirmed (was uploaded), 2 moved: Contoso -> Acme" in out
    assert f"{desk[B]}: reverted (was confirmed)" in out
    assert status(run)[B]["state"] == "reverted"


def test_revert_to_unassigned_is_refused_without_its_id(desk, run, write, folder):
    upload(run, desk[A])
    write({f"downloads/acme-{TODAY}.csv": export(1, 2, 3)})
    run("reconcile", f"downloads/acme-{TODAY}.csv")

    assert "ask HP support" in run("revert", A, code=2).err
    write({"wxp-lint.toml": CONFIG + '[places.unassigned]\ncustomer-id = "7d9a1c52-3b4e-4f6a-9c1d-2e8f5a6b7c80"\n'})
    run("revert", A, "-o", "transfers/urgent")
    assert (folder / f"transfers/urgent/revert-{desk[A]}.csv.toml").exists()
    run("check", f"transfers/urgent/revert-{desk[A]}.csv")
    assert "not in the repository" in run("revert", A, "-o", "..", code=2).err


def test_record_then_drift(desk, run, write):
    run("resolve", desk[B], "--outcome", "failed", "--evidence", "nobody uploads it", "--by", "Ann")
    arguments = ("record", "--serial", serial(25), "--from", "acme", "--to", "contoso", "--why", "rush", "--by", "Kim")
    out = run(*arguments, "--on", "today").out
    assert "It is reported, not confirmed." in out
    assert "is this transfer, and reported" in run(*arguments, code=2).err
    write({"downloads/contoso.csv": export(25)})
    assert "confirmed (was reported)" in run("reconcile", "contoso=downloads/contoso.csv", "--on", "today").out
    assert json.loads(run("status", "--drift", "-o", "json").out)["drift"] == []

    tomorrow = TODAY + timedelta(days=1)
    entry = f'sources = [{{ path = "acme-{tomorrow}.csv", place = "acme" }}, '
    write({"wxp-lint.toml": CONFIG.replace("sources = [", entry), f"acme-{tomorrow}.csv": export(25)})
    (drift,) = json.loads(run("status", "--drift", "-o", "json").out)["drift"]
    assert (drift["serial"], drift["target"], drift["found"]) == (serial(25), "Contoso", "Acme")
    assert f"{serial(25)}: in Acme by acme-{tomorrow}.csv" in run("status", "--drift").out


def test_record_refuses_what_is_no_serial_number(desk, run, write):
    def record(*what, code=2):
        return run(
            "record", *what, "--from", "unassigned", "--to", "contoso", "--why", "night", "--by", "Kim", code=code
        )

    before = run("ledger", "export").out
    write({"list.csv": f"Serial Number,Customer ID\n5.12E+09,{CONTOSO}\n{serial(7)},{CONTOSO}\n5CG0480H,{CONTOSO}\n"})
    err = record("list.csv").err
    assert "'5.12E+09' is a number as a spreadsheet shortens it" in err
    assert "'5CG0480H' is no serial number, it has 8 characters, not 10" in err
    assert serial(7) not in err
    assert "nothing was recorded" in err
    assert "'BAD!' is no serial number" in record("--serial", "bad!").err
    assert "placeholder" in record("--serial", "00000000").err
    many = record(*(word for number in range(12) for word in ("--serial", f"5CG04{number}"))).err
    assert many.count("is no serial number") == 10
    assert "and 2 more" in many
    assert run("ledger", "export").out == before


def test_record_refuses_a_list_that_speaks_of_others_and_evidence_that_is_not_there(desk, run, write):
    def record(*what, code=2):
        done = run(
            "record", *what, "--from", "unassigned", "--to", "contoso", "--why", "night", "--by", "Kim", code=code
        )
        return done.out + done.err

    write({"l.csv": f"Serial Number,Customer\n{serial(31)},Contoso\n{serial(32)},Acme\n{serial(33)},\n"})
    before = run("ledger", "export").out

    assert "l.csv says of some PCs that they are Acme's: leave --to out" in record("l.csv")
    missing = f"downloads/contoso-{TODAY}.csv"
    assert f"--evidence: no such file: {missing}" in record("--serial", serial(31), "--evidence", missing)
    assert run("ledger", "export").out == before

    write({"l.csv": f"Serial Number,Customer\n{serial(31)},Contoso\n{serial(32)},unassigned\n"})
    assert "2 PCs, Unassigned -> Contoso" in record("l.csv", "--evidence", "seen in the console", code=0)


def test_record_takes_the_serial_numbers_of_other_makers_and_what_a_list_of_the_console_has(desk, run, write):
    arguments = ("--from", "unassigned", "--to", "contoso", "--why", "night", "--by", "Kim")
    write({f"downloads/contoso-{TODAY}.csv": "Serial Number,Device Name\nODD-1,x\n"})
    out = run("record", "--serial", "odd-1", *arguments, "--evidence", f"downloads/contoso-{TODAY}.csv").out
    assert "confirmed (was reported), 1 moved" in out
    run("record", "--serial", "ABC1234", *arguments, code=2)
    write({"wxp-lint.toml": CONFIG + '[rules.serial-format]\nformats = ["dell"]\n'})
    assert "1 PC, Unassigned -> Contoso" in run("record", "--serial", "abc 1234", *arguments).out


def test_record_with_an_export_as_evidence(desk, run, write):
    write({"downloads/list.csv": f"Serial Number,Customer ID\n{serial(7)},{CONTOSO}\n"})
    write({f"downloads/contoso-{TODAY}.csv": export(7)})
    out = run(
        *("record", "downloads/list.csv", "--from", "unassigned", "--why", "night"),
        *("--evidence", f"downloads/contoso-{TODAY}.csv"),
    ).out

    assert "1 PC, Unassigned -> Contoso" in out
    assert "confirmed (was reported), 1 moved" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("record", "pins.csv", "--from", "unassigned"),
        ("record", "swapped.csv", "--from", "unassigned", "--to", "acme"),
        ("record", "--serial", serial(25), "--from", "unassigned", "--to", "Zz9y X8wv"),
        ("record", "--serial", serial(25), "--from", "Zz9yX8wv", "--to", "acme"),
        ("record", "--serial", serial(25), "--from", "unassigned", "--to", "acme", "--evidence", "moved.csv"),
        ("reconcile", "plain.csv", "--place", "Zz9yX8wv"),
        ("reconcile", "Zz9yX8wv=plain.csv"),
        ("reconcile", "moved.csv"),
    ],
)
@pytest.mark.parametrize("registry", [True, False])
def test_a_company_pin_comes_into_no_ledger_and_is_not_shown(desk, run, write, arguments, registry):
    rows = [f"{serial(n)},Zz9yX8wv\n" for n in (25, 26)]
    write({"pins.csv": "Serial Number,Customer ID\n" + "".join(rows), "plain.csv": export(1, 25)})
    write({"swapped.csv": "Serial Number,Customer ID\n" + f"Zz9yX8wv,{serial(25)}\nZz9yX8wv,{serial(26)}\n"})
    write({"moved.csv": "Serial Number,Customer\n" + "".join(rows)})
    if not registry:
        write({"wxp-lint.toml": CONFIG.replace('customers = "customers.csv"\n', "")})
    before = events(run)

    done = run(*arguments, *(("--why", "night") if arguments[0] == "record" else ()), code=2)

    assert "this looks like a company PIN" in done.err
    assert "Settings (or Account) > Overview" in done.err
    assert "zz9y" not in (done.out + done.err).casefold()
    assert events(run) == before


def test_history_of_what_nobody_knows(desk, run, folder):
    done = run("history", "5CG8230O01", code=1)
    assert f"nothing is known of 5CG8230O01; did you mean '{serial(1)}'?" in done.err
    assert json.loads(run("history", "5CG8230O01", "-o", "json", code=1).out)["events"] == []
    run("history", serial(1), "-o", "html=page.html")
    assert f"<h1>{serial(1)}</h1>" in (folder / "page.html").read_text()
    assert "did you mean 'html'" in run("history", serial(1), "-o", "htm", code=2).err


@pytest.mark.parametrize("path", ["customers.csv", "./customers.csv", "wxp-lint.toml", "list.XLSX", "link.csv"])
def test_history_is_written_over_nothing_that_people_write(desk, run, folder, write, path):
    write({"list.XLSX": "x"})
    (folder / "link.csv").symlink_to("nowhere")
    before = {file: file.read_bytes() for file in folder.iterdir() if file.is_file()}

    done = run("history", serial(1), "-o", f"html={path}", code=2)

    assert "html would be written over" in done.err
    assert "which is no report: name another file" in done.err
    assert {file: file.read_bytes() for file in folder.iterdir() if file.is_file()} == before
    assert not (folder / "nowhere").exists()


def test_history_of_what_nobody_knows_is_written_nowhere(desk, run, folder, write):
    write({"page.html": "of another PC"})

    done = run("history", "5CG8230O01", "-o", "html=page.html", code=1)

    assert "nothing is known of 5CG8230O01" in done.err
    assert (folder / "page.html").read_text() == "of another PC"


def test_without_a_ledger_or_a_repository(run, write, git):
    write(FILES)
    assert "there is no ledger yet" in run("reconcile", "acme.csv", code=2).err
    assert "open and not in the ledger are left out" in run("status").out
    assert "there is no ledger yet" in run("revert", "t-1", code=2).err
    assert "no git repository here" in run("history", serial(1), code=1).err
    git("init", "--quiet")
    empty = run("history", serial(1), code=1).err
    assert "not known: no commits yet on this branch" in empty
    assert "no git repository" not in empty
    git("add", "--all")
    git("commit", "--quiet", "--message", "files (#3)")
    out = run("history", serial(1)).out
    assert "requested by tester <tester@example.org>" in out
    assert "reviewed in pull request #3" in out
    assert "not known: no ledger: who uploaded it and what came of it is not recorded" in out
    assert "ready" in run("status").out


def test_what_a_person_takes_back_did_not_move(desk, run, write):
    upload(run, desk[A])
    write({f"downloads/acme-{TODAY}.csv": export(1, 2)})
    run("reconcile", f"downloads/acme-{TODAY}.csv")
    assert f"{serial(1)}: Acme\n" in run("inventory", "find", serial(1)).out

    run("resolve", desk[A], "--outcome", "failed", "--evidence", "another tenant's", "--serial", serial(1))

    taken_back, other = (run("history", serial(n)).out for n in (1, 2))
    assert "no move of it is known to have taken place" in taken_back
    assert "this PC: moved" in taken_back
    assert "this PC: failed" in taken_back
    assert "moved to Acme by" in other
    assert "this PC: unknown" not in other
    assert f"{serial(1)}: Unassigned\n" in run("inventory", "find", serial(1)).out


needs_any_bytes = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="every name is Unicode here")


@needs_any_bytes
@pytest.mark.parametrize(
    "arguments",
    [
        ("record", "--serial", "\udcff", "--from", "unassigned", "--to", "acme", "--why", "rush"),
        ("record", "--serial", serial(9), "--from", "unassigned", "--to", "acme", "--why", "Z\udcfcrich"),
        ("record", "--serial", serial(9), "--from", "unassigned", "--to", "acme", "--why", "x", "--ticket", "\udcff"),
        ("take", A, "--by", "J\udcfcrgen"),
        ("resolve", A, "--outcome", "moved", "--evidence", "x", "--second=J\udcfcrgen"),
        ("confirm", A, "--by", "J\udcfcrgen", "--evidence", "x"),
        ("inventory", "find", "\udcff"),
    ],
)
def test_bytes_that_are_no_text_are_refused_wherever_they_are_typed(desk, run, folder, arguments):
    before = events(run)

    assert "is neither UTF-8 nor the name of a file that is there" in run(*arguments, code=2).err

    assert events(run) == before
    assert not (folder / f"{A}.toml").exists()


@needs_any_bytes
def test_a_file_whose_name_is_no_utf_8_goes_the_whole_way(desk, run, git, write):
    name = "transfers/acme/M\udce4rz.csv"
    write({name: sheet(7, 8), "downloads/M\udce4rz.csv": sheet(9)})
    run("confirm", name, "--by", "Ann Lee", "--evidence", "note 4711")
    git("add", "--all")
    git("commit", "--quiet", "--message", "another")
    run("apply", "--yes")
    upload(run, name)

    run("resolve", name, "--outcome", "moved", "--evidence", "seen there")
    run("record", "downloads/M\udce4rz.csv", "--from", "unassigned", "--why", "rush")

    assert "1 file done with" in run("plan").out
    assert "Acme  " in run("inventory", "find", serial(7)).out
