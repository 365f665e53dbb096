"""Who has which PC in the sandbox: plain values, and worlds that are invented from a seed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from random import Random
from typing import NamedTuple

from wxp_lint.keys import key

UNASSIGNED = "unassigned"  # the place of PCs that no customer has
UNASSIGNED_ID = "00000000-0000-4000-a000-000000000000"  # HP documents none, so the sandbox has its own
HOLDING = "Unassigned Devices"
_PREFIXES = ("5CG", "5CD", "CZC", "MXL", "8CC", "SGH")
_TAIL = "0123456789BCDFGHJKLMNPQRSTVWXYZ"  # digits and consonants: DOMAIN, "Serial numbers"
_EPOCH = date(2026, 11, 9)  # the day on which an invented world was last seen
MOST_CUSTOMERS, MOST_DEVICES = 1_000, 100_000


class Contradiction(ValueError):
    """A world that cannot be."""


class Customer(NamedTuple):
    """A tenant: its Customer ID and name."""

    customer_id: str
    name: str


class Device(NamedTuple):
    """A PC, and the place that has it: UNASSIGNED, or the key of a Customer ID. Texts may be empty but the serial."""

    serial: str
    name: str
    last_seen: str
    place: str


class Place(NamedTuple):
    """`id` is how the API calls a place: UNASSIGNED, or the Customer ID. `customer_id` moves PCs there."""

    id: str
    key: str
    name: str
    customer_id: str


@dataclass(frozen=True)
class World:
    """All customers, and all PCs by serial key."""

    customers: tuple[Customer, ...]
    devices: Mapping[str, Device]
    unassigned_id: str = UNASSIGNED_ID

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Unassigned Devices, then the customers in their order."""
        customers = (Place(one.customer_id, key(one.customer_id), one.name, one.customer_id) for one in self.customers)
        return Place(UNASSIGNED, UNASSIGNED, HOLDING, self.unassigned_id), *customers

    @cached_property
    def _words(self) -> dict[str, Place]:
        return {key(word): place for place in reversed(self.places) for word in (place.id, place.customer_id)}

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many PCs there are by the key of their place; places without one are left out."""
        return Counter(device.place for device in self.devices.values())

    def place(self, text: str) -> Place | None:
        """The place that `text` names: "unassigned", or a Customer ID in any case."""
        return self._words.get(key(text))

    def at(self, place: Place) -> list[Device]:
        """The PCs of a place, in the order of their serial numbers."""
        return sorted(device for device in self.devices.values() if device.place == place.key)

    def moved(self, serials: Iterable[str], to: Place) -> "World":
        """The world after the PCs with these serial keys went to `to`."""
        gone = {serial: self.devices[serial]._replace(place=to.key) for serial in serials}
        return replace(self, devices={**self.devices, **gone})


def check(world: World) -> None:
    """Raises Contradiction for a world that cannot be."""
    ids = {key(place.id) for place in world.places}
    if len({key(place.customer_id) for place in world.places} | ids) <= len(ids) or len(ids) <= len(world.customers):
        raise Contradiction("two places have the same Customer ID")
    if "" in ids or not key(world.unassigned_id):
        raise Contradiction("a place has no Customer ID")
    if "" in world.devices:
        raise Contradiction("a PC has no serial number")
    places = {place.key for place in world.places}
    if any(device.place not in places for device in world.devices.values()):
        raise Contradiction("a PC is in a place that is not there")
    if len(world.customers) > MOST_CUSTOMERS or len(world.devices) > MOST_DEVICES:
        raise Contradiction(f"a world has at most {MOST_CUSTOMERS:,} customers and {MOST_DEVICES:,} PCs")


def invent(seed: int, customers: int, devices: int) -> World:
    """The same world for the same numbers, on any machine: half of the PCs are unassigned.

    The serial numbers have a valid form; the customers are called Customer 01, Customer 02 and so on.
    """
    chance = Random(seed)
    width = max(2, len(str(customers)))
    tenants = tuple(Customer(_guid(chance), f"Customer {n:0{width}}") for n in range(1, customers + 1))
    keys = [key(one.customer_id) for one in tenants]
    found: dict[str, Device] = {}
    while len(found) < devices:
        serial = _serial(chance)
        place = UNASSIGNED if not keys or len(found) < devices / 2 else keys[len(found) % len(keys)]
        seen = (_EPOCH - timedelta(days=chance.randrange(7))).isoformat()
        found.setdefault(serial, Device(serial, f"PC-{serial[-4:]}", seen, place))
    return World(tenants, found)


def _guid(chance: Random) -> str:
    digits = f"{chance.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _serial(chance: Random) -> str:
    week = f"{chance.randrange(1, 53):02}"
    tail = "".join(chance.choice(_TAIL) for _ in range(4))
    return f"{chance.choice(_PREFIXES)}{chance.randrange(10)}{week}{tail}"
