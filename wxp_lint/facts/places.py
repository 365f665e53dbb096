"""Where devices can be, and by which words people name it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from wxp_lint.database import Connection
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.keys import key

UNASSIGNED = "Unassigned"
_UNASSIGNED = ("", UNASSIGNED, "Unassigned Devices")


class Place(NamedTuple):
    """The holding tenant or a customer's.

    `customer_key` is None for Unassigned; `key` is what the Customer ID that moves a PC here is compared with, None
    where that ID is not known.
    """

    name: str
    customer_key: str | None
    key: str | None


class Places(NamedTuple):
    """Places by the key of each word for them; `names` are the words to suggest, without a registry none.

    `left` are the keys of the customers who are closed or merged: nobody expects a list of their PCs.
    """

    unassigned: Place
    words: Mapping[str, Place]
    names: tuple[str, ...]
    left: frozenset[str] = frozenset()

    def find(self, text: str | None) -> Place | None:
        """The place that `text` names: nothing or "unassigned", a Customer ID, folder, name or alias."""
        return self.words.get(key(text or ""))

    def known(self, text: str) -> Place:
        """As `find`; without a registry any other text is a customer. Raises UsageError if the registry lacks it."""
        found = self.find(text)
        if found is None and self.names:
            hint = did_you_mean(text, [*self.names, UNASSIGNED])
            raise UsageError(f"place '{text}' is no customer of the registry{hint}")
        return found or customer(text)


def customer(text: str) -> Place:
    """The place of a customer of whom only `text` is known."""
    return Place(text.strip(), key(text), key(text))


def read_places(con: Connection, ids: Mapping[str, str]) -> Places:
    """The places of the table `customer`; `ids` are the Customer IDs that the config gives to other places.

    Raises UsageError if one of those is no place.
    """
    known = {key(name): customer_id for name, customer_id in ids.items()}
    own = next((known[key(name)] for name in _UNASSIGNED if key(name) in known), None)
    unassigned = Place(UNASSIGNED, None, key(own) if own else None)
    rows = con.execute("select customer_key, name, folder, name_keys, status from customer").fetchall()
    customers = [(Place(row[1], row[0], row[0]), row) for row in rows]
    words: dict[str, Place] = {}
    # What tells more comes first: a name can be another customer's folder.
    for kind in (
        [(unassigned, [*map(key, _UNASSIGNED), unassigned.key])],
        [(place, [row[0]]) for place, row in customers],
        [(place, [key(row[2] or "")]) for place, row in customers],
        [(place, row[3][:1]) for place, row in customers],
        [(place, row[3][1:]) for place, row in customers],
    ):
        for word, place in _unambiguous(kind):
            words.setdefault(word, place)
    for name in ids:
        if key(name) not in words:
            near = did_you_mean(name, ["unassigned", *(word for row in rows for word in (row[1], row[2]) if word)])
            raise UsageError(
                f"[places.{name}] in the config is no place{near or ': only [places.unassigned] is needed'}"
            )
    left = frozenset(row[0] for row in rows if row[4] in ("closed", "merged"))
    return Places(unassigned, words, tuple(text for row in rows for text in (row[1], row[2]) if text), left)


def _unambiguous(named: Iterable[tuple[Place, Iterable[str | None]]]) -> list[tuple[str, Place]]:
    """(word, place) for the words that name one place."""
    found: dict[str, set[Place]] = {}
    for place, words in named:
        for word in words:
            if word is not None:
                found.setdefault(word, set()).add(place)
    return [(word, next(iter(places))) for word, places in found.items() if len(places) == 1]
