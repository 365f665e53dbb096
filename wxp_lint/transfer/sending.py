"""Handing over to a remote that must not be asked twice: claim, tell the ledger, one request, tell the ledger.

What ended before `sending` was told has sent nothing. What ended after it may have sent: that is in doubt, and only
evidence or a person moves it on.

One window is left that no compare-and-swap can close: a process that is stopped between its last look at its lease and
the request, and goes on after the lease is over. By then others may have told the ledger that it is in doubt; none of
them sends it, so it is uploaded once, by the one that woke.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from wxp_lint.errors import UsageError
from wxp_lint.facts.places import UNASSIGNED
from wxp_lint.ledger import states
from wxp_lint.ledger.events import CREATED, Context, Draft, Log
from wxp_lint.ledger.protocol import Conflict, Ledger, LedgerError
from wxp_lint.ledger.states import FAILED, Transfer
from wxp_lint.transfer import claims
from wxp_lint.transfer.claims import Claim, Superseded, insist
from wxp_lint.transfer.described import described
from wxp_lint.transfer.failpoint import failpoint
from wxp_lint.transfer.plan import BLOCKED, Plan, Planned, make_plan, values
from wxp_lint.transfer.polling import poll_all
from wxp_lint.transfer.submit.protocol import ACCEPTED, REFUSED, UNKNOWN, UNSENT, Answer, Remote, Upload
from wxp_lint.transfer.submit.upload import upload_file
from wxp_lint.transfer.tell import tell
from wxp_lint.transfer.waiting import wait_for

_BEAT = 1.0  # seconds, at most, between two looks at the lease while a request is out


@dataclass(frozen=True, slots=True)
class Sent:
    """What a run did. `plan` is the one that held in the end, with the ledger as it is now.

    `remote` is how messages call it. `sent` are the ids of which a request was made, `words` what came of it. `unsent`
    maps an id to the reason why nothing was sent, `untold` to what the ledger could not be told. `asked` are the ids
    whose outcome was asked for, and what kept it from being known. `stopped` is why the run ended before its time.
    """

    plan: Plan
    remote: str
    sent: Sequence[str] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    unsent: Mapping[str, str] = field(default_factory=dict)
    untold: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    stopped: str | None = None

    @property
    def in_doubt(self) -> list[Transfer]:
        """All that is in doubt, whoever sent it."""
        return [one for one in self.plan.known.values() if one.state == "in_doubt" or one.id in self.untold]

    @property
    def busy(self) -> list[Transfer]:
        """What somebody else is at work on."""
        now = datetime.now(UTC)
        known = self.plan.known.values()
        return [one for one in known if claims.is_live(one, now) and one.id not in {*self.untold, *self.unsent}]

    @property
    def failed(self) -> list[Transfer]:
        """What this run sent or asked for, and of which some PCs failed."""
        mine = [one for one in self.plan.known.values() if one.id in {*self.sent, *self.asked}]
        return [one for one in mine if one.id not in self.unsent and FAILED in one.outcome.values()]

    @property
    def code(self) -> int:
        """The exit code, the first that applies (DESIGN 7)."""
        if self.in_doubt:
            return 6
        if self.failed:
            return 4
        if self.plan.count(BLOCKED):
            return 1
        if self.unsent or self.stopped:
            return 8
        return 7 if self.busy else 0


def send_all(plan: Plan, ledger: Ledger, remote: Remote, context: Context, *, as_planned: bool) -> Sent:
    """Sends what is ready and merged, each once, then waits a while for what comes of it.

    `as_planned`: nothing but what `plan` says is sent. Raises LedgerError if nothing can be told of the ledger at all.
    """
    run = _Run(plan, ledger, remote, context, as_planned)
    for one in plan.transfers:
        if run.stopped is None and one.is_handed_over_next and one.id is not None:
            run.hand_over(one, one.id)
    return run.end()


class _Run:
    """One run over the transfers of a plan."""

    def __init__(self, plan: Plan, ledger: Ledger, remote: Remote, context: Context, as_planned: bool) -> None:
        self._plan = self._now = plan
        self._log = plan.log
        self._seen = len(plan.log.events) if plan.log else 0
        self._own: set[str] = set()
        self._ledger = ledger
        self._remote = remote
        self._context = context
        self._as_planned = as_planned
        self._spent = 0
        self._sent: list[str] = []
        self._words: dict[str, str] = {}
        self._unsent: dict[str, str] = {}
        self._untold: dict[str, str] = {}
        self.stopped: str | None = None

    def hand_over(self, one: Planned, name: str) -> None:
        """Claims and sends one transfer, if it still is to be sent. Whatever befalls it, the others are not held up."""
        failpoint("http-before-claim")
        claim = Claim(self._ledger, self._context, name, self._plan.inputs.settings.apply.lease)
        try:
            data = self._claimed(one, claim)
            if data is None:
                return
            failpoint("http-after-claim")
            self._log = claim.begin()
        except Superseded as gone:
            claim.give_up(str(gone))
            self._unsent[name] = str(gone)
            return
        except (LedgerError, KeyboardInterrupt) as error:
            claim.give_up("the run ended before that")
            self._unsent[name] = "it was interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
            if not isinstance(error, Conflict):
                self.stopped = self._unsent[name]
            return
        failpoint("http-after-sending")
        answer = self._answer(_upload(self._log, name, data), claim)
        failpoint("http-before-record")
        self._record(name, claim, answer)
        failpoint("http-after-record")
        self._spent += len(one.serials)

    def end(self) -> Sent:
        """Asks what came of all that was sent, and sums up."""
        asked: dict[str, str] = {}
        log = self._log
        try:
            log = self._ledger.read()
            if self._remote.can.poll:
                inputs = self._plan.inputs
                log, asked = poll_all(log, self._ledger, self._remote, self._context, inputs.settings)
        except LedgerError as error:
            self.stopped = self.stopped or str(error)
        except KeyboardInterrupt:
            self.stopped = self.stopped or "it was interrupted"
        failpoint("before-report")
        plan = make_plan(self._plan.inputs, log, self._ledger.name, self._spent)
        return Sent(plan, self._remote.name, self._sent, self._words, self._unsent, self._untold, asked, self.stopped)

    def _claimed(self, one: Planned, claim: Claim) -> dict[str, Any] | None:
        """Has the ledger know the claim; the data of the transfer. None if it is not to be sent any more."""
        data = described(one)

        def decide(log: Log | None) -> Sequence[Draft]:
            there = states.of_log(log).get(claim.transfer)
            if there and there.holder == claim.holder:
                return []
            self._look(log)
            if not self._is_still(one):
                raise Superseded
            return [Draft("claimed", claim.transfer, {**data, **claim.data()})]

        try:
            self._log = tell(self._ledger, decide, self._context)
        except Superseded:
            return None
        self._own.add(claim.transfer)
        claim.told()
        return data

    def _look(self, log: Log | None) -> None:
        """Plans anew if anything has happened that this run did not do."""
        events = log.events if log else ()
        if any(event.kind != CREATED and event.transfer not in self._own for event in events[self._seen :]):
            self._now = make_plan(self._plan.inputs, log, self._ledger.name, self._spent)
        self._log, self._seen = log, len(events)

    def _is_still(self, one: Planned) -> bool:
        """Whether it is to be sent by the ledger as it is now, and just as it was planned."""
        now = next((other for other in self._now.transfers if other.id == one.id), None)
        if now is None or not now.is_handed_over_next:
            return False
        return values(now) == values(one) if self._as_planned else described(now) == described(one)

    def _answer(self, upload: Upload, claim: Claim) -> Answer:
        """The one request, in a thread of its own, so that the claim can be renewed meanwhile."""
        remote, beat = self._remote, min(_BEAT, self._plan.inputs.settings.apply.lease / 3)
        try:
            answer = wait_for(lambda: remote.send(upload, claim.may_send), remote.patience, beat, claim.renew)
        except KeyboardInterrupt:
            self.stopped = "it was interrupted"
            return Answer(UNKNOWN, "the run was interrupted while the request was out")
        return answer or Answer(UNKNOWN, f"no whole answer within {remote.patience:g} s")

    def _record(self, name: str, claim: Claim, answer: Answer) -> None:
        if answer.what == UNSENT:
            self._unsent[name] = answer.words
        else:
            self._sent.append(name)
            self._words[name] = answer.words

        def decide(log: Log | None) -> Sequence[Draft]:
            one = states.of_log(log)[name]
            draft = _after(one, claim, answer)
            return [draft] if draft else []

        try:
            self._log = insist(self._ledger, decide, self._context)
        except (UsageError, KeyboardInterrupt) as error:
            why = "it was interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
            self.stopped = why
            if answer.what == UNSENT:
                self._unsent[name] = f"{answer.words}; the ledger could not be told ({why})"
            else:
                self._untold[name] = f"{answer.words}; the ledger could not be told ({why})"


def _after(one: Transfer, claim: Claim, answer: Answer) -> Draft | None:
    """What the ledger is told of an answer, if it does not know it, and nobody knows better by now."""
    is_mine = one.state == "sending" and one.holder == claim.holder
    if not (is_mine or one.state == "in_doubt"):
        return None
    data: dict[str, Any] = {"how": "reply", "evidence": answer.words}
    if answer.what == ACCEPTED:
        # Somebody else, after the lease, may have told that it is in doubt: it is not any more.
        kind = "submitted" if is_mine else "reported"
        return Draft(kind, one.id, {**data, "reference": answer.reference, "holder": claim.holder})
    if answer.what == REFUSED:
        return Draft("failed", one.id, {**data, "devices": dict.fromkeys(one.outcome, FAILED)})
    if answer.what == UNSENT:
        return claims.unsent(one, answer.words)
    return Draft("in_doubt", one.id, data) if is_mine else None


def _upload(log: Log | None, name: str, data: Mapping[str, Any]) -> Upload:
    source = data["source"]
    is_unassigned = source["name"] == UNASSIGNED or source["customer_id"] is None
    place = "unassigned" if is_unassigned else source["customer_id"]
    ledger = log.id if log else ""
    return Upload(f"{ledger}/{name}", f"{name}.csv", place, upload_file(data), data["upload"])
