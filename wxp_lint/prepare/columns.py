"""Which columns of any list hold the serial number, the target and what is carried along."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from wxp_lint.config.settings import Columns as Named
from wxp_lint.errors import UsageError
from wxp_lint.files.header import CUSTOMER_ALIASES, GUID, SERIAL, SERIAL_ALIASES, STRICT
from wxp_lint.inventory.columns import ALIASES
from wxp_lint.keys import key, word

HEAD = 50  # records among which the header must be
LOOK = 200  # records by which columns are known where no header word is
_TARGET_IDS = ("target customer id", "target tenant id", "target id")
_TARGET_NAMES = ("target customer", "target customer name", "target tenant", "target name", "target", "Ziel")


class Columns(NamedTuple):
    """Indices, from 0: the header's record (None without one), and the columns.

    `customers` are none, one, or two: that of the Customer IDs, and that of the customers' names. `carried` are
    those that the config wants kept, each with the word that stands over it. `guessed`: no word of the header is known.
    """

    header: int | None
    serial: int
    customers: tuple[int, ...]
    carried: tuple[tuple[str, int], ...]
    guessed: bool


def find_columns(
    head: Sequence[Sequence[str]], named: Named, is_customer: Callable[[str], bool], name: str, *, target: bool
) -> Columns:
    """The columns of the list `name`, by its first records `head`.

    Header words decide, else what the columns hold. `is_customer` tells a text that the registry knows; `target`
    is whether the list must say where each PC goes. Raises UsageError if no column can be told.
    """
    serials = _forms(named.serial), _forms(SERIAL_ALIASES)
    both = serials[0] + serials[1]
    header = next((at for at, cells in enumerate(head[:HEAD]) if any(_form(cell) in both for cell in cells)), None)
    guessed = header is None
    if header is None:
        serial = _by_content(head, name)
        header = _header_above(head, serial)
    else:
        serial = _named_serial(head[header], serials, name)
    labels = [_form(cell) for cell in head[header]] if header is not None else []
    customers = _customers(head, labels, serial, named, is_customer) if target else ()
    if target and not customers:
        raise UsageError(
            f"{name}: no column says to which customer the PCs go: call one 'Customer ID' or 'Customer Name', "
            "name its word under 'customer' in [columns] of the config, or use --customer"
        )
    carried = [labels.index(each) for each in _forms(named.carry) if each in labels]
    taken = {serial, *customers}
    words = tuple((head[header or 0][at].strip(), at) for at in carried if at not in taken)
    return Columns(header, serial, customers, words, guessed and header is not None)


def _form(text: str) -> str:
    return word(text).rstrip(":")


def _forms(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_form, texts)))


def _named_serial(cells: Sequence[str], wanted: Sequence[Sequence[str]], name: str) -> int:
    """The column under a word for serial numbers; a word of the config's goes before a common one."""
    for forms in wanted:
        found = [at for at, cell in enumerate(cells) if _form(cell) in forms]
        if len(found) > 1:
            both = " and ".join(f"'{cells[at].strip()}'" for at in found[:2])
            raise UsageError(
                f"{name}: {both} may both be the serial number: delete one column, "
                "or name the word of the other under 'serial' in [columns] of the config"
            )
        if found:
            return found[0]
    raise AssertionError("the header holds one of the words")


def _by_content(head: Sequence[Sequence[str]], name: str) -> int:
    """The column with most serial numbers; the only one there is needs none.

    Raises UsageError where a second column holds others: an old and a new PC in a row are told apart by no form.
    """
    width = max(map(len, head), default=0)
    score = [
        (_count(head, at, _is_telling), _count(head, at, STRICT.fullmatch), _count(head, at, SERIAL.fullmatch))
        for at in range(width)
    ]
    best = max(score, default=(0, 0, 0))
    if best[-1]:
        serial = score.index(best)
        rival = next((at for at in range(width) if at != serial and _rivals(head, serial, at)), None)
        if rival is not None:
            both = " and ".join(_letter(at) for at in sorted((serial, rival)))
            raise UsageError(
                f"{name}: columns {both} both hold serial numbers: call the right one 'Serial Number', "
                "name its word under 'serial' in [columns] of the config, or delete the other"
            )
        return serial
    filled = [at for at in range(width) if any(at < len(cells) and cells[at].strip() for cells in head)]
    if len(filled) == 1:
        return filled[0]
    raise UsageError(
        f"{name}: there is no column of serial numbers: call it 'Serial Number', "
        "or name its word under 'serial' in [columns] of the config"
        if filled
        else f"{name}: it is empty: put the serial numbers of the PCs there"
    )


def _rivals(head: Sequence[Sequence[str]], serial: int, other: int) -> bool:
    """Whether the column `other` holds serial numbers that those of `serial` are not, in half as many rows or more."""
    records = [cells for cells in head[:LOOK] if max(serial, other) < len(cells)]
    differ = sum(1 for cells in records if _is_telling(key(cells[other])) and key(cells[other]) != key(cells[serial]))
    return differ > 0 and 2 * differ >= _count(head, serial, _is_telling)


def _letter(column: int) -> str:
    """The name of a column in a spreadsheet: A, B, ..., Z, AA."""
    high, low = divmod(column, 26)
    return (_letter(high - 1) if high else "") + chr(ord("A") + low)


def _is_telling(text: str) -> bool:
    """A serial number's form, and not that of telephone and order numbers too."""
    return STRICT.fullmatch(text) is not None and not text.isdigit()


def _count(head: Sequence[Sequence[str]], at: int, fits: Callable[[str], object]) -> int:
    return sum(1 for cells in head[:LOOK] if at < len(cells) and fits(key(cells[at])))


def _header_above(head: Sequence[Sequence[str]], serial: int) -> int | None:
    """The record above the first device where it is words; a list of one column has no such header."""
    if sum(any(at < len(cells) and cells[at].strip() for cells in head) for at in range(max(map(len, head)))) < 2:
        return None
    for at, cells in enumerate(head[:HEAD]):
        text = cells[serial].strip() if serial < len(cells) else ""
        if SERIAL.fullmatch(key(text)) or any(GUID.fullmatch(key(cell)) for cell in cells):
            return None
        if text:
            return None if any(map(str.isdigit, text)) else at
    return None


def _customers(
    head: Sequence[Sequence[str]],
    labels: Sequence[str],
    serial: int,
    named: Named,
    is_customer: Callable[[str], bool],
) -> tuple[int, ...]:
    ids = _forms((*named.customer, *_TARGET_IDS, *CUSTOMER_ALIASES))
    names = _forms((*_TARGET_NAMES, *ALIASES["customer"], "Kundenname"))
    found: list[int] = []
    for forms in (ids, names):
        places = (labels.index(form) for form in forms if form in labels)
        found += [at for at in places if at != serial and at not in found][:1]
    if found:
        return tuple(found)
    others = [at for at in range(max(map(len, head), default=0)) if at != serial]
    fits = {
        at: _count(head, at, GUID.fullmatch)
        or sum(1 for cells in head[:LOOK] if at < len(cells) and cells[at].strip() and is_customer(cells[at]))
        for at in others
    }
    best = max(others, key=lambda at: fits[at], default=None)
    return (best,) if best is not None and fits[best] else ()
