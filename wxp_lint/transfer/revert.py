"""Undoing a transfer: the transfer files that bring its PCs back, and when the ledger may call it reverted.

A transfer is undone by another transfer (DOMAIN, "Hard rules"), which is reviewed like any other.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from wxp_lint.config.settings import Settings
from wxp_lint.config.text import as_toml
from wxp_lint.errors import UsageError
from wxp_lint.facts.places import UNASSIGNED, Places, customer
from wxp_lint.ledger.events import Draft
from wxp_lint.ledger.states import FAILED, MOVED, Place, Transfer, Transfers
from wxp_lint.prepare.targets import Target, Targets, slug, unregistered
from wxp_lint.prepare.write import HEADER, Output, path_of
from wxp_lint.repo.typed import shown
from wxp_lint.transfer.listings import Listing

REASON = "correction"
_NOT_YET = ("prepared", "taken", "claimed")


class Skipped(NamedTuple):
    """A PC that is not brought back, and why."""

    serial: str
    why: str


class Reversal(NamedTuple):
    """A transfer file with its sidecar: where its PCs are now, and where they go back to."""

    now: str
    before: str
    serials: tuple[str, ...]
    file: Output
    sidecar: Output


class Reversals(NamedTuple):
    """All files that undo a transfer, and the PCs that are left out."""

    files: tuple[Reversal, ...]
    skipped: tuple[Skipped, ...]


def place_key(places: Places, kept: Place) -> str:
    """How a place of the ledger is compared with others: its Customer ID's key, "" for Unassigned."""
    found = places.find(kept.customer_id or kept.name) or customer(kept.customer_id or kept.name)
    return found.customer_key or ""


def plan_reversal(
    one: Transfer,
    known: Transfers,
    listed: Mapping[str, Sequence[Listing]],
    targets: Targets,
    settings: Settings,
    folder: str | None = None,
    ticket: str | None = None,
) -> Reversals:
    """What brings the PCs of a transfer back to where they were.

    `listed` is where the inventory has them. The files lie where transfer files do, or in `folder`. Raises UsageError
    where nothing can be brought back, and why.
    """
    if one.state in _NOT_YET and MOVED not in one.outcome.values():
        raise UsageError(
            f"{one.id} is {one.state}, and nothing of it is known to have moved: there is nothing to undo. To stop it, "
            f"do not upload it (wxp-lint resolve {one.id} --outcome failed, once it is sure that nobody does)"
            if one.state != "claimed"
            else f"{one.id} is being sent: see wxp-lint status"
        )
    skipped: list[Skipped] = []
    groups: dict[tuple[str, str], list[str]] = {}
    parties: dict[str, Place] = {}
    here, there = place_key(targets.places, one.target), place_key(targets.places, one.source)
    for serial in one.serials:
        why = _unmoved(serial, one) or _gone(serial, one, known, listed, targets.places, here)
        if why:
            skipped.append(Skipped(serial, why))
            continue
        groups.setdefault((here, there), []).append(serial)
        parties |= {here: one.target, there: one.source}
    if not groups:
        reasons = "; ".join(sorted({each.why for each in skipped}))
        raise UsageError(f"{one.id}: no PC of it can be brought back: {reasons}")
    files = tuple(
        _file(one, parties[now], _target(parties[before], before, targets), serials, settings, folder, ticket)
        for (now, before), serials in groups.items()
    )
    return Reversals(files, tuple(skipped))


def undone(known: Transfers, places: Places) -> list[Draft]:
    """The transfers that are `reverted` now: all their PCs have left the target again, by what is confirmed.

    At least one of them by a correction that brought it back to where it was.
    """
    found = []
    moves = _moves(known)
    for one in known.values():
        if one.state not in ("confirmed", "partly_failed"):
            continue
        here, there = place_key(places, one.target), place_key(places, one.source)
        after = [_next(moves[serial], one) for serial, said in one.outcome.items() if said == MOVED]
        left = [other for other in after if other and place_key(places, other.source) == here]
        if not after or len(left) < len(after):
            continue
        back = [other for other in left if other.reason == REASON and place_key(places, other.target) == there]
        if back:
            by = list(dict.fromkeys(other.id for other in back))
            data = {"reverted_by": by[-1], "evidence": f"{', '.join(by)} brought its PCs back", "how": "transfer"}
            found.append(Draft("reverted", one.id, data))
    return found


