"""What evidence says of each PC of each transfer. Pure over the ledger's transfers and what was read.

An export of the target is the first evidence, HP's Summary the second (DESIGN 9). What neither proves stays unknown.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from wxp_lint.errors import UsageError
from wxp_lint.facts.places import Places
from wxp_lint.ledger.events import Draft
from wxp_lint.ledger.states import FAILED, MOVED, NEXT, UNKNOWN, Transfer, Transfers
from wxp_lint.transfer.evidence import Export
from wxp_lint.transfer.outcome import after, outcome_kind
from wxp_lint.transfer.revert import place_key, undone
from wxp_lint.transfer.summary import Summary, outcomes

_UPLOADS = ("uploaded", "submitted", "sending")
_NOT_YET = ("prepared", "taken")  # by the ledger nobody uploaded it
_CLAIMED = "claimed"
_NAMED = 5  # of many serial numbers, so many are named


class Verdict(NamedTuple):
    """What came of a transfer: as it was, as it is by the evidence, and what is worth knowing."""

    before: Transfer
    now: Transfer
    remarks: tuple[str, ...]


class Reconciled(NamedTuple):
    """What to append; the transfers that the evidence speaks of; what holds for a whole file."""

    drafts: tuple[Draft, ...]
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...]


def reconcile(
    known: Transfers,
    exports: Sequence[Export],
    summaries: Sequence[Summary],
    *,
    trust: str,
    places: Places,
    now: datetime,
    only: Transfer | None = None,
) -> Reconciled:
    """Weighs the evidence. `trust` is `[reconcile] summary`; `only` the transfer that all of it is about.

    The same evidence again decides nothing. Raises UsageError for a Summary of which it cannot be told to which
    transfer it belongs.
    """
    drafts: list[Draft] = []
    remarks: dict[str, list[str]] = {}
    notes: list[str] = []
    current: Transfers = known
    for one in known.values():
        if exports and (only is None or one.id == only.id):
            draft, said = _by_exports(one, known, exports, places)
            _take(draft, said, one.id, drafts, remarks)
    current = after(current, drafts, now)
    for summary in summaries:
        one = _belongs(summary, current, only)
        draft, said = _by_summary(current[one.id], summary, trust)
        _take(draft, said, one.id, drafts, remarks)
        remarks.setdefault(one.id, [])
        current = after(current, [draft] if draft else [], now)
    back = undone(current, places)
    current = after(current, back, now)
    drafts += back
    for draft in back:
        remarks.setdefault(draft.transfer, [])
    if exports and not remarks:
        notes.append("no transfer waits for evidence of these places: see wxp-lint status")
    verdicts = tuple(Verdict(known[name], current[name], tuple(said)) for name, said in remarks.items())
    return Reconciled(tuple(drafts), verdicts, tuple(notes))


def _take(
    draft: Draft | None, said: Sequence[str], name: str, drafts: list[Draft], remarks: dict[str, list[str]]
) -> None:
    if draft:
        drafts.append(draft)
    if draft or said:
        remarks.setdefault(name, []).extend(said)


def since(one: Transfer) -> datetime:
    """Since when its PCs may have moved: the upload as the ledger knows it, else when it was prepared."""
    steps = [step for step in one.steps if step.kind in _UPLOADS] or one.steps[:1]
    on = steps[-1].data.get("on")
    if on:
        return datetime.combine(date.fromisoformat(on), datetime.min.time(), UTC)
    return steps[-1].at


def _by_exports(
    one: Transfer, known: Transfers, exports: Sequence[Export], places: Places
) -> tuple[Draft | None, list[str]]:
    """What the exports prove of one transfer, and remarks."""
    target, source = place_key(places, one.target), place_key(places, one.source)
    about = [export for export in exports if {target, source} & export.places]
    open_ = [serial for serial in one.outcome if not one.settled or _is_last(serial, one, known)]
    if not about or one.state in (_CLAIMED, "reverted", "confirmed") or one.closed or not open_:
        return None, []
    day = since(one).astimezone(UTC).date()
    remarks: list[str] = []
    usable = []
    for export in about:
        if export.day is None:
            remarks.append(
                f"{export.name} proves nothing, for {export.dated}: put the day into its name, as in "
                "NAME-2026-11-03.csv, or say --on DAY"
            )
        elif export.day < day:
            remarks.append(f"{export.name} is of {export.day}, older than the upload of {day}, and proves nothing")
        else:
            usable.append(export)
    moved = {serial: at for serial in open_ if (at := _newest(serial, target, usable))}
    unsure = [
        serial
        for serial, at in moved.items()
        if at == day and _was_there(serial, one, known) and not _is_made_after(serial, target, usable, one)
    ]
    for serial in unsure:
        del moved[serial]
    if unsure:
        remarks.append(
            f"in {one.target.name} on {day}, where they were before on that day as well, which proves nothing: "
            f"{_some(unsure)}. Export it again"
        )
    for serial in [serial for serial, at in moved.items() if (back := _newest(serial, source, usable)) and back > at]:
        remarks.append(f"{serial} is listed in {one.target.name}, and later in {one.source.name} again")
        del moved[serial]
    for serial in [serial for serial in moved if _is_twice(serial, usable)]:
        remarks.append(f"{serial} is listed in several places, which proves nothing")
        del moved[serial]
    told = dict.fromkeys(moved, MOVED)
    arrived = {*moved, *(serial for serial, said in one.outcome.items() if said == MOVED)}
    late = [export for export in usable if _is_after(export, day, target, source, arrived)]
    if one.state not in _NOT_YET or arrived:
        left = [serial for serial in open_ if serial not in arrived]
        told |= {serial: FAILED for serial in left if _is_left(serial, late, target, source, bool(arrived))}
    if one.state in _NOT_YET and not told:
        return None, []  # nobody expects its PCs to have moved
    remarks += _about_the_rest(one, open_, told, usable, late, target, places)
    data = {
        "how": "export",
        "evidence": "; ".join(map(_told, usable)),
        "files": [_file(export.name, export.sha256, export.day) for export in usable],
    }
    return _draft(one, told, data), remarks


def _told(export: Export) -> str:
    """An export as evidence: `acme.csv of 2026-11-03 (its name), a list of Acme`."""
    of = f", a list of {export.of}" if export.of else ""
    return f"{export.name} of {export.day} ({export.dated}){of}"


def _newest(serial: str, place: str, exports: Sequence[Export]) -> date | None:
    """The newest day on which an export has the PC there."""
    days = [spot.day for one in exports for spot in one.listed.get(serial, ()) if spot.place == place and spot.day]
    return max(days, default=None)


def _is_twice(serial: str, exports: Sequence[Export]) -> bool:
    """Whether one list has the PC in several places."""
    return any(len({spot.place for spot in export.listed.get(serial, ())}) > 1 for export in exports)


def _was_there(serial: str, one: Transfer, known: Transfers) -> bool:
    """Whether it was in the target already, or had left it on the very day: a list of that day may be of before."""
    if serial in one.steps[0].data.get("there", ()):
        return True
    day = since(one).date()
    for other in known.values():
        if other.id == one.id or other.source != one.target or serial not in other.outcome:
            continue
        if any(step.at.date() == day for step in other.steps):
            return True
    return False


def _is_made_after(serial: str, place: str, exports: Sequence[Export], one: Transfer) -> bool:
    """Whether an export that has the PC in the place was saved after the upload."""
    return any(
        export.made is not None and export.made >= since(one)
        for export in exports
        if any(spot.place == place for spot in export.listed.get(serial, ()))
    )


def _is_last(serial: str, one: Transfer, known: Transfers) -> bool:
    """Whether no later transfer has this PC: what it tells is then not this one's."""
    later = False
    for other in known.values():
        if later and serial in other.outcome:
            return False
        later = later or other.id == one.id
    return one.outcome[serial] != MOVED


