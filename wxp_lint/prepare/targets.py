"""To whom a list's words send a PC: by Customer ID, name, alias or folder."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from wxp_lint.config.settings import Settings
from wxp_lint.database import connect
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.facts.customers import load_customers, read_customers
from wxp_lint.facts.places import UNASSIGNED, Places, read_places
from wxp_lint.facts.sql import run
from wxp_lint.files.header import GUID
from wxp_lint.keys import INVISIBLE, key


class Target(NamedTuple):
    """Where PCs go: the key of the Customer ID, the ID as it is written, a name to show, and the folder's path.

    `registered` is False for a text that no registry confirms: the rules judge it.
    """

    key: str
    customer_id: str
    name: str
    folder: str
    registered: bool = True


class Targets(NamedTuple):
    """The customers of the registry; `known` is whether there is one."""

    places: Places
    by_key: Mapping[str, Target]
    known: bool

    def find(self, text: str) -> Target | None:
        """The target that `text` names; None where nothing confirms it."""
        place = self.places.find(text) if key(text) else None
        if place is None:
            return None
        if place.customer_key is None:
            return Target(place.key or "", self.by_key[""].customer_id, UNASSIGNED, "unassigned")
        return self.by_key.get(place.customer_key)

    def given(self, text: str) -> Target:
        """As `find`, for what a person wrote on the command line. Raises UsageError."""
        found = self.find(text)
        if found is None and self.known:
            raise UsageError(
                f"--customer: '{text}' is no customer of the registry{did_you_mean(text, self.places.names)}"
            )
        if found is None and not GUID.fullmatch(key(text)):
            raise UsageError(
                f"--customer: '{text}' is no Customer ID, and without `customers` in the config no name is known"
            )
        return found or unregistered(text)

    def folder_of(self, place: str) -> str:
        """The folder's path of a source, by the name of the place; a slug of the name if it has none."""
        target = self.find(place)
        return target.folder if target else slug(place)


def unregistered(text: str) -> Target:
    """The target of which only a text is known."""
    bare = "".join(char for char in text if not char.isspace() and char not in INVISIBLE)
    customer_id = bare if bare.isascii() else key(text)
    return Target(key(text), customer_id, customer_id, slug(customer_id), registered=False)


def read_targets(settings: Settings) -> Targets:
    """The registry that the config names. Raises UsageError if it cannot be read."""
    con = connect()
    run(con, "schema.sql")
    if settings.customers is not None:
        load_customers(con, read_customers(settings.root, settings.customers), settings.customers)
    places = read_places(con, settings.places)
    rows = con.execute("select customer_key, customer_id, name, folder from customer").fetchall()
    con.close()
    found = {row[0]: Target(row[0], row[1], row[2], row[3] or slug(row[2])) for row in rows}
    own = places.find(UNASSIGNED)
    ids = [text for text in settings.places.values() if own and key(text) == own.key]
    found[""] = Target("", ids[0] if ids else "", UNASSIGNED, "unassigned")
    return Targets(places, found, bool(rows))


def slug(text: str) -> str:
    """`text` as a folder or file name: small letters and digits of any script, parted by hyphens."""
    return re.sub(r"[\W_]+", "-", text.casefold()).strip("-") or "unnamed"
