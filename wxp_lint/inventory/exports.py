"""Device lists exported from the console (CSV or XLSX) -> a relation of devices in DuckDB.

Column labels are localised and undocumented (DOMAIN, "Where the inventory comes from"): they are matched by aliases,
or named in the config.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path

from wxp_lint.config.settings import InventorySource
from wxp_lint.database import Connection, insert, whole_lines
from wxp_lint.errors import UsageError
from wxp_lint.files.header import SERIAL, SERIAL_ALIASES
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Fault, Lines, Source
from wxp_lint.files.read import read_table
from wxp_lint.keys import key, word

ALIASES: Mapping[str, tuple[str, ...]] = {
    "serial": SERIAL_ALIASES,
    "customer": ("customer", "customer id", "customer name", "company", "company name", "company id", "tenant",
                 "tenant id", "tenant name", "Kunde", "Firma", "Client", "Cliente", "Klant"),
    "device-name": ("device name", "name", "hostname", "Gerätename", "Nom de l'appareil"),
    "last-user": ("last signed-in user", "last user", "user", "last logged in user", "Letzter Benutzer"),
    "last-seen": ("last seen", "last seen on", "last activity", "Zuletzt gesehen"),
    "as-of-column": ("as of", "exported on", "export date"),
}  # fmt: skip
FIELDS = tuple(ALIASES)
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Devices:
    """A relation over one source with the columns serial, customer, device_name, last_user, last_seen, as_of.

    All are texts as they stand, null where the source has no such column. `name` is how messages call the source.
    """

    name: str
    place: str | None
    as_of: date | None
    relation: str
    parameters: Mapping[str, str]


def expand(source: InventorySource, root: Path) -> list[Path]:
    """The files that a source names: itself, a folder's exports, or what its glob matches. Raises UsageError."""
    pattern = source.path or ""
    path = root / pattern
    if path.is_dir():
        found = sorted(p for p in path.iterdir() if p.suffix.lower() in (".csv", ".xlsx") and p.name[:2] != "~$")
    elif path.exists() or not set(pattern) & set("*?["):
        found = [path]
    else:
        found = sorted(root.glob(pattern))
    if not found:
        raise UsageError(f"inventory: nothing matches {pattern}: export the device list there, or mend [inventory] sources")
    return found


@contextmanager
def open_export(con: Connection, source: InventorySource, path: Path, name: str) -> Iterator[Devices]:
    """The devices of one export file. Raises UsageError that names the file and the mend."""
    found = read_table(Source(name, path), _is_header, Limits(), path.parent)
    if isinstance(found, Fault):
        raise UsageError(f"inventory {name}: {found.detail}")
    start, columns = _columns(found.body.head(50), source, name)
    with ExitStack() as stack:
        if isinstance(found.body, Lines):
            lines, parameters = stack.enter_context(whole_lines([found.body.data]))
            split = f"select string_split(text, $delimiter) as p, row_number() over () as line from {lines}"
            picked = ", ".join(f"p[{at + 1}] as {_sql(field)}" for field, at in columns.items())
            relation = f"select {picked}{_missing(columns)} from ({split}) where line > {start}"
            parameters = {**parameters, "delimiter": found.body.delimiter}
        else:
            table = f"_export_{next(_numbers)}"
            texts = {_sql(field): _texts(found.body.columns, at) for field, at in columns.items()}
            con.execute(f"create temp table {table} ({', '.join(f'{name} varchar' for name in texts)})")
            skip = next((at for at, line in enumerate(found.body.lines) if line > start), len(found.body.lines))
            insert(con, table, {name: column[skip:] for name, column in texts.items()})
            stack.callback(con.execute, f"drop table {table}")
            relation, parameters = f"select {', '.join(texts)}{_missing(columns)} from {table}", {}
        yield Devices(name, source.place, source.as_of, relation, parameters)


def _is_header(a: str, b: str) -> bool:
    known = set(map(word, SERIAL_ALIASES))
    return word(a) in known or word(b) in known


def _texts(columns: Sequence[list[str]], at: int) -> list[str]:
    return columns[at]


def _sql(field: str) -> str:
    return {"as-of-column": "as_of"}.get(field, field.replace("-", "_"))


def _missing(columns: Mapping[str, int]) -> str:
    return "".join(f", null::varchar as {_sql(field)}" for field in FIELDS if field not in columns)


def _columns(head: Sequence[tuple[int, list[str]]], source: InventorySource, name: str) -> tuple[int, dict[str, int]]:
    """(line of the header, 0 without one; field -> index of its column)."""
    named = {field: source.columns[field] for field in FIELDS if field in source.columns}
    wanted = {field: {word(named[field])} if field in named else set(map(word, ALIASES[field])) for field in FIELDS}
    for line, cells in head:
        words = [word(cell) for cell in cells]
        if wanted["serial"] & set(words):
            return line, _match(words, cells, wanted, named, name)
    if "serial" not in named and head and SERIAL.fullmatch(key(head[0][1][0])):
        return 0, {"serial": 0}
    asked = f"the column '{named['serial']}'" if "serial" in named else "a serial number column"
    seen = ", ".join(filter(None, map(str.strip, head[0][1])))[:200] if head else ""
    raise UsageError(
        f"inventory {name}: {asked} is not there"
        + (f" (its first line says: {seen})" if seen else " (the file is empty)")
        + ": name it in the config, as in sources = [{path = ..., serial = \"SN\"}]"
    )


def _match(
    words: Sequence[str], cells: Sequence[str], wanted: Mapping[str, set[str]], named: Mapping[str, str], name: str
) -> dict[str, int]:
    found: dict[str, int] = {}
    for field in FIELDS:
        places = [at for at, text in enumerate(words) if text in wanted[field]]
        if field == "serial" and len(places) > 1:
            both = " and ".join(f"'{cells[at].strip()}'" for at in places)
            raise UsageError(f"inventory {name}: the columns {both} could both hold serials: name one in the config (serial = ...)")
        if field in named and not places:
            raise UsageError(f"inventory {name}: the column '{named[field]}' named in the config is not there")
        if places:
            found[field] = places[0]
    return found
