"""What came of uploads, as the remote's Summaries tell: by the same judgement as `wxp-lint reconcile`."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path

from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.facts.places import Places
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Fault, Source
from wxp_lint.files.read import read_table
from wxp_lint.inventory.columns import is_header
from wxp_lint.ledger import states
from wxp_lint.ledger.events import Context, Draft, Log
from wxp_lint.ledger.protocol import Ledger, LedgerError
from wxp_lint.ledger.states import Transfer
from wxp_lint.lint.synced import known_places
from wxp_lint.transfer.failpoint import failpoint
from wxp_lint.transfer.reconcile import reconcile
from wxp_lint.transfer.submit.protocol import Remote
from wxp_lint.transfer.summary import Summary, read_summary
from wxp_lint.transfer.tell import tell
from wxp_lint.transfer.waiting import wait_for

_FIRST, _LONGEST = 0.2, 2.0  # seconds between two rounds of questions
_MOST = 1 << 31  # rows of a Summary


def poll_all(
    log: Log | None, ledger: Ledger, remote: Remote, context: Context, settings: Settings
) -> tuple[Log | None, dict[str, str]]:
    """Asks for each upload without an outcome, again and again for `[apply.http] wait` seconds.

    The log as it is then, and for each id that was asked for why its outcome is not known ("" where it is). Raises
    LedgerError.
    """
    waiting = {one.id: one.reference for one in states.of_log(log).values() if _is_open(one)}
    asked = dict.fromkeys(waiting, "")
    if not waiting:
        return log, asked
    places = known_places(settings)
    pause, end = _FIRST, time.monotonic() + settings.apply.http.wait
    failpoint("http-before-poll")
    while waiting:
        for name, reference in list(waiting.items()):
            assert reference is not None
            polled = wait_for(partial(remote.poll, reference), remote.patience, remote.patience, lambda: None)
            if polled is None:
                asked[name] = "no whole answer"
                continue
            asked[name] = polled.words
            if polled.summary is None:
                continue
            del waiting[name]
            try:
                summary = _read(polled.summary, f"summary-{reference}.csv")
                failpoint("http-before-outcome")
                log, asked[name] = _tell(name, summary, ledger, context, settings, places)
                failpoint("http-after-outcome")
            except LedgerError:
                raise
            except UsageError as error:
                asked[name] = str(error)
        left = end - time.monotonic()
        if not waiting or left <= 0:
            break
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST)
    return log, asked


def _is_open(one: Transfer) -> bool:
    """Whether the remote knows it by a name, and its Summary was not seen yet."""
    if one.reference is None or one.state not in ("submitted", "reported"):
        return False
    return not any(step.data.get("how") == "summary" for step in one.steps)


def _read(data: bytes, name: str) -> Summary:
    table = read_table(Source(name, Path(name), data), is_header, Limits(), Path())
    if isinstance(table, Fault):
        raise UsageError(f"{name}: {table.detail}")
    return read_summary([cells for _, cells in table.body.head(_MOST)], name, sha256(data).hexdigest())


def _tell(
    name: str, summary: Summary, ledger: Ledger, context: Context, settings: Settings, places: Places
) -> tuple[Log | None, str]:
    """The log with what the Summary tells, and what there is to say of it."""
    remarks: list[str] = []

    def decide(log: Log | None) -> Sequence[Draft]:
        known = states.of_log(log)
        judged = reconcile(
            known, [], [summary], trust=settings.summary, places=places, now=datetime.now(UTC), only=known[name]
        )
        remarks[:] = [remark for verdict in judged.verdicts for remark in verdict.remarks]
        return judged.drafts

    return tell(ledger, decide, context), "; ".join(remarks)
