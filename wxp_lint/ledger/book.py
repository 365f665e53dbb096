"""A ledger over any store: parsing, legality, and whether it is still the ledger that was seen before."""

from collections.abc import Sequence

from wxp_lint.ledger import mark, states
from wxp_lint.ledger.events import ACCEPTED, BadLog, Context, Draft, Head, Log, first_lines, next_lines, parse
from wxp_lint.ledger.mark import Mark
from wxp_lint.ledger.protocol import Conflict, Damaged, Foreign, Lost, Refused, Store
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

    def there(self) -> Log | None:
        """What is there, whatever was there before. Raises LedgerError if it cannot be read."""
        return self._parsed(self._store.lines(trusting=True))

    def accept(self, reason: str | None, drafts: Sequence[Draft], context: Context) -> Log:
        """Takes what is there, or that nothing is, for the truth, and `drafts` with it; the log says so and by whom.

        Raises LedgerError if it cannot be read or written, IllegalStep.
        """
        seen = mark.load(self._trace)
        before = None if seen is None else {"name": seen.name, **seen.head._asdict()}
        told = Draft(ACCEPTED, data={"reason": reason, "seen": before})
        return self._add(self.there(), [told, *drafts], context)

    def adopt(self, log: Log, reason: str, context: Context) -> None:
        """Puts a log from elsewhere into this empty ledger; its id stays, and an event says where it comes from.

        Raises Refused if there is a ledger, Foreign if there is a trace of another one in the store itself.
        """
        try:
            there = self._store.lines()
        except Lost:
            there = None
        if there is not None:
            raise Refused(f"{self.name} holds a ledger already, and only an empty one takes what another held")
        left = self.there()
        if left and left.lines != log.lines[: len(left.lines)]:
            raise Foreign(f"{self.name} was another ledger ({left.id}) than this one ({log.id}): nothing was written")
        told = next_lines(log.head, [Draft(ACCEPTED, data={"reason": reason, "seen": None})], context)
        more = [*log.lines, *told][len(left.lines) if left else 0 :]
        self._store.add(left.head if left else None, more)

    def _add(self, log: Log | None, drafts: Sequence[Draft], context: Context) -> Log:
        lines = next_lines(log.head, drafts, context) if log else first_lines(drafts, context)
        before = log.lines if log else ()
        states.check(self.transfers(log), parse([*before, *lines], log).events[len(before) :])
        after = self._parsed(self._store.add(log.head if log else None, lines))
        assert after is not None
        self._see(after)
        return after

    def _parsed(self, lines: Sequence[str] | None) -> Log | None:
        try:
            return None if lines is None else parse(lines, self._log)
        except BadLog as error:
            raise Damaged(f"{self.name} is no ledger that can be read: {error}") from None

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
