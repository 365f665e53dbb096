"""What a person knows of a transfer of which nothing else tells the outcome. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.keys import key
from wxp_lint.ledger.events import Draft
from wxp_lint.ledger.states import FAILED, MOVED, NEXT, UNKNOWN, Transfer
from wxp_lint.transfer.outcome import outcome_kind

OUTCOMES = (MOVED, FAILED, UNKNOWN)


def resolve(
    one: Transfer,
    outcome: str,
    evidence: str,
    by: str,
    now: datetime,
    *,
    second: str | None = None,
    serials: Sequence[str] = (),
) -> Draft:
    """The event that records it.

    It is about the PCs whose outcome is unknown, or about `serials`. `second` is somebody else who was named; that is a
    name that was typed and no approval. Raises UsageError where there is nothing to resolve.
    """
    if outcome not in OUTCOMES:
        raise UsageError(f"--outcome: '{outcome}' is none of {', '.join(OUTCOMES)}{did_you_mean(outcome, OUTCOMES)}")
    if not evidence.strip():
        raise UsageError("--evidence: say how you know, such as 'seen in the console, ticket 4711'")
    data: dict[str, Any] = {"how": "person", "evidence": " ".join(evidence.split())}
    if second is not None:
        name = " ".join(second.split())
        if not name or name.casefold() == by.casefold():
            raise UsageError("--second: name somebody else than --by, or leave it out")
        data["second"] = name
    wanted = _wanted(one, serials)
    _refuse(one, now, wanted)
    told = dict.fromkeys(wanted, outcome)
    kind = outcome_kind({**one.outcome, **told})
    if kind not in NEXT[one.state]:
        raise UsageError(f"{one.id} is {_said(one.state)}, so it cannot become {_said(kind)}: see wxp-lint status")
    return Draft(kind, one.id, {**data, "devices": told, "outcome": outcome})


def unsaid(one: Transfer) -> tuple[str, ...]:
    """What the ledger lacked of it before, for whoever resolves it to notice a wrong transfer."""
    if one.state == "prepared":
        return ("it was only prepared: nobody had said that it was taken or uploaded",)
    if one.state == "taken":
        return (f"it was only taken, by {one.steps[-1].actor.name}: nobody had said that it was uploaded",)
    return ()


def _wanted(one: Transfer, serials: Sequence[str]) -> list[str]:
    if not serials:
        return [serial for serial, said in one.outcome.items() if said == UNKNOWN]
    keys = list(dict.fromkeys(map(key, serials)))
    for typed, serial in zip(serials, keys):
        if serial not in one.outcome:
            raise UsageError(f"--serial: {one.id} does not move '{typed}'{did_you_mean(serial, one.outcome)}")
    return keys


def _refuse(one: Transfer, now: datetime, wanted: Sequence[str]) -> None:
    if one.state in ("claimed", "sending") and one.lease and one.lease > now.astimezone(UTC):
        raise UsageError(f"{one.id} is {_said(one.state)} by {one.holder} right now: wait until that has ended")
    if one.state in ("confirmed", "reverted") or one.closed or not wanted:
        raise UsageError(
            f"{one.id} is {_said(one.state)}, and nothing about it is open. What moved since is entered with "
            f"wxp-lint record, and undone with wxp-lint revert {one.id}"
        )


def _said(state: str) -> str:
    return state.replace("_", " ")
