"""The ledger in a SQLite file: its settings, other files in its place, reading where nothing may be written."""

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from writer import WHO, book, prepared

from wxp_lint.ledger.events import Draft
from wxp_lint.ledger.protocol import Conflict, Damaged


@pytest.fixture
def site(site_of):
    return site_of("sqlite")


def connect(site):
    return closing(sqlite3.connect(site.folder / "shared/ledger.db"))


def test_it_outlives_a_power_cut(site):
    site.book().append(None, [prepared("a")], WHO)

    with connect(site) as con:
        assert con.execute("pragma journal_mode").fetchone() == ("wal",)
        assert con.execute("pragma user_version").fetchone() == (1,)


def test_an_event_cannot_take_the_place_of_another(site):
    site.book().append(None, [prepared("a")], WHO)

    with connect(site) as con, pytest.raises(sqlite3.IntegrityError):
        con.execute("insert into event values (2, 'x')")


def test_a_newer_schema_is_left_alone(site):
    site.book().append(None, [prepared("a")], WHO)
    with connect(site) as con:
        con.execute("pragma user_version = 9")

    with pytest.raises(Damaged, match=r"a newer wxp-lint wrote it \(version 9\); update wxp-lint"):
        site.book().read()


@pytest.mark.parametrize("content", [b"no database at all, " * 100, None])
def test_a_file_of_something_else_is_left_alone(site, content):
    file = site.folder / "shared/ledger.db"
    file.parent.mkdir()
    if content:
        file.write_bytes(content)
    else:
        with connect(site) as con:
            con.execute("create table accounts (x)")
    before = file.read_bytes()

    for go in (lambda: site.book().read(), lambda: site.book().append(None, [prepared("a")], WHO)):
        with pytest.raises(Damaged, match="put \\[apply\\] ledger right"):
            go()

    assert file.read_bytes() == before


def test_an_empty_file_is_no_ledger_yet(site):
    file = site.folder / "shared/ledger.db"
    file.parent.mkdir()
    file.touch()

    assert site.book().read() is None
    assert len(site.book().append(None, [prepared("a")], WHO).events) == 2


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_is_told_and_not_waited_for(tmp_path, make):
    make(tmp_path / "ledger.db")
    ledger = book(tmp_path, "sqlite:ledger.db")

    for go in (ledger.read, lambda: ledger.append(None, [prepared("a")], WHO)):
        with pytest.raises(Damaged, match="a folder, pipe or device instead of a file"):
            go()


def test_it_is_read_where_nothing_may_be_written(site, tmp_path, uncovered):
    """On a checkout that is mounted read-only, say; root may write anywhere, so another account reads."""
    site.book().append(None, [prepared("a")], WHO)
    shared = site.folder / "shared"
    for folder in (tmp_path, *tmp_path.parents):
        if folder == Path(tempfile.gettempdir()):
            break
        folder.chmod(0o755)
    shared.chmod(0o555)
    try:
        reader = site.run("read_as_nobody")
        told = reader.communicate(timeout=30)
    finally:
        shared.chmod(0o755)

    assert told == ("2\n", "")


def test_a_writer_that_sits_on_the_lock_is_waited_for_and_named(site, monkeypatch):
    monkeypatch.setattr("wxp_lint.ledger.sqlite._WAIT", 0.2)
    log = site.book().append(None, [prepared("a")], WHO)
    with connect(site) as con:
        con.execute("begin immediate")
        with pytest.raises(Exception, match="database is locked; another process held it"):
            site.book().append(log.head, [Draft("taken", "t-a")], WHO)
        con.execute("rollback")

    assert len(site.book().append(log.head, [Draft("taken", "t-a")], WHO).events) == 3


def test_a_log_that_was_changed_by_hand_cannot_be_read(site):
    log = site.book().append(None, [prepared("a"), prepared("b")], WHO)
    with connect(site) as con:
        con.execute("update event set line = replace(line, 't-a', 't-x') where seq = 2")
        con.commit()

    with pytest.raises(Damaged, match="event 3 does not follow event 2"):
        site.book("two").read()
    with pytest.raises((Damaged, Conflict)):
        site.book("two").append(log.head, [Draft("taken", "t-b")], WHO)
