"""`wxp-lint baseline write|prune`: begin with what is there, so that only new findings show."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.project import Project, open_project
from wxp_lint.errors import UsageError
from wxp_lint.files.save import save
from wxp_lint.ledger.peek import peek
from wxp_lint.lint.accepted import Sifted, read_accepted
from wxp_lint.lint.baseline import FILE, Known, known, render_baseline
from wxp_lint.lint.check import Request, examine
from wxp_lint.lint.finding import Result
from wxp_lint.lint.handed import handed_over
from wxp_lint.repo.select import select
from wxp_lint.report.style import plural

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Make what is there known, so that only new findings show."""


@app.command()
def write(config: ConfigOption = None) -> None:
    """Make all present findings known, instead of those that were."""
    project = open_project(Path.cwd(), config)
    before = read_accepted(project.settings.root, project.catalogue, b"", None).baseline
    result, _ = _examine(project, b"")
    upkeep = {rule.code for rule in project.catalogue.rules if rule.is_last}
    now = known([finding for finding in result.findings if finding.code not in upkeep])
    # What could not run cannot say that its findings are gone.
    unheard = {rule.code for rule in result.not_run}
    kept = [entry for entry in before if entry.code in unheard]
    counts = {entry.fingerprint: entry.count for entry in before}
    old = sum(min(entry.count, counts.get(entry.fingerprint, 0)) for entry in now)
    _write(project.settings.root / FILE, [*now, *kept])
    already = f", {old:,} of them already before" if old else ""
    typer.echo(f"{FILE}: {plural(_total(now), 'finding')} known{already}")
    if kept:
        rules = ", ".join(sorted({entry.name for entry in kept}))
        typer.echo(f"kept as they were, since their rules could not run: {_total(kept):,} ({rules})")


@app.command()
def prune(config: ConfigOption = None) -> None:
    """Forget what no finding matches any more."""
    project = open_project(Path.cwd(), config)
    _, sifted = _examine(project, None)
    if not sifted.baseline:
        typer.echo(f"{FILE}: there is nothing to prune")
        return
    left = [replace(entry, count=hits or entry.count) for entry, hits in sifted.baseline if hits != 0]
    gone = _total([entry for entry, _ in sifted.baseline]) - _total(left)
    if gone:
        _write(project.settings.root / FILE, left)
    typer.echo(f"{FILE}: {plural(gone, 'finding')} forgotten, {_total(left):,} still known")


def _examine(project: Project, baseline: bytes | None) -> tuple[Result, Sifted]:
    seen = peek(project.settings)
    is_done = handed_over(project.settings, project.catalogue, seen)
    selection = select(project.settings, [], cwd=Path.cwd(), force_exclude=False, settled=is_done)
    for note in selection.notes:
        typer.echo(note, err=True)
    request = Request(selection, date.today(), baseline=baseline, ledger=seen.rows, no_ledger=seen.reason)
    request = request._replace(moves=seen.moves)
    return examine(project.settings, project.catalogue, request)


def _total(entries: Sequence[Known]) -> int:
    return sum(entry.count for entry in entries)


def _write(path: Path, entries: Sequence[Known]) -> None:
    try:
        save(path, render_baseline(entries))
    except OSError as error:
        raise UsageError(f"{path.name}: cannot be written ({error.strerror or error})") from None
