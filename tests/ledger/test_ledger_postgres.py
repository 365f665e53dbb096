"""The ledger in PostgreSQL: restarts, answers that are lost, schema, secrets."""

import sys
import time

import pytest
from postgres import GUARDED, PASSWORD
from writer import WHO, book, prepared

from wxp_lint.errors import UsageError
from wxp_lint.ledger import peek as peeking
from wxp_lint.ledger import postgres as store
from wxp_lint.ledger.events import Draft
from wxp_lint.ledger.protocol import Damaged, LedgerError, Refused, Unreachable, Unsure


@pytest.fixture
def site(site_of):
    return site_of("postgresql")


def test_it_comes_back_after_a_restart(site):
    ledger = site.book()
    log = ledger.append(None, [prepared("a")], WHO)
    site.server.stop()
    try:
        with pytest.raises(Unreachable, match="out of reach"):
            ledger.read()
        with pytest.raises(Unreachable, match="nothing was written"):
            ledger.append(log.head, [Draft("taken", "t-a")], WHO)
    finally:
        site.server.start()

    assert ledger.read() == log
    assert len(ledger.append(log.head, [Draft("taken", "t-a")], WHO).events) == 3


def test_a_restart_while_a_runner_appends_loses_and_repeats_nothing(site):
    site.book().append(None, [prepared("a")], WHO)
    runner = site.run("many", 60)
    assert runner.stdout.readline() == "0\n"
    for _ in range(2):
        time.sleep(0.15)
        site.server.stop()
        site.server.start()
    out, err = runner.communicate(timeout=60)

    assert (runner.returncode, err) == (0, "")
    assert [int(line) for line in out.split()] == list(range(1, 60))
    names = [event.transfer for event in site.book().read().events[2:]]
    assert names == [f"t-m{number}" for number in range(60)]


def test_a_commit_whose_answer_is_lost_leaves_a_doubt(site, monkeypatch):
    from psycopg import OperationalError
    from sqlalchemy import Connection
    from sqlalchemy.exc import DBAPIError

    ledger = site.book()
    log = ledger.append(None, [prepared("a")], WHO)
    commit = Connection.commit

    def cut(connection):
        commit(connection)
        raise DBAPIError("commit", None, OperationalError("server closed the connection unexpectedly"))

    monkeypatch.setattr(Connection, "commit", cut)
    with pytest.raises(Unsure, match="whether it was written is not known"):
        ledger.append(log.head, [Draft("taken", "t-a")], WHO)
    monkeypatch.undo()

    assert len(ledger.read().events) == 3


def test_a_runner_that_is_stopped_halfway_keeps_nobody_out(site, monkeypatch):
    monkeypatch.setattr(store, "_WAIT", 2)
    log = site.book().append(None, [prepared("a")], WHO)
    held = store.PostgresStore(site.address)
    with held._engine.connect() as con:
        store._begin(con)
        began = time.monotonic()
        after = site.book("two").append(log.head, [Draft("taken", "t-a")], WHO)

        assert 0.5 < time.monotonic() - began < 2
        assert len(after.events) == 3
        con.invalidate()


def test_a_server_that_never_answers_does_not_hold_up_a_check(site, monkeypatch):
    from wxp_lint.config.settings import Apply, Settings

    site.book().append(None, [prepared("a")], WHO)
    monkeypatch.setattr(peeking, "_PATIENCE", 0.5)
    settings = Settings(root=site.root(), apply=Apply(ledger=site.address))
    with site.server.frozen():
        began = time.monotonic()
        seen = peeking.peek(settings)
        took = time.monotonic() - began

    assert (seen.rows, took < 5) == (None, True)
    assert "did not answer within 0.5 seconds" in seen.reason
    assert peeking.peek(settings).rows


def test_the_schema_upgrades_itself_and_a_newer_one_is_left_alone(site):
    log = site.book().append(None, [prepared("a")], WHO)
    site.execute("update wxp_lint_schema set version = 7")

    for go in (lambda: site.book().read(), lambda: site.book().append(log.head, [Draft("taken", "t-a")], WHO)):
        with pytest.raises(Damaged, match=r"a newer wxp-lint wrote it \(version 7\)"):
            go()


def test_who_may_only_read_is_told_so(site):
    log = site.book().append(None, [prepared("a")], WHO)
    site.execute(f"grant select on wxp_lint_event, wxp_lint_schema to {GUARDED}")
    from urllib.parse import quote

    address = site.server.url_of(site.database, f"{GUARDED}:{quote(PASSWORD, safe='')}")
    ledger = book(site.root("reader"), address)

    assert ledger.read() == log
    with pytest.raises(Refused, match=r"nothing was written: .*permission denied"):
        ledger.append(log.head, [Draft("taken", "t-a")], WHO)
    assert GUARDED not in ledger.name


def test_a_wrong_password_is_never_shown(site):
    address = site.server.url_of(site.database, f"{GUARDED}:not-the-pass")

    with pytest.raises(LedgerError) as told:
        book(site.root(), address).read()

    assert "not-the-pass" not in str(told.value)
    assert "password authentication failed" in str(told.value)


@pytest.mark.parametrize("address", ["postgresql://kim:s3cret@[::1/x", "postgresql://kim:s3cret@host:port/x"])
def test_an_address_that_cannot_be_read_is_not_shown(tmp_path, address):
    with pytest.raises(UsageError, match="the URL cannot be read") as told:
        book(tmp_path, address)

    assert "s3cret" not in str(told.value)


def test_a_missing_driver_is_told_with_the_line_that_installs_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(UsageError, match=r'pip install "wxp-lint\[postgres\]"'):
        book(tmp_path, "postgresql://kim@127.0.0.1:9/x")
