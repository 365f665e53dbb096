"""`wxp-lint confirm`: write down who made sure that the target has the PCs."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.project import open_project
from wxp_lint.config.parse import decoded
from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.files.model import Fault, Source
from wxp_lint.files.read import content
from wxp_lint.files.save import save
from wxp_lint.inventory.exports import expand
from wxp_lint.lint.serials import serials_of
from wxp_lint.prepare.possession import Possession, confirmed
from wxp_lint.repo.glob import matcher
from wxp_lint.repo.select import Selected, select
from wxp_lint.repo.typed import is_same
from wxp_lint.report.style import plural, visible

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    paths: Annotated[list[str], typer.Argument(help="Transfer files, or folders of them.", metavar="FILE|FOLDER...")],
    by: Annotated[str, typer.Option(help="Who made sure.", metavar="WHO")],
    evidence: Annotated[str, typer.Option(help="How: a delivery note, a ticket, a call.", metavar="TEXT")],
    on: Annotated[str | None, typer.Option(help="The day, as 2026-11-09; today if left out.", metavar="DATE")] = None,
    config: ConfigOption = None,
) -> None:
    """Confirm that the target has the PCs of these files: writes a sidecar bound to their serials.

    A PC that is added later is not covered: the question comes back.

    Example: wxp-lint confirm transfers/acme --by "Your Name" --on 2026-11-09 --evidence "delivery note 4711"
    """
    cwd = Path.cwd()
    if not by.strip() or not evidence.strip():
        raise UsageError("--by and --evidence must say something: who made sure, and how")
    day = _day(on)
    settings = open_project(cwd, config).settings
    selection = select(settings, paths, cwd=cwd, force_exclude=False)
    for note in selection.notes:
        typer.echo(note, err=True)
    files = [file for file in selection.files if file.checked]
    if not files:
        raise UsageError("no transfer file is named, so there is nothing to confirm")
    for file in files:
        _check_transfer(file, settings)
    # Everything is read before anything is written: one bad file leaves no half of a delivery confirmed.
    ready = [(file, Possession(by, day, evidence, _serials(file, settings))) for file in files]
    texts = [confirmed(_sidecar(file, settings), said, f"{file.path}.toml") for file, said in ready]
    for (file, said), text in zip(ready, texts):
        sidecar = visible(f"{file.path}.toml")
        try:
            save(_place(file), text.encode())
        except OSError as error:
            raise UsageError(f"{sidecar}: cannot be written: {(error.strerror or str(error)).lower()}") from None
        typer.echo(f"{sidecar}: possession of {plural(len(said.serials), 'PC')} confirmed by {visible(by)}")


def _day(text: str | None) -> date:
    if text is None:
        return date.today()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise UsageError(f"--on must be a day such as 2026-11-09, not '{text}'")
    if day > date.today():
        raise UsageError(f"--on {text} is in the future: possession is confirmed for a day that has been")
    return day


def _check_transfer(file: Selected, settings: Settings) -> None:
    """Raises UsageError for what is no transfer file: its numbers would be taken for PCs of a target."""
    own = [settings.root / settings.customers] if settings.customers else []
    own += [path for source in settings.inventory.sources if source.path for path in expand(source, settings.root)]
    if any(is_same(file.location, path) for path in own):
        raise UsageError(f"{file.path} is the registry or an inventory list, and no transfer file: nothing was written")
    if not (file.open or matcher(settings.transfers)(file.path)):
        globs = ", ".join(settings.transfers)
        raise UsageError(
            f"{file.path} is no transfer file, since it does not match transfers ({globs}): nothing was written; move "
            "it there, or mend transfers in the config"
        )


def _serials(file: Selected, settings: Settings) -> list[str]:
    found = serials_of(file, settings)
    if not found:
        raise UsageError(f"{file.path}: no serial number can be read from it: see wxp-lint check {file.path}")
    return found


def _sidecar(file: Selected, settings: Settings) -> str:
    """What the file's sidecar says now; nothing if there is none."""
    place = _place(file)
    if not place.exists() and not place.is_symlink():
        return ""
    name = f"{file.path}.toml"
    found = content(Source(name, place), settings.limits, settings.root)
    if isinstance(found, Fault):
        raise UsageError(f"{name}: {found.detail}")
    return decoded(found, name)


def _place(file: Selected) -> Path:
    """`x.csv` -> `x.csv.toml`."""
    return file.location.with_name(f"{file.location.name}.toml")
