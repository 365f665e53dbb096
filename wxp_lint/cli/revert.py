"""`wxp-lint revert`: the transfer files that undo a transfer."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.project import open_project
from wxp_lint.errors import UsageError
from wxp_lint.ledger.open import open_ledger
from wxp_lint.lint.synced import known_places
from wxp_lint.prepare.targets import read_targets
from wxp_lint.prepare.write import write
from wxp_lint.repo.typed import is_file, resolve
from wxp_lint.report.style import plural, visible
from wxp_lint.transfer.hands import find
from wxp_lint.transfer.listings import listings
from wxp_lint.transfer.revert import plan_reversal

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    transfer: Annotated[str, typer.Argument(help="Its id, the beginning of it, or the transfer file.", metavar="ID")],
    output_folder: Annotated[
        str | None,
        typer.Option(
            "--output-folder", "-o", help="Where to put the files, instead of the target's folder.", metavar="FOLDER"
        ),
    ] = None,
    ticket: Annotated[str | None, typer.Option(help="A ticket, for the sidecar.", metavar="TEXT")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be written.")] = False,
    config: ConfigOption = None,
) -> None:
    """Write the transfer files that undo a transfer, for review like any other. Nothing else is done.

    PCs that moved elsewhere since are left out, and it is said why. Exit codes: 0, 2 wrong usage or nothing to undo.

    Example: wxp-lint revert t-1a2b3c4d
    """
    cwd = Path.cwd()
    settings = open_project(cwd, config).settings
    ledger = open_ledger(settings)
    known = ledger.transfers(ledger.read())
    one = find(known, transfer, settings, cwd)
    listed, why = listings(settings, known_places(settings), list(one.outcome), date.today())
    folder = None if output_folder is None else _folder(output_folder, cwd, settings.root)
    found = plan_reversal(one, known, listed, read_targets(settings), settings, folder, ticket)
    there = [each.file.path for each in found.files if is_file(settings.root / each.file.path)]
    if there:
        raise UsageError(f"{visible(there[0])} is there already, and stays as it is: commit it, or delete it first")
    if not dry_run:
        write([output for each in found.files for output in (each.file, each.sidecar)], settings.root)
    for each in found.files:
        count = plural(len(each.serials), "PC")
        done = "would be written" if dry_run else "written"
        typer.echo(f"{visible(each.file.path)} {done}: {count}, {visible(each.now)} -> {visible(each.before)}")
    for skipped in found.skipped:
        typer.echo(f"left out: {skipped.serial}: {visible(skipped.why)}")
    if why:
        typer.echo(f"{why}: whether PCs moved since is told by the ledger alone", err=True)
    typer.echo(f"Next: commit it with its sidecar on a branch, for review. Once it is confirmed, {one.id} is reverted.")


def _folder(typed: str, cwd: Path, root: Path) -> str:
    """The folder from the root; it may be made yet."""
    place = (cwd / typed).resolve()
    if not place.is_relative_to(root.resolve()):
        raise UsageError(f"--output-folder: {visible(typed)} is not in the repository ({root})")
    if place.exists():
        resolve([typed], cwd, root, as_given=False)
    inner = place.relative_to(root.resolve()).as_posix()
    return "." if inner == "." else inner
