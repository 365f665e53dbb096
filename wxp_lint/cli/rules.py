"""`wxp-lint rules`: the catalogue."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.project import open_project
from wxp_lint.errors import UsageError
from wxp_lint.lint.rule import Rule
from wxp_lint.report.style import style_for

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    config: ConfigOption = None,
    output: Annotated[str, typer.Option(help="text or json.")] = "text",
) -> None:
    """List all rules."""
    catalogue = open_project(Path.cwd(), config).catalogue
    if output == "json":
        typer.echo(json.dumps([_values(rule) for rule in catalogue.rules], indent=1, ensure_ascii=False))
        return
    if output != "text":
        raise UsageError(f"--output must be text or json, not '{output}'")
    style = style_for(sys.stdout)
    width = max(len(rule.name) for rule in catalogue.rules)
    for rule in catalogue.rules:
        level = style.paint(f"{rule.level:<7}", rule.level)
        status = "" if rule.status == "stable" else f" ({rule.status})"
        typer.echo(f"{rule.code}  {rule.name:<{width}}  {level}  {rule.summary}{status}")


def _values(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "name": rule.name,
        "aliases": list(rule.aliases),
        "level": rule.level,
        "status": rule.status,
        "since": rule.since,
        "summary": rule.summary,
        "needs": list(rule.needs),
        "fix": rule.fix.safety if rule.fix else None,
        "options": {
            name.replace("_", "-"): {
                "default": option.default,
                "description": option.description,
                "config": option.config,
            }
            for name, option in rule.options.items()
        },
    }