def _moves(known: Transfers) -> dict[str, list[Transfer]]:
    """The transfers that are known to have moved each PC, in the order in which that was told."""
    told: dict[str, list[tuple[datetime, int, Transfer]]] = {}
    for one in known.values():
        for step in one.steps:
            for serial, said in step.data.get("devices", {}).items():
                if said == MOVED and one.outcome.get(serial) == MOVED:
                    told.setdefault(serial, []).append((step.at, step.seq, one))
    return {serial: [one for _, _, one in sorted(all_, key=lambda each: each[:2])] for serial, all_ in told.items()}


def _next(moves: Sequence[Transfer], one: Transfer) -> Transfer | None:
    at = max(n for n, other in enumerate(moves) if other.id == one.id)
    return moves[at + 1] if at + 1 < len(moves) else None


def _unmoved(serial: str, one: Transfer) -> str | None:
    said = one.outcome.get(serial)
    if said == MOVED:
        return None
    if said == FAILED:
        return "it never moved"
    return f"it is not known whether it moved (wxp-lint reconcile, or wxp-lint resolve {one.id})"


def _gone(
    serial: str,
    one: Transfer,
    known: Transfers,
    listed: Mapping[str, Sequence[Listing]],
    places: Places,
    here: str,
) -> str | None:
    """Why a PC that moved is not where this transfer put it; None if it is."""
    moves = _moves(known).get(serial, [])
    last = moves[-1]
    if last.id != one.id and place_key(places, last.target) != here:
        return f"moved since: {last.id} put it into {last.target.name}"
    way = next((each for each in reversed(list(known.values())) if not each.settled and serial in each.outcome), None)
    if way and way.id != one.id:
        return f"under way: {way.id} is to put it into {way.target.name}"
    at = max(step.at for step in last.steps if serial in step.data.get("devices", {})).astimezone(UTC).date()
    newer = [each for each in listed.get(serial, ()) if each.day and each.day > at]
    if newer and all((each.place.customer_key or "") != here for each in newer if each.day == newer[0].day):
        return f"moved since: {newer[0].source} of {newer[0].day} has it in {newer[0].place.name}"
    return None


def _target(before: Place, mark: str, targets: Targets) -> Target:
    if mark == "":
        own = targets.by_key[""]
        if not own.customer_id:
            raise UsageError(
                f"the way back is to {UNASSIGNED}, and the config does not know the Customer ID that stands for it, "
                "which HP documents nowhere: ask HP support for it, then set customer-id under [places.unassigned]. "
                "Until then, ask HP support to move the PCs back"
            )
        return own
    found = targets.by_key.get(mark)
    if found:
        return found
    if before.customer_id is None:
        raise UsageError(
            f"the way back is to {shown(before.name)}, and neither the ledger nor the registry knows its Customer ID: "
            "add it to the registry (`customers` in the config)"
        )
    return unregistered(before.customer_id)


def _file(
    one: Transfer,
    now: Place,
    target: Target,
    serials: Sequence[str],
    settings: Settings,
    folder: str | None,
    ticket: str | None,
) -> Reversal:
    stem = f"revert-{slug(one.id)}"
    path = path_of(settings, stem, target) if folder is None else f"{folder.rstrip('/')}/{stem}.csv"
    rows = "".join(f"{serial},{target.customer_id}\n" for serial in serials)
    source = now.customer_id or now.name
    said = [
        f"# undoes {one.id} ({shown(one.path)}) of {_day(one)}",
        f"source = {as_toml(source)}",
        f"reason = {as_toml(REASON)}",
        *([f"ticket = {as_toml(ticket)}"] if ticket else []),
    ]
    return Reversal(
        now.name,
        target.name,
        tuple(serials),
        Output(path, f"{','.join(HEADER)}\n{rows}"),
        Output(f"{path}.toml", "".join(f"{line}\n" for line in said)),
    )


def _day(one: Transfer) -> date:
    return one.state_at.astimezone(UTC).date()
