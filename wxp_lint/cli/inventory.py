"""`wxp-lint inventory sync|status|find|missing`: the devices that the partner can see."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.progress import Progress
from wxp_lint.cli.project import open_project
from wxp_lint.errors import UsageError
from wxp_lint.ledger.peek import peek
from wxp_lint.lint import synced
from wxp_lint.lint.handed import handed_over
from wxp_lint.lint.missing import find_missing
from wxp_lint.lint.stock import take_stock
from wxp_lint.lint.whereabouts import look_up
from wxp_lint.repo.select import select
from wxp_lint.report import inventory as report
from wxp_lint.report import missing as absent
from wxp_lint.report.style import plural, visible

STATUS = ("text", "json")
MISSING = ("text", "csv", "case")

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)


@app.callback()
def _root() -> None:
    """What is known of the PCs that you can see: gather it, look it up, find what is missing."""


@app.command()
def sync(
    to: Annotated[
        Path | None,
        typer.Option("--to", help="Write a Parquet file that is an inventory by itself.", metavar="FILE"),
    ] = None,
    minimal: Annotated[bool, typer.Option("--minimal", help="Serial numbers, places and days alone.")] = False,
    config: ConfigOption = None,
) -> None:
    """Gather all [inventory] sources into one snapshot, in which check finds a few PCs among millions at once.

    The snapshot lies in your cache folder; check uses it by itself, and says so. With --to it is written to a file
    instead, which another config can name as its source.
    """
    project = open_project(Path.cwd(), config)
    with Progress() as progress:

        def tell(done: int, total: int, name: str) -> None:
            reading = f"reading {done + 1:,} of {total:,}: {visible(name)[:60]}"
            progress.tell(reading if done < total else "writing the snapshot")

        done = synced.gather_all(project.settings, project.catalogue, date.today(), tell, minimal=minimal, to=to)
    again = "all of them read" if done.again == done.lists else f"{done.again:,} of them read again"
    typer.echo(f"inventory: {plural(done.devices, 'device')} from {plural(done.lists, 'list')}, {again}: {done.path}")
    for note in done.notes:
        typer.echo(note, err=True)


@app.command()
def status(
    output: Annotated[str, typer.Option("--output", "-o", help=", ".join(STATUS), metavar="FORMAT")] = "text",
    config: ConfigOption = None,
) -> None:
    """Show places, how many PCs are there, from which lists, and how old these are."""
    _known(output, STATUS)
    project = open_project(Path.cwd(), config)
    stock = take_stock(project.settings, project.catalogue, date.today())
    typer.echo((report.stock_json if output == "json" else report.stock)(stock), nl=False)


@app.command()
def find(
    serials: Annotated[list[str], typer.Argument(help="Serial numbers.", metavar="SERIAL...")],
    config: ConfigOption = None,
) -> None:
    """Show where PCs are, by every list that has them; what is one edit away; which open transfers name them.

    The exit code is 1 if one of them is in no list, else 0.
    """
    project = open_project(Path.cwd(), config)
    seen = peek(project.settings)
    is_done = handed_over(project.settings, project.catalogue, seen)
    devices = look_up(project.settings, serials, date.today(), seen.moves, is_done)
    typer.echo(report.whereabouts(devices), nl=False)
    raise typer.Exit(not all(device.listings for device in devices))


@app.command()
def missing(
    paths: Annotated[list[str] | None, typer.Argument(help="Files or folders; none: all open transfers.")] = None,
    output: Annotated[
        str,
        typer.Option("--output", "-o", help="text, csv for a spreadsheet, case for HP's support.", metavar="FORMAT"),
    ] = "text",
    config: ConfigOption = None,
) -> None:
    """List the PCs of open transfers that are in no list, by what is to be done about them.

    The exit code is 1 if there are some, else 0.
    """
    _known(output, MISSING)
    project = open_project(Path.cwd(), config)
    seen = peek(project.settings)
    is_done = handed_over(project.settings, project.catalogue, seen)
    selection = select(project.settings, list(paths or []), cwd=Path.cwd(), force_exclude=False, settled=is_done)
    found = find_missing(project.settings, project.catalogue, selection, date.today(), seen.moves)
    _tell((*selection.notes, *found.notes))
    writers = {"text": absent.missing, "csv": absent.missing_csv, "case": absent.case}
    told = writers[output](found)
    typer.echo(told, nl=False)
    if output == "case" and not told:
        count = plural(len(found.devices), "PC")
        typer.echo(f"{count} missing, and none of them is for HP's support: see --output text", err=True)
    raise typer.Exit(bool(found.devices))


def _known(name: str, formats: tuple[str, ...]) -> None:
    if name not in formats:
        raise UsageError(f"--output must be one of {', '.join(formats)}, not '{visible(name)}'")


def _tell(notes: tuple[str, ...]) -> None:
    for note in notes:
        typer.echo(note, err=True)
