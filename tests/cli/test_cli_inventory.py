import csv
import io
import json
import os
import sqlite3
import stat
from datetime import date, timedelta

import pytest

from wxp_lint.database import connect

TODAY = date.today()
ACME = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
BERGMANN = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
REGISTRY = f"customer_id,name,folder\n{ACME},Acme Logistics,acme\n{BERGMANN},Bergmann Optik,bergmann\n"
HEADER = "Serial Number,Customer ID\n"
LISTS = """
[inventory]
sources = [
  { path = "inventory/unassigned-*.csv", place = "unassigned" },
  { path = "inventory/acme.csv", place = "acme", as-of = DAY },
]
""".replace("DAY", TODAY.isoformat())
CMDB = '[inventory]\nsources = [{ url = "sqlite:///cmdb.db", query = "select serial, customer from device" }]\n'


def config(inventory):
    return f'customers = "customers.csv"\n{inventory}'


@pytest.fixture
def repo(write, git):
    """A repo with a list of Unassigned and one of Acme's; of what the transfers name, only the first is visible."""
    git("init", "-q")
    write(
        {
            "wxp-lint.toml": config(LISTS),
            "customers.csv": REGISTRY,
            f"inventory/unassigned-{TODAY}.csv": "Serial Number,Device Name\n5CG8234XMV,PC-1\nCZC328Y2KF,PC-2\n",
            "inventory/acme.csv": "Serial Number\nSGH327SZYD\n",
            "transfers/bergmann/a.csv": HEADER
            + "".join(f"{serial},{BERGMANN}\n" for serial in ("5CG8234XMV", "CZC328Y2FK", "5CD4444XYZ")),
        }
    )
    git("add", "-A")
    git("commit", "-q", "-m", "all")


@pytest.fixture
def database(folder, write, git):
    git("init", "-q")
    write({"wxp-lint.toml": config(CMDB), "customers.csv": REGISTRY, ".gitignore": "cmdb.db\n"})
    con = sqlite3.connect(folder / "cmdb.db")
    con.execute("create table device (serial text, customer text)")
    con.executemany("insert into device values (?, ?)", [("5CG8234XMV", "Bergmann Optik"), ("SGH327SZYD", None)])
    con.commit()
    yield con
    con.close()


def rows(path):
    con = connect()
    found = con.execute("select * from read_parquet($p)", {"p": str(path)}).fetchall()
    names = [row[0] for row in con.execute("describe from read_parquet($p)", {"p": str(path)}).fetchall()]
    con.close()
    return [dict(zip(names, row)) for row in found]


def test_check_says_that_it_uses_the_snapshot_and_finds_the_same(cli, repo):
    before = cli("check", "--output", "json")

    synced = cli("inventory", "sync")
    after = cli("check", "--output", "json")

    assert (synced.code, synced.err) == (0, "")
    assert synced.out.startswith("inventory: 3 devices from 2 lists, all of them read: ")
    assert after.out == before.out
    assert "snapshot" not in before.err
    assert f"inventory: the snapshot of {TODAY} (today), 3 devices\n" in after.err


def test_nothing_remembered_is_used_if_so_told(cli, repo):
    cli("inventory", "sync")

    assert "snapshot" not in cli("check", "--no-cache").err
    assert cli("check", "--quiet").err == ""


def test_a_list_that_has_changed_since_counts_as_it_is_now(cli, repo, write):
    cli("inventory", "sync")
    write({"inventory/acme.csv": "Serial Number\nSGH327SZYD\n5CD4444XYZ\n"})

    done = cli("check", "--output", "json")

    assert [f["serial"] for f in json.loads(done.out)["findings"] if f["code"] == "WXP501"] == ["CZC328Y2FK"]
    assert "1 of the lists not from it" in done.err
    assert "1 of them read again" in cli("inventory", "sync").out


def test_under_config_from_no_snapshot_counts(cli, repo):
    cli("inventory", "sync")

    assert "snapshot" not in cli("check", "--config-from", "HEAD").err


def test_a_source_that_fails_leaves_the_old_snapshot(cli, repo, write):
    cli("inventory", "sync")
    write({"inventory/acme.csv": "Name\nsomething\n"})

    done = cli("inventory", "sync")

    assert done.code == 2
    assert "acme.csv" in done.err
    assert f"the snapshot of {TODAY} stays as it is" in done.err
    assert done.out == ""
    write({"inventory/acme.csv": "Serial Number\nSGH327SZYD\n"})
    assert "the snapshot of" in cli("check").err


