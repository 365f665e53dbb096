"""Databases as inventory: real PostgreSQL and SQLite, through the facts."""

import sqlite3
from contextlib import ExitStack
from datetime import date
from threading import Timer

import psycopg
import pytest

from wxp_lint.config.settings import InventorySource
from wxp_lint.database import connect
from wxp_lint.errors import UsageError
from wxp_lint.inventory import sql
from wxp_lint.inventory.database import Database
from wxp_lint.inventory.devices import PERSONAL, Asked

A, B, C, D = "5CG8234XMV", "5CG02382XZ", "SGH327SZYD", "5CD9123KLM"
QUERY = "select * from device"
SLOW = "select serial from device where pg_sleep(30) is null"
ROWS = [
    (A, "Contoso", "jo@contoso.example", "2026-06-01 10:00:00", "2026-06-14"),
    (f" {B.lower()} ", None, None, None, None),
    ("5CG0000BBB", "Fabrikam", "al", None, "2026-06-13"),
]


@pytest.fixture
def ask(tmp_path):
    """What the database at a URL says of some serial keys: rows as dicts, and whether it has others."""

    def run(url, *keys, query=QUERY, personal=PERSONAL, everything=False, **given):
        con = connect()
        con.execute("create table _asked as select unnest(?::varchar[]) as serial_key", [list(keys)])
        database = Database(InventorySource(url=url, query=query, **given), tmp_path)
        assert database.missing() is None
        with ExitStack() as opened:
            found = database.open(con, Asked(None if everything else "from _asked", personal), opened)
            rows = con.execute(f"from ({found.relation})", dict(found.parameters)).fetchall()
        con.close()
        return [dict(zip(found.fields, row)) for row in rows], found.others

    return run


def lay(execute):
    execute("create table device (serial text, customer_name text, last_user text, last_seen timestamp, as_of date)")
    for row in ROWS:
        execute(f"insert into device values ({', '.join('null' if v is None else chr(39) + v + chr(39) for v in row)})")


@pytest.fixture(scope="module")
def server(postgres_server):
    postgres_server.execute("create database inventory")
    lay(lambda statement: postgres_server.execute(statement, database="inventory"))
    postgres_server.execute("grant select on device to guarded", database="inventory")
    return postgres_server


@pytest.fixture
def sqlite(tmp_path):
    con = sqlite3.connect(tmp_path / "cmdb.db")
    lay(con.execute)
    con.commit()
    con.close()
    return "sqlite:///cmdb.db"


@pytest.fixture(params=["postgresql", "sqlite"])
def url(request):
    if request.param == "sqlite":
        return request.getfixturevalue("sqlite")
    return request.getfixturevalue("server").url_of("inventory")


def test_only_what_is_asked_for_comes_back_with_all_that_is_known_of_it(url, ask):
    (row, blank), others = ask(url, A, B, C)
    assert (row["serial"], row["customer"], row["last_user"], row["as_of"]) == (
        A,
        "Contoso",
        "jo@contoso.example",
        "2026-06-14",
    )
    assert row["last_seen"].replace("T", " ") == "2026-06-01 10:00:00"
    assert blank == {"serial": f" {B.lower()} ", "customer": None, "last_user": None, "last_seen": None, "as_of": None}
    assert not others


def test_a_database_without_any_of_them_is_not_empty(url, ask):
    assert ask(url, D) == ([], True)
    assert ask(url, D, query="select serial from device where 1 = 0") == ([], False)
    assert ask(url, D, query="select '  ' as serial from device") == ([], False)


def test_everything(url, ask):
    assert [row["serial"].strip().upper() for row in ask(url, everything=True)[0]] == [A, B, "5CG0000BBB"]


def test_personal_columns_are_left_in_the_database(url, ask):
    (row,), _ = ask(url, A, personal=frozenset({"last_seen"}))
    assert set(row) == {"serial", "customer", "last_seen", "as_of"}


@pytest.mark.parametrize(
    "query",
    [
        "select * from device;",
        "  SELECT * FROM device -- all of them",
        "-- of the CMDB\nselect * from device",
        "/* of\nthe CMDB */ (select * from device)",
        "with d as (select * from device) select * from d",
        "select *, ':x' as y, '100%' as z from device where serial not like '%:nothing' and '%s' <> '%%'",
    ],
)
def test_queries_as_people_write_them(url, ask, query):
    if query.startswith("/*") and url.startswith("sqlite"):
        query = query.replace("(", "").replace(")", "")
    assert [row["serial"] for row in ask(url, A, query=query)[0]] == [A]


