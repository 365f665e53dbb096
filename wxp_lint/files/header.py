"""Which row names the columns, and whether the two columns stand the wrong way round.

Columns are positional: A is the serial number, B the Customer ID. Header words come in any wording, so a row is a
header if it holds a known alias, or if it stands above the first row that looks like a device.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from wxp_lint.files.model import Header
from wxp_lint.keys import key, word

GUID = re.compile(r"\{?[0-9A-F]{8}-?(?:[0-9A-F]{4}-?){3}[0-9A-F]{12}\}?")
SERIAL = re.compile(r"(?=.*[0-9])[A-Z0-9]{10}")
# Site, year digit, week, four characters without vowels: DOMAIN, "Serial numbers".
STRICT = re.compile(r"[0-9A-Z]{3}[0-9](0[1-9]|[1-4][0-9]|5[0-3])[0-9B-DF-HJ-NP-TV-Z]{4}")

SERIAL_ALIASES = (
    "serial number", "serial", "serial no", "s/n", "sn", "device serial number", "serialnumber", "devicesn",
    "serial num", "serial #", "Seriennummer", "Serien-Nr", "Numéro de série", "N° de série", "Número de serie",
    "Nº de serie", "Numero di serie", "Número de série", "Serienummer", "Numer seryjny", "Sériové číslo",
    "シリアル番号", "序列号", "序號", "Серийный номер",
)  # fmt: skip
CUSTOMER_ALIASES = (
    "customer id", "customerid", "target customer id", "tenant id", "company id", "target tenant id", "customer",
    "target customer", "Kunden-ID", "Kundennummer", "ID client", "Identifiant client", "ID de cliente", "ID cliente",
    "ID do cliente", "Klant-ID", "Klantnummer", "顧客 ID", "客户 ID", "Идентификатор клиента",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """The header words known for each column, in the form of `keys.word`."""

    serial: frozenset[str]
    customer: frozenset[str]


def words(serial: Iterable[str] = (), customer: Iterable[str] = ()) -> Words:
    """The built-in aliases and those of the config."""
    return Words(frozenset(map(word, (*SERIAL_ALIASES, *serial))), frozenset(map(word, (*CUSTOMER_ALIASES, *customer))))


def is_header(known: Words) -> Callable[[str, str], bool]:
    """Whether the texts of columns A and B are header words, the right way round or not."""

    def test(a: str, b: str) -> bool:
        a, b = word(a), word(b)
        return bool(({a, b} & known.serial) | ({a, b} & known.customer))

    return test


def find_header(head: Sequence[tuple[int, list[str]]], known: Words) -> Header:
    """The header among the first records `head`, each (line, cells)."""
    rows = [(line, cells[0], cells[1] if len(cells) > 1 else "") for line, cells in head if any(map(str.strip, cells))]
    line, at = _header_row(rows, is_header(known))
    a, b = (rows[at][1], rows[at][2]) if line else ("", "")
    turned = _words_turned(a, b, known)
    votes = sum(_vote(x, y) for _, x, y in rows[at + 1 if line else at :])
    swapped = votes < 0 or (votes == 0 and turned)
    if not line:
        return Header(None, None, None, False, swapped)
    serial, customer = (b, a) if swapped else (a, b)
    fits = word(serial) in known.serial and word(customer) in known.customer
    return Header(line, serial, customer, fits, swapped)


def _header_row(rows: Sequence[tuple[int, str, str]], test: Callable[[str, str], bool]) -> tuple[int | None, int]:
    """(line, index) of the header; line None and the index of the first device where there is no header."""
    for at, (line, a, b) in enumerate(rows):
        if test(a, b):
            return line, at
        following = rows[at + 1][2] if at + 1 < len(rows) else ""
        if _is_device(a, b, following):
            return (rows[at - 1][0], at - 1) if at else (None, 0)
    return (rows[0][0], 0) if rows else (None, 0)


def _is_device(a: str, b: str, following: str) -> bool:
    if not (a.strip() or b.strip()):
        return False
    keys = key(a), key(b)
    same = bool(keys[0] and keys[1]) and keys[1] == key(following)
    return same or any(map(GUID.fullmatch, keys)) or bool(SERIAL.fullmatch(keys[0]))


def _words_turned(a: str, b: str, known: Words) -> bool:
    a, b = word(a), word(b)
    straight = (a in known.serial) + (b in known.customer)
    return (a in known.customer) + (b in known.serial) > straight


def _vote(a: str, b: str) -> int:
    """1 if the cells stand right, -1 if they are swapped, 0 if they do not tell."""
    a, b = key(a), key(b)
    return _weight(b, a) - _weight(a, b)


def _weight(customer: str, serial: str) -> int:
    return int(bool(GUID.fullmatch(customer)) and not GUID.fullmatch(serial)) or int(
        bool(STRICT.fullmatch(serial)) and not SERIAL.fullmatch(customer)
    )
