"""Writing reports: `--output FORMAT[=PATH]`, several from one run."""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from errno import EISDIR
from os import strerror
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.files.save import save
from wxp_lint.lint.baseline import FILE as BASELINE
from wxp_lint.lint.finding import Result
from wxp_lint.repo.select import Selection
from wxp_lint.repo.typed import is_same
from wxp_lint.report import FORMATS, parts, reporter
from wxp_lint.report.closing import unable
from wxp_lint.report.style import Style, style_for


def formats(incomplete: str) -> list[str]:
    """The formats that begin like this, for the completion of a shell."""
    return [name for name in FORMATS if name.startswith(incomplete)]


OutputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        help=f"{', '.join(FORMATS)}; with =PATH into a file (repeatable). Default: full, or what the CI's log wants.",
        metavar="FORMAT[=PATH]",
        autocompletion=formats,
    ),
]


Outputs = Sequence[tuple[str, Path | None]]  # name of the format, file: None is standard output
# Endings of what people and this tool write, and of no report.
_OURS = (".csv", ".xlsx", ".toml", ".parquet", ".db", ".sqlite", ".sqlite3", BASELINE)
# Where a variable says that a CI reads the log: the format that it understands.
_LOGS = {"GITHUB_ACTIONS": "github", "TF_BUILD": "azure", "GITLAB_CI": "full"}


def default_output() -> tuple[str, str]:
    """The format where nothing is asked for, and the variable that decides it; "default" if none does."""
    for variable, name in _LOGS.items():
        if os.environ.get(variable, "").lower() == "true":
            return name, variable
    return "full", "default"


def wanted_outputs(outputs: Sequence[str] | None) -> Outputs:
    """What `--output` asks for; else what suits the place. Raises UsageError, so call it before any work is done."""
    wanted = [_parse(output) for output in outputs or [default_output()[0]]]
    if sum(path is None for _, path in wanted) > 1:
        raise UsageError("only one --output can go to standard output: give the others a file, as in json=report.json")
    files = Counter(os.path.realpath(path) for _, path in wanted if path)
    for _, path in wanted:
        if path and files[os.path.realpath(path)] > 1:
            raise UsageError(f"--output: two reports cannot go to one file, {path}: give each its own")
    return wanted


def is_comment(wanted: Outputs) -> bool:
    """Whether a report tells what the change does: the comment on a pull request, and GitHub's job summary."""
    has_summary = ("github", None) in wanted and bool(os.environ.get("GITHUB_STEP_SUMMARY"))
    return has_summary or any(name == "markdown" for name, _ in wanted)


def is_page(wanted: Outputs) -> bool:
    """Whether a report calls customers by their names."""
    return any(name == "html" for name, _ in wanted)


def spare(wanted: Outputs, selection: Selection, settings: Settings, inventory: str | None) -> None:
    """Raises UsageError where a report would be written over what this run reads, whatever its name.

    `inventory` is the path of the one that was named, from the working folder.
    """
    others = [settings.root / file for file in (settings.file, settings.customers) if file]
    others += [Path(inventory)] if inventory else []
    for name, path in wanted:
        if not path or not path.is_file():
            continue
        if any(is_same(path, file) for file in (*others, *(file.location for file in selection.files))):
            raise _over(name, path)


def write_reports(result: Result, wanted: Outputs, *, statistics: bool = False) -> None:
    """Writes each report to its file, or to standard output. Raises UsageError where a file cannot be written.

    `statistics`: counts by rule too, on standard error where standard output is for machines. What must run and
    could not is told there too if no report for people tells it.
    """
    for name, path in wanted:
        if path is None:
            sys.stdout.writelines(parts(name, result, style_for(sys.stdout)))
        else:
            write_file(path, parts(name, result, Style()))
    if ("github", None) in wanted:
        _add_summary(result)
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
    name, equals, path = output.partition("=")
    if name not in FORMATS:
        raise UsageError(f"--output: no format '{name}'{did_you_mean(name, FORMATS)} (known: {', '.join(FORMATS)})")
    if equals and not path:
        raise UsageError(f"--output: {output} names no file: write {name}=PATH, or {name} for standard output")
    return name, report_file(name, path)


def report_file(name: str, path: str) -> Path | None:
    """Where the report in the format `name` goes, None for standard output. Raises UsageError where `path` is a list,
    a sidecar, a config, a baseline or a database that is there already: people type paths wrong.
    """
    if is_ours(path):
        raise _over(name, Path(path))
    return Path(path) if path else None


def is_ours(path: str) -> bool:
    """Whether something lies there that is no report."""
    return path.lower().endswith(_OURS) and os.path.lexists(path)


def _over(name: str, path: Path) -> UsageError:
    return UsageError(f"--output: {name} would be written over {path}, which is no report: name another file")


def _add_summary(result: Result) -> None:
    """The job summary: on GitHub the page of a run begins with it. That it cannot be written fails nothing."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        with Path(path).open("ab") as file:
            file.write(reporter("markdown")(result, Style()).encode())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        typer.echo(f"no job summary: cannot write GITHUB_STEP_SUMMARY ({reason})", err=True)


def write_file(path: Path, parts: Iterable[str]) -> None:
    """The parts of a text to a file as a whole; to a device or pipe (/dev/stdout) as they come, since a file in its
    place would break it.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(EISDIR, strerror(EISDIR))
        if path.exists() and (path.is_relative_to("/dev") or not path.is_file()):
            with path.open("wb") as file:
                file.writelines(part.encode() for part in parts)
        else:
            save(path, (part.encode() for part in parts))
    except OSError as error:
        raise UsageError(f"--output: cannot write {path}: {(error.strerror or str(error)).lower()}") from None
