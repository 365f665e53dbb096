"""Handing over: every merged file that is ready, once, whatever dies in between."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wxp_lint.ledger.events import Context, Draft, Log
from wxp_lint.ledger.protocol import Ledger
from wxp_lint.transfer import claims
from wxp_lint.transfer.plan import Plan, make_plan
from wxp_lint.transfer.preparing import Applied, prepare_all
from wxp_lint.transfer.submit.outbox import Outbox
from wxp_lint.transfer.submit.protocol import Remote
from wxp_lint.transfer.tell import tell
from wxp_lint.transfer.workspace import make_private

if TYPE_CHECKING:
    from wxp_lint.transfer.sending import Sent


def apply(
    plan: Plan, ledger: Ledger, submitter: Outbox | Remote, context: Context, *, as_planned: bool
) -> "Applied | Sent":
    """Hands over what is ready and merged: a folder that may be made again, or a request that may not.

    `as_planned`: somebody agreed to this very plan, so nothing else is done if the ledger has gone on meanwhile.
    Raises Refusal then, LedgerError where the ledger cannot be read or written, OSError where nothing can be written.
    """
    make_private(plan.inputs.settings.root)
    plan = _freed(plan, ledger, context)
    if isinstance(submitter, Outbox):
        return prepare_all(plan, ledger, submitter, context, as_planned=as_planned)
    from wxp_lint.transfer.sending import send_all

    return send_all(plan, ledger, submitter, context, as_planned=as_planned)


def _freed(plan: Plan, ledger: Ledger, context: Context) -> Plan:
    """The plan, once the ledger knows of the claims whose runs have ended."""
    if not claims.free(plan.log):
        return plan

    def decide(log: Log | None) -> Sequence[Draft]:
        return claims.free(log)

    return make_plan(plan.inputs, tell(ledger, decide, context), ledger.name)