def test_a_database_is_gathered_too(cli, database, write):
    write({"transfers/acme/a.csv": f"{HEADER}5CG8234XMV,{ACME}\nSGH327SZYD,{ACME}\nCZC328Y2FK,{ACME}\n"})
    before = json.loads(cli("check", "transfers/acme/a.csv", "--output", "json").out)

    assert cli("inventory", "sync").out.startswith("inventory: 2 devices from 1 list, all of them read: ")
    done = cli("check", "transfers/acme/a.csv", "--output", "json")

    assert "the snapshot of" in done.err
    assert json.loads(done.out) == before


def test_a_database_that_has_changed_since_is_asked_itself(cli, database, write):
    write({"transfers/acme/a.csv": f"{HEADER}CZC328Y2FK,{ACME}\n"})
    cli("inventory", "sync")
    database.execute("insert into device values ('CZC328Y2FK', null)")
    database.commit()

    done = cli("check", "transfers/acme/a.csv", "--output", "json")

    assert "WXP501" not in done.codes


SERVER = '{ url = "env:CMDB_URL", query = "select serial, customer from device" }'


def test_a_server_that_is_away_is_answered_for(cli, write, postgres_server):
    """Even where the variable with its URL is not set: on a laptop, or in CI."""
    postgres_server.execute("create database cmdb")
    for statement in (
        "create table device (serial text, customer text)",
        "insert into device select '5CG' || lpad(n::text, 7, '0'), 'Bergmann Optik' from generate_series(1, 30000) n",
    ):
        postgres_server.execute(statement, database="cmdb")
    url = {"CMDB_URL": postgres_server.url_of("cmdb")}
    write(
        {
            "wxp-lint.toml": config(f"[inventory]\nsources = [{SERVER}]\n"),
            "customers.csv": REGISTRY,
            "transfers/acme/a.csv": f"{HEADER}5CG0000007,{ACME}\n5CG0030000,{ACME}\n5CG0030001,{ACME}\n",
        }
    )
    live = json.loads(cli("check", "transfers/acme/a.csv", "--output", "json", env=url).out)

    synced = cli("inventory", "sync", env=url)
    away = cli("check", "transfers/acme/a.csv", "--output", "json")
    failed = cli("inventory", "sync", env={"CMDB_URL": "postgresql://wxp:s3cret@127.0.0.1:1/cmdb"})

    assert synced.out.startswith("inventory: 30,000 devices from 1 list")
    assert json.loads(away.out)["findings"] == live["findings"]
    assert [f["serial"] for f in live["findings"] if f["code"] == "WXP501"] == ["5CG0030001"]
    assert f"the snapshot of {TODAY} (today), 30,000 devices" in away.err
    assert failed.code == 2
    assert "cannot be reached" in failed.err
    assert "s3cret" not in failed.err
    assert "the snapshot of" in cli("check", "transfers/acme/a.csv").err


def test_a_minimal_snapshot_in_git_is_an_inventory_by_itself(cli, repo, folder, write, git):
    before = json.loads(cli("check", "--output", "json").out)

    done = cli("inventory", "sync", "--minimal", "--to", "inventory/snapshot.parquet")

    assert (done.code, done.err) == (0, "")
    path = folder / "inventory/snapshot.parquet"
    assert rows(path) == [
        {"serial": "5CG8234XMV", "customer": "Unassigned", "as_of": str(TODAY)},
        {"serial": "CZC328Y2KF", "customer": "Unassigned", "as_of": str(TODAY)},
        {"serial": "SGH327SZYD", "customer": "acme", "as_of": str(TODAY)},
    ]
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    write({"wxp-lint.toml": config('[inventory]\nsources = [{ path = "inventory/snapshot.parquet" }]\n')})
    git("rm", "-q", "-r", "--cached", "inventory")
    git("add", "-A")
    after = json.loads(cli("check", "--output", "json").out)
    assert after["findings"] == before["findings"]
    assert cli("inventory", "find", "SGH327SZYD").out.startswith("SGH327SZYD: Acme Logistics\n")


