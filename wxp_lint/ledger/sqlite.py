"""The ledger in a SQLite file, for one person or one host."""

import sqlite3
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from wxp_lint.ledger.book import conflict
from wxp_lint.ledger.events import Head, line_hash
from wxp_lint.ledger.protocol import Damaged, LedgerError, Refused, Unreachable, Unsure

_WAIT = 30.0  # seconds for another writer to finish
_OURS = 0x77787031  # application_id: "wxp1"
# The schema, a step a version; `user_version` says how many were taken.
_STEPS = (
    """
    create table event (
        seq integer primary key check (seq > 0),
        line text not null
    ) strict
    """,
)


class SqliteStore:
    """A file with one row an event; WAL, and synchronous=FULL so that a commit outlives a power cut."""

    def __init__(self, file: Path, shown: str) -> None:
        self._file = file
        self.name = f"sqlite ledger {shown}"

    def lines(self, *, trusting: bool = False) -> Sequence[str] | None:
        """As `Store.lines`; nothing is written, no file is made."""
        with self._told():
            if not self._is_there():
                return None
            try:
                return self._read("mode=ro")
            except sqlite3.OperationalError:
                # Where the folder cannot be written to, the file can be read only if nothing is left in a WAL.
                if not self._is_whole():
                    raise
                return self._read("mode=ro&immutable=1")

    def add(self, expected: Head | None, lines: Sequence[str]) -> Sequence[str]:
        """As `Store.add`."""
        with self._told():
            self._is_there()
            self._file.parent.mkdir(parents=True, exist_ok=True)
            con = sqlite3.connect(self._file, timeout=_WAIT, isolation_level=None)
            try:
                self._prepare(con)
                return self._insert(con, expected, lines)
            finally:
                con.close()

    def _insert(self, con: sqlite3.Connection, expected: Head | None, lines: Sequence[str]) -> list[str]:
        con.execute("begin immediate")
        try:
            self._upgrade(con)
            last = con.execute("select seq, line from event order by seq desc limit 1").fetchone()
            there = (last[0], line_hash(last[1])) if last else (0, "")
            if there != ((expected.length, expected.hash) if expected else (0, "")):
                raise conflict(self.name)
            con.executemany("insert into event values (?, ?)", enumerate(lines, start=there[0] + 1))
            after = _lines(con)
        except BaseException:
            _undo(con)
            raise
        try:
            con.execute("commit")
        except sqlite3.Error as error:
            _undo(con)
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY):
                raise
            raise Unsure(f"{self.name}: whether it was written is not known ({error}); run the command again") from None
        return after

    def _prepare(self, con: sqlite3.Connection) -> None:
        con.execute("pragma synchronous = full")
        # The change to WAL takes a lock that SQLite does not wait for.
        deadline = time.monotonic() + _WAIT
        while con.execute("pragma journal_mode").fetchone()[0] != "wal":
            try:
                con.execute("pragma journal_mode = wal")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    raise
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def _upgrade(self, con: sqlite3.Connection) -> None:
        """Brings the schema up to date within the transaction that is open."""
        version = self._version(con)
        for step in _STEPS[version:]:
            con.execute(step)
        if version < len(_STEPS):
            con.execute(f"pragma application_id = {_OURS}")
            con.execute(f"pragma user_version = {len(_STEPS)}")

    def _version(self, con: sqlite3.Connection) -> int:
        version: int = con.execute("pragma user_version").fetchone()[0]
        owner = con.execute("pragma application_id").fetchone()[0]
        if owner != _OURS and (version or owner or con.execute("select 1 from sqlite_master limit 1").fetchone()):
            raise Damaged(f"{self.name}: the file is a database of something else; put [apply] ledger right")
        if version > len(_STEPS):
            raise Damaged(f"{self.name}: a newer wxp-lint wrote it (version {version}); update wxp-lint")
        return version

    def _read(self, mode: str) -> list[str] | None:
        con = sqlite3.connect(f"{self._file.absolute().as_uri()}?{mode}", timeout=_WAIT, isolation_level=None, uri=True)
        try:
            con.execute("begin")
            return (_lines(con) or None) if self._version(con) else None
        finally:
            con.close()

    def _is_there(self) -> bool:
        """Whether there is a file; what is no regular one could make SQLite wait for ever."""
        try:
            mode = self._file.stat().st_mode
        except FileNotFoundError:
            return False
        if not stat.S_ISREG(mode):
            raise Damaged(f"{self.name}: it is a folder, pipe or device instead of a file; put [apply] ledger right")
        return True

    def _is_whole(self) -> bool:
        try:
            return self._file.with_name(f"{self._file.name}-wal").stat().st_size == 0
        except FileNotFoundError:
            return True

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite and the file system refuse, in words."""
        try:
            yield
        except LedgerError:
            raise
        except sqlite3.Error as error:
            raise self._words(error) from None
        except OSError as error:
            raise Unreachable(f"{self.name}: {error.strerror or error}; make its folder accessible") from None

    def _words(self, error: sqlite3.Error) -> LedgerError:
        code = getattr(error, "sqlite_errorcode", None)
        make, mend = _MENDS.get((code or 0) & 0xFF, (Unreachable, "see that the file can be read and written"))
        return make(f"{self.name}: {error}; {mend}")


_MENDS: dict[int, tuple[Callable[[str], LedgerError], str]] = {
    sqlite3.SQLITE_FULL: (Refused, "nothing was written: make room on the disk"),
    sqlite3.SQLITE_BUSY: (Refused, f"another process held it for {_WAIT:.0f} seconds: run the command again"),
    sqlite3.SQLITE_READONLY: (Refused, "nothing was written: it lies where only reading is allowed"),
    sqlite3.SQLITE_NOTADB: (Damaged, "the file is no database: put [apply] ledger right, or bring a backup back"),
    sqlite3.SQLITE_CORRUPT: (Damaged, "the file is damaged: bring a backup back (wxp-lint ledger import)"),
    sqlite3.SQLITE_IOERR: (Refused, "nothing was written: see that the disk has room and works"),
}


def _lines(con: sqlite3.Connection) -> list[str]:
    return [line for (line,) in con.execute("select line from event order by seq")]


def _undo(con: sqlite3.Connection) -> None:
    try:
        if con.in_transaction:
            con.execute("rollback")
    except sqlite3.Error:
        return  # closing the connection undoes it too
