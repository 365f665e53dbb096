"""Which lists there are, what they hold and how old they are: for `wxp-lint inventory status`."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import date
from typing import NamedTuple

from wxp_lint.config.settings import Settings
from wxp_lint.database import Connection, connect, is_refusal
from wxp_lint.errors import UsageError
from wxp_lint.facts.places import Place, Places, customer
from wxp_lint.inventory.ages import ask_git
from wxp_lint.inventory.devices import Asked, Devices, DeviceSource
from wxp_lint.inventory.snapshot import Snapshot
from wxp_lint.inventory.synced import Synced
from wxp_lint.inventory.texts import MACROS
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.synced import all_lists, known_places


class Held(NamedTuple):
    """What one list says of one place: how many devices, of which day (None: unknown), from the snapshot or not."""

    source: str
    place: str
    customer_key: str | None
    devices: int
    day: date | None
    is_stale: bool
    is_synced: bool


class Stock(NamedTuple):
    """All of that; the active customers of whom there is no device in any list; the snapshot, where one is used.

    `most` are the days from which on a list is stale.
    """

    held: tuple[Held, ...]
    without: tuple[str, ...]
    snapshot: Snapshot | None
    today: date
    most: int


def take_stock(settings: Settings, catalogue: Catalogue, today: date) -> Stock:
    """Counts all devices. Raises UsageError for a list that cannot be read, or none at all."""
    root = settings.root
    asked = Asked(None, today=today, remember=root, limits=settings.limits)
    pairs = all_lists(settings, asked)
    snapshot = next((one.lookup.snapshot for _, one in pairs if isinstance(one, Synced)), None)
    sources = [one for _, one in pairs]
    committed = ask_git(root, [one.commit_path for one in sources if one.commit_path], None)()
    places = known_places(settings)
    con = connect()
    con.execute(MACROS)
    held: list[Held] = []
    for (entry, _), one in zip(pairs, sources):
        own = None if entry.place is None else places.known(entry.place)
        for text, count, day in _count(con, one, asked, own is None):
            place = own or _named(text, places)
            day = day or one.day(asked, committed)
            is_stale = day is None or (today - day).days > settings.inventory.max_age_days
            held.append(Held(one.name, place.name, place.customer_key, count, day, is_stale, isinstance(one, Synced)))
    con.close()
    told = {one.customer_key for one in held}
    without = tuple(place.name for place in _customers(places) if place.customer_key not in told)
    return Stock(_merged(held), without, snapshot, today, settings.inventory.max_age_days)


def _count(con: Connection, one: DeviceSource, asked: Asked, by_customer: bool) -> list[tuple[str, int, date | None]]:
    """(text in the customer column, devices, newest day that a column tells), at least once."""
    with ExitStack() as opened:
        found = _readable(lambda devices: _counted(con, devices, by_customer), one.open(con, asked, opened))
    return found or [("", 0, None)]


def _readable(
    count: Callable[[Devices], list[tuple[str, int, date | None]]], devices: Devices
) -> list[tuple[str, int, date | None]]:
    try:
        return count(devices)
    except Exception as error:
        if not is_refusal(error):
            raise
    if devices.otherwise is None:
        raise UsageError(f"inventory {devices.name}: it cannot be read: export it again")
    return count(devices.otherwise())


def _counted(con: Connection, devices: Devices, by_customer: bool) -> list[tuple[str, int, date | None]]:
    text = "coalesce(trim(customer), '')" if by_customer and "customer" in devices.fields else "''"
    day = "max(_moment(as_of)::date)" if "as_of" in devices.fields else "null::date"
    return con.execute(
        f"select {text}, count(distinct hash(_export_key(serial))), {day} from ({devices.relation}) "
        "where trim(serial) <> '' group by 1 order by 1",
        dict(devices.parameters),
    ).fetchall()


def _named(text: str, places: Places) -> Place:
    return places.find(text) or customer(text)


def _customers(places: Places) -> list[Place]:
    """Those of the registry who are neither closed nor merged, each once."""
    here = (place for place in places.words.values() if place.customer_key and place.customer_key not in places.left)
    found: Mapping[Place, None] = dict.fromkeys(here)
    return sorted(found, key=lambda place: place.name.casefold())


def _merged(held: list[Held]) -> tuple[Held, ...]:
    """Texts for one place in one list are one."""
    found: dict[tuple[str, str], Held] = {}
    for one in held:
        at = one.source, one.place
        if at in found:
            before = found[at]
            days = [day for day in (before.day, one.day) if day]
            one = one._replace(
                devices=before.devices + one.devices,
                day=max(days, default=None),
                is_stale=before.is_stale and one.is_stale,
            )
        found[at] = one
    return tuple(sorted(found.values(), key=lambda one: (one.customer_key is not None, one.place, one.source)))
