"""The world of an assignments repo: the customers of its registry, the PCs of its inventory."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date

from wxp_lint.config.settings import Settings
from wxp_lint.database import Connection, connect, is_refusal
from wxp_lint.errors import UsageError
from wxp_lint.facts.places import customer
from wxp_lint.inventory.ages import ask_git
from wxp_lint.inventory.devices import Asked, Devices
from wxp_lint.inventory.texts import MACROS
from wxp_lint.keys import key
from wxp_lint.lint.synced import all_lists, known_places
from wxp_lint.prepare.customers import read_registry
from wxp_lint.sandbox.world import UNASSIGNED, UNASSIGNED_ID, Contradiction, Customer, Device, World, check

_Line = tuple[str, str, str, str]  # serial, device name, last seen, text in the customer column


def world_of(settings: Settings, today: date) -> World:
    """The world as its lists have it; a PC in several is where the newest list has it. Raises UsageError.

    Last users are not read: nobody needs them to practise.
    """
    places = known_places(settings)
    asked = Asked(None, frozenset({"last_seen"}), today, settings.root)
    pairs = all_lists(settings, asked)
    names = [one.commit_path for _, one in pairs if one.commit_path]
    committed = ask_git(settings.root, names, None)()
    found: dict[str, tuple[date, Device]] = {}
    tenants = {key(one.customer_id): Customer(one.customer_id, one.name) for one in read_registry(settings).customers}
    con = connect()
    con.execute(MACROS)
    for entry, one in pairs:
        own = None if entry.place is None else places.known(entry.place)
        day = one.day(asked, committed) or date.min
        with ExitStack() as opened:
            lines = _readable(lambda devices: _lines(con, devices), one.open(con, asked, opened))
        for serial, name, seen, text in lines:
            place = own or places.find(text) or customer(text)
            where = place.customer_key or UNASSIGNED
            if place.customer_key:
                tenants.setdefault(place.customer_key, Customer(text.strip() or place.name, place.name))
            known = found.get(key(serial))
            if known is None or day > known[0]:
                found[key(serial)] = day, Device(serial.strip(), name, seen, where)
    con.close()
    if not found:
        raise UsageError("--from: no list of its inventory has a PC: export the device lists, or use --seed instead")
    holding = next((text for name, text in settings.places.items() if key(name) == key(UNASSIGNED)), UNASSIGNED_ID)
    world = World(tuple(tenants.values()), {serial: device for serial, (_, device) in found.items()}, holding)
    try:
        check(world)
    except Contradiction as error:
        raise UsageError(f"--from: {error}: mend the registry or the inventory, or use --seed instead") from None
    return world


def _readable(read: Callable[[Devices], list[_Line]], devices: Devices) -> list[_Line]:
    try:
        return read(devices)
    except Exception as error:
        if not is_refusal(error):
            raise
    if devices.otherwise is None:
        raise UsageError(f"inventory {devices.name}: it cannot be read: export it again")
    return read(devices.otherwise())


def _lines(con: Connection, devices: Devices) -> list[_Line]:
    wanted = ("serial", "device_name", "last_seen", "customer")
    columns = ", ".join(f"coalesce({name}::varchar, '')" if name in devices.fields else "''" for name in wanted)
    query = f"select {columns} from ({devices.relation}) where trim(serial) <> ''"
    return con.execute(query, dict(devices.parameters)).fetchall()
