"""`wxp-lint prepare`: any list of PCs -> transfer files."""

import os
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.project import open_project
from wxp_lint.config.settings import InventorySource, Settings
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.facts.sidecars import REASONS
from wxp_lint.files.model import Source
from wxp_lint.ledger.peek import peek
from wxp_lint.lint.secret import masked, refuse_pins
from wxp_lint.prepare.judge import Bench
from wxp_lint.prepare.lists import Reading, read_list
from wxp_lint.prepare.resolve import Resolution, resolve
from wxp_lint.prepare.targets import read_targets
from wxp_lint.prepare.write import Output, Said, name_of, plan_files, unresolved_text, write
from wxp_lint.repo.glob import fixed_prefix, matcher
from wxp_lint.report.prepared import Prepared, prepared
from wxp_lint.report.style import visible

PATIENCE = 14  # days that a file waits for its PCs to be visible, where nobody says a day

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    lists: Annotated[
        list[str], typer.Argument(help="CSV or XLSX lists of PCs; -: standard input.", metavar="LIST...|-")
    ],
    customer: Annotated[
        str | None, typer.Option(help="To whom all PCs go: a customer's name, ID or folder.", metavar="NAME|ID|FOLDER")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(help="visible: PCs that are not visible yet get files of their own.", metavar="visible"),
    ] = None,
    wait_until: Annotated[
        str | None, typer.Option(help="With --by visible: how long; 14 days if left out.", metavar="DATE")
    ] = None,
    reason: Annotated[str | None, typer.Option(help=f"One of {', '.join(REASONS)}.", metavar="REASON")] = None,
    ticket: Annotated[str | None, typer.Option(help="The ticket, order or case.", metavar="TEXT")] = None,
    possession_by: Annotated[
        str | None, typer.Option(help="Who made sure that the targets have the PCs.", metavar="WHO")
    ] = None,
    possession_on: Annotated[str | None, typer.Option(help="On which day; today if left out.", metavar="DATE")] = None,
    evidence: Annotated[str | None, typer.Option(help="How: a delivery note, a call.", metavar="TEXT")] = None,
    unresolved: Annotated[
        str | None, typer.Option(help="Write the rows that go nowhere to this CSV.", metavar="FILE")
    ] = None,
    inventory: Annotated[
        str | None, typer.Option(help="A list of the devices that the partner can see.", metavar="FILE")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")] = False,
    config: ConfigOption = None,
) -> None:
    """Make transfer files of any list of PCs: one for each source and target, in the customers' folders.

    Exit codes: 0 every row is in a file, 1 something is unresolved (the other rows are written), 2 wrong usage.

    Example: wxp-lint prepare march.xlsx --reason delivery --ticket 4711
    """
    cwd = Path.cwd()
    today = date.today()
    said = _said(reason, ticket, by, wait_until, (possession_by, possession_on, evidence), today)
    project = open_project(cwd, config)
    settings = project.settings
    sources = [InventorySource(path=str(_existing(inventory, cwd)))] if inventory else None
    leftover = _leftover(unresolved, cwd, settings) if unresolved else None
    targets = read_targets(settings)
    if customer is not None:
        refuse_pins([customer], "--customer", settings, targets.places)
    given = targets.given(customer) if customer is not None else None
    readings = [
        read_list(
            source,
            number,
            settings.columns,
            lambda text: targets.find(text) is not None,
            target=given is None,
            limits=settings.limits,
        )
        for number, source in enumerate(_sources(lists, cwd))
    ]
    locations = frozenset((cwd / name).resolve() for name in lists)
    bench = Bench(settings, project.catalogue, today, cwd, locations, sources, peek(settings))
    found = resolve(readings, targets, bench, name_of(settings, targets), given=given, part=by is not None)
    if by and found.unplaced:
        raise UsageError(f"--by visible: nobody knows what is visible: {found.unplaced}")
    planned = plan_files(found.transfers, readings, settings, targets, said)
    outputs = [output for each in planned for output in (each.file, each.sidecar) if output]
    rest = None
    if leftover and found.unresolved:
        rest = Output(str(leftover), masked(unresolved_text(found.unresolved, readings), found.secrets))
    if not dry_run:
        write(outputs, settings.root)
        write([rest] if rest else [], Path("/"))
    for note in _notes(readings, found, settings):
        typer.echo(masked(visible(note), found.secrets), err=True)
    typer.echo(prepared(Prepared(readings, found, planned, rest, dry_run)), nl=False)
    raise typer.Exit(int(bool(found.unresolved or any(reading.lost for reading in readings))))