def test_columns_that_the_config_names(url, ask):
    query = 'select serial as "Asset Serial #", customer_name as "Owner", last_user as user from device'
    (row,), _ = ask(url, A, query=query, columns={"serial": "asset serial #", "customer": "Owner"})
    assert row == {"serial": A, "customer": "Contoso", "last_user": "jo@contoso.example"}


def test_more_keys_than_fit_into_one_question(url, ask, monkeypatch):
    monkeypatch.setattr(sql, "_BATCH", 2)
    monkeypatch.setattr(sql, "_BATCH_POSTGRESQL", 2)
    assert len(ask(url, C, D, B, "X", A)[0]) == 2


def test_as_many_keys_as_a_question_takes(url, ask):
    assert len(ask(url, *(f"X{n}" for n in range(20_500)), A)[0]) == 1


def test_a_column_of_numbers(server, ask):
    assert ask(server.url_of("inventory"), "123", query="select 123 as serial")[0] == [{"serial": "123"}]


def test_an_index_on_the_comparison_form_is_used(server):
    with psycopg.connect(server.url_of("inventory")) as con:
        for kind in ("text", "varchar"):
            con.execute(
                f"create temp table many as select md5(n::text)::{kind} as serial from generate_series(1, 20000) n"
            )
            con.execute("create index on many (upper(trim(serial)))")
            con.execute("analyze many")
            rows = con.execute(
                "explain select serial from (select * from many) q "
                "where upper(trim(cast(serial as varchar))) in ('A', 'B')"
            )
            assert "Index" in "".join(row[0] for row in rows)
            con.execute("drop table many")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("delete from device", "its query must be a SELECT"),
        ("update device set serial = ''", "its query must be a SELECT"),
        ("select * from device; delete from device", "refuses the query"),
        ("select 1 as serial) q; delete from device; --", "refuses the query"),
        ("select * form device", "refuses the query"),
        ("select serialnumber from device", "refuses the query"),
        ("select last_user, as_of from device", "there is no column with serial numbers among last_user, as_of: name"),
        ("select serial, serial as sn from device", "'serial' and 'sn' may both be the serial number"),
    ],
)
def test_queries_that_cannot_work(url, ask, query, words):
    with pytest.raises(UsageError) as told:
        ask(url, A, query=query)
    assert words in str(told.value)
    assert str(told.value).startswith("inventory ")
    assert len(ask(url, everything=True)[0]) == len(ROWS)


@pytest.mark.parametrize(
    "query",
    [
        "with gone as (delete from device returning *) select * from gone",
        "select nextval('counter')::text as serial",
    ],
)
def test_a_query_that_writes_in_disguise(server, ask, query):
    server.execute("create sequence if not exists counter", database="inventory")
    with pytest.raises(UsageError, match="refuses the query"):
        ask(server.url_of("inventory"), A, query=query)


def test_a_column_that_the_config_names_and_the_query_lacks(url, ask):
    with pytest.raises(UsageError, match="there is no column 'Owner', which the config names"):
        ask(url, A, columns={"customer": "Owner"})


def test_a_password_in_any_form_is_not_told(server, ask):
    secret = "s3cret%40%2F%3A%3F"
    good = f"postgresql://guarded:{secret}@127.0.0.1:{server.port}/inventory"
    assert len(ask(good, A)[0]) == 1
    with pytest.raises(UsageError) as told:
        ask(good.replace(secret, "wr%40ng"), A)
    assert "password authentication failed" in str(told.value)
    assert "wr@ng" not in str(told.value)
    assert "wr%40ng" not in str(told.value)
    for broken in (f"postgresql://guarded:{secret}@host:port/x", f"postgresql+psycopg://guarded:{secret}@[::1/x"):
        with pytest.raises(UsageError) as told:
            ask(broken, A)
        assert "s3cret" not in str(told.value)


def test_a_password_in_the_driver_s_own_words_is_not_told(ask):
    with pytest.raises(UsageError) as told:
        ask("postgresql://u@127.0.0.1:1/x?sslpassword=hunter2&options=hunter2", A)
    assert "hunter2" not in str(told.value)


