"""`wxp-lint plan`: what would move, from where, to whom, and what holds it up."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.output import is_ours, report_file, write_file
from wxp_lint.cli.planning import plan_now
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.report.plan import FORMATS
from wxp_lint.report.style import Style, style_for
from wxp_lint.transfer.plan import BLOCKED, READY, Plan
from wxp_lint.transfer.saved import save_plan

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            help=f"{', '.join(FORMATS)}; with =PATH into a file (repeatable).",
            metavar="FORMAT[=PATH]",
        ),
    ] = None,
    save: Annotated[
        str | None, typer.Option(help="Write the plan to this file, for apply --plan.", metavar="FILE")
    ] = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with 0: nothing to do, 10: work, 5: something is blocked.")
    ] = False,
    config: ConfigOption = None,
    config_from: Annotated[
        str | None,
        typer.Option(help="Take config, rules, registry, ignores, inventory from this revision.", metavar="REF"),
    ] = None,
) -> None:
    """Show what would be transferred: the open files of the last commit, over what the ledger knows.

    Nothing is written and nothing is sent. Exit codes: 0 unless --detailed-exitcode asks for more, 2 wrong usage.

    Example: wxp-lint plan --save plan.json
    """
    outputs = _wanted(output)
    if save is not None and is_ours(save):
        raise UsageError(f"--save: the plan would be written over {save}, which is no plan: name another file")
    planning = plan_now(Path.cwd(), config, config_from)
    for note in planning.notes:
        typer.echo(note, err=True)
    if save is not None:
        save_plan(planning.plan, Path(save), datetime.now(UTC))
    for name, path in outputs:
        if path is None:
            sys.stdout.write(planning.report(name, style_for(sys.stdout)))
        else:
            write_file(path, [planning.report(name, Style())])
    raise typer.Exit(_code(planning.plan) if detailed_exitcode else 0)


def _code(plan: Plan) -> int:
    if plan.count(BLOCKED):
        return 5
    return 10 if plan.count(READY) else 0


def _wanted(outputs: list[str] | None) -> list[tuple[str, Path | None]]:
    wanted: list[tuple[str, Path | None]] = []
    for text in outputs or ["text"]:
        name, equals, path = text.partition("=")
        if name not in FORMATS:
            known = ", ".join(FORMATS)
            raise UsageError(f"--output: no format '{name}'{did_you_mean(name, FORMATS)} (known: {known})")
        if equals and not path:
            raise UsageError(f"--output: {text} names no file: write {name}=PATH, or {name} for standard output")
        wanted.append((name, report_file(name, path)))
    if sum(path is None for _, path in wanted) > 1:
        raise UsageError("only one --output can go to standard output: give the others a file, as in json=plan.json")
    return wanted
