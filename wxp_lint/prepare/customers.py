"""The customers of the registry, as commands that write files need them."""

from collections.abc import Sequence
from typing import NamedTuple

from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.facts.build import Inputs, build
from wxp_lint.facts.customers import read_customers
from wxp_lint.facts.places import Places, read_places
from wxp_lint.files.header import words
from wxp_lint.keys import key


class Customer(NamedTuple):
    """A line of the registry: the ID and name as they stand there, `merged_into` the ID of who carries on."""

    customer_id: str
    name: str
    folder: str | None
    status: str
    merged_into: str | None
    protected: bool
    owners: Sequence[str]


class Registry(NamedTuple):
    """The customers in the order of the registry, and the words for them."""

    customers: tuple[Customer, ...]
    places: Places

    def find(self, text: str) -> Customer:
        """The customer that `text` names: an ID, folder, name or alias. Raises UsageError if none or several."""
        place = self.places.find(text)
        known = {key(customer.customer_id): customer for customer in self.customers}
        if place is None:
            hint = did_you_mean(text, self.places.names)
            raise UsageError(f"no customer of the registry, or more than one, is called '{text}'{hint}")
        if place.customer_key not in known:
            raise UsageError(f"'{text}' is no customer: name one by ID, folder, name or alias")
        return known[place.customer_key]


def read_registry(settings: Settings) -> Registry:
    """The registry that the config names; empty where it names none. Raises UsageError if it cannot be read."""
    named = settings.customers
    data = None if named is None else (named, read_customers(settings.root, named))
    facts = build(Inputs((), words(), settings.root, customers=data))
    rows = facts.con.execute(
        "select customer_id, name, folder, status, merged_into, protected, owners from customer order by line"
    ).fetchall()
    places = read_places(facts.con, {})
    facts.con.close()
    return Registry(tuple(Customer(*row) for row in rows), places)
