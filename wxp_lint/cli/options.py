"""Options that several commands share."""

from typing import Annotated

import typer

from wxp_lint.cli.complete import rules

ConfigOption = Annotated[
    str | None,
    typer.Option("--config", help="The config file, instead of the one at the git root.", metavar="FILE"),
]
SelectOption = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        help="Only these rules: codes, names or prefixes (repeatable).",
        metavar="RULE",
        autocompletion=rules,
    ),
]
IgnoreOption = Annotated[
    list[str] | None,
    typer.Option("--ignore", help="Not these rules (repeatable).", metavar="RULE", autocompletion=rules),
]
PreviewOption = Annotated[bool, typer.Option("--preview", help="Preview rules too.")]
FailOnOption = Annotated[
    str | None,
    typer.Option("--fail-on", help="Exit with 1 from this level on: error, warning, note, never.", metavar="LEVEL"),
]
