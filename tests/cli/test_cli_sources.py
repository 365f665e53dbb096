"""Where the devices come from, at the command line: what it rests on, what cannot be read, what is not looked at."""

import io
import json
import os
import sqlite3
import sys
from datetime import date, timedelta
from pathlib import Path

import msoffcrypto.format.ooxml
import openpyxl
import pytest

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
CONTOSO = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
FABRIKAM = "c0ffee00-1f3e-4a8b-8c77-5d2e6f7a8b90"
CHECKOUT = Path(__file__).parents[2]
A, B, C = "5CG8234XMV", "5CG02382XZ", "SGH327SZYD"
TRANSFER = f"Serial Number,Customer ID\n{A},{ACME}\n{B},{ACME}\n"
CUSTOMERS = f"customer_id,name,domains,status\n{ACME},Acme,acme.example,\n{CONTOSO},Contoso,contoso.example,\n"
TODAY = date.today()
OLD = TODAY - timedelta(days=4)


def config(*sources, more=""):
    return f'customers = "customers.csv"\n{more}[inventory]\nsources = [{", ".join(sources)}]\n'


@pytest.fixture
def lay(write, git):
    """A repository with a transfer, a registry and an inventory: entries of `sources`, and files."""

    def run(*sources, files=None, more="", customers=CUSTOMERS):
        there = {"transfers/a.csv": TRANSFER, "customers.csv": customers}
        write({**there, "wxp-lint.toml": config(*sources, more=more), **(files or {})})
        git("init", "--quiet")
        git("add", "transfers")

    return run


def workbook(*rows):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def encrypted():
    out = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(workbook(["SN"], [A]))).encrypt("secret", out)
    return out.getvalue()


def parquet(folder, serials):
    import duckdb

    path = folder / "made.parquet"
    duckdb.execute("create or replace table t as select unnest(?::varchar[]) as serial", [serials])
    duckdb.execute(f"copy t to '{path}' (format parquet, compression uncompressed)")
    data = path.read_bytes()
    path.unlink()
    return data


SAID = f"inventory: 2 devices of Unassigned (u-{OLD}.csv, {OLD}, 4 days old)"


def test_check_says_what_it_rests_on(cli, lay):
    lay(f'{{ path = "u-{OLD}.csv", place = "unassigned" }}', files={f"u-{OLD}.csv": f"SN\n{A}\n{B}\n"})
    for arguments in (["check"], ["check", "transfers/a.csv"], ["check", "--output", "concise"]):
        done = cli(*arguments)
        assert SAID in done.out.splitlines(), done
    assert SAID not in cli("check", "--quiet").out
    assert "inventory:" not in cli("check", "--output", "json").out


def test_the_age_of_a_list_in_git_is_told_in_a_hook_that_finds_something(cli, lay, git, write):
    lay('{ path = "u.csv", place = "unassigned" }', files={"u.csv": f"SN\n{A}\n{B}\n"})
    assert "inventory: 2 devices of Unassigned (u.csv, of unknown age)" in cli("check", "transfers/a.csv").out
    git("add", ".")
    git("commit", "--quiet", "-m", "x")
    said = f"inventory: 2 devices of Unassigned (u.csv, {TODAY}, today)"
    assert said in cli("check", "transfers/a.csv").out
    assert "inventory:" not in cli("check", "--force-exclude", "transfers/a.csv").out
    write({"transfers/a.csv": TRANSFER + f"{C},{ACME}\n"})
    assert said in cli("check", "--force-exclude", "transfers/a.csv").out


def test_several_lists_are_told_one_by_one_and_many_as_one(cli, lay):
    few = [f'{{ path = "{n}-{OLD}.csv", place = "{place}" }}' for n, place in enumerate(("unassigned", "Acme"))]
    files = {f"0-{OLD}.csv": f"SN\n{A}\n", f"1-{OLD}.csv": f"SN\n{C}\n"}
    lay(*few, files=files)
    age = f"{OLD}, 4 days old"
    assert (
        f"inventory: 1 device of Unassigned (0-{OLD}.csv, {age}), none of these PCs (1-{OLD}.csv, {age})"
        in cli("check").out
    )
    more = {f"lists/{n}-{TODAY}.csv": f"SN\n{B}\n" for n in range(9)}
    lay(*few, '{ path = "lists", place = "unassigned" }', files=files | more)
    assert f"inventory: 2 devices in 11 lists, the oldest 0-{OLD}.csv ({age})" in cli("check").out


