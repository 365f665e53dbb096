"""`wxp-lint resolve`: what a person knows of a transfer's outcome."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.project import open_project
from wxp_lint.ledger.actor import context
from wxp_lint.ledger.events import Draft, Log
from wxp_lint.ledger.open import open_ledger
from wxp_lint.ledger.states import of_log
from wxp_lint.lint.synced import known_places
from wxp_lint.report.reconciled import reconciled
from wxp_lint.report.style import style_for, visible
from wxp_lint.transfer.hands import find
from wxp_lint.transfer.outcome import after
from wxp_lint.transfer.reconcile import Reconciled, Verdict
from wxp_lint.transfer.resolve import OUTCOMES, resolve, unsaid
from wxp_lint.transfer.revert import undone
from wxp_lint.transfer.tell import tell

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    transfer: Annotated[str, typer.Argument(help="Its id, the beginning of it, or the transfer file.", metavar="ID")],
    outcome: Annotated[str, typer.Option(help=", ".join(OUTCOMES), metavar="OUTCOME")],
    evidence: Annotated[str, typer.Option(help="How you know.", metavar="TEXT")],
    by: Annotated[str | None, typer.Option(help="Who says so; git's user if left out.", metavar="NAME")] = None,
    second: Annotated[
        str | None, typer.Option(help="Somebody else who looked. Kept as typed; it is no approval.", metavar="NAME")
    ] = None,
    serial: Annotated[
        list[str] | None,
        typer.Option("--serial", help="Only this PC (repeatable); else all that are unknown.", metavar="SERIAL"),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Record what you know of a transfer whose outcome nothing else tells: in doubt, reported, submitted, uploaded.

    One that is only prepared or taken can be resolved too: somebody may have uploaded it and not said so.

    Exit codes: 0, 2 wrong usage.

    Example: wxp-lint resolve t-1a2b3c4d --outcome moved --evidence "seen in Acme's list" --by "Your Name"
    """
    cwd = Path.cwd()
    settings = open_project(cwd, config).settings
    ledger = open_ledger(settings)
    places = known_places(settings)
    who = context(settings.root, by)
    found: list[Reconciled] = []

    def decide(log: Log | None) -> Sequence[Draft]:
        known = of_log(log)
        if found and log and len(found[0].drafts) and _is_told(log, found[0].drafts[0]):
            return ()
        one = find(known, transfer, settings, cwd)
        now = datetime.now(UTC)
        first = resolve(one, outcome, evidence, who.actor.name, now, second=second, serials=serial or ())
        drafts = [first, *undone(after(known, [first], now), places)]
        current = after(known, drafts, now)
        verdicts = [
            Verdict(known[name], current[name], unsaid(one) if name == one.id else ())
            for name in dict.fromkeys(draft.transfer for draft in drafts)
        ]
        found[:] = [Reconciled(tuple(drafts), tuple(verdicts), ())]
        return drafts

    tell(ledger, decide, who)
    sys.stdout.write(reconciled(found[0], style_for(sys.stdout)))
    typer.echo(f"Recorded as the word of {visible(who.actor.name)} ({who.actor.origin}).")
    if second is not None:
        typer.echo(f"{visible(second)} is kept as a name that was typed, not as an approval.")


def _is_told(log: Log, draft: Draft) -> bool:
    """Whether an append of which that was not known took place after all."""
    return any(event.transfer == draft.transfer and dict(event.data) == dict(draft.data) for event in log.events)
