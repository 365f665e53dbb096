"""`wxp-lint fix`: do what the findings offer."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption, IgnoreOption, SelectOption
from wxp_lint.cli.project import open_project
from wxp_lint.errors import UsageError
from wxp_lint.fix.mend import Mended, Outcome, mend
from wxp_lint.fix.plan import offered
from wxp_lint.lint.check import Request
from wxp_lint.lint.secret import masked
from wxp_lint.repo.select import select
from wxp_lint.report import reporter
from wxp_lint.report.concise import place
from wxp_lint.report.diff import diff as render_diff
from wxp_lint.report.style import plural, style_for, visible

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    paths: Annotated[list[str] | None, typer.Argument(help="Files or folders; none: all transfer files.")] = None,
    config: ConfigOption = None,
    config_from: Annotated[
        str | None, typer.Option(help="Take config and rules from this revision, as check does.", metavar="REF")
    ] = None,
    select_: SelectOption = None,
    ignore: IgnoreOption = None,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what would change, write nothing; exit with 1 if anything.")
    ] = False,
    unsafe_fixes: Annotated[
        bool, typer.Option("--unsafe-fixes", help="Also fixes that may not be what was meant: look at the result.")
    ] = False,
    force_exclude: Annotated[
        bool,
        typer.Option("--force-exclude", help="Skip named files that are no transfers, or ignored by git (for hooks)."),
    ] = False,
) -> None:
    """Mend what can be mended without a question: blanks, case, encoding, delimiter, empty rows.

    What is left is shown; whether it passes is for wxp-lint check to say.

    Example: wxp-lint fix --diff transfers/acme/march.csv
    """
    cwd = Path.cwd()
    project = open_project(cwd, config, config_from, select=select_, ignore=ignore)
    selection = select(project.settings, list(paths or []), cwd=cwd, force_exclude=force_exclude)
    for note in (*selection.notes, *(project.base.notes if project.base else ())):
        typer.echo(note, err=True)
    request = Request(selection, date.today())
    if project.base:
        request = project.base.judging(request)
    outcome = mend(project.settings, project.catalogue, request, unsafe=unsafe_fixes)
    for finding, why in outcome.withheld:
        words = f"not fixed: {place(finding)}: {finding.code} {finding.name}: {visible(why)}"
        typer.echo(masked(words, outcome.secrets), err=True)
    if diff:
        raise typer.Exit(_show(outcome))
    raise typer.Exit(_write(outcome, project.settings.root, unsafe=unsafe_fixes))


def _show(outcome: Outcome) -> int:
    """The changes on standard output, a count of them on standard error; 1 if there are any."""
    style = style_for(sys.stdout)
    for file in outcome.files:
        sys.stdout.write(render_diff(file, outcome.secrets, style, patch=not sys.stdout.isatty()))
    for file in outcome.files:
        typer.echo(f"would fix {_count(file)}", err=True)
    return int(bool(outcome.files))


def _write(outcome: Outcome, root: Path, *, unsafe: bool) -> int:
    """Writes the files, and says what was done and what is left; 2 if one could not be written, else 0."""
    from wxp_lint.fix.write import write

    failed: list[str] = []
    for file in outcome.files:
        try:
            write(file.location, visible(file.path), file.old, file.new, root)
        except UsageError as error:
            failed.append(str(error))
        else:
            typer.echo(f"fixed {_count(file)}")
    if failed:
        return _failed(failed)
    more = 0 if unsafe else len(offered(outcome.left.findings, unsafe=True)) - outcome.left.fixable
    if not outcome.files:
        typer.echo(f"nothing to fix{' without --unsafe-fixes' if more else ''}")
    report = reporter("concise")(outcome.left, style_for(sys.stdout))
    sys.stdout.write(masked(report, outcome.secrets))
    if more:
        typer.echo(f"{more:,} more can be fixed with --unsafe-fixes: look at the result then")
    return 0


def _failed(messages: Sequence[str]) -> int:
    for message in messages:
        typer.echo(f"wxp-lint: {message}", err=True)
    return 2


def _count(file: Mended) -> str:
    return f"{file.fixed:,} of {plural(file.fixed + file.left, 'finding')} in {visible(file.path)}"
