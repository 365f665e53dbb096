"""`wxp-lint uploaded`: say that a transfer that was taken has been uploaded."""

from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.project import open_project
from wxp_lint.ledger.actor import context
from wxp_lint.ledger.open import open_ledger
from wxp_lint.report.style import plural, visible
from wxp_lint.transfer.hands import find, last, uploaded

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    transfer: Annotated[str, typer.Argument(help="Its id, the beginning of it, or the transfer file.", metavar="ID")],
    by: Annotated[str | None, typer.Option(help="Who uploaded it; git's user if left out.", metavar="NAME")] = None,
    config: ConfigOption = None,
) -> None:
    """Say that you uploaded a transfer in the console. What came of it is told by wxp-lint reconcile.

    Exit codes: 0 recorded, 2 wrong usage, among it that nobody took the transfer.

    Example: wxp-lint uploaded t-1a2b3c4d --by "Your Name"
    """
    cwd = Path.cwd()
    settings = open_project(cwd, config).settings
    who = context(settings.root, by)
    one = uploaded(open_ledger(settings), lambda known: find(known, transfer, settings, cwd), who)
    taker = last(one, "taken").actor.name
    other = "" if taker.casefold() == who.actor.name.casefold() else f" (taken by {visible(taker)})"
    typer.echo(
        f"{one.id} is uploaded, by {visible(who.actor.name)}{other}: {plural(len(one.serials), 'PC')} to "
        f"{visible(one.target.name)}. Whether they moved is not known yet."
    )
    typer.echo("Next: once the bell in the console has a red mark, export the target's PCs: wxp-lint reconcile EXPORT")
