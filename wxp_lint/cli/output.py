"""Writing reports: `--output FORMAT[=PATH]`, several from one run."""

import sys
from collections import Counter
from collections.abc import Sequence
from errno import EISDIR
from os import strerror
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.files.save import save
from wxp_lint.lint.finding import Result
from wxp_lint.report import FORMATS, reporter
from wxp_lint.report.closing import unable
from wxp_lint.report.style import Style, style_for

OutputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        help=f"{', '.join(FORMATS)}; with =PATH into a file (repeatable).",
        metavar="FORMAT[=PATH]",
    ),
]


Outputs = Sequence[tuple[str, Path | None]]  # name of the format, file: None is standard output


def wanted_outputs(outputs: Sequence[str] | None) -> Outputs:
    """What `--output` asks for; nothing asks for `full`. Raises UsageError, so call it before any work is done."""
    wanted = [_parse(output) for output in outputs or ["full"]]
    if sum(path is None for _, path in wanted) > 1:
        raise UsageError("only one --output can go to standard output: give the others a file, as in json=report.json")
    return wanted


def write_reports(result: Result, wanted: Outputs, *, statistics: bool = False) -> None:
    """Writes each report to its file, or to standard output. Raises UsageError where a file cannot be written.

    `statistics`: counts by rule too, on standard error where standard output is for machines. What must run and
    could not is told there too if no report for people tells it.
    """
    for name, path in wanted:
        if path is None:
            sys.stdout.write(reporter(name)(result, style_for(sys.stdout)))
        else:
            _write(path, reporter(name)(result, Style()))
    if not any(path is None and not FORMATS[name] for name, path in wanted):
        for line in unable(result, Style()):
            typer.echo(line, err=True)
    if statistics:
        machine = any(path is None and FORMATS[name] for name, path in wanted)
        typer.echo(_statistics(result), err=machine, nl=False)


def _statistics(result: Result) -> str:
    """Findings by rule, most first."""
    counts = Counter((finding.code, finding.name, finding.level) for finding in result.findings)
    return "".join(f"{n:>7,}  {level:<7}  {code} {name}\n" for (code, name, level), n in counts.most_common())


def _parse(output: str) -> tuple[str, Path | None]:
    name, _, path = output.partition("=")
    if name not in FORMATS:
        raise UsageError(f"--output: no format '{name}'{did_you_mean(name, FORMATS)} (known: {', '.join(FORMATS)})")
    return name, Path(path) if path else None


def _write(path: Path, text: str) -> None:
    """To a file as a whole; to a device or pipe (/dev/stdout) as it is, since a file in its place would break it."""
    try:
        if path.is_dir():
            raise IsADirectoryError(EISDIR, strerror(EISDIR))
        if path.exists() and (path.is_relative_to("/dev") or not path.is_file()):
            path.write_bytes(text.encode())
        else:
            save(path, text.encode())
    except OSError as error:
        raise UsageError(f"--output: cannot write {path}: {(error.strerror or str(error)).lower()}") from None