def test_a_list_of_unknown_age_stays_so_in_a_file_that_is_committed(cli, repo, folder, write, git):
    write({"wxp-lint.toml": config('[inventory]\nsources = [{ path = "more/list.csv", place = "unassigned" }]\n')})
    write({"more/list.csv": "Serial Number\n5CG8234XMV\n"})
    cli("inventory", "sync", "--minimal", "--to", "inventory/snapshot.parquet")
    write({"wxp-lint.toml": config('[inventory]\nsources = [{ path = "inventory/snapshot.parquet" }]\n')})
    git("add", "-A")
    git("commit", "-q", "-m", "snapshot")

    done = cli("check", "--output", "json")

    assert "WXP505" in done.codes


def test_what_is_no_minimal_snapshot_is_not_for_git(cli, repo, folder):
    done = cli("inventory", "sync", "--to", "all.parquet")

    assert done.code == 0
    assert "commit it only if it was made with --minimal" in done.err
    assert {row["device_name"] for row in rows(folder / "all.parquet")} == {"PC-1", "PC-2", None}


def test_a_snapshot_is_not_made_of_itself(cli, repo, write):
    cli("inventory", "sync", "--minimal", "--to", "inventory/snapshot.parquet")
    write({"wxp-lint.toml": config('[inventory]\nsources = [{ path = "inventory/snapshot.parquet" }]\n')})

    done = cli("inventory", "sync", "--minimal", "--to", "inventory/snapshot.parquet")

    assert done.code == 2
    assert "is itself a source" in done.err


@pytest.mark.parametrize("target", ["nowhere/x.parquet", "."])
def test_a_place_that_cannot_be_written_is_said(cli, repo, target):
    done = cli("inventory", "sync", "--to", target)

    assert done.code == 2
    assert f"--to {target}" in done.err
    assert "cannot be written" in done.err


@pytest.mark.parametrize("target", ["customers.csv", "notes.parquet", "snapshot"])
def test_nothing_but_a_snapshot_is_written_over(cli, repo, folder, write, target):
    write({"notes.parquet": "not really"})
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}

    done = cli("inventory", "sync", "--minimal", "--to", target)

    assert done.code == 2
    assert target in done.err
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_where_there_is_no_cache_there_is_no_snapshot(cli, repo, folder):
    done = cli("inventory", "sync", env={"WXP_LINT_CACHE_DIR": ""})

    assert done.code == 2
    assert "--to FILE" in done.err
    assert cli("inventory", "sync", "--to", "x.parquet", env={"WXP_LINT_CACHE_DIR": ""}).code == 0


@pytest.mark.parametrize("command", [["sync"], ["status"], ["find", "5CG8234XMV"], ["missing"]])
def test_without_an_inventory_nobody_can_tell(cli, repo, write, command):
    write({"wxp-lint.toml": config("")})

    done = cli("inventory", *command)

    assert (done.code, done.out) == (2, "")
    assert "no inventory configured" in done.err


def test_an_empty_inventory_is_never_all_missing(cli, repo, folder, write):
    write({f"inventory/unassigned-{TODAY}.csv": "Serial Number\n", "inventory/acme.csv": "Serial Number\n"})

    done = cli("inventory", "missing")

    assert (done.code, done.out) == (2, "")
    assert "the inventory is empty" in done.err


def test_status_shows_places_counts_and_ages(cli, repo, write):
    old = TODAY - timedelta(days=30)
    write({f"inventory/unassigned-{old}.csv": "Serial Number\n5CG8234XMV\n"})

    done = cli("inventory", "status", "--output", "json")

    told = json.loads(done.out)
    assert done.code == 0
    assert [(one["place"], one["devices"], one["as_of"], one["stale"]) for one in told["places"]] == [
        ("Unassigned", 1, str(old), True),
        ("Unassigned", 2, str(TODAY), False),
        ("Acme Logistics", 1, str(TODAY), False),
    ]
    assert told["without"] == ["Bergmann Optik"]
    assert told["snapshot"] is None
    text = cli("inventory", "status").out
    assert f"{old} (30 days old), stale" in text
    assert "no device of: Bergmann Optik" in text


def test_status_says_that_a_snapshot_answers(cli, repo):
    cli("inventory", "sync")

    assert json.loads(cli("inventory", "status", "--output", "json").out)["snapshot"]["devices"] == 3
    assert f"the snapshot of {TODAY} (today) is in use" in cli("inventory", "status").out


