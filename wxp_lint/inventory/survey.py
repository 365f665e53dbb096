"""What there is to say of a list of devices without comparing it with anything."""

import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from wxp_lint.config.settings import InventorySource
from wxp_lint.database import Connection, connect, is_refusal
from wxp_lint.errors import UsageError
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Fault, Source
from wxp_lint.files.read import read_table
from wxp_lint.inventory.columns import ALIASES, HEAD, is_header
from wxp_lint.inventory.database import Database
from wxp_lint.inventory.devices import Asked, Devices
from wxp_lint.inventory.exports import Export, expand
from wxp_lint.keys import word
from wxp_lint.repo.history import committed

_DAYS = (r"(?P<y>\d{4})[-/](?P<m>\d\d?)[-/](?P<d>\d\d?)", r"(?P<d>\d\d?)\.(?P<m>\d\d?)\.(?P<y>\d{4})")
_USERS = frozenset(map(word, ALIASES["last-user"]))
# In the words of a column that names people, in the languages in which consoles are met.
_PEOPLE = re.compile(r"USER|E-?MAIL|COURRIEL|CORREO|UPN$|BENUTZER|ANWENDER|UTILISATEUR|USUARIO|UTENTE|GEBRUIKER")


class Survey(NamedTuple):
    """The lists of one source: how many there are, with how many PCs, and the day of the newest (None: unknown)."""

    lists: int
    devices: int
    day: date | None


def survey(source: InventorySource, root: Path, limits: Limits) -> Survey:
    """Reads the lists of a source that is no database. Raises UsageError for one that cannot be read."""
    exports = [Export(source, path, root) for path in expand(source, root)]
    commits = committed(root, [export.commit_path for export in exports if export.commit_path])
    con = connect()
    devices = 0
    days: list[date] = []
    for export in exports:
        with ExitStack() as opened:
            asked = Asked(None, limits=limits)
            count, told = _told(con, export.open(con, asked, opened))
        devices += count
        if day := told or export.day(asked, commits):
            days.append(day)
    con.close()
    return Survey(len(exports), devices, max(days, default=None))


def answers(database: Database) -> bool:
    """Whether a database that is asked for no device in particular has any. Raises UsageError if it does not answer."""
    con = connect()
    try:
        with ExitStack() as opened:
            return database.open(con, Asked("select '-'"), opened).others
    finally:
        con.close()


def people(path: Path, name: str, root: Path) -> list[str]:
    """The labels of the columns that name people, in a list called `name`; none where it cannot be read."""
    if path.suffix.lower() == ".parquet":
        return _people(_parquet(path))
    table = read_table(Source(name, path), is_header, Limits(), root)
    if isinstance(table, Fault):
        return []
    head = [cells for _, cells in table.body.head(HEAD)]
    header = next((cells for cells in head if any(is_header(cell, "") for cell in cells)), [])
    return _people(header)


def _people(labels: Iterable[str]) -> list[str]:
    return [label.strip() for label in labels if word(label) in _USERS or _PEOPLE.search(word(label))]


def _told(con: Connection, devices: Devices) -> tuple[int, date | None]:
    """How many devices a list has, and the newest day that a column of it tells."""
    try:
        ((count,),) = _ask(con, devices, "count(*)", "trim(serial)")
        days = _ask(con, devices, "distinct as_of", "as_of") if "as_of" in devices.fields else []
    except Exception as error:
        if not is_refusal(error):
            raise
        if devices.otherwise is None:
            raise UsageError(f"inventory {devices.name}: it cannot be read: export it again") from None
        return _told(con, devices.otherwise())
    return count, max((day for (text,) in days if (day := _day(text))), default=None)


def _ask(con: Connection, devices: Devices, what: str, filled: str) -> list[tuple[Any, ...]]:
    query = f"select {what} from ({devices.relation}) where {filled} <> ''"
    return con.execute(query, dict(devices.parameters)).fetchall()


def _day(text: str) -> date | None:
    for form in _DAYS:
        if found := re.match(form, text.strip()):
            try:
                return date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                return None
    return None


def _parquet(path: Path) -> Sequence[str]:
    con = connect()
    try:
        return [row[0] for row in con.execute("describe from read_parquet($path)", {"path": str(path)}).fetchall()]
    except Exception as error:
        if not is_refusal(error):
            raise
        return []
    finally:
        con.close()
