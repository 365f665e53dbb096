"""`wxp-lint check`: lint."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption, IgnoreOption, PreviewOption, SelectOption
from wxp_lint.cli.output import OutputOption, write_reports
from wxp_lint.cli.project import open_project
from wxp_lint.config.settings import InventorySource
from wxp_lint.lint.check import Request, check
from wxp_lint.lint.finding import Result
from wxp_lint.repo.select import Selected, Selection, select

RANK = {"error": 3, "warning": 2, "note": 1}

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    paths: Annotated[list[str] | None, typer.Argument(help="Files or folders; none: all transfer files; -: standard input.")] = None,
    config: ConfigOption = None,
    select_: SelectOption = None,
    ignore: IgnoreOption = None,
    fail_on: Annotated[str | None, typer.Option(help="Exit with 1 from this level on: error, warning, note, never.")] = None,
    preview: PreviewOption = False,
    inventory: Annotated[str | None, typer.Option(help="A list of the devices that the partner can see.", metavar="FILE")] = None,
    output: OutputOption = None,
    force_exclude: Annotated[bool, typer.Option("--force-exclude", help="Skip named files that are no transfers (for hooks).")] = False,
    stdin_filename: Annotated[str, typer.Option(help="What to call standard input.", metavar="NAME")] = "stdin.csv",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No notes on standard error.")] = False,
) -> None:
    """Check transfer files.

    Example: wxp-lint check transfers/acme/march.csv
    """
    cwd = Path.cwd()
    project = open_project(cwd, config, select=select_, ignore=ignore, fail_on=fail_on, preview=preview or None)
    named = list(paths or [])
    if "-" in named:
        selection, contents = _standard_input(named, stdin_filename, cwd)
    else:
        selection, contents = select(project.settings, named, cwd=cwd, force_exclude=force_exclude), {}
    for note in () if quiet else selection.notes:
        typer.echo(note, err=True)
    sources = None if inventory is None else [_inventory(inventory, cwd)]
    request = Request(selection, date.today(), sources, contents)
    result = check(project.settings, project.catalogue, request)
    write_reports(result, output)
    raise typer.Exit(exit_code(result, project.settings.fail_on))


def exit_code(result: Result, fail_on: str) -> int:
    """1 if something is at or above `fail_on`, or a rule that must run could not; else 0."""
    least = RANK.get(fail_on)
    found = least is not None and any(RANK[finding.level] >= least for finding in result.findings)
    return int(found or bool(result.must_run_failed))


def _standard_input(named: list[str], name: str, cwd: Path) -> tuple[Selection, dict[str, bytes]]:
    from wxp_lint.errors import UsageError

    if named != ["-"]:
        raise UsageError("standard input (-) is checked alone: leave the other paths out")
    item = Selected(path=name, location=cwd / name, checked=True, open=False, tracked=False)
    return Selection(files=(item,), repo_wide=False, notes=()), {name: sys.stdin.buffer.read()}


def _inventory(path: str, cwd: Path) -> InventorySource:
    """`--inventory FILE`: its devices are Unassigned unless it has a customer column."""
    return InventorySource(path=str(cwd / path), place=None)