def _is_after(export: Export, day: date, target: str, source: str, arrived: set[str]) -> bool:
    """Whether an export was made after HP had done the upload: of a later day, or it shows what came of it."""
    if export.day is None or export.day > day:
        return export.day is not None

    def has(serial: str, place: str) -> bool:
        return any(spot.place == place for spot in export.listed.get(serial, ()))

    shows_arrival = any(has(serial, target) for serial in arrived)
    shows_leaving = source in export.places and any(not has(serial, source) for serial in arrived)
    return shows_arrival or shows_leaving


def _is_left(serial: str, late: Sequence[Export], target: str, source: str, some_arrived: bool) -> bool:
    """Whether the PC is where it was, by an export of the source, and not in the target by one of the target."""
    is_there, is_here = _newest(serial, source, late), _newest(serial, target, late)
    if is_there is None or (is_here and is_here >= is_there):
        return False
    return some_arrived or any(target in export.places for export in late)


def _about_the_rest(
    one: Transfer,
    serials: Sequence[str],
    told: Mapping[str, str],
    usable: Sequence[Export],
    late: Sequence[Export],
    target: str,
    places: Places,
) -> Iterator[str]:
    there = {serial for serial in serials if _newest(serial, target, usable)}
    left = [
        serial for serial in serials if serial not in told and one.outcome[serial] == UNKNOWN and serial not in there
    ]
    elsewhere = [serial for serial in left if any(serial in export.listed for export in late)]
    names = {place.customer_key or "": place.name for place in places.words.values()}
    for serial in elsewhere[:_NAMED]:
        where = {spot.place for export in late for spot in export.listed.get(serial, ())}
        yield f"{serial} is listed in {', '.join(sorted(names.get(place, place) for place in where))}"
    absent = [serial for serial in left if serial not in elsewhere]
    if absent and any(target in export.places for export in usable):
        yield (
            f"not in the export of {one.target.name}: {_some(absent)}. That proves nothing yet: give an export of "
            f"{one.source.name} too, or say what you know with wxp-lint resolve {one.id}"
        )


