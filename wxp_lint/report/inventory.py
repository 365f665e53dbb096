"""What the lists of devices hold, and where single PCs are."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from wxp_lint.inventory.snapshot import Snapshot
from wxp_lint.lint.stock import Held, Stock
from wxp_lint.lint.whereabouts import Whereabouts
from wxp_lint.report.style import plural, visible


def stock(found: Stock) -> str:
    """For people."""
    return "".join(f"{line}\n" for line in _stock(found))


def stock_json(found: Stock) -> str:
    """For programs."""
    snapshot = found.snapshot
    told = {
        "version": 1,
        "max_age_days": found.most,
        "places": [
            {
                "place": one.place,
                "customer_key": one.customer_key,
                "source": one.source,
                "devices": one.devices,
                "as_of": one.day and one.day.isoformat(),
                "stale": one.is_stale,
                "snapshot": one.is_synced,
            }
            for one in found.held
        ],
        "without": list(found.without),
        "snapshot": snapshot
        and {
            "made": datetime.fromtimestamp(snapshot.made, UTC).isoformat(timespec="seconds"),
            "devices": snapshot.devices,
            "minimal": snapshot.minimal,
        },
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def whereabouts(devices: Sequence[Whereabouts]) -> str:
    """For people."""
    return "".join(f"{line}\n" for one in devices for line in _whereabouts(one))


def _stock(found: Stock) -> Iterator[str]:
    names = [visible(one.place) for one in found.held]
    wide = max(map(len, names), default=0)
    for name, one in zip(names, found.held):
        yield f"{name:<{wide}}  {one.devices:>10,}  {_aged(one, found)}  {visible(one.source)}"
    if found.without:
        yield f"no device of: {', '.join(map(visible, found.without))}"
    if found.snapshot:
        yield _snapshot(found.snapshot, found.today)
    stale = sum(one.is_stale for one in found.held)
    if stale:
        lists = plural(stale, "entry is", "entries are")
        yield f"{lists} older than max-age-days = {found.most}, or of unknown age: export these lists again"


def _aged(one: Held, found: Stock) -> str:
    told = "unknown age" if one.day is None else f"{one.day} ({_days(one.day, found.today)})"
    return f"{told}{', stale' if one.is_stale else ''}{', synced' if one.is_synced else ''}"


def _days(day: date, today: date) -> str:
    days = (today - day).days
    return "today" if days == 0 else f"{plural(days, 'day')} old"


def _snapshot(snapshot: Snapshot, today: date) -> str:
    kind = " minimal" if snapshot.minimal else ""
    old = _days(snapshot.day, today)
    return f"the{kind} snapshot of {snapshot.day} ({old}) is in use: wxp-lint inventory sync renews it"


def _whereabouts(one: Whereabouts) -> Iterator[str]:
    name = visible(one.serial)
    if not one.listings:
        yield f"{name}: in no list of your devices"
    counting = [listing for listing in one.listings if listing.counts]
    if len({listing.place for listing in counting}) > 1:
        yield f"{name}: in several places, and no list is newer than the others"
    elif counting:
        yield f"{name}: {visible(counting[0].place)}"
    for listing in one.listings:
        day = listing.day or "of unknown age"
        older = "" if listing.counts else "  (older, so it does not count)"
        yield f"  {visible(listing.place)}  {day}  {visible(listing.source)}{older}"
    for other in one.near:
        yield f"  near: {visible(other)} ({_difference(one.serial, other)})"
    for path, line in one.transfers:
        yield f"  open transfer: {visible(path)}:{line}"


def _difference(asked: str, other: str) -> str:
    """In words, how two serial numbers differ that are one edit apart."""
    at = next((n for n, (a, b) in enumerate(zip(asked, other)) if a != b), min(len(asked), len(other)))
    if len(asked) > len(other):
        return f"without the '{asked[at]}' at position {at + 1}"
    if len(asked) < len(other):
        return f"with a '{other[at]}' at position {at + 1}"
    much = 1 if asked[at + 1 :] == other[at + 1 :] else 2
    return f"'{other[at : at + much]}' instead of '{asked[at : at + much]}' at position {at + 1}"
