"""`wxp-lint status`: how every transfer stands, and which PCs drifted."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.planning import plan_now
from wxp_lint.cli.project import Project, open_project
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.ledger.open import open_ledger
from wxp_lint.ledger.protocol import LedgerError
from wxp_lint.ledger.states import Transfers
from wxp_lint.lint.secret import masked
from wxp_lint.lint.stock import take_stock
from wxp_lint.lint.synced import known_places
from wxp_lint.report.status import FORMATS, as_json, as_text
from wxp_lint.report.style import style_for
from wxp_lint.transfer.listings import listings
from wxp_lint.transfer.plan import Plan
from wxp_lint.transfer.status import Drift, Status, drifted, last_moves, standings

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    output: Annotated[str, typer.Option("--output", "-o", help=", ".join(FORMATS), metavar="FORMAT")] = "text",
    drift: Annotated[
        bool,
        typer.Option(
            "--drift", help="List the PCs that newer lists have elsewhere than the last confirmed move put them."
        ),
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Show every transfer, open or recorded: its state, for how long, what came of each PC.

    Exit codes: 0, 2 wrong usage.

    Example: wxp-lint status --drift
    """
    if output not in FORMATS:
        raise UsageError(f"--output: no format '{output}'{did_you_mean(output, FORMATS)} (known: {', '.join(FORMATS)})")
    cwd = Path.cwd()
    project = open_project(cwd, config)
    ledger = open_ledger(project.settings)
    log = ledger.read()
    known = ledger.transfers(log)
    notes: list[str] = []
    plan = _plan(cwd, config, notes)
    found = Status(
        transfers=standings(known, plan),
        drift=_drift(project, known, notes) if drift else None,
        ledger=ledger.name,
        has_ledger=log is not None,
        now=datetime.now(UTC),
        notes=notes,
    )
    told = as_json(found) if output == "json" else as_text(found, style_for(sys.stdout))
    sys.stdout.write(masked(told, plan.inputs.secrets if plan else ()))


def _plan(cwd: Path, config: str | None, notes: list[str]) -> Plan | None:
    """The plan; without one what the ledger has is still worth telling."""
    try:
        return plan_now(cwd, config).plan
    except LedgerError:
        raise
    except UsageError as error:
        notes.append(f"files that are open and not in the ledger are left out: {error}")
        return None


def _drift(project: Project, known: Transfers, notes: list[str]) -> list[Drift]:
    settings, today = project.settings, date.today()
    places = known_places(settings)
    moves = last_moves(known)
    if not moves:
        return []
    listed, why = listings(settings, places, list(moves), today)
    if why:
        notes.append(f"{why}: nobody can tell where PCs are now")
        return []
    covered: dict[str, tuple[str, date]] = {}
    for held in take_stock(settings, project.catalogue, today).held:
        mark = held.customer_key or ""
        if held.day and (mark not in covered or held.day > covered[mark][1]):
            covered[mark] = (held.source, held.day)
    return drifted(moves, listed, covered, places)
