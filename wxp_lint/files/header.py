"""Which row names the columns, and whether the two columns stand the wrong way round.

Columns are positional: A is the serial number, B the Customer ID. Header words come in any wording, so a row
is a header if it holds a known alias, or if it stands above the first row that looks like a device.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from wxp_lint.files.model import Header
from wxp_lint.keys import key, word

GUID = re.compile(r"\{?[0-9A-F]{8}-?(?:[0-9A-F]{4}-?){3}[0-9A-F]{12}\}?")
SERIAL = re.compile(r"(?=.*[0-9])[A-Z0-9]{10}")
# Site, year digit, week, four characters without vowels: DOMAIN, "Serial numbers".
STRICT = re.compile(r"[0-9A-Z]{3}[0-9](0[1-9]|[1-4][0-9]|5[0-3])[0-9B-DF-HJ-NP-TV-Z]{4}")
DECISIVE = 10  # rows by which one order of the columns leads before no more are looked at
_DIGIT = re.compile(r"\d")

Row = tuple[int, str, str]  # line, text of column A, text of column B

SERIAL_ALIASES = (
    "serial number", "serial", "serial no", "s/n", "sn", "device serial number", "serialnumber", "devicesn",
    "serial num", "serial #", "Seriennummer", "Serien-Nr", "Numéro de série", "N° de série",
    "Número de serie", "Nº de serie", "Numero di serie", "Número de série", "Serienummer", "Numer seryjny",
    "Sériové číslo", "シリアル番号", "序列号", "序號", "Серийный номер",
)  # fmt: skip
CUSTOMER_ALIASES = (
    "customer id", "customerid", "target customer id", "tenant id", "company id", "target tenant id",
    "customer", "target customer", "Kunden-ID", "Kundennummer", "ID client", "Identifiant client",
    "ID de cliente", "ID cliente", "ID do cliente", "Klant-ID", "Klantnummer", "顧客 ID", "客户 ID",
    "Идентификатор клиента",
)  # fmt: skip


class Words(NamedTuple):
    """The header words known for each column, in the form of `keys.word`."""

    serial: frozenset[str]
    customer: frozenset[str]


def words(serial: Iterable[str] = (), customer: Iterable[str] = ()) -> Words:
    """The built-in aliases and those of the config."""
    return Words(
        frozenset(map(_word, (*SERIAL_ALIASES, *serial))),
        frozenset(map(_word, (*CUSTOMER_ALIASES, *customer))),
    )


def is_header(known: Words) -> Callable[[str, str], bool]:
    """Whether the texts of columns A and B are header words, the right way round or not."""
    return lambda a, b: _points(a, b, known) > 0


def find_header(head: Iterable[tuple[int, list[str]]], known: Words) -> Header:
    """The header among the first records `head`, each (line, cells)."""
    rows = _shown(head)
    above, devices = _above_devices(rows, known)
    at = _header_index(above, known, no_device=not devices)
    line, a, b = above[at] if at is not None else (None, "", "")
    below = above[at + 1 :] if at is not None else []
    customers_first = _word(a) in known.customer
    votes, filled = _votes(chain(below, devices, rows), customers_first)
    swapped = votes < 0 or (votes == 0 and customers_first and _leaning(a, b, known) < 0)
    if at is None:
        return Header(None, None, None, False, swapped)
    serial, customer = (b, a) if swapped else (a, b)
    named = _word(customer) in known.customer or not (customer.strip() or filled)
    return Header(line, serial, customer, _word(serial) in known.serial and named, swapped)


@lru_cache(64)  # the same few in file after file
def _word(text: str) -> str:
    return word(text).rstrip(":")


def _shown(head: Iterable[tuple[int, list[str]]]) -> Iterator[Row]:
    """The records that show something."""
    for line, cells in head:
        if "".join(cells).strip():
            yield line, cells[0], cells[1] if len(cells) > 1 else ""


def _above_devices(rows: Iterator[Row], known: Words) -> tuple[list[Row], list[Row]]:
    """(the rows above the first device, the rows from it on that had to be read: none without a device)."""
    above: list[Row] = []
    row = next(rows, None)
    while row:
        following = next(rows, None)
        if not _points(row[1], row[2], known) and _is_device(row[1], row[2], following[2] if following else ""):
            return above, [row, following] if following else [row]
        above.append(row)
        row = following
    return above, []


def _header_index(above: Sequence[Row], known: Words, no_device: bool) -> int | None:
    """Which of the rows above the first device names the columns.

    The first that knows most. Where none knows a word, the row above the first device, but not one with a
    digit or an empty cell if there is another: a header taken for a device is reported, not so the reverse.
    """
    points = [_points(a, b, known) for _, a, b in above]
    if any(points):
        return points.index(max(points))
    if no_device or not above:
        return 0 if above else None
    wordy = [at for at, (_, a, b) in enumerate(above) if a.strip() and b.strip() and not _DIGIT.search(a + b)]
    return wordy[-1] if wordy else len(above) - 1


def _points(a: str, b: str, known: Words) -> int:
    """How much two texts are a header. Customer words in column A count least: titles begin with them too."""
    a, b = _word(a), _word(b)
    return 2 * ((a in known.serial) + (b in known.serial) + (b in known.customer)) + (a in known.customer)


def _is_device(a: str, b: str, following: str) -> bool:
    """RULES, 107: a cell is a GUID, B equals the next row's B, or A has a serial's shape."""
    first, second = key(a), key(b)
    same = bool(second) and second == key(following)
    return bool(same or GUID.fullmatch(first) or GUID.fullmatch(second) or SERIAL.fullmatch(first))


def stands_right(a: str, b: str, known: Words) -> bool:
    """Whether the words `a` and `b` over columns A and B rather name them so than the other way round."""
    return _leaning(a, b, known) > 0


def _leaning(a: str, b: str, known: Words) -> int:
    """How many of the two words are known for the column that they stand over, less those for the other."""
    a, b = _word(a), _word(b)
    straight = (a in known.serial) + (b in known.customer)
    return straight - (a in known.customer) - (b in known.serial)


def _votes(rows: Iterable[Row], customers_first: bool) -> tuple[int, bool]:
    """(rows that stand right less those that are swapped, whether both columns hold anything).

    Beside serials in column B, what is no GUID in column A counts as a customer only where the header says so
    or it comes again: a column of host names is no swapped file.
    """
    votes, filled = 0, False
    before: set[str] = set()
    for _, left, right in rows:
        a, b = _look(left), _look_again(right)
        votes += _fit(b, a)
        if a[0] and (customers_first or a[1] or a[0] in before):
            votes -= _fit(a, b)
        before.add(a[0])
        filled = filled or bool(a[0] and b[0])
        if abs(votes) >= DECISIVE:
            break
    return votes, filled


def _look(text: str) -> tuple[str, bool]:
    """The key of a cell, and whether that is a Customer ID."""
    found = key(text)
    return found, bool(GUID.fullmatch(found))


_look_again = lru_cache(8)(_look)  # one Customer ID in row after row


def _fit(customer: tuple[str, bool], serial: tuple[str, bool]) -> bool:
    """Whether two cells look like what they are taken for, and not like the other."""
    (target, is_id), (device, is_other_id) = customer, serial
    if is_id:
        return bool(device) and not is_other_id
    return bool(STRICT.fullmatch(device)) and not SERIAL.fullmatch(target)
