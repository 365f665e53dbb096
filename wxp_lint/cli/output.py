"""Writing reports: `--output FORMAT[=PATH]`, several from one run."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.lint.finding import Result
from wxp_lint.report import FORMATS, reporter
from wxp_lint.report.style import Style, style_for

OutputOption = Annotated[
    list[str] | None,
    typer.Option("--output", "-o", help=f"{', '.join(FORMATS)}; with =PATH into a file (repeatable).", metavar="FORMAT[=PATH]"),
]


def write_reports(result: Result, outputs: Sequence[str] | None) -> None:
    """Writes each report to its file, or to standard output. Raises UsageError before anything is written."""
    wanted = [_parse(output) for output in outputs or ["full"]]
    if sum(path is None for _, path in wanted) > 1:
        raise UsageError("only one --output can go to standard output: give the others a file, as in json=report.json")
    for name, path in wanted:
        if path is None:
            sys.stdout.write(reporter(name)(result, style_for(sys.stdout)))
        else:
            _write(path, reporter(name)(result, Style()))


def _parse(output: str) -> tuple[str, Path | None]:
    name, _, path = output.partition("=")
    if name not in FORMATS:
        raise UsageError(f"--output: no format '{name}'{did_you_mean(name, FORMATS)} (known: {', '.join(FORMATS)})")
    return name, Path(path) if path else None


def _write(path: Path, text: str) -> None:
    """All of it or nothing: a report that is read while it is written is the old one."""
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text(text, "utf-8", newline="")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UsageError(f"--output: cannot write {path}: {(error.strerror or str(error)).lower()}") from None
