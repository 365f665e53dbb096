"""What an outcome makes of a transfer, and how the ledger is once it is told. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from wxp_lint.ledger import states
from wxp_lint.ledger.events import Actor, Draft, Event
from wxp_lint.ledger.states import FAILED, MOVED, UNKNOWN, Transfer, Transfers


def outcome_kind(outcome: Mapping[str, str]) -> str:
    """The state by the outcome of each PC: one that is unknown keeps it from being settled."""
    said = set(outcome.values())
    if UNKNOWN in said or not said:
        return "reported"
    if said == {MOVED}:
        return "confirmed"
    return "failed" if said == {FAILED} else "partly_failed"


def after(known: Transfers, drafts: Sequence[Draft], now: datetime) -> dict[str, Transfer]:
    """The transfers as they will be once `drafts` are appended."""
    seq = sum(len(one.steps) for one in known.values())
    events = [
        Event(seq + n, now, draft.kind, draft.transfer, Actor("", ""), None, None, draft.data)
        for n, draft in enumerate(drafts, 1)
    ]
    return states.transfers(events, known)


def counted(one: Transfer) -> dict[str, int]:
    """How many of its PCs moved, failed, are unknown."""
    said = list(one.outcome.values())
    return {name: said.count(name) for name in (MOVED, FAILED, UNKNOWN)}
