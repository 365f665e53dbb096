"""`wxp-lint take`: claim a prepared transfer, so that nobody else uploads it."""

from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.planning import plan_now
from wxp_lint.cli.project import open_project
from wxp_lint.errors import UsageError
from wxp_lint.ledger.actor import context
from wxp_lint.ledger.open import open_ledger
from wxp_lint.ledger.states import Transfer
from wxp_lint.report.style import plural, typed, visible
from wxp_lint.transfer.hands import Busy, find, take
from wxp_lint.transfer.preparing import make
from wxp_lint.transfer.submit.outbox import RUNBOOK, UPLOAD, Outbox
from wxp_lint.transfer.workspace import make_private

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    transfer: Annotated[str, typer.Argument(help="Its id, the beginning of it, or the transfer file.", metavar="ID")],
    by: Annotated[str | None, typer.Option(help="Who uploads it; git's user if left out.", metavar="NAME")] = None,
    config: ConfigOption = None,
) -> None:
    """Say that you upload a prepared transfer. Whoever comes second is refused.

    Exit codes: 0 it is yours, 7 somebody else has it, 2 wrong usage.

    Example: wxp-lint take t-1a2b3c4d --by "Your Name"
    """
    cwd = Path.cwd()
    settings = open_project(cwd, config).settings
    ledger = open_ledger(settings)
    who = context(settings.root, by)
    try:
        one = take(ledger, lambda known: find(known, transfer, settings, cwd), who)
    except Busy as busy:
        typer.echo(f"wxp-lint: {busy}", err=True)
        raise typer.Exit(7) from None
    box = Outbox(settings)
    make_private(settings.root)
    there = make(one, box)
    folder = box.shown(one.id, cwd)
    typer.echo(
        f"{one.id} is yours, {visible(who.actor.name)}: {plural(len(one.serials), 'PC')} to {visible(one.target.name)}."
    )
    if there is False:
        typer.echo(f"{folder} had been changed; it was made again.")
    if not _is_open(one, cwd, config):
        typer.echo(
            "Mind: no open file of the last commit holds these PCs for this target any more, as "
            f"{visible(one.path)} did. "
            f'If it was withdrawn, do not upload: wxp-lint resolve {one.id} --outcome failed --evidence "withdrawn"'
        )
    typer.echo(f"Upload {folder}/{UPLOAD} as {folder}/{RUNBOOK} says. Then: wxp-lint uploaded {one.id}{_by(by)}")


def _is_open(one: Transfer, cwd: Path, config: str | None) -> bool:
    """Whether a file still asks for it; True where that cannot be told."""
    try:
        plan = plan_now(cwd, config).plan
    except UsageError:
        return True
    return any(each.id == one.id for each in plan.transfers)


def _by(by: str | None) -> str:
    return "" if by is None else f" --by {typed(by)}"
