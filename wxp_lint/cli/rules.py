"""`wxp-lint rules`: the catalogue, and the examples in it."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.project import Project, open_project
from wxp_lint.errors import UsageError
from wxp_lint.lint.catalogue import Catalogue, load, rule_files
from wxp_lint.lint.rule import Rule
from wxp_lint.report.style import style_for

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="With --test: rule files or folders; none: your own rules, or all if you have none."),
    ] = None,
    config: ConfigOption = None,
    output: Annotated[str, typer.Option(help="text or json.")] = "text",
    test: Annotated[bool, typer.Option("--test", help="Run the examples of your own rules.")] = False,
) -> None:
    """List all rules, or run the examples of your own.

    Example: wxp-lint rules --test rules/
    """
    if output not in ("text", "json"):
        raise UsageError(f"--output must be text or json, not '{output}'")
    if paths and not test:
        raise UsageError("paths of rules are for --test: leave them out to list all rules")
    project = open_project(Path.cwd(), config)
    if test:
        return _test(project, list(map(Path, paths or ())))
    rules = project.catalogue.rules
    if output == "json":
        typer.echo(json.dumps([_values(rule) for rule in rules], indent=1, ensure_ascii=False))
        return
    style = style_for(sys.stdout)
    width = max(len(rule.name) for rule in rules)
    for rule in rules:
        level = style.paint(f"{rule.level:<7}", rule.level)
        status = "" if rule.status == "stable" else f" ({rule.status})"
        typer.echo(f"{rule.code}  {rule.name:<{width}}  {level}  {rule.summary}{status}")


def _test(project: Project, paths: Sequence[Path]) -> None:
    from wxp_lint.fix.trial import try_examples

    catalogue, rules = _chosen(project, paths)
    count = failed = 0
    for difference in try_examples(catalogue, rules):
        count += 1
        if difference:
            failed += 1
            typer.echo(difference)
    told = f"{count} example{'' if count == 1 else 's'} of {len(rules)} rule{'' if len(rules) == 1 else 's'}"
    typer.echo(f"{told}: {f'{failed} not as expected' if failed else 'all as expected'}")
    raise typer.Exit(int(failed > 0))


def _chosen(project: Project, paths: Sequence[Path]) -> tuple[Catalogue, list[Rule]]:
    """The rules to test, and the catalogue to test them in: it takes in what `paths` name."""
    if not paths:
        own = [rule for rule in project.catalogue.rules if rule.is_custom]
        return project.catalogue, own or list(project.catalogue.rules)
    named: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise UsageError(f"--test: no such file or folder: {path}")
        files = rule_files(path.absolute())
        if not files:
            raise UsageError(f"--test: there are no rule files (*.toml) in {path}")
        named.update(file.resolve() for file in files)
    settings = project.settings
    custom = [settings.root / folder for folder in settings.custom_rules]
    catalogue = load(custom, [path.absolute() for path in paths], origins=settings.origins)
    return catalogue, [rule for rule in catalogue.rules if rule.file.resolve() in named]


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