def test_find_tells_every_list_and_which_counts(cli, repo, write):
    old = TODAY - timedelta(days=3)
    write({f"inventory/unassigned-{old}.csv": "Serial Number\nSGH327SZYD\n"})

    done = cli("inventory", "find", "sgh327szyd", "5CG8234XMV")

    assert done.code == 0
    assert done.out == (
        "SGH327SZYD: Acme Logistics\n"
        f"  Acme Logistics  {TODAY}  inventory/acme.csv\n"
        f"  Unassigned  {old}  inventory/unassigned-{old}.csv  (older, so it does not count)\n"
        "5CG8234XMV: Unassigned\n"
        f"  Unassigned  {TODAY}  inventory/unassigned-{TODAY}.csv\n"
        "  open transfer: transfers/bergmann/a.csv:2\n"
    )


def test_find_tells_what_is_near_and_who_asks_for_it(cli, repo):
    done = cli("inventory", "find", "CZC328Y2FK", "SGH327SZY", "5CG02382XZ")

    assert done.code == 1
    assert done.out == (
        "CZC328Y2FK: in no list of your devices\n"
        "  near: CZC328Y2KF ('KF' instead of 'FK' at position 9)\n"
        "  open transfer: transfers/bergmann/a.csv:3\n"
        "SGH327SZY: in no list of your devices\n"
        "  near: SGH327SZYD (with a 'D' at position 10)\n"
        "5CG02382XZ: in no list of your devices\n"
    )


def test_find_suggests_what_is_asked_for_beside_it(cli, repo):
    done = cli("inventory", "find", "SGH327SZY", "SGH327SZYD")

    assert "near: SGH327SZYD" in done.out


def test_equally_fresh_lists_are_both_told(cli, repo, write):
    write({"inventory/acme.csv": "Serial Number\nSGH327SZYD\n5CG8234XMV\n"})

    done = cli("inventory", "find", "5CG8234XMV")

    assert "in several places, and no list is newer" in done.out
    assert "does not count" not in done.out


@pytest.fixture
def moved(cli, repo, write):
    """A PC that an older list has in Unassigned, and one that no list has, were both moved to Acme by hand."""
    write({f"downloads/acme-{TODAY}.csv": "Serial Number\n5CG8234XMV\n5CD4444XYZ\n"})
    done = cli(
        "record", "--serial", "5CG8234XMV", "--serial", "5CD4444XYZ", "--from", "unassigned", "--to", "acme",
        "--why", "rush order", "--by", "Ann Lee", "--evidence", f"downloads/acme-{TODAY}.csv",
    )  # fmt: skip
    assert "confirmed" in done.out


def test_find_tells_what_a_confirmed_move_says(cli, moved):
    done = cli("inventory", "find", "5CG8234XMV", "5CD4444XYZ")

    assert done.code == 0
    first, second = done.out.split("5CD4444XYZ: ")
    assert first.startswith("5CG8234XMV: Acme Logistics\n")
    assert "the ledger" in first
    assert "(older, so it does not count)" in first
    assert second.startswith("Acme Logistics\n")


def test_check_says_that_an_answer_rests_on_the_ledger(cli, moved):
    assert f"2 devices of Acme Logistics (the ledger, {TODAY}, today)" in cli("check").out


def test_what_was_moved_is_not_missing(cli, moved):
    told = cli("inventory", "missing").out

    assert "CZC328Y2FK" in told
    assert "5CD4444XYZ" not in told


def test_missing_is_grouped_by_what_to_do_next(cli, repo, write, git):
    later, over = TODAY + timedelta(days=9), TODAY - timedelta(days=1)
    write(
        {
            "transfers/bergmann/b.csv": f"{HEADER}5CD5555XYZ,{BERGMANN}\n",
            "transfers/bergmann/b.csv.toml": f"[wait]\nuntil = {later}\n",
            "transfers/bergmann/c.csv": f"{HEADER}5CD6666XYZ,{BERGMANN}\n5CG48H,{BERGMANN}\n",
            "transfers/bergmann/c.csv.toml": f"[wait]\nuntil = {over}\n",
        }
    )
    git("add", "-A")

    done = cli("inventory", "missing")

    assert done.code == 1
    assert done.out.partition("\ninventory: ")[0] == (
        "5 PCs of open transfers are in no list of your devices\n\n"
        "Looks like a typo: compare it with the label of the PC\n"
        "  CZC328Y2FK  transfers/bergmann/a.csv:3  did you mean CZC328Y2KF?\n\n"
        "No serial number: mend the cell\n"
        "  5CG48H  transfers/bergmann/c.csv:3  '5CG48H' is no serial number, it has 6 characters, not 10: "
        "compare it with the PC's label\n\n"
        "Not visible: if the label says the same, open a case with HP's support (--output case writes its text)\n"
        "  5CD4444XYZ  transfers/bergmann/a.csv:4\n"
        f"  5CD6666XYZ  transfers/bergmann/c.csv:2  expected until {over}\n\n"
        "Wait: the transfer's sidecar expects it later\n"
        f"  5CD5555XYZ  transfers/bergmann/b.csv:2  until {later}\n"
    )