def _belongs(summary: Summary, known: Transfers, only: Transfer | None) -> Transfer:
    """The transfer that a Summary is of."""
    if only:
        return only
    seen = [one for one in known.values() if _has(one, summary.sha256)]
    if seen:
        return seen[-1]
    waiting = [one for one in known.values() if not one.settled and one.state != _CLAIMED]
    if summary.said:
        sharing = [one for one in waiting if summary.said.keys() & one.outcome.keys()]
        sharing = sharing or [one for one in known.values() if summary.said.keys() & one.outcome.keys()][-1:]
    else:
        sharing = [one for one in waiting if one.state not in _NOT_YET] or waiting
    whole = [one for one in sharing if summary.said.keys() <= one.outcome.keys()]
    found = whole if len(whole) == 1 else sharing
    if len(found) == 1:
        found = [*(one for one in known.values() if one not in found and _is_possible(one, summary, whole)), *found]
    if len(found) == 1:
        return found[0]
    mend = "say which: --transfer ID (see wxp-lint status)"
    if not found:
        raise UsageError(f"{summary.name}: it has no PC of any transfer in the ledger; {mend}")
    names = ", ".join(one.id for one in found)
    raise UsageError(f"{summary.name}: it may be the Summary of {names}; {mend}")


def _is_possible(one: Transfer, summary: Summary, whole: Sequence[Transfer]) -> bool:
    """Whether it is settled and had no Summary yet, and this one fits it no worse than those in `whole`."""
    if not one.settled or any(step.data.get("how") == "summary" for step in one.steps):
        return False
    listed = summary.said.keys()
    return bool(listed) and (listed <= one.outcome.keys() or (not whole and bool(listed & one.outcome.keys())))


