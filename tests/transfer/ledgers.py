"""Ledgers and evidence made by hand."""

from datetime import UTC, date, datetime, timedelta

from wxp_lint.facts.places import Place, Places
from wxp_lint.keys import key
from wxp_lint.ledger.events import Actor, Event
from wxp_lint.ledger.states import transfers
from wxp_lint.transfer.evidence import Export, Spot
from wxp_lint.transfer.summary import Summary

DAY = date(2026, 11, 10)
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
ACME, CONTOSO = ("Acme", "ACME-ID"), ("Contoso", "CONTOSO-ID")
UNASSIGNED = ("Unassigned", None)
_UNASSIGNED = Place("Unassigned", None, None)
PLACES = Places(
    _UNASSIGNED,
    {
        "": _UNASSIGNED,
        "UNASSIGNED": _UNASSIGNED,
        **{key(word): Place(name, key(id_), key(id_)) for name, id_ in (ACME, CONTOSO) for word in (name, id_)},
    },
    ("Acme", "Contoso"),
)


def party(place):
    return {"name": place[0], "customer_id": place[1]}


def described(serials, to=ACME, source=UNASSIGNED, **more):
    name = more.pop("path", f"transfers/{to[0].lower()}/{serials[0]}.csv")
    return {
        "path": name,
        "digest": f"v1-{to[0]}{','.join(serials)}",
        "serials": list(serials),
        "target": party(to),
        "source": party(source),
        **more,
    }


def known(*told):
    """The transfers after these events: (kind, id, data), an hour apart, the first at noon."""
    return transfers(
        Event(seq, NOON + timedelta(hours=seq - 1), kind, name, Actor("Ann", "typed"), None, None, data)
        for seq, (kind, name, data) in enumerate(told, 1)
    )


def uploaded(name, serials, to=ACME, source=UNASSIGNED, **more):
    return [("prepared", name, described(serials, to, source, **more)), ("taken", name, {}), ("uploaded", name, {})]


def export(name, day, *, made=None, **listed):
    """An export: place -> serials, by keys ("" is written `unassigned`)."""
    spots = {}
    for place, serials in listed.items():
        mark = "" if place == "unassigned" else f"{place.upper()}-ID"
        for serial in serials:
            spots.setdefault(serial, []).append(Spot(mark, day))
    places = frozenset("" if place == "unassigned" else f"{place.upper()}-ID" for place in listed)
    return Export(name, f"sha of {name}", spots, places, day, "its name", None, made)


def summary(name="s.csv", counts=None, **said):
    return Summary(name, f"sha of {name}", said, said, counts or {}, "text")
