"""Appending what was decided over the ledger as it is, again if it has gone on meanwhile."""

from collections.abc import Callable, Sequence

from wxp_lint.ledger.events import Context, Draft, Log
from wxp_lint.ledger.protocol import Conflict, Ledger, Unsure

_TRIES = 20


def tell(ledger: Ledger, decide: Callable[[Log | None], Sequence[Draft]], context: Context) -> Log | None:
    """Appends what `decide` makes of the log; the log as it is then. Nothing is created where nothing is decided.

    `decide` is asked again after somebody else was quicker, or where it is not known whether an append took place: it
    has to see by itself that there is nothing left to tell. Raises LedgerError, and what `decide` raises.
    """
    for turn in range(_TRIES):
        log = ledger.read()
        drafts = decide(log)
        if not drafts:
            return log
        try:
            return ledger.append(log.head if log else None, drafts, context)
        except (Conflict, Unsure):
            if turn == _TRIES - 1:
                raise
    raise AssertionError
