"""What the lists of the inventory say of single PCs: where each has them, and of which day."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from typing import NamedTuple

from wxp_lint.config.settings import Settings
from wxp_lint.database import insert, is_refusal
from wxp_lint.errors import UsageError
from wxp_lint.facts.fresh import fresh
from wxp_lint.facts.lists import open_lists
from wxp_lint.facts.places import Place, Places, customer
from wxp_lint.inventory.ages import ask_git
from wxp_lint.inventory.devices import Asked
from wxp_lint.inventory.texts import MACROS


class Listing(NamedTuple):
    """That the list `source` has a PC in this place; `day` is None where nothing tells how old that is."""

    place: Place
    source: str
    day: date | None


def listings(
    settings: Settings, places: Places, serials: Sequence[str], today: date
) -> tuple[Mapping[str, Sequence[Listing]], str | None]:
    """By serial key what each list says, newest first; and why there are no lists, if there are none.

    Raises UsageError for a list that cannot be read.
    """
    root = settings.root
    found: dict[str, list[Listing]] = {}
    con = fresh()
    try:
        con.execute(MACROS)
        con.execute("create temp table _asked (serial_key varchar)")
        insert(con, "_asked", {"serial_key": list(serials)})
        with ExitStack() as opened:
            asked = Asked("select serial_key from _asked", today=today, remember=root, limits=settings.limits)
            lists = open_lists(con, settings.inventory.sources, root, places, asked, opened)
            if isinstance(lists, str):
                return {}, lists
            committed = ask_git(root, [one.source.commit_path for one in lists if one.source.commit_path], None)()
            for one in lists:
                text = "coalesce(customer, '')" if "customer" in one.details else "''"
                day = "_moment(as_of)::date" if "as_of" in one.details else "null::date"
                query = (
                    "select distinct serial_key, {}, {} from ({}) l join _asked on serial_key = _export_key(l.serial)"
                )
                devices = one.devices
                try:
                    asked_for = query.format(text, day, devices.relation)
                    rows = con.execute(asked_for, dict(devices.parameters)).fetchall()
                except Exception as error:
                    if not is_refusal(error):
                        raise
                    if devices.otherwise is None:
                        raise UsageError(f"inventory {one.name}: it cannot be read: export it again") from None
                    devices = devices.otherwise()
                    asked_for = query.format(text, day, devices.relation)
                    rows = con.execute(asked_for, dict(devices.parameters)).fetchall()
                for serial, word, told in rows:
                    place = one.place or places.find(word) or customer(word)
                    found.setdefault(serial, []).append(Listing(place, one.name, told or one.age(committed)))
    finally:
        con.close()
    for each in found.values():
        each.sort(key=lambda one: (one.day or date.min, one.place.name), reverse=True)
    return found, None
