"""`wxp-lint apply`: hand over what is merged."""

import os
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.planning import Planning, plan_now
from wxp_lint.cli.project import open_project
from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.ledger.actor import context
from wxp_lint.ledger.open import open_ledger
from wxp_lint.ledger.protocol import Conflict, Damaged, Foreign, Lost, Refused, RolledBack, Unreachable, Unsure
from wxp_lint.ledger.states import of_log
from wxp_lint.report.applied import applied
from wxp_lint.report.style import plural, style_for
from wxp_lint.transfer.apply import apply
from wxp_lint.transfer.gate import Refusal, check_standing
from wxp_lint.transfer.hands import find
from wxp_lint.transfer.preparing import Applied, make
from wxp_lint.transfer.saved import check_saved, load_plan
from wxp_lint.transfer.submit.outbox import Outbox
from wxp_lint.transfer.submit.protocol import Remote
from wxp_lint.transfer.workspace import make_private

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    plan: Annotated[
        str | None, typer.Option(help="Do what this saved plan says, if it still holds.", metavar="FILE")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    rebuild: Annotated[
        str | None, typer.Option(help="Only make the folder of this transfer again.", metavar="ID")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who does it, for the ledger.", metavar="NAME")] = None,
    config: ConfigOption = None,
) -> None:
    """Prepare an upload file, with a runbook, for every merged transfer that is ready. Nothing is sent to HP.

    With [apply] submitter = "http" it is sent to a gateway of your own instead, each file once (docs/http.md).

    Exit codes: 0 done; 5 the whole run refused (stale plan, dirty tree, wrong branch, not merged, lost ledger); 6 a
    transfer is in doubt; 4 some PCs failed; 1 some are blocked; 8 failed before anything was sent, safe to repeat; 7
    somebody else is at work on it; 2 wrong usage.

    Example: wxp-lint apply --plan plan.json
    """
    cwd = Path.cwd()
    try:
        code = _rebuild(cwd, config, rebuild) if rebuild is not None else _apply(cwd, config, plan, yes, by)
    except (Refusal, Lost, Foreign, RolledBack, Damaged) as error:
        typer.echo(f"wxp-lint: refused, and nothing was done: {error}", err=True)
        code = 5
    except (Unreachable, Refused, Unsure, Conflict) as error:
        typer.echo(f"wxp-lint: {error}\nNothing was sent to HP: it is safe to apply again.", err=True)
        code = 8
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        typer.echo(
            f"wxp-lint: cannot write{where}: {(error.strerror or str(error)).lower()}\n"
            "Nothing was sent to HP: it is safe to apply again.",
            err=True,
        )
        code = 8
    raise typer.Exit(code)


def _apply(cwd: Path, config: str | None, file: str | None, yes: bool, by: str | None) -> int:
    saved = None if file is None else load_plan(Path(file))
    planning = plan_now(cwd, config)
    now = planning.plan
    settings = now.inputs.settings
    submitter = _submitter(settings)
    for note in planning.notes:
        typer.echo(note, err=True)
    check_standing(now.inputs)
    if saved is not None and file is not None:
        check_saved(saved, now, Path(file), datetime.now(UTC))
    asks = not yes and saved is None
    if asks and not _agrees(planning, submitter):
        typer.echo("Nothing was done.")
        return 0
    done = apply(now, planning.ledger, submitter, context(settings.root, by), as_planned=asks or saved is not None)
    style = style_for(sys.stdout)
    if isinstance(done, Applied):
        sys.stdout.write(applied(done, partial(Outbox(settings).shown, cwd=cwd), style))
    else:
        from wxp_lint.report.sent import sent

        sys.stdout.write(sent(done, style))
    return done.code


def _submitter(settings: Settings) -> Outbox | Remote:
    if settings.apply.submitter == "outbox":
        return Outbox(settings)
    from wxp_lint.transfer.submit.http import http

    return http(settings, os.environ)


def _agrees(planning: Planning, submitter: Outbox | Remote) -> bool:
    """Whether somebody at the terminal wants what the plan shows; nobody is asked where there is nothing to do."""
    ready = sum(one.is_handed_over_next for one in planning.plan.transfers)
    if sys.stdin.isatty() and sys.stdout.isatty():
        sys.stdout.write(planning.report("text", style_for(sys.stdout)))
    elif ready:
        raise UsageError(
            "there is no terminal to ask on: apply --yes does what plan shows, apply --plan FILE what was saved "
            "(wxp-lint plan --save FILE)"
        )
    files = plural(ready, "upload file")
    if isinstance(submitter, Outbox):
        return ready == 0 or typer.confirm(f"Prepare {files}? Nothing is sent to HP.")
    return ready == 0 or typer.confirm(f"Send {files} to {submitter.name}?")


def _rebuild(cwd: Path, config: str | None, name: str) -> int:
    settings = open_project(cwd, config).settings
    box = Outbox(settings)
    one = find(of_log(open_ledger(settings).read()), name, settings, cwd)
    make_private(settings.root)
    there = make(one, box)
    how = {True: "is as it should be", False: "had been changed, and was made again", None: "was made again"}[there]
    typer.echo(f"{box.shown(one.id, cwd)} {how}. Nothing has been sent to HP.")
    if one.state != "prepared":
        typer.echo(
            f"Mind: {one.id} is {one.state.replace('_', ' ')} already; upload it only if you know that it was not."
        )
    return 0
