"""A SQL database as a list of devices: only those in question are asked for, in batches, and nothing is written."""

import os
import re
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import NamedTuple

from wxp_lint.config.settings import InventorySource
from wxp_lint.database import Connection, insert
from wxp_lint.errors import UsageError
from wxp_lint.inventory.ages import day_in
from wxp_lint.inventory.devices import Asked, Devices, fresh

_SQLITE = re.compile(r"(sqlite(?:\+\w+)?:///)([^?]+)")
_BEGINNING = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*(?:select|with|values|table|from)\b", re.DOTALL | re.I)
_ENV = "env:"


class Database(NamedTuple):
    """A database, as a DeviceSource: the entry of the config that names it, and where a file's path starts."""

    source: InventorySource
    root: Path

    @property
    def name(self) -> str:
        """The environment variable that holds the URL, a file's path, or what of the URL is no secret."""
        url = self.source.url or ""
        if url.startswith(_ENV):
            return url.removeprefix(_ENV)
        if self.file:
            return self.commit_path or self.file.as_posix()
        # Whatever may be a user or a password stands before the last @ or after the first ?.
        scheme, _, rest = url.partition("://")
        host = rest.partition("?")[0].rpartition("@")[2] if "@" not in rest.partition("?")[2] else ""
        return f"{scheme.partition('+')[0]}://{host}" if host else f"{scheme.partition(':')[0]} database"

    @property
    def size(self) -> int:
        """Only what is asked for is read, which is little."""
        return 0

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database."""
        return sqlite_file(self.address, self.root)

    @property
    def address(self) -> str:
        """Its URL; "" where the environment has none."""
        url = self.source.url or ""
        return os.environ.get(url.removeprefix(_ENV), "").strip() if url.startswith(_ENV) else url

    @property
    def commit_path(self) -> str | None:
        """Of a SQLite database below the root, its path from there."""
        file = self.file
        return file.relative_to(self.root).as_posix() if file and file.is_relative_to(self.root) else None

    def missing(self) -> str | None:
        """Why there is nothing to ask, in the user's terms."""
        if not self.address:
            return f"the environment variable {self.name}, which is to hold the URL of the inventory, is not set"
        if self.file and not self.file.is_file():
            return f"there is no inventory {self.name}: mend the url in [inventory] sources"
        return None

    def open(self, con: Connection, asked: Asked, opened: ExitStack) -> Devices:
        """Its devices with one of the serial keys that are asked for, or all of them. Raises UsageError."""
        query = (self.source.query or "").strip().rstrip(";").rstrip()
        if not _BEGINNING.match(query):
            raise UsageError(f"inventory {self.name}: its query must be a SELECT: mend it in [inventory] sources")
        from wxp_lint.inventory.sql import Question, answers, has_any

        keys = None
        if asked.keys is not None:
            keys = [key for (key,) in con.execute(asked.keys).fetchall() if key.isprintable()]
            if asked.most is not None and len(keys) > asked.most:
                return Devices(self.name, ("serial",), "select null::varchar as serial where false", {}, partial=True)
        question = Question(self.name, self.address, self.file, query, self.source, asked.leaves)
        found = answers(question, keys)
        fields, _ = next(found)
        (table,) = fresh("_database")
        con.execute(f"create temp table {table} ({', '.join(f'{field} varchar' for field in fields)})")
        opened.callback(con.execute, f"drop table {table}")
        count = 0
        for rows in filter(None, (rows for _, rows in found)):
            insert(con, table, dict(zip(fields, map(list, zip(*rows)))))
            count += len(rows)
        is_partial = keys is not None
        others = is_partial and not count and asked.most is None and has_any(question)
        return Devices(self.name, fields, f"from {table}", {}, others=others, partial=is_partial)

    def day(self, asked: Asked, committed: Mapping[str, date]) -> date | None:
        """As of an export for a SQLite file; what another database says holds now, if the config gives no day."""
        if self.file:
            return day_in(self.file.name) or self.source.as_of or committed.get(self.commit_path or "")
        return self.source.as_of or asked.today or date.today()


def url_of(url: str, file: Path) -> str:
    """A SQLite URL with another file, as an absolute path."""
    return _SQLITE.sub(lambda found: f"{found[1]}{file}", url)


def sqlite_file(url: str, root: Path) -> Path | None:
    """The file that a SQLite URL names; a relative path starts from `root`."""
    found = _SQLITE.match(url)
    return Path(os.path.normpath(root / found[2])) if found else None
