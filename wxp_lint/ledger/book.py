"""A ledger over any store: parsing, legality, and whether it is still the ledger that was seen before."""

from collections.abc import Sequence

from wxp_lint.ledger import mark, states
from wxp_lint.ledger.events import ACCEPTED, BadLog, Context, Draft, Head, Log, first_lines, next_lines, parse
from wxp_lint.ledger.mark import Mark
from wxp_lint.ledger.protocol import Conflict, Damaged, Refused, Store
from wxp_lint.ledger.trace import Trace


class Book:
    """The Ledger of `protocol.py`; what was read before is not parsed again."""

    def __init__(self, store: Store, trace: Trace) -> None:
        self._store = store
        self._trace = trace
        self._log: Log | None = None
        self._transfers: states.Transfers = {}

    @property
    def name(self) -> str:
        """How messages call it."""
        return self._store.name

    def read(self) -> Log | None:
        """As `Ledger.read`."""
        log = self.look()
        if log:
            self._see(log)
        return log

    def look(self) -> Log | None:
        """As `read`, and leaves no mark."""
        # First the mark: another process may move it on while the store is being read.
        seen = mark.load(self._trace)
        log = self._parsed(self._store.lines())
        mark.verify(seen, log, self.name)
        return log

    def append(self, expected: Head | None, drafts: Sequence[Draft], context: Context) -> Log:
        """As `Ledger.append`."""
        log = self._log if expected and self._log and self._log.head == expected else self.read()
        if (log and log.head) != expected:
            raise conflict(self.name)
        return self._add(log, drafts, context)

    def transfers(self, log: Log | None) -> states.Transfers:
        """The transfers of a log of this ledger; those of the newest one are at hand."""
        return self._transfers if log is not None and log is self._log else states.of_log(log)

    def accept(self, reason: str | None, drafts: Sequence[Draft], context: Context) -> Log:
        """Takes what is there, or that nothing is, for the truth, and `drafts` with it; the log says so and by whom.

        Raises LedgerError if it cannot be read or written, IllegalStep.
        """
        seen = mark.load(self._trace)
        log = self._parsed(self._store.lines(trusting=True))
        before = None if seen is None else {"name": seen.name, **seen.head._asdict()}
        told = Draft(ACCEPTED, data={"reason": reason, "seen": before})
        return self._add(log, [told, *drafts], context)

    def adopt(self, lines: Sequence[str], reason: str, context: Context) -> Log:
        """Puts the log that was exported elsewhere into this empty ledger; its id stays.

        Raises Refused if there is a ledger, Damaged if `lines` are none.
        """
        log = self._parsed(lines, what="the file")
        assert log is not None
        if self._store.lines(trusting=True) is not None:
            raise Refused(f"{self.name} holds a ledger already; import into an empty one")
        told = [Draft(ACCEPTED, data={"reason": reason, "seen": None})]
        self._store.add(None, [*log.lines, *next_lines(log.head, told, context)])
        seen = mark.load(self._trace)
        after = self._parsed(self._store.lines(trusting=True))
        assert after is not None
        mark.verify(seen, after, self.name)
        self._see(after)
        return after

    def _add(self, log: Log | None, drafts: Sequence[Draft], context: Context) -> Log:
        states.check(self.transfers(log), drafts)
        lines = next_lines(log.head, drafts, context) if log else first_lines(drafts, context)
        after = self._parsed(self._store.add(log.head if log else None, lines))
        assert after is not None
        self._see(after)
        return after

    def _parsed(self, lines: Sequence[str] | None, what: str | None = None) -> Log | None:
        try:
            return None if lines is None else parse(lines, self._log)
        except BadLog as error:
            raise Damaged(f"{what or self.name} is no ledger that can be read: {error}") from None

    def _see(self, log: Log) -> None:
        known = self._log
        if known and known.lines == log.lines[: len(known.lines)]:
            self._transfers = states.transfers(log.events[len(known.lines) :], self._transfers)
        else:
            self._transfers = states.of_log(log)
        self._log = log
        mark.save(self._trace, Mark(self.name, log.head))


def conflict(name: str) -> Conflict:
    """The error for an append that came second."""
    return Conflict(f"somebody else wrote to {name} meanwhile; nothing was written: run the command again")