def test_each_answer_of_a_list_has_its_own_age(cli, lay):
    rows = f"SN,Customer,As of\n{A},Acme,{OLD}\n{B},,{TODAY}\n"
    lay('{ path = "all.csv" }', files={"all.csv": rows})

    told = cli("check").out

    assert f"1 device of Acme (all.csv, {OLD}, 4 days old)" in told
    assert f"1 device of Unassigned (all.csv, {TODAY}, today)" in told


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("u.csv", "Asset,Model\nx,y\n", "there is no column with serial numbers among Asset, Model: name it"),
        ("u.csv", f"SN,Device Serial Number\n{A},x\n", "'SN' and 'Device Serial Number' may both be the serial"),
        ("u.csv", "", "the file is empty: export it again"),
        ("u.csv", f"SN,Name,Model\n{A},a,b\n5CG0", "it breaks off in its last line: export it again"),
        ("u.csv", f"SN;Gerät;Typ\n{A};ä;b\n5CG0".encode("cp1252"), "it breaks off in its last line: export it again"),
        ("u.csv", f"SN\tName\tModel\n{A}\ta\tb\n5CG0".encode("utf-16"), "it breaks off in its last line"),
        ("u.csv", f'SN,Name\n{A},"a', "a quote that is never closed"),
        ("u.xlsx", lambda: workbook(["SN"], [A])[:-700], "fetch it again"),
        ("u.xlsx", encrypted, "save it without one"),
        ("u.parquet", b"PAR1" + b"\0" * 50, "no Parquet file, or not all of one: write it again"),
        ("u.parquet", "cut", "no Parquet file, or not all of one: write it again"),
        ("u.parquet", "broken", "it cannot be read to its end: write it again"),
    ],
)
def test_a_list_that_cannot_be_read(cli, lay, folder, name, content, words):
    if content in ("cut", "broken"):
        whole = parquet(folder, [f"X{n}" for n in range(5000)])
        content = whole[:-100] if content == "cut" else whole[:4] + b"\xff" * 200 + whole[204:]
    lay(f'{{ path = "{name}", place = "unassigned" }}', files={name: content() if callable(content) else content})
    done = cli("check")
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert f"inventory {name}" in done.err
    assert "Traceback" not in done.err


def test_lists_that_only_seem_to_break_off(cli, lay):
    files = {"u.csv": f"SN,Name,Model\n{A},a,b\n{B},a,b", "v.csv": f"SN,Name,Model\n{A}\n{B}", "w.csv": f"SN\n{A}"}
    lay(*(f'{{ path = "{name}" }}' for name in files), files=files)
    assert cli("check").code == 0


def test_an_empty_inventory_is_said_once(cli, lay):
    lay('{ path = "u.csv", place = "unassigned" }', files={"u.csv": "SN,Name\n"})
    done = cli("check")
    assert done.code == 0
    assert done.out.count("the inventory is empty: no device in u.csv") == 1
    assert "WXP501" not in [line.split(" ")[0] for line in done.out.splitlines()]
    assert cli("check", "--output", "json").codes == []


NO_EXPORT = "no export of Contoso: PCs there look as if they were not visible"


def test_a_customer_without_an_export(cli, lay):
    lists = ['{ path = "u.csv", place = "unassigned" }', '{ path = "acme.csv", place = "Acme" }']
    files = {"u.csv": f"SN\n{A}\n", "acme.csv": f"SN\n{C}\n"}
    closed = f"{CUSTOMERS}{FABRIKAM},Fabrikam,,closed\n"
    lay(*lists, files=files, customers=closed)
    done = cli("check")
    assert NO_EXPORT in done.err.splitlines()
    assert NO_EXPORT not in cli("check", "--quiet").err
    assert NO_EXPORT not in cli("check", "--ignore", "WXP501").err
    lay(*lists, '{ path = "contoso.csv", place = "Contoso" }', files=files | {"contoso.csv": f"SN\n{C}\n"})
    assert "no export" not in cli("check").err
    lay(*lists[1:], '{ path = "all.csv" }', files=files | {"all.csv": f"SN,Customer\n{A},\n"})
    assert "no export" not in cli("check").err
    lay(*lists, files=files | {"u.csv": f"SN\n{A}\n{B}\n"})
    assert "no export" not in cli("check").err


DATABASE = '{ url = "env:CMDB_URL", query = "select serial, customer from device", connect-timeout = 2 }'


@pytest.fixture
def device(postgres_server):
    """A database with both PCs; its URL."""
    name = "sources"
    if name not in postgres_server.databases():
        postgres_server.execute(f"create database {name}")
        postgres_server.execute(
            "create table device (serial text, customer text)",
            f"insert into device values ('{A}', null), ('{B}', 'Contoso'), ('{C}', null)",
            "grant select on device to guarded",
            database=name,
        )
    return postgres_server.url_of(name)


