"""Claims: who may send a transfer. They hold for a lease, and the ledger's compare-and-swap fences them.

A claim is let go of before anything was sent, or what it was about is in doubt: nothing else comes of one that ended.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from wxp_lint.ledger import states
from wxp_lint.ledger.events import Context, Draft, Log
from wxp_lint.ledger.protocol import Conflict, Damaged, Foreign, Ledger, LedgerError, Lost, RolledBack
from wxp_lint.ledger.states import FAILED, RELEASED, Transfer
from wxp_lint.transfer.runner import is_gone, runner_of, this_runner
from wxp_lint.transfer.tell import tell

Decide = Callable[[Log | None], Sequence[Draft]]
_CLAIMED = ("claimed", "sending")
_TRIES = 8
_PAUSE = 0.1  # seconds, doubled with every try


class Superseded(Exception):
    """The claim is not held any more: the message says what is known of the transfer."""


class Claim:
    """The right to send one transfer, for `lease` seconds from each time that the ledger is told of it."""

    def __init__(self, ledger: Ledger, context: Context, transfer: str, lease: float) -> None:
        self._ledger = ledger
        self._context = context
        self._lease = timedelta(seconds=lease)
        self._runner = this_runner()
        self.transfer = transfer
        self.holder = f"{self._runner.name} ({uuid4().hex[:12]})"
        self.until = self._next = datetime.min.replace(tzinfo=UTC)

    def data(self) -> dict[str, Any]:
        """What an event says of the claim, with a lease that begins now."""
        self._next = datetime.now(UTC) + self._lease
        return {"holder": self.holder, "lease": self._next.isoformat(), "runner": self._runner._asdict()}

    def told(self) -> None:
        """The ledger knows what `data` gave last."""
        self.until = self._next

    def may_send(self) -> bool:
        """Whether the lease still runs, by this host's clock."""
        return datetime.now(UTC) < self.until

    def begin(self) -> Log:
        """Tells the ledger that the transfer is being sent. Raises Superseded, or LedgerError: nothing was sent."""

        def decide(log: Log | None) -> Sequence[Draft]:
            one = states.of_log(log).get(self.transfer)
            if one is None or one.holder != self.holder:
                raise Superseded("the claim ended before anything was sent, and somebody else has seen to it")
            if not self.may_send():
                raise Superseded(
                    "the claim ended before anything was sent: this process slept, or the ledger was slow; if it "
                    "always is, raise [apply] lease"
                )
            # It may be there already: of an append of which it was not known whether it took place.
            return [Draft("sending", self.transfer, self.data())] if one.state == "claimed" else []

        log = tell(self._ledger, decide, self._context)
        assert log is not None
        self.told()
        return log

    def give_up(self, words: str) -> None:
        """Tells the ledger that nothing was sent and nothing will be; if it cannot be told, the lease ends in time."""

        def decide(log: Log | None) -> Sequence[Draft]:
            one = states.of_log(log).get(self.transfer)
            if one is None or one.holder != self.holder:
                return []
            return [let_go(one.id) if one.state == "claimed" else unsent(one, words)]

        try:
            tell(self._ledger, decide, self._context)
        except LedgerError:
            return

    def renew(self) -> None:
        """Goes on holding it, if a third of the lease has passed. One that cannot be renewed just ends in time."""
        if self.until - datetime.now(UTC) > self._lease * 2 / 3:
            return

        def decide(log: Log | None) -> Sequence[Draft]:
            one = states.of_log(log).get(self.transfer)
            if one is None or one.holder != self.holder or one.state != "sending":
                raise Superseded("somebody else took the claim")
            return [Draft("sending", self.transfer, self.data())]

        try:
            tell(self._ledger, decide, self._context)
        except (Superseded, LedgerError):
            return
        self.told()


def let_go(transfer: str) -> Draft:
    """The event that ends a claim before anything was sent."""
    return Draft("claimed", transfer, {"holder": RELEASED, "lease": datetime.now(UTC).isoformat()})


def unsent(one: Transfer, words: str) -> Draft:
    """The event that ends an attempt of which nothing was sent, so that nothing moved."""
    data = {"how": "reply", "evidence": f"nothing was sent: {words}", "devices": dict.fromkeys(one.outcome, FAILED)}
    return Draft("failed", one.id, {**data, "unsent": True})


def is_unsent(one: Transfer) -> bool:
    """Whether it failed before anything was sent."""
    return one.state == "failed" and bool(one.steps[-1].data.get("unsent"))


def is_live(one: Transfer, now: datetime) -> bool:
    """Whether somebody is at work on it: its lease runs, and its process is not known to be gone."""
    if one.state not in _CLAIMED or not one.holder:
        return False
    return one.lease is not None and one.lease > now and not is_gone(_runner(one))


def free(log: Log | None) -> list[Draft]:
    """What to tell the ledger of claims whose holder is gone, or whose lease is over."""
    now = datetime.now(UTC)
    drafts: list[Draft] = []
    for one in states.of_log(log).values():
        if one.state not in _CLAIMED or one.released or is_live(one, now):
            continue
        if one.state == "claimed":
            drafts.append(let_go(one.id))
        else:
            words = f"the run that was sending it ended without a word ({one.holder or 'nobody is named'})"
            drafts.append(Draft("in_doubt", one.id, {"how": "reply", "evidence": words}))
    return drafts


def insist(ledger: Ledger, decide: Decide, context: Context) -> Log | None:
    """Tells the ledger what must not get lost. Raises LedgerError where it stays unreachable."""
    for turn in range(_TRIES):
        try:
            return tell(ledger, decide, context)
        except (Lost, Foreign, RolledBack, Damaged):
            raise
        except LedgerError as error:
            if turn == _TRIES - 1:
                raise
            pause = _PAUSE if isinstance(error, Conflict) else _PAUSE * 2**turn
            time.sleep(random.uniform(pause / 2, pause))
    raise AssertionError


def _runner(one: Transfer) -> Any:
    named: list[Mapping[str, Any]] = [step.data for step in one.steps if step.data.get("holder") == one.holder]
    return runner_of(named[-1]) if named else None
