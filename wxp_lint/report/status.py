"""How every transfer stands, as text and as JSON."""

import json
from collections.abc import Iterator
from datetime import datetime

from wxp_lint.report.style import Style, plural, visible
from wxp_lint.transfer.status import Drift, Standing, Status

FORMATS = ("text", "json")
_COLORS = {"confirmed": "good", "ready": "good", "blocked": "error", "failed": "error", "partly_failed": "error",
           "in_doubt": "error", "reported": "warning", "waiting": "note"}  # fmt: skip
_NEXT = {
    "ready": "wxp-lint apply, once it is merged",
    "prepared": "wxp-lint take {id} --by NAME",
    "taken": "wxp-lint uploaded {id} --by NAME",
    "uploaded": "wxp-lint reconcile EXPORT",
    "submitted": "wxp-lint apply, which asks again, or wxp-lint reconcile EXPORT",
    "reported": "wxp-lint reconcile EXPORT",
    "in_doubt": "wxp-lint reconcile EXPORT, or wxp-lint resolve {id} --outcome moved|failed --evidence TEXT",
}
_NAMED = 5


def as_json(found: Status) -> str:
    """For programs (DESIGN 9, "Shapes")."""
    told = {
        "version": 1,
        "transfers": [_values(one, found.now) for one in found.transfers],
        **({} if found.drift is None else {"drift": [_drift_values(one) for one in found.drift]}),
        "ledger": {"name": found.ledger, "exists": found.has_ledger},
        "notes": list(found.notes),
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def as_text(found: Status, style: Style) -> str:
    """For people."""
    return "".join(f"{line}\n" for line in _lines(found, style))


def _values(one: Standing, now: datetime) -> dict[str, object]:
    return {
        "id": one.id,
        "path": one.path,
        "state": one.state,
        "devices": dict(one.devices),
        "source": one.source,
        "target": one.target,
        "since": one.at and one.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "age_days": one.age(now),
        "by": one.by,
        "settled": one.settled,
        "failed": list(one.failed),
        "unknown": list(one.unknown),
    }


def _drift_values(one: Drift) -> dict[str, object]:
    return {
        "serial": one.serial,
        "transfer": one.transfer,
        "target": one.target,
        "moved": one.moved.isoformat(),
        "found": one.found,
        "source": one.source,
        "as_of": one.day.isoformat(),
    }


def _lines(found: Status, style: Style) -> Iterator[str]:
    if not found.transfers:
        yield "No transfer: the ledger has none, and no transfer file is open."
    for one in found.transfers:
        yield from _transfer(one, found.now, style)
    if found.drift is not None:
        yield ""
        yield from _drift(found, style)
    for note in found.notes:
        yield style.paint(visible(note), "dim")
    name = visible(found.ledger)
    yield style.paint(f"ledger: {name}" if found.has_ledger else f"no ledger yet: apply will create it ({name})", "dim")


def _transfer(one: Standing, now: datetime, style: Style) -> Iterator[str]:
    state = style.paint(f"{one.state.replace('_', ' '):<13}", _COLORS.get(one.state, "bold"))
    counts = ", ".join(f"{count:,} {name}" for name, count in one.devices.items() if count)
    devices = plural(sum(one.devices.values()), "PC")
    told = f"{devices}: {counts}" if one.id and one.at else devices
    route = f"{visible(one.source or '?')} -> {visible(one.target or '?')}"
    yield f"{state} {one.id or '-':<12} {told}, {route}"
    since = f"{_age(one.age(now))}, {visible(one.by or '')}" if one.at else "not in the ledger"
    yield f"{'':<26} {visible(one.path)} ({since})"
    if one.failed:
        yield f"{'':<26} failed: {_some(one.failed)}"
    if one.unknown and 0 < len(one.unknown) < sum(one.devices.values()):
        yield f"{'':<26} unknown: {_some(one.unknown)}"
    if one.about:
        yield f"{'':<26} {visible(one.about)}"
    if not one.settled and one.state in _NEXT:
        yield style.paint(f"{'':<26} next: {_NEXT[one.state].format(id=one.id)}", "dim")


def _drift(found: Status, style: Style) -> Iterator[str]:
    if not found.drift:
        yield "Drift: none. No list that is newer than a PC's last confirmed move has the PC elsewhere."
        return
    count = plural(len(found.drift), "PC")
    yield style.paint(
        f"Drift: {count} not where the last confirmed move put {'it' if len(found.drift) == 1 else 'them'}", "bold"
    )
    for one in found.drift:
        where = f"in {visible(one.found)}" if one.found else f"not in {visible(one.target)}"
        yield (
            f"  {one.serial}: {where} by {visible(one.source)} of {one.day}; "
            f"{one.transfer} put it into {visible(one.target)} on {one.moved}"
        )


def _age(days: int | None) -> str:
    if not days:
        return "since today"
    return f"for {plural(days, 'day')}"


def _some(serials: tuple[str, ...]) -> str:
    more = f" and {len(serials) - _NAMED:,} more" if len(serials) > _NAMED else ""
    return ", ".join(serials[:_NAMED]) + more
