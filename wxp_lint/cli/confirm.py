"""`wxp-lint confirm`: write down who made sure that the target has the PCs."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.project import open_project
from wxp_lint.errors import UsageError
from wxp_lint.lint.serials import serials_of
from wxp_lint.prepare.possession import Possession, confirmed, sidecar_of, write
from wxp_lint.report.style import plural
from wxp_lint.repo.select import select

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    paths: Annotated[
        list[str], typer.Argument(help="Transfer files, or folders of them.", metavar="FILE|FOLDER...")
    ],
    by: Annotated[str, typer.Option(help="Who made sure.", metavar="WHO")],
    evidence: Annotated[str, typer.Option(help="How: a delivery note, a ticket, a call.", metavar="TEXT")],
    on: Annotated[
        str | None, typer.Option(help="The day, as 2026-11-09; today if left out.", metavar="DATE")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Confirm that the target has the PCs of these files: writes a sidecar bound to their serials.

    A PC that is added later is not covered: the question comes back.
    """
    cwd = Path.cwd()
    if not by.strip() or not evidence.strip():
        raise UsageError("--by and --evidence must say something: who made sure, and how")
    settings = open_project(cwd, config).settings
    selection = select(settings, paths, cwd=cwd, force_exclude=False)
    for note in selection.notes:
        typer.echo(note, err=True)
    for item in selection.files:
        if not item.checked:
            continue
        serials = serials_of(item, settings)
        if not serials:
            raise UsageError(
                f"{item.path}: no serial numbers can be read from it: see wxp-lint check {item.path}"
            )
        sidecar = sidecar_of(item.location)
        text = sidecar.read_text("utf-8") if sidecar.exists() else ""
        write(sidecar, confirmed(text, Possession(by, _day(on), evidence, serials), sidecar.name))
        typer.echo(f"{item.path}.toml: possession of {plural(len(serials), 'PC')} confirmed by {by}")


def _day(text: str | None) -> date:
    try:
        day = date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise UsageError(f"--on must be a day such as 2026-11-09, not '{text}'") from None
    if day > date.today():
        raise UsageError(f"--on {text} is in the future: possession is confirmed for a day that has been")
    return day
