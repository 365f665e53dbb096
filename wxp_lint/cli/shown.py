"""`check --show-settings` and `--show-files`: what holds, and what would be checked."""

from collections.abc import Sequence

import typer

from wxp_lint.cli.output import default_output
from wxp_lint.config.settings import Settings
from wxp_lint.config.show import show
from wxp_lint.repo.select import Selection
from wxp_lint.report.style import plural, visible


def show_settings(settings: Settings, ref: str | None, outputs: Sequence[str] | None) -> None:
    """Every setting as `key = value  # where it came from`; `ref` is the revision that the config is from.

    `outputs` are the values of --output, which no config sets.
    """
    typer.echo(f"# config file: {settings.file or 'none'}{f', as {ref} has it' if ref else ''}")
    name, origin = (", ".join(outputs), "--output") if outputs else default_output()
    typer.echo(f"# output: {visible(name)} ({origin})")
    for key, value, origin in show(settings):
        typer.echo(f"{key} = {value}  # {origin}" if value else f"# {key} is not set")


def show_files(selection: Selection) -> None:
    """The checked files, then how many others cross-file rules look at."""
    for file in selection.files:
        if file.checked:
            typer.echo(visible(file.path))
    others = sum(not file.checked for file in selection.files)
    if others:
        typer.echo(f"and {plural(others, 'open file')} for rules across files", err=True)
