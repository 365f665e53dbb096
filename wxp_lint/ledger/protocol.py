"""What a ledger is to those who use it, what a store has to do to keep one, and what can go wrong."""

from collections.abc import Sequence
from typing import Protocol

from wxp_lint.errors import UsageError
from wxp_lint.ledger.events import Context, Draft, Head, Log


class LedgerError(UsageError):
    """The ledger cannot be read or written; the message says which, why and how to mend it."""


class Unreachable(LedgerError):
    """Nobody answers, or access is denied; nothing is known of what the ledger holds."""


class Lost(LedgerError):
    """There is a trace of a ledger, and no ledger."""


class Foreign(LedgerError):
    """There is another ledger than the one that left a trace."""


class RolledBack(LedgerError):
    """The ledger lacks events that were in it before, or has others in their place."""


class Damaged(LedgerError):
    """What is stored is no log."""


class Refused(LedgerError):
    """The store did not take the append, and will not as long as nothing is done about it; nothing was appended."""


class Conflict(LedgerError):
    """Somebody else appended first; nothing was appended. Read again and decide anew."""


class Unsure(LedgerError):
    """It cannot be known whether the append took place. Read before anything else."""


class Ledger(Protocol):
    """An append-only log."""

    @property
    def name(self) -> str:
        """How messages call it: "git branch wxp-ledger of origin"."""
        ...

    def read(self) -> Log | None:
        """All that it holds; None if there is none, and no trace of one. Raises LedgerError."""
        ...

    def append(self, expected: Head | None, drafts: Sequence[Draft], context: Context) -> Log:
        """Appends all drafts or none; they are durable when it returns. `expected` None creates the ledger.

        Raises Conflict if its head is not `expected` any more, Unsure if that cannot be known, IllegalStep
        (states.py) if a draft does not go on from a transfer's state, else LedgerError.
        """
        ...


class Store(Protocol):
    """Where the lines of a log lie."""

    @property
    def name(self) -> str:
        """How messages call it."""
        ...

    def lines(self, *, trusting: bool = False) -> Sequence[str] | None:
        """All lines; None if there is no log. Raises LedgerError.

        `trusting`: what is there is told even if a trace of the store's own speaks against it.
        """
        ...

    def add(self, expected: Head | None, lines: Sequence[str]) -> Sequence[str]:
        """Appends durably all `lines` or none, if the end is still `expected`; all lines as they are then.

        `expected` None: if there is no log. Raises as `Ledger.append`.
        """
        ...
