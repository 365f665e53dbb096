"""`wxp-lint explain RULE`: what a rule catches, why it matters, and what to do."""

from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.complete import rules
from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.project import open_project
from wxp_lint.lint.page import page

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    rule: Annotated[str, typer.Argument(help="A code or a name: WXP302, mixed-customer-ids.", autocompletion=rules)],
    config: ConfigOption = None,
) -> None:
    """Explain a rule: what it catches, why, its options and examples."""
    catalogue = open_project(Path.cwd(), config).catalogue
    found = catalogue.find(rule)
    note = catalogue.note(rule)
    if note:
        typer.echo(note, err=True)
    typer.echo(page(found), nl=False)
