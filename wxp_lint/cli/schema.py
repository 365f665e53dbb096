"""`wxp-lint schema`: the JSON Schemas of what users write."""

from enum import StrEnum
from typing import Annotated

import typer

from wxp_lint.config.load import schema
from wxp_lint.lint.catalogue import schema_text

app = typer.Typer(rich_markup_mode=None, add_completion=False)


class Kind(StrEnum):
    """What there are schemas of."""

    config = "config"
    rule = "rule"


@app.command()
def command(
    kind: Annotated[Kind, typer.Argument(help="config: wxp-lint.toml; rule: a rule file.")] = Kind.config,
) -> None:
    """Print a JSON Schema, for completion in an editor."""
    typer.echo(schema().decode() if kind is Kind.config else schema_text(), nl=False)
