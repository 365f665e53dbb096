"""Handing over: every merged file that is ready becomes a folder in the outbox, once, whatever dies in between.

A folder is built aside, then the ledger is told, then the folder is moved into the outbox. What died before the ledger
was told has not happened; what died after it is made again from the ledger, byte by byte.
"""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wxp_lint.errors import UsageError
from wxp_lint.ledger import states
from wxp_lint.ledger.events import Context, Draft, Log
from wxp_lint.ledger.protocol import Conflict, Ledger, LedgerError, Unsure
from wxp_lint.transfer.described import described
from wxp_lint.transfer.failpoint import failpoint
from wxp_lint.transfer.gate import Refusal
from wxp_lint.transfer.plan import BLOCKED, Plan, make_plan
from wxp_lint.transfer.submit import outbox
from wxp_lint.transfer.submit.outbox import Outbox

PREPARED = "prepared"
_TRIES = 60  # others may be quicker so many times; each time somebody got something done
_UNSURE = 3  # so often what is not known to be written is tried; a full disk stays full
_PAUSE = 0.05  # seconds, at most that many times the try's number


@dataclass(frozen=True, slots=True)
class Applied:
    """What a run did. `plan` is the one that held in the end, with the ledger as it is now.

    `new` are the ids that this run prepared; `made` those whose folder it made again, `mended` those of them whose
    folder was there and had been changed; `failed` maps an id to the reason why its folder is not there.
    """

    plan: Plan
    new: Sequence[str] = ()
    made: Sequence[str] = ()
    mended: Sequence[str] = ()
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> int:
        """The exit code (DESIGN 7): 6 in doubt, 1 blocked, 8 failed before anything was sent, 0."""
        if any(one.state == "in_doubt" for one in self.plan.known.values()):
            return 6
        if self.plan.count(BLOCKED):
            return 1
        return 8 if self.failed else 0


def prepare_all(plan: Plan, ledger: Ledger, box: Outbox, context: Context, *, as_planned: bool) -> Applied:
    """Hands over what is ready and merged, and makes again what is missing in the outbox.

    `as_planned`: somebody agreed to this very plan, so nothing else is done if the ledger has gone on meanwhile.
    Raises Refusal then, LedgerError where the ledger cannot be read or written, OSError where nothing can be written.
    """
    new: list[str] = []
    failed: dict[str, str] = {}
    for turn in range(_TRIES):
        staged, failed = _stage(plan, box)
        if not staged:
            break
        try:
            log = _append(plan, ledger, staged, context)
        except LedgerError as error:
            for one in staged.values():
                outbox.discard(one.draft)
            tries = _TRIES if isinstance(error, Conflict) else _UNSURE if isinstance(error, Unsure) else 0
            if turn >= tries - 1:
                raise
            time.sleep(random.uniform(0, _PAUSE * (turn + 1)))
            now = ledger.read()
            if as_planned and (now and now.head) != (plan.log and plan.log.head):
                raise Refusal(
                    "the plan is stale: the ledger went on while it was applied, and nothing was done. Plan again "
                    "(wxp-lint plan --save FILE), then apply that"
                ) from None
            plan = make_plan(plan.inputs, now, ledger.name)
            continue
        failpoint("after-append")
        new = list(staged)
        for name, one in staged.items():
            _publish(box, name, one, failed)
        plan = make_plan(plan.inputs, log, ledger.name)
        break
    made, mended = _make_again(plan.known, box, [name for name in _waiting(plan) if name not in new], failed)
    failpoint("before-report")
    return Applied(plan, new, made, mended, failed)


@dataclass(frozen=True, slots=True)
class _Staged:
    data: dict[str, Any]
    files: Mapping[str, bytes]
    draft: Path


def _stage(plan: Plan, box: Outbox) -> tuple[dict[str, _Staged], dict[str, str]]:
    """The folders of what is ready and merged, built aside, by id; and why others could not be built."""
    staged: dict[str, _Staged] = {}
    failed: dict[str, str] = {}
    for one in plan.transfers:
        if not one.is_handed_over_next or one.id is None:
            continue
        failpoint("before-staging")
        data = described(one)
        files = outbox.contents(one.id, data)
        try:
            staged[one.id] = _Staged(data, files, box.stage(one.id, files))
        except OSError as error:
            failed[one.id] = _why(error)
        failpoint("after-staging")
    return staged, failed


def _append(plan: Plan, ledger: Ledger, staged: Mapping[str, _Staged], context: Context) -> Log:
    """Tells the ledger. Raises Conflict if somebody else was quicker, Unsure if it seems untold, else LedgerError."""
    drafts = [Draft(PREPARED, name, one.data) for name, one in staged.items()]
    failpoint("before-append")
    try:
        return ledger.append(plan.log.head if plan.log else None, drafts, context)
    except Unsure:
        # Nothing was sent, so the answer may simply be looked up.
        log = ledger.read()
        known = states.of_log(log)
        if log and all(name in known and outbox.recorded(known[name]) == one.data for name, one in staged.items()):
            return log
        raise


def _publish(box: Outbox, name: str, one: _Staged, failed: dict[str, str]) -> None:
    failpoint("before-rename")
    try:
        box.publish(name, one.draft, one.files)
    except OSError as error:
        failed[name] = _why(error)
    failpoint("after-rename")


def _waiting(plan: Plan) -> list[str]:
    """The ids of all that is prepared and that nobody took yet."""
    return [one.id for one in plan.known.values() if one.state == PREPARED and not one.recorded]


def _make_again(
    known: states.Transfers, box: Outbox, names: Sequence[str], failed: dict[str, str]
) -> tuple[list[str], list[str]]:
    """Makes the folders that are missing or not as the ledger has them; the ids, and those that had been changed."""
    made, mended = [], []
    for name in names:
        try:
            there = make(known[name], box)
        except (OSError, UsageError) as error:
            failed[name] = _why(error)
            continue
        if there is not True:
            made.append(name)
        if there is False:
            mended.append(name)
    return made, mended


def make(transfer: states.Transfer, box: Outbox) -> bool | None:
    """Sees to it that the folder of a transfer is there as the ledger has it.

    What comes back is how it was before: as it should be, otherwise, or (None) not there. Raises OSError.
    """
    data = outbox.recorded(transfer)
    if data is None:
        raise UsageError(f"{transfer.id} was not prepared for the outbox, so there is no folder to make")
    files = outbox.contents(transfer.id, data)
    there = box.holds(transfer.id, files)
    if there is not True:
        _publish_again(box, transfer.id, files)
    return there


def _publish_again(box: Outbox, name: str, files: Mapping[str, bytes]) -> None:
    draft = box.stage(name, files)
    failpoint("before-rename")
    box.publish(name, draft, files)
    failpoint("after-rename")


def _why(error: Exception) -> str:
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
