"""The registry of the partner's customers, a CSV (DESIGN 8, `customers`) -> the table `customer`."""

import io
import json
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from wxp_lint.database import Connection
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.keys import key, word

REQUIRED = ("customer_id", "name")
OPTIONAL = ("folder", "status", "merged_into", "protected", "domains", "aliases", "owners")
COLUMNS = REQUIRED + OPTIONAL
STATUSES = ("active", "closed", "merged")
_BY_WORD = {word(name): name for name in COLUMNS}
_YES_OR_NO = {"": False, "true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
MOST = 100_000_000  # bytes of the registry
_WIDEST = 1000  # columns: each unknown one is compared with those that are missing
_TOLD = 10  # lines of a circle that are told
_NEAR = 0.8  # likeness from which an unknown column is a typo and not a column of its own
_LISTS = ("domains", "aliases", "owners", "name_keys")
_SHAPE = json.dumps(
    {
        **dict.fromkeys(("customer_key", *COLUMNS), "varchar"),
        "protected": "boolean",
        **{name: ["varchar"] for name in _LISTS},
        "line": "integer",
    }
)


class _Customer(NamedTuple):
    """One line of the registry, checked; `merged_into` as it stands there."""

    line: int
    customer_id: str
    name: str
    folder: str | None
    status: str
    merged_into: str | None
    protected: bool
    domains: tuple[str, ...]
    aliases: tuple[str, ...]
    owners: tuple[str, ...]

    @property
    def customer_key(self) -> str:
        return key(self.customer_id)

    @property
    def name_keys(self) -> list[str]:
        return list(dict.fromkeys(map(key, (self.name, *self.aliases))))


class Proposal(NamedTuple):
    """The bytes of a registry that is not in force yet, and the revision whose registry is."""

    data: bytes
    revision: str


def read_customers(root: Path, name: str) -> bytes:
    """The bytes of the registry `name`, a path from `root`. Raises UsageError if it cannot be read."""
    try:
        status = (root / name).stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST:
            raise UsageError(f"customers {name}: it is no file of at most {MOST:,} bytes: put a CSV there")
        return (root / name).read_bytes()
    except FileNotFoundError:
        raise UsageError(f"customers {name}: there is no such file: mend `customers` in the config") from None
    except OSError as error:
        raise UsageError(f"customers {name}: cannot be read ({error.strerror or error})") from None


def load_customers(con: Connection, data: bytes, name: str) -> None:
    """Fills `customer` from the bytes of the registry that messages call `name`.

    `name_keys` are the name and the aliases as they are compared. `merged_into` becomes the Customer ID of
    the customer that carries on, at the end of the chain if that one was merged too; it stays as it is where
    the registry does not know it. Raises UsageError that names the line and the mend.
    """
    customers = list(_customers(data, name))
    _check_unique(customers, name)
    successors = _successors(customers, name)
    rows = [
        {
            **{column: getattr(customer, column) for column in COLUMNS},
            "merged_into": successors.get(customer.customer_key, customer.merged_into),
            "customer_key": customer.customer_key,
            "name_keys": customer.name_keys,
            "line": customer.line,
        }
        for customer in customers
    ]
    if rows:
        con.execute(
            "insert into customer by name select r.* from (select unnest(from_json($rows, $shape)) as r)",
            {"rows": json.dumps(rows), "shape": f"[{_SHAPE}]"},
        )


def lost_successors(data: bytes, name: str) -> Iterator[str]:
    """What to tell of each `merged_into` that names nobody in the registry, after the place of its line.

    That is no error: whoever carries on may be no customer of the partner's. Raises UsageError as `load_customers`.
    """
    customers = list(_customers(data, name))
    known = _by_word(customers)
    names = [text for one in customers for text in (one.name, one.customer_id, one.folder, *one.aliases) if text]
    for one in customers:
        if one.merged_into and key(one.merged_into) not in known:
            hint = did_you_mean(one.merged_into, names)
            mend = hint or ": leave it so if that is no customer of yours, else name one by ID, name, alias or folder"
            told = f"{one.name} is merged into '{one.merged_into}', which is not in the registry"
            yield f"{name}:{one.line}: {told}{mend}"


def load_proposal(con: Connection, proposal: Proposal) -> None:
    """Fills `proposed` with the customers that the registry in force lacks; none where it cannot be read."""
    try:
        keys = [customer.customer_key for customer in _customers(proposal.data, "")]
    except UsageError:
        return
    con.execute(
        "insert into proposed select unnest(from_json($keys, '[\"varchar\"]')), $revision",
        {"keys": json.dumps(keys), "revision": proposal.revision},
    )
    con.execute("delete from proposed where customer_key in (select customer_key from customer)")


def _customers(data: bytes, name: str) -> Iterator[_Customer]:
    records = _records(_text(data, name), name)
    line, header = next(records, (1, []))
    columns = _columns(header, f"{name}:{line}")
    for line, cells in records:
        place = f"{name}:{line}"
        if any(cells[len(columns) :]):
            raise UsageError(
                f"{place}: it has more cells than the {len(columns)} columns of the first line: "
                "put a text that holds the delimiter in double quotes"
            )
        yield _customer(line, dict(zip(columns, cells)), place)


def _text(data: bytes, name: str) -> str:
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UsageError(f"{name}: it is a workbook: save it as CSV UTF-8")
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 if utf16 else data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{line}: it is not UTF-8: save it as CSV UTF-8") from None


def _records(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """(line, stripped cells) of the records that are not blank."""
    import csv

    first = next((line for line in text.splitlines() if line.strip()), "").replace('"', "")
    delimiter = max(",;\t", key=lambda mark: sum(word(cell) in _BY_WORD for cell in first.split(mark)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    end = 0
    try:
        for cells in reader:
            start, end = end + 1, reader.line_num
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield start, stripped
    except csv.Error as error:
        raise UsageError(f"{name}:{end + 1}: {error}: mend the quotes in this line") from None


def _columns(header: Sequence[str], place: str) -> list[str]:
    """The column that each cell stands for, "" for those that the registry does not use."""
    if len(header) > _WIDEST:
        raise UsageError(f"{place}: it has {len(header):,} columns: this is no list of customers")
    columns = [_BY_WORD.get(word(cell), "") for cell in header]
    missing = {text: name for text, name in _BY_WORD.items() if name not in columns}
    for cell, column in zip(header, columns):
        if column and columns.count(column) > 1:
            raise UsageError(f"{place}: the column {column} is there twice: keep one of them")
        near = [] if column else get_close_matches(word(cell), missing, n=1, cutoff=_NEAR)
        if near:
            raise UsageError(f"{place}: there is no column '{cell}'; did you mean '{missing[near[0]]}'?")
    for name in REQUIRED:
        if name not in columns:
            raise UsageError(
                f"{place}: the column {name} is missing: the first line names the columns, "
                f"{','.join(REQUIRED)} and those of {','.join(OPTIONAL)} that you need"
            )
    return columns


def _customer(line: int, cells: Mapping[str, str], place: str) -> _Customer:
    for name in REQUIRED:
        if not key(cells.get(name, "")):
            raise UsageError(f"{place}: the {name} is missing: fill it in, or delete the line")
    protected = cells.get("protected", "")
    if protected.lower() not in _YES_OR_NO:
        raise UsageError(f"{place}: protected must be true or false (yes, no, 1, 0), not '{protected}'")
    merged_into = cells.get("merged_into") or None
    status = cells.get("status", "").lower() or ("merged" if merged_into else "active")
    if status not in STATUSES:
        allowed = ", ".join(STATUSES)
        raise UsageError(f"{place}: status must be one of {allowed}, not '{status}'{did_you_mean(status, STATUSES)}")
    if merged_into and status == "active":
        raise UsageError(f"{place}: it is active and has merged_into: clear that, or make the status merged")
    folder = "/".join(part for part in re.split(r"[/\\]", cells.get("folder", "")) if part not in ("", "."))
    return _Customer(
        line=line,
        customer_id=cells["customer_id"],
        name=cells["name"],
        folder=folder or None,
        status=status,
        merged_into=merged_into,
        protected=_YES_OR_NO[protected.lower()],
        domains=_parts(cells.get("domains", "").lower().replace("@", "")),
        aliases=_parts(cells.get("aliases", "")),
        owners=_parts(cells.get("owners", "")),
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in re.split("[;|]", text) if part.strip()))


def _check_unique(customers: Sequence[_Customer], name: str) -> None:
    _no_two(customers, name, "customer_id", "keep one of the two")
    _no_two(customers, name, "name", "give each customer a name of its own")
    _no_two(customers, name, "folder", "a folder belongs to one customer")
    named = {key(customer.name): customer for customer in customers}
    for customer in customers:
        for alias in customer.aliases:
            other = named.get(key(alias), customer)
            if other is not customer:
                raise UsageError(
                    f"{name}:{customer.line}: the alias '{alias}' is the name of the customer "
                    f"on line {other.line}: remove the alias"
                )


def _no_two(customers: Iterable[_Customer], name: str, column: str, mend: str) -> None:
    seen: dict[str, int] = {}
    for customer in customers:
        value = getattr(customer, column)
        first = seen.setdefault(key(value), customer.line) if value else customer.line
        if first != customer.line:
            lines = f"lines {first} and {customer.line}"
            raise UsageError(f"{name}: {lines} have the same {column} '{value}': {mend}")


def _by_word(customers: Sequence[_Customer]) -> dict[str, _Customer]:
    """The customers by the keys of their IDs, folders, names and aliases."""
    known = {text: customer for customer in customers for text in customer.name_keys}
    known |= {key(customer.folder): customer for customer in customers if customer.folder}
    return known | {customer.customer_key: customer for customer in customers}


def _successors(customers: Sequence[_Customer], name: str) -> dict[str, str]:
    """Customer key -> the Customer ID of the known customer that it was merged into in the end."""
    known = _by_word(customers)
    ends: dict[str, str] = {}  # of all who were met, so that nobody's way is gone twice
    for customer in customers:
        at, path = customer, {customer.customer_key: customer.line}
        while at.customer_key not in ends and at.merged_into and (following := known.get(key(at.merged_into))):
            if following.customer_key in path:
                lines = ", ".join(map(str, [*path.values()][:_TOLD])) + (", ..." if len(path) > _TOLD else "")
                raise UsageError(
                    f"{name}: merged_into leads round in a circle (line {lines}): "
                    "clear it for the customer that carries on"
                )
            at = following
            path[at.customer_key] = at.line
        ends |= dict.fromkeys(path, ends.get(at.customer_key, at.customer_id))
    return {
        customer.customer_key: ends[customer.customer_key]
        for customer in customers
        if customer.merged_into and key(customer.merged_into) in known
    }
