"""`wxp-lint history`: who moved a PC, when and why."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.output import report_file, write_file
from wxp_lint.cli.project import open_project
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.ledger.open import open_ledger
from wxp_lint.ledger.protocol import Unreachable
from wxp_lint.report.history import FORMATS, reporter
from wxp_lint.report.style import Style, style_for, visible
from wxp_lint.transfer.history import history

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    serial: Annotated[str, typer.Argument(help="The serial number of a PC.", metavar="SERIAL")],
    output: Annotated[
        str,
        typer.Option("--output", "-o", help=f"{', '.join(FORMATS)}; with =PATH into a file.", metavar="FORMAT[=PATH]"),
    ] = "text",
    config: ConfigOption = None,
) -> None:
    """Show the life of a PC: who asked for each move, who reviewed, prepared, took and uploaded it, what came of it.

    What neither git nor the ledger knows is named. Exit codes: 0, 1 nothing is known of it, 2 wrong usage.

    Example: wxp-lint history 5CG8234XMV
    """
    name, equals, path = output.partition("=")
    if name not in FORMATS:
        raise UsageError(f"--output: no format '{name}'{did_you_mean(name, FORMATS)} (known: {', '.join(FORMATS)})")
    if equals and not path:
        raise UsageError(f"--output: {output} names no file: write {name}=PATH, or {name} for standard output")
    file = report_file(name, path)
    settings = open_project(Path.cwd(), config).settings
    ledger = open_ledger(settings)
    away = ""
    try:
        log = ledger.read()
    except Unreachable as error:
        log, away = None, f"the ledger is out of reach ({error}): what it knows is missing here"
    runs = {event.seq: (event.commit, event.run) for event in log.events} if log else {}
    found = history(serial, ledger.transfers(log) if log else None, runs, settings, away)
    if found.is_known or name == "json":
        if file:
            write_file(file, [reporter(name)(found, Style())])
        else:
            sys.stdout.write(reporter(name)(found, style_for(sys.stdout)))
    if not found.is_known:
        typer.echo(f"nothing is known of {visible(found.serial)}{visible(found.near)}", err=True)
        for gap in found.gaps:
            typer.echo(f"not known: {visible(gap)}", err=True)
    raise typer.Exit(not found.is_known)