def test_a_database(cli, lay, device):
    lay(DATABASE)
    done = cli("check", env={"CMDB_URL": device})
    assert f"inventory: 2 devices of Contoso and Unassigned (CMDB_URL, {TODAY}, today)" in done.out
    assert cli("check", "--output", "json", env={"CMDB_URL": device}).codes == ["WXP502"]


def test_a_pc_that_a_database_does_not_have_and_what_may_be_meant(cli, lay, device, write):
    lay(DATABASE)
    write({"transfers/a.csv": f"Serial Number,Customer ID\n5CG8243XMV,{ACME}\n"})
    done = cli("check", env={"CMDB_URL": device})
    assert f"5CG8243XMV is not in the inventory, did you mean {A}?" in done.out


def test_a_database_that_is_down_is_no_inventory_without_devices(cli, lay, device, postgres_server):
    lay(DATABASE)
    postgres_server.stop()
    try:
        done = cli("check", env={"CMDB_URL": device.replace("wxp@", "wxp:hunter2@")})
    finally:
        postgres_server.start()
    assert (done.code, done.out) == (2, "")
    assert "inventory CMDB_URL: the database cannot be reached" in done.err
    assert "hunter2" not in done.err


def test_a_database_that_hangs_ends_the_run_in_time(cli, lay, device, postgres_server):
    lay(DATABASE)
    with postgres_server.frozen():
        done = cli("check", env={"CMDB_URL": device})
    assert (done.code, done.out) == (2, "")
    assert "cannot be reached" in done.err


def test_a_wrong_password(cli, lay, device):
    lay(DATABASE)
    done = cli("check", env={"CMDB_URL": device.replace("wxp@", "guarded:hunter2@")})
    assert (done.code, done.out) == (2, "")
    assert "password authentication failed" in done.err
    assert "hunter2" not in done.err


def test_a_wrong_password_in_the_config(cli, lay, device):
    url = device.replace("wxp@", "guarded:hunter2@")
    lay(DATABASE.replace("env:CMDB_URL", url))
    done = cli("check")
    assert done.code == 2
    assert "hunter2" not in done.err + cli("check", "--show-settings").out + cli("doctor").out


def test_the_environment_does_not_hold_the_url(cli, lay):
    lay(DATABASE)
    done = cli("check")
    assert done.code == 0
    assert (
        "not run (the environment variable CMDB_URL, which is to hold the URL of the inventory, is not set)" in done.out
    )
    lay(DATABASE, more='must-run = ["device-not-visible"]\n')
    assert cli("check").code == 1


def test_a_driver_that_is_not_installed(cli, lay, folder):
    lay(DATABASE)
    hide = folder.parent / "hide"
    hide.mkdir()
    (hide / "psycopg.py").write_text("raise ModuleNotFoundError(\"No module named 'psycopg'\", name='psycopg')\n")
    path = os.pathsep.join([str(hide), str(CHECKOUT)])
    done = cli("check", env={"CMDB_URL": "postgresql://u:hunter2@127.0.0.1/x", "PYTHONPATH": path})
    assert done.code == 2
    assert 'pip install "wxp-lint[postgres]"' in done.err
    assert "hunter2" not in done.err


def test_a_sqlite_file_beside_the_config(cli, lay, folder):
    lay('{ url = "sqlite:///data/cmdb.db", query = "select sn from pc", place = "unassigned" }')
    (folder / "data").mkdir()
    con = sqlite3.connect(folder / "data/cmdb.db")
    con.execute("create table pc (sn)")
    con.executemany("insert into pc values (?)", [[A], [B]])
    con.commit()
    con.close()
    assert "inventory: 2 devices of Unassigned (data/cmdb.db, of unknown age)" in cli("check").out


PEOPLE = (
    f"SN,Customer,Last User,Last Seen\n{A},Contoso,jo@contoso.example,{TODAY}\n{B},Contoso,al@contoso.example,{TODAY}\n"
)


@pytest.fixture
def large():
    """A workbook that is worth remembering, with users in it."""
    rows = [[f"5CG0000{n:05}", "Contoso", f"user{n}@contoso.example", str(TODAY)] for n in range(12_000)]
    return workbook(
        ["SN", "Customer", "Last User", "Last Seen"], [A, "Contoso", "jo@contoso.example", str(TODAY)], *rows
    )


def kept(place):
    return sorted((place / "inventory").iterdir()) if (place / "inventory").exists() else []


