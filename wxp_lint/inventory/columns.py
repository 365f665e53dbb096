"""Which columns of a device list say what.

Labels are localised and undocumented (DOMAIN, "Where the inventory comes from"): they are matched by aliases, or
named in the config.
"""

import re
from collections.abc import Mapping, Sequence

from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.files.header import SERIAL, SERIAL_ALIASES
from wxp_lint.keys import key, word

ALIASES: Mapping[str, tuple[str, ...]] = {
    "serial": SERIAL_ALIASES,
    # Where a list has several of these, the first alias here wins: an ID tells more than a name.
    "customer": ("customer id", "tenant id", "company id", "customer", "tenant", "company", "customer name",
                 "tenant name", "company name", "Kunden-ID", "Kunde", "Firma", "Client", "Cliente", "Klant"),
    "device-name": ("device name", "hostname", "computer name", "name", "Gerätename", "Nom de l'appareil"),
    "last-user": ("last signed-in user", "last user", "last logged in user", "last logged-on user", "user",
                  "Letzter Benutzer"),
    "last-seen": ("last seen", "last seen on", "last activity", "Zuletzt gesehen"),
    "as-of": ("as of", "exported on", "export date"),
}  # fmt: skip
FIELDS = tuple(ALIASES)
HEAD = 50  # records among which the header must be

_WORDS = {field: tuple(dict.fromkeys(map(word, aliases))) for field, aliases in ALIASES.items()}


class NoSerials(UsageError):
    """That no column, or not one alone, has the serial numbers. `problem` is the message without how to mend it."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(f"{problem}: {mend}")
        self.problem = problem


def is_header(a: str, b: str) -> bool:
    """Whether one of two cells names the serial numbers."""
    return word(a) in _WORDS["serial"] or word(b) in _WORDS["serial"]


def find_columns(
    head: Sequence[Sequence[str]], named: Mapping[str, str], name: str, entry: str = 'path = "..."'
) -> tuple[int | None, dict[str, int]]:
    """(index of the header in `head`, None without one; field -> index of its column).

    `named` are the columns that the config names, by field; `name` is how messages call the list,
    `entry` how its entry in the config begins. Raises UsageError.
    """
    serials = (word(named["serial"]),) if "serial" in named else _WORDS["serial"]
    for at, cells in enumerate(head):
        words = [word(cell) for cell in cells]
        if not set(words).isdisjoint(serials):
            return at, _columns(cells, words, named, name, entry)
    first = next((cells for cells in head if any(map(str.strip, cells))), [])
    if not named and first and SERIAL.fullmatch(key(first[0])):
        return None, {"serial": 0}
    raise _no_serials(first, named, name, entry)


def _columns(
    cells: Sequence[str], words: Sequence[str], named: Mapping[str, str], name: str, entry: str
) -> dict[str, int]:
    found: dict[str, int] = {}
    for field in FIELDS:
        wanted = (word(named[field]),) if field in named else _WORDS[field]
        places = [at for text in wanted for at, there in enumerate(words) if there == text]
        if field in named and not places:
            hint = did_you_mean(named[field], filter(None, cells))
            raise UsageError(f"{name}: there is no column '{named[field]}', which the config names{hint}")
        if field == "serial" and len(places) > 1:
            both = " and ".join(f"'{cells[at].strip()}'" for at in sorted(places)[:2])
            raise NoSerials(
                f"{name}: {both} may both be the serial number",
                f'name one in the config, as in sources = [{{{entry}, serial = "{cells[places[0]].strip()}"}}]',
            )
        if places:
            found[field] = places[0]
    return found


def _no_serials(first: Sequence[str], named: Mapping[str, str], name: str, entry: str) -> UsageError:
    asked = f"column '{named['serial']}'" if "serial" in named else "column with serial numbers"
    # What may be a serial or a user is no label, and is not for a log.
    labels = [cell.strip() for cell in first if cell.strip() and not re.search(r"[0-9@\\]", cell)]
    said = f" among {', '.join(labels)[:200]}" if labels else "" if first else ", the file is empty"
    problem = f"{name}: there is no {asked}{said}"
    if not first:
        return UsageError(f"{problem}: export it again")
    return NoSerials(problem, f'name it in the config, as in sources = [{{{entry}, serial = "SN"}}]')