def _said(
    reason: str | None,
    ticket: str | None,
    by: str | None,
    wait_until: str | None,
    possession: tuple[str | None, str | None, str | None],
    today: date,
) -> Said:
    if by not in (None, "visible"):
        raise UsageError(f"--by must be visible, not '{by}'")
    if wait_until and not by:
        raise UsageError("--wait-until goes with --by visible")
    until = _day("--wait-until", wait_until) if wait_until else today + timedelta(days=PATIENCE)
    if until < today:
        raise UsageError(f"--wait-until {until} is over: name a day to come")
    if reason is not None and reason not in REASONS:
        raise UsageError(f"--reason must be one of {', '.join(REASONS)}, not '{reason}'{did_you_mean(reason, REASONS)}")
    if ticket is not None and not ticket.strip():
        raise UsageError("--ticket must say something")
    who, on, how = possession
    if not any(each is not None for each in possession):
        return Said(reason, ticket, until)
    if not (who and who.strip() and how and how.strip()):
        raise UsageError("--possession-by and --evidence go together: who made sure, and how")
    day = _day("--possession-on", on) if on else today
    if day > today:
        raise UsageError(f"--possession-on {day} is in the future: possession is confirmed for a day that has been")
    return Said(reason, ticket, until, (who, day, how))


def _day(option: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise UsageError(f"{option} must be a day such as 2026-11-09, not '{text}'")
    return day


def _existing(path: str, cwd: Path) -> Path:
    if not (cwd / path).exists():
        raise UsageError(f"--inventory: no such file: {path}")
    return cwd / path


def _sources(lists: Sequence[str], cwd: Path) -> list[Source]:
    if "-" not in lists:
        return [Source(name, cwd / name) for name in dict.fromkeys(lists)]
    if list(lists) != ["-"]:
        raise UsageError("standard input (-) is prepared alone: leave the other lists out")
    data = sys.stdin.buffer.read()
    name = "stdin.xlsx" if data.startswith(b"PK\x03\x04") else "stdin.csv"
    return [Source(name, cwd / name, data)]


def _leftover(path: str, cwd: Path, settings: Settings) -> Path:
    """Where the unresolved rows go: never where a transfer could be."""
    place = (cwd / path).parent.resolve() / Path(path).name
    root = settings.root.resolve()
    if place.is_relative_to(root):
        key = place.relative_to(root).as_posix()
        folders = [prefix for prefix in map(fixed_prefix, settings.transfers) if prefix]
        if matcher(settings.transfers)(key) or matcher([f"{folder}/**" for folder in folders])(key):
            raise UsageError(f"--unresolved: {path} lies among the transfer files: name another folder")
    if os.path.lexists(place):
        raise UsageError(f"--unresolved: {path} is there already, and nothing is written over: name another file")
    return place


def _notes(readings: Sequence[Reading], found: Resolution, settings: Settings) -> Iterator[str]:
    """What is not about single rows."""
    root = settings.root.resolve()
    for reading in readings:
        yield from reading.notes
        place = Path(reading.name).resolve()
        among = place.is_relative_to(root) and matcher(settings.transfers)(place.relative_to(root).as_posix())
        if among and found.transfers:
            yield f"{reading.name} is a transfer file itself: delete it once the new files are right"
    if found.unplaced:
        yield f"sources are not known ({found.unplaced}): files are made by target alone"
