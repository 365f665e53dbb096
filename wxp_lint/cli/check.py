"""`wxp-lint check`: lint."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption, FailOnOption, IgnoreOption, PreviewOption, SelectOption
from wxp_lint.cli.output import OutputOption, is_comment, is_page, spare, wanted_outputs, write_reports
from wxp_lint.cli.progress import Progress
from wxp_lint.cli.project import open_project
from wxp_lint.cli.stdin import standard_input
from wxp_lint.config.settings import InventorySource
from wxp_lint.errors import UsageError
from wxp_lint.ledger.peek import peek
from wxp_lint.lint.check import Request, check
from wxp_lint.lint.handed import handed_over
from wxp_lint.repo.select import select

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Files or folders; none: all transfer files; -: standard input."),
    ] = None,
    config: ConfigOption = None,
    config_from: Annotated[
        str | None,
        typer.Option(help="Take config, rules, registry, ignores, inventory from this revision.", metavar="REF"),
    ] = None,
    select_: SelectOption = None,
    ignore: IgnoreOption = None,
    fail_on: FailOnOption = None,
    since: Annotated[
        str | None, typer.Option(help="Report only files changed since this revision.", metavar="REF")
    ] = None,
    preview: PreviewOption = False,
    inventory: Annotated[
        str | None, typer.Option(help="A list of the devices that the partner can see.", metavar="FILE")
    ] = None,
    output: OutputOption = None,
    mask: Annotated[
        bool, typer.Option("--mask", help="Mask serial numbers and users in every report, as for a pull request.")
    ] = False,
    force_exclude: Annotated[
        bool,
        typer.Option("--force-exclude", help="Skip named files that are no transfers, or ignored by git (for hooks)."),
    ] = False,
    stdin_filename: Annotated[
        str | None, typer.Option(help="The file that standard input stands in for; it need not exist.", metavar="FILE")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Remember nothing, and use nothing remembered.")] = False,
    statistics: Annotated[bool, typer.Option("--statistics", help="Count findings by rule.")] = False,
    show_settings: Annotated[
        bool, typer.Option("--show-settings", help="Show the settings and where they come from.")
    ] = False,
    show_files: Annotated[bool, typer.Option("--show-files", help="Show which files would be checked.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No notes and no progress on standard error.")] = False,
) -> None:
    """Check transfer files.

    Example: wxp-lint check transfers/acme/march.csv
    """
    outputs = wanted_outputs(output)
    cwd = Path.cwd()
    project = open_project(
        cwd,
        config,
        config_from,
        select=select_,
        ignore=ignore,
        fail_on=fail_on,
        preview=preview,
        use_cache=not no_cache,
    )
    if show_settings:
        from wxp_lint.cli.shown import show_settings as settings

        return settings(project.settings, project.base.revision.ref if project.base else None, output)
    named = list(paths or [])
    seen = peek(project.settings)
    if "-" in named:
        selection, contents = standard_input(named, stdin_filename, project, seen, cwd, force_exclude=force_exclude)
    else:
        is_done = handed_over(project.settings, project.catalogue, seen)
        selection, contents = select(project.settings, named, cwd=cwd, force_exclude=force_exclude, settled=is_done), {}
    spare(outputs, selection, project.settings, inventory)
    if since:
        from wxp_lint.repo.since import narrow

        selection = narrow(selection, project.settings.root, since, contents)
    if not quiet:
        for note in (*selection.notes, *(project.base.notes if project.base else ())):
            typer.echo(note, err=True)
    if show_files:
        from wxp_lint.cli.shown import show_files as files

        return files(selection)
    sources = None if inventory is None else [_inventory(inventory, cwd)]
    request = Request(selection, date.today(), sources, contents, remember=not no_cache, brief=force_exclude)
    request = request._replace(ledger=seen.rows, no_ledger=seen.reason, moves=seen.moves)
    if project.base:
        request = project.base.judging(request)
    with Progress(quiet=quiet) as progress:
        request = request._replace(tell=progress.tell)
        if mask or is_comment(outputs) or is_page(outputs):
            from wxp_lint.cli.pull_request import against, examined

            base = against(project.settings.root, since, config_from) if is_comment(outputs) else None
            result = examined(project, request, base, mask=mask)
        else:
            result = check(project.settings, project.catalogue, request)
    if quiet:
        result = replace(result, inventory=None)
    for note in () if quiet else result.notes:
        typer.echo(note, err=True)
    write_reports(result, outputs, statistics=statistics)
    raise typer.Exit(int(result.failed))


def _inventory(path: str, cwd: Path) -> InventorySource:
    """`--inventory FILE`: its devices are Unassigned unless it has a customer column."""
    if not (cwd / path).exists():
        raise UsageError(f"--inventory: no such file: {path}")
    return InventorySource(path=str(cwd / path))