def test_a_database_that_is_down(server, ask):
    server.stop()
    try:
        with pytest.raises(UsageError, match=r"the database cannot be reached \(.*refused.*\): see that it runs"):
            ask(server.url_of("inventory"), A)
    finally:
        server.start()


def test_a_database_that_is_slow(server, ask):
    with pytest.raises(UsageError, match=r"did not answer within 0.2 seconds"):
        ask(server.url_of("inventory"), A, query=SLOW, timeout=0.2)


def test_a_database_that_hangs_before_it_has_accepted(server, ask, monkeypatch):
    monkeypatch.setattr(sql, "_GRACE", 0.1)
    with server.frozen(), pytest.raises(UsageError, match=r"cannot be reached \(no answer\)"):
        ask(server.url_of("inventory"), A, connect_timeout=0.2)


def test_a_database_that_hangs_while_it_looks(server, ask, monkeypatch):
    monkeypatch.setattr(sql, "_GRACE", 0.2)
    with ExitStack() as frozen:
        freeze = Timer(0.5, lambda: frozen.enter_context(server.frozen()))
        freeze.start()
        with pytest.raises(UsageError, match=r"did not answer within 1 seconds"):
            ask(server.url_of("inventory"), A, query=SLOW, timeout=1)
        freeze.join()


def test_a_connection_that_breaks_off(server, ask):
    others = "pid <> pg_backend_pid() and"
    kill = f"select pg_terminate_backend(pid) from pg_stat_activity where {others} query like '%pg_sleep%'"
    strike = Timer(0.5, lambda: server.execute(kill, database="inventory"))
    strike.start()
    with pytest.raises(UsageError, match=r"the connection broke off \(.*\): try again"):
        ask(server.url_of("inventory"), A, query=SLOW)
    strike.join()


def test_a_driver_that_is_not_there(ask):
    with pytest.raises(UsageError, match=r"the driver MySQLdb is not installed .* pip install \"mysqlclient\""):
        ask("mysql://u:hunter2@host/x", A)
    with pytest.raises(UsageError, match="knows no database 'nosuch'"):
        ask("nosuch://u:hunter2@host/x", A)


def test_what_a_database_says_holds_today(tmp_path):
    asked = Asked(None, today=date(2026, 6, 15))
    source = InventorySource(url="postgresql://host/x", query=QUERY)
    assert Database(source, tmp_path).day(asked, {}) == date(2026, 6, 15)
    assert Database(source._replace(as_of=date(2026, 6, 1)), tmp_path).day(asked, {}) == date(2026, 6, 1)


def test_a_sqlite_file_is_as_old_as_an_export(tmp_path):
    asked = Asked(None, today=date(2026, 6, 15))
    source = InventorySource(url="sqlite:///cmdb-2026-06-02.db", query=QUERY)
    assert Database(source, tmp_path).day(asked, {}) == date(2026, 6, 2)
    source = InventorySource(url="sqlite:///cmdb.db", query=QUERY)
    assert Database(source, tmp_path).day(asked, {}) is None
    assert Database(source, tmp_path).day(asked, {"cmdb.db": date(2026, 5, 1)}) == date(2026, 5, 1)


def test_a_sqlite_file_is_not_made_by_looking_for_it(tmp_path):
    database = Database(InventorySource(url="sqlite:///cmdb.db", query=QUERY), tmp_path)
    assert "there is no inventory cmdb.db" in database.missing()
    assert not (tmp_path / "cmdb.db").exists()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("env:CMDB_URL", "CMDB_URL"),
        ("postgresql://u:p@host/cmdb?sslmode=require", "postgresql://host/cmdb"),
        ("postgresql+psycopg://host/cmdb", "postgresql://host/cmdb"),
        ("postgresql://u:p@ss?w@host/cmdb", "postgresql database"),
        ("postgresql:///cmdb?host=x&user=a@b", "postgresql database"),
        ("sqlite:////srv/cmdb.db", "/srv/cmdb.db"),
        ("sqlite:///data/cmdb.db", "data/cmdb.db"),
    ],
)
def test_what_a_database_is_called(tmp_path, url, name):
    assert Database(InventorySource(url=url, query=QUERY), tmp_path).name == name
