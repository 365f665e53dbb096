"""`wxp-lint doctor`: is everything set up, and what is to be done where it is not."""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.project import open_project
from wxp_lint.errors import UsageError
from wxp_lint.lint import health
from wxp_lint.lint.health import Remark
from wxp_lint.report.style import style_for, visible

LOOKS = {"ok": "good", "note": "note", "mend": "error"}

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(config: ConfigOption = None) -> None:
    """Look at the set-up: versions, config, inventory, hooks, what cannot run. Changes nothing.

    Each line starts with ok, note or mend. The exit code is 1 if something is to mend, else 0.
    """
    style = style_for(sys.stdout)
    is_well = True
    for remark in _remarks(config, Path.cwd()):
        print(f"{style.paint(f'{remark.level:<4}', LOOKS[remark.level])}  {visible(remark.text)}")
        is_well &= remark.level != "mend"
    raise typer.Exit(not is_well)


def _remarks(config: str | None, cwd: Path) -> Iterator[Remark]:
    yield from health.program()
    yield health.remembering(cwd)
    try:
        project = open_project(cwd, config, use_cache=False)
        settings = project.settings
        yield from health.config(settings)
        yield from health.rules(settings, project.catalogue)
    except UsageError as error:
        yield from health.wrong("config: ", error)
        yield from health.commits(cwd)
        return
    yield from health.places(settings)
    yield from health.registry(settings)
    yield from health.transfers(settings)
    yield from health.inventory(settings, date.today())
    yield from health.ledger(settings)
    yield from health.unable(settings, project.catalogue, date.today())
    yield from health.commits(settings.root)
    yield from health.exposed(settings)