def test_nothing_is_missing(cli, repo, write):
    write({"transfers/bergmann/b.csv": f"{HEADER}5CG8234XMV,{BERGMANN}\n"})

    done = cli("inventory", "missing", "transfers/bergmann/b.csv")

    assert done.code == 0
    assert "every PC of the open transfers is visible" in done.out


def test_nothing_was_looked_for(cli, repo, git):
    git("rm", "-q", "transfers/bergmann/a.csv")

    done = cli("inventory", "missing")

    assert (done.code, done.out) == (0, "no open transfer names a PC, so none is missing\n")


def test_what_waits_is_a_warning_until_that_day(cli, repo, write, git):
    write({"transfers/bergmann/a.csv.toml": f"[wait]\nuntil = {TODAY}\n"})
    assert cli("check", "--select", "WXP501").code == 0

    write({"transfers/bergmann/a.csv.toml": f"[wait]\nuntil = {TODAY - timedelta(days=1)}\n"})
    assert cli("check", "--select", "WXP501").code == 1


def test_the_case_is_about_serial_numbers_alone(cli, repo):
    done = cli("inventory", "missing", "--output", "case")

    assert done.code == 1
    assert "\n5CD4444XYZ\n" in done.out
    assert "1 PC missing" in done.out
    for word in ("CZC328Y2FK", "Bergmann", BERGMANN, "bergmann"):
        assert word not in done.out


def test_where_nothing_is_to_be_reported_there_is_no_case(cli, repo, write):
    write({"transfers/bergmann/a.csv": f"{HEADER}CZC328Y2FK,{BERGMANN}\n"})

    done = cli("inventory", "missing", "--output", "case")

    assert (done.code, done.out) == (1, "")
    assert "none of them is for HP's support" in done.err


def test_a_spreadsheet_takes_no_cell_for_a_formula(cli, repo, write, git):
    write({"transfers/bergmann/a.csv": f"{HEADER}=cmd|' /C calc'!A0,{BERGMANN}\n+5CG44,{BERGMANN}\n@x,{BERGMANN}\n"})

    done = cli("inventory", "missing", "--output", "csv")

    table = list(csv.reader(io.StringIO(done.out)))
    assert table[0][:3] == ["Serial Number", "Next step", "Did you mean"]
    assert len(table) == 4
    assert not [cell for row in table[1:] for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


def test_a_company_pin_is_never_shown(cli, repo, write):
    write({"transfers/bergmann/a.csv": f"{HEADER}5CD4444XYZ,aB3dE5gH\n5CD5555XYZ,aB3dE5gH\n"})

    shown = "".join(cli("inventory", "missing", "--output", output).out for output in ("text", "csv", "case"))

    assert "5CD4444XYZ" in shown
    assert "aB3dE5gH" not in shown


@pytest.mark.parametrize("command", ["status", "missing"])
def test_an_unknown_format_is_said(cli, repo, command):
    done = cli("inventory", command, "--output", "yaml")

    assert done.code == 2
    assert "--output must be one of text" in done.err


def test_doctor_tells_of_the_snapshot(cli, repo):
    assert "snapshot" not in cli("doctor").out

    cli("inventory", "sync")

    assert f"the snapshot of {TODAY} (today), 3 devices" in cli("doctor").out


def test_status_expects_no_device_of_customers_who_are_gone(cli, repo, write):
    header, *lines = REGISTRY.splitlines()
    gone = "g-1,Gone,,closed,\ng-2,Sold,,merged,Bergmann Optik\n"
    here = "".join(f"{line},,\n" for line in lines)
    write({"customers.csv": f"{header},status,merged_into\n{here}{gone}"})

    assert json.loads(cli("inventory", "status", "-o", "json").out)["without"] == ["Bergmann Optik"]
    assert "no device of: Bergmann Optik\n" in cli("inventory", "status").out
