"""The ledger in PostgreSQL, for fleets with many runners (SQLAlchemy Core; psycopg 3)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from wxp_lint.errors import UsageError
from wxp_lint.ledger.book import conflict
from wxp_lint.ledger.events import Head, line_hash
from wxp_lint.ledger.protocol import Damaged, LedgerError, Refused, Unreachable, Unsure

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_CONNECT = 10  # seconds to connect
_WAIT = 30  # seconds for another writer to finish
_ADVISORY = 0x77787031
# The schema, a step a version; the table wxp_lint_schema says how many were taken.
_STEPS = (("create table wxp_lint_event (seq bigint primary key check (seq > 0), line text not null)",),)


class PostgresStore:
    """A table with one row an event. Writers queue at an advisory lock; the primary key is the second guard."""

    def __init__(self, url: str) -> None:
        self._engine, self._secret = _engine(url)
        place = self._engine.url
        self.name = f"postgresql ledger {place.host or 'localhost'}/{place.database or ''}"

    def lines(self, *, trusting: bool = False) -> Sequence[str] | None:
        """As `Store.lines`; nothing is written."""
        with self._told(), self._engine.connect() as con:
            return (_lines(con) or None) if _version(con, self.name) else None

    def add(self, expected: Head | None, lines: Sequence[str]) -> Sequence[str]:
        """As `Store.add`."""
        from sqlalchemy import text
        from sqlalchemy.exc import DBAPIError, IntegrityError

        with self._told(), self._engine.connect() as con:
            _begin(con)
            _upgrade(con, self.name)
            last = con.execute(text("select seq, line from wxp_lint_event order by seq desc limit 1")).first()
            there = (last[0], line_hash(last[1])) if last else (0, "")
            if there != ((expected.length, expected.hash) if expected else (0, "")):
                raise conflict(self.name)
            rows = [{"seq": seq, "line": line} for seq, line in enumerate(lines, start=there[0] + 1)]
            try:
                con.execute(text("insert into wxp_lint_event values (:seq, :line)"), rows)
            except IntegrityError:
                raise conflict(self.name) from None
            after = _lines(con)
            try:
                con.commit()
            except DBAPIError as error:
                raise Unsure(
                    f"{self.name}: whether it was written is not known ({self._said(error)}); run the command again"
                ) from None
            return after

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the database refuses, in words."""
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        try:
            yield
        except LedgerError:
            raise
        except DBAPIError as error:
            said = self._said(error)
            code = getattr(error.orig, "sqlstate", None) or ""
            if code == "55P03":
                raise Refused(
                    f"{self.name}: another process held it for {_WAIT} seconds: run the command again"
                ) from None
            if code.startswith("53") or code in ("42501", "25006"):
                raise Refused(f"{self.name}: nothing was written: {said}") from None
            raise Unreachable(f"{self.name} is out of reach, nothing was written: {said}") from None
        except SQLAlchemyError as error:
            raise Unreachable(f"{self.name}: {self._hidden(str(error))}") from None

    def _said(self, error: BaseException) -> str:
        origin = getattr(error, "orig", None) or error
        return self._hidden(" ".join(str(origin).split()) or type(origin).__name__)

    def _hidden(self, words: str) -> str:
        return words.replace(self._secret, "***") if self._secret else words


def _engine(url: str) -> "tuple[Engine, str]":
    """The engine for `url`, and the password in it ("" if there is none)."""
    from sqlalchemy import NullPool, create_engine, make_url
    from sqlalchemy.exc import ArgumentError

    try:
        place = make_url(url).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        raise UsageError(
            "[apply] ledger: the URL cannot be read: postgresql://USER@HOST/DATABASE, with what is special in a "
            "password written as %XX"
        ) from None
    timeouts = {"connect_timeout": _CONNECT, "tcp_user_timeout": 1000 * _WAIT, "keepalives_idle": 10}
    arguments = {name: value for name, value in timeouts.items() if name not in place.query}
    try:
        engine = create_engine(place, poolclass=NullPool, connect_args={**arguments, "application_name": "wxp-lint"})
    except ImportError:
        raise UsageError('[apply] ledger: PostgreSQL needs its driver: pip install "wxp-lint[postgres]"') from None
    return engine, str(place.password or "")


def _begin(con: "Connection") -> None:
    """Waits until nobody else writes; the lock ends with the transaction."""
    from sqlalchemy import text

    con.execute(text(f"set local lock_timeout = '{_WAIT}s'"))
    # A runner that is stopped halfway must not keep the others out for ever.
    con.execute(text(f"set local idle_in_transaction_session_timeout = '{_WAIT // 2}s'"))
    # A server may be set to answer before a commit is on the disk.
    con.execute(
        text(
            "select set_config('synchronous_commit', 'on', true) "
            "where current_setting('synchronous_commit') in ('off', 'local')"
        )
    )
    con.execute(text("select pg_advisory_xact_lock(:key, hashtext(current_schema()))"), {"key": _ADVISORY})


def _upgrade(con: "Connection", name: str) -> None:
    """Brings the schema up to date, under the lock and in the transaction that are held."""
    from sqlalchemy import text

    version = _version(con, name)
    if version == len(_STEPS):
        return
    if not version:
        con.execute(text("create table wxp_lint_schema (version integer not null)"))
        con.execute(text("insert into wxp_lint_schema values (0)"))
    for step in _STEPS[version:]:
        for statement in step:
            con.execute(text(statement))
    con.execute(text("update wxp_lint_schema set version = :version"), {"version": len(_STEPS)})


def _version(con: "Connection", name: str) -> int:
    from sqlalchemy import text

    if con.execute(text("select to_regclass('wxp_lint_schema')")).scalar() is None:
        return 0
    version: int = con.execute(text("select version from wxp_lint_schema")).scalar_one()
    if version > len(_STEPS):
        raise Damaged(f"{name}: a newer wxp-lint wrote it (version {version}); update wxp-lint")
    return version


def _lines(con: "Connection") -> list[str]:
    from sqlalchemy import text

    return list(con.execute(text("select line from wxp_lint_event order by seq")).scalars())
