"""A result as it may be shown: without the values that rules call secrets."""

from collections.abc import Callable
from dataclasses import replace

from wxp_lint.files.model import Grid, Lines, TransferFile
from wxp_lint.lint.change import Change
from wxp_lint.lint.finding import Finding, NotRun, Result
from wxp_lint.lint.secret import masked


def without_secrets(result: Result) -> Result:
    """`result` with its secrets masked in all texts that come from files. The files on disk stay as they are."""

    def mask(text: str) -> str:
        return masked(text, result.secrets)

    found = {finding.path for finding in result.findings}
    return replace(
        result,
        findings=[_finding(finding, mask) for finding in result.findings],
        not_run=[_not_run(rule, mask) for rule in result.not_run],
        must_run_failed=[_not_run(rule, mask) for rule in result.must_run_failed],
        files={mask(path): _file(file, mask) if path in found else file for path, file in result.files.items()},
        change=result.change and _change(result.change, mask),
    )


def _file(file: TransferFile, mask: Callable[[str], str]) -> TransferFile:
    """A CSV as a whole, since a cell may go over several lines; of a workbook the cells."""
    table = file.table
    if table is None:
        return file
    data, body = mask(table.data.decode()).encode(), table.body
    if isinstance(body, Grid):
        body = body._replace(columns=[list(map(mask, column)) for column in body.columns])
    else:
        body = Lines(data, body.delimiter)
    return file._replace(table=table._replace(body=body, data=data))


def _change(change: Change, mask: Callable[[str], str]) -> Change:
    moves = [move._replace(path=mask(move.path)) for move in change.moves]
    return replace(change, moves=moves, unread=[mask(path) for path in change.unread])


def _finding(finding: Finding, mask: Callable[[str], str]) -> Finding:
    def maybe(text: str | None) -> str | None:
        return None if text is None else mask(text)

    fix = finding.fix
    return finding._replace(
        message=mask(finding.message),
        path=maybe(finding.path),
        sheet=maybe(finding.sheet),
        serial=maybe(finding.serial),
        fix=fix and fix._replace(text=maybe(fix.text), scope=maybe(fix.scope)),
    )


def _not_run(rule: NotRun, mask: Callable[[str], str]) -> NotRun:
    return rule._replace(reason=mask(rule.reason))