def _by_summary(one: Transfer, summary: Summary, trust: str) -> tuple[Draft | None, list[str]]:
    remarks: list[str] = []
    surplus = [serial for serial in summary.said if serial not in one.outcome]
    if surplus:
        remarks.append(f"in {summary.name}, but not in this transfer: {_some(surplus)}")
    if one.settled:
        return None, [*remarks, f"{summary.name} changes nothing: it is {one.state.replace('_', ' ')} already"]
    proven = {serial: said for serial, said in outcomes(summary, trust).items() if serial in one.outcome}
    for serial in [serial for serial, said in proven.items() if _by_export(one, serial) not in (None, said)]:
        if proven[serial] != UNKNOWN:
            remarks.append(f"{serial}: the export says otherwise than {summary.name}, and counts")
        del proven[serial]
    unclear = [serial for serial, said in summary.said.items() if said == UNKNOWN and serial in one.outcome]
    if unclear and trust == "all":
        remarks.append(f"what {summary.name} says of these is not understood: {_some(unclear)}")
    missing = [serial for serial in one.outcome if serial not in summary.said]
    if missing and trust == "all":
        remarks.append(f"not in {summary.name}, so unknown: {_some(missing)}")
    if trust != "all":
        remarks.append(_limits(trust, summary))
    errors = [serial for serial, said in proven.items() if said == FAILED and summary.texts.get(serial)]
    remarks += [f"{serial}: {summary.texts[serial]}" for serial in errors[:_NAMED]]
    data: dict[str, Any] = {
        "how": "summary",
        "evidence": f"Summary {summary.name}: {summary.text}",
        "files": [_file(summary.name, summary.sha256, None)],
        "trust": trust,
    }
    if summary.counts:
        data["counts"] = dict(summary.counts)
    told = {serial: said for serial, said in proven.items() if said != UNKNOWN}
    draft = _draft(one, told, data)
    if draft is None and not _has(one, summary.sha256) and "reported" in NEXT[one.state]:
        draft = Draft("reported", one.id, {**data, "devices": {}})
    return draft, remarks


def _limits(trust: str, summary: Summary) -> str:
    if trust == "errors":
        return "a PC that the Summary does not list is not known to have moved: an export of the target tells"
    if trust == "counts":
        return "the Summary's counts are kept, but prove nothing of any one PC: an export of the target tells"
    return (
        f"{summary.name} is kept, but nothing is concluded from it: the config does not say what HP's Summary lists "
        "([reconcile] summary = all, errors or counts). An export of the target tells"
    )


def _draft(one: Transfer, told: Mapping[str, str], data: Mapping[str, Any]) -> Draft | None:
    """The event for what is new in `told`; None if nothing is, or it may not follow."""
    fresh = {serial: said for serial, said in told.items() if one.outcome[serial] != said}
    if not fresh:
        return None
    kind = outcome_kind({**one.outcome, **fresh})
    if kind not in NEXT[one.state]:
        return None
    return Draft(kind, one.id, {**data, "devices": fresh})


def _by_export(one: Transfer, serial: str) -> str | None:
    """What an export said of a PC."""
    for step in reversed(one.steps):
        if step.data.get("how") == "export" and serial in step.data.get("devices", {}):
            return str(step.data["devices"][serial])
    return None


def _has(one: Transfer, mark: str) -> bool:
    """Whether the ledger has this file as evidence."""
    return any(file.get("sha256") == mark for step in one.steps for file in step.data.get("files", ()))


def _file(name: str, mark: str, day: date | None) -> dict[str, str | None]:
    return {"name": name, "sha256": mark, "day": day.isoformat() if day else None}


def _some(serials: Sequence[str]) -> str:
    more = f" and {len(serials) - _NAMED:,} more" if len(serials) > _NAMED else ""
    return ", ".join(serials[:_NAMED]) + more
