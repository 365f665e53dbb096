"""`wxp-lint reconcile`: what an export or HP's Summary says of the outcome."""

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.project import open_project
from wxp_lint.errors import UsageError
from wxp_lint.ledger.actor import context
from wxp_lint.ledger.events import Draft, Log
from wxp_lint.ledger.open import open_ledger
from wxp_lint.ledger.states import of_log
from wxp_lint.lint.synced import known_places
from wxp_lint.report.reconciled import reconciled
from wxp_lint.report.style import style_for
from wxp_lint.transfer.evidence import Wanted, read_evidence, typed_day
from wxp_lint.transfer.hands import find
from wxp_lint.transfer.reconcile import Reconciled, reconcile
from wxp_lint.transfer.tell import tell

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Exports of places (the target first; PLACE=FILE says whose), or HP's Summary.", metavar="FILE..."
        ),
    ],
    place: Annotated[
        str | None,
        typer.Option(
            help="Whose PCs the exports list, where they do not say: a customer, or unassigned.", metavar="PLACE"
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", help="The day the exports are of, where their names do not say; or today.", metavar="DAY"),
    ] = None,
    summary: Annotated[bool, typer.Option("--summary", help="The files are HP's Summaries.")] = False,
    transfer: Annotated[str | None, typer.Option(help="The transfer that the files are about.", metavar="ID")] = None,
    by: Annotated[str | None, typer.Option(help="Who does it, for the ledger.", metavar="NAME")] = None,
    config: ConfigOption = None,
) -> None:
    """Record what came of transfers: by a newer export of the target's PCs, or by HP's Summary.

    A PC that neither speaks of stays unknown. The same file again changes nothing. Exit codes: 0, 2 wrong usage.

    Example: wxp-lint reconcile acme-2026-11-03.csv
    """
    cwd, today = Path.cwd(), date.today()
    if summary and place is not None:
        raise UsageError("--summary and --place: a file is either a Summary or an export of a place")
    settings = open_project(cwd, config).settings
    ledger = open_ledger(settings)
    places = known_places(settings)
    wanted = Wanted(summary, place, typed_day(on, "--on", today))
    log = ledger.read()
    if log is None:
        raise UsageError(
            "there is no ledger yet, so nothing waits for evidence: see wxp-lint apply, or wxp-lint record"
        )
    exports, summaries = read_evidence(files, settings, places, of_log(log), cwd, today, wanted)
    found: list[Reconciled] = []

    def decide(log: Log | None) -> Sequence[Draft]:
        known = of_log(log)
        only = None if transfer is None else find(known, transfer, settings, cwd)
        judged = reconcile(
            known,
            exports,
            summaries,
            trust=settings.summary,
            places=places,
            now=datetime.now(UTC),
            only=only,
        )
        if judged.drafts or not found:
            found[:] = [judged]
        return judged.drafts

    tell(ledger, decide, context(settings.root, by))
    sys.stdout.write(reconciled(found[0], style_for(sys.stdout)))
