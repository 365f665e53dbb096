"""GitHub's workflow commands: each becomes an annotation at the line it speaks of.

GitHub shows ten of a level for a step and drops the rest without a word, so the worst come first, and the last one that
it shows tells of those that are left.
Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from wxp_lint.lint.finding import Finding, NotRun, Result
from wxp_lint.report.style import Style, plural, visible
from wxp_lint.report.words import message, title

SHOWN = 10  # annotations of one level
NAMED = 5  # files that the last one names
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(result: Result, style: Style) -> str:
    """The commands, and nothing else."""
    lines = _unable(result.must_run_failed)
    taken = len(lines)
    for level, command in _COMMANDS.items():
        found = [finding for finding in result.findings if finding.level == level]
        room = SHOWN - (taken if level == "error" else 0)
        shown = found if len(found) <= room else found[: room - 1]
        lines += [_annotation(command, finding) for finding in shown]
        if len(shown) < len(found):
            lines.append(_rest(command, level, found[len(shown) :]))
    return "".join(f"{line}\n" for line in lines)


def _unable(rules: Sequence[NotRun]) -> list[str]:
    """One command for all rules that must run and could not."""
    if not rules:
        return []
    told = ", ".join(f"{rule.code} {rule.name} ({visible(rule.reason)})" for rule in rules)
    return [_command("error", f"must run, but could not: {told}", title="rules that must run")]


def _annotation(command: str, finding: Finding) -> str:
    return _command(
        command,
        message(finding),
        file=visible(finding.path) if finding.path else None,
        line=finding.line,
        col=finding.column,
        title=title(finding),
    )


def _rest(command: str, level: str, rest: Sequence[Finding]) -> str:
    files = Counter(finding.path for finding in rest)
    where = f" in {plural(len(files), 'file')}" if None not in files else ""
    head = f"{len(rest):,} more {level if len(rest) == 1 else level + 's'}{where}"
    named = ", ".join(_named(files))
    return _command(command, f"and {head}: {named}; wxp-lint check --output full shows all", title=head)


def _named(files: Counter[str | None]) -> Iterator[str]:
    for path, count in files.most_common(NAMED):
        yield f"{visible(path) if path else 'the repository'} ({count:,})"
    if len(files) > NAMED:
        yield f"and {plural(len(files) - NAMED, 'other')}"


def _command(command: str, text: str, **properties: str | int | None) -> str:
    given = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None)
    return f"::{command} {given}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