@pytest.mark.parametrize(
    ("ignored", "columns"),
    [
        ([], {"serial", "customer", "last_user", "last_seen"}),
        (["foreign-user"], {"serial", "customer", "last_seen"}),
        (["WXP5"], {"serial", "customer"}),
    ],
)
def test_a_large_workbook_is_read_once_and_without_what_nobody_asks_for(
    cli, lay, tmp_path, folder, large, ignored, columns
):
    import duckdb

    cache = tmp_path / "own cache"
    lay('{ path = "all.xlsx" }', files={"all.xlsx": large}, more=f"ignore = {json.dumps(ignored)}\n")
    first = cli("check", env={"WXP_LINT_CACHE_DIR": str(cache)})
    (entry,) = kept(cache)
    names = duckdb.execute(f"describe from read_parquet('{entry}')").fetchall()
    assert {row[0] for row in names} == columns
    if sys.platform != "win32":
        assert entry.stat().st_mode & 0o777 == 0o600
        assert entry.parent.stat().st_mode & 0o777 == 0o700
    again = cli("check", env={"WXP_LINT_CACHE_DIR": str(cache)})
    assert (again.code, again.out) == (first.code, first.out)
    entry.write_bytes(b"PAR1 nonsense")
    assert cli("check", env={"WXP_LINT_CACHE_DIR": str(cache)}).out == first.out


def test_what_is_remembered_answers_in_place_of_the_workbook(cli, lay, tmp_path, large):
    import duckdb

    cache = tmp_path / "own cache"
    lay('{ path = "all.xlsx" }', files={"all.xlsx": large})
    cli("check", env={"WXP_LINT_CACHE_DIR": str(cache)})
    (entry,) = kept(cache)
    duckdb.execute(f"copy (select '{B}' as serial, 'Contoso' as customer) to '{entry}' (format parquet)")
    assert "inventory: 1 device of Contoso" in cli("check", env={"WXP_LINT_CACHE_DIR": str(cache)}).out
    assert f"{A} is not in the inventory" in cli("check", env={"WXP_LINT_CACHE_DIR": str(cache)}).out


def test_nothing_of_the_inventory_is_kept_where_that_is_not_wanted(cli, lay, tmp_path, folder, large):
    cache = tmp_path / "own cache"
    lay('{ path = "all.xlsx" }', files={"all.xlsx": large})
    cli("check", "--no-cache", env={"WXP_LINT_CACHE_DIR": str(cache)})
    assert kept(cache) == []
    cli("check", env={"WXP_LINT_CACHE_DIR": str(folder / "cache")})
    assert not (folder / "cache").exists()


def test_personal_columns_speak_only_while_their_rules_do(cli, lay):
    lay('{ path = "all.csv" }', files={"all.csv": PEOPLE})
    assert {"WXP506", "WXP507"} <= set(cli("check", "--output", "json").codes)
    lay('{ path = "all.csv" }', files={"all.csv": PEOPLE}, more='ignore = ["WXP506", "active-elsewhere"]\n')
    assert not {"WXP506", "WXP507"} & set(cli("check", "--output", "json").codes)
    done = cli("check")
    assert "jo@" not in done.out


def test_a_sqlite_file_that_a_pull_request_brings_does_not_count(cli, lay, folder, git, write):
    lay('{ url = "sqlite:///cmdb.db", query = "select sn from pc", place = "unassigned" }', files={"README": "x"})

    def fill(*serials):
        (folder / "cmdb.db").unlink(missing_ok=True)
        con = sqlite3.connect(folder / "cmdb.db")
        con.execute("create table pc (sn)")
        con.executemany("insert into pc values (?)", [[serial] for serial in serials])
        con.commit()
        con.close()

    def check():
        return cli("check", "--config-from", "main")

    git("add", "wxp-lint.toml", "customers.csv")
    git("commit", "--quiet", "-m", "base")
    fill(A, B)
    assert "inventory: 2 devices of Unassigned" in check().out, "tracked in neither"
    git("checkout", "--quiet", "-b", "change")
    git("add", "cmdb.db")
    git("commit", "--quiet", "-m", "change")
    assert "inventory cmdb.db is not in main, so it does not count yet" in check().err
    assert "there is no inventory" in check().out
    git("checkout", "--quiet", "main")
    fill(A)
    git("add", "cmdb.db")
    git("commit", "--quiet", "-m", "main has it")
    git("checkout", "--quiet", "-b", "other")
    fill(A, B)
    git("commit", "--quiet", "-am", "more")
    assert "inventory: 1 device of Unassigned" in check().out
