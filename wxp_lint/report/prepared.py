"""What `wxp-lint prepare` tells: the files, what is unresolved and why, and what is worth a look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wxp_lint.lint.secret import masked
from wxp_lint.prepare.lists import Reading
from wxp_lint.prepare.resolve import Resolution
from wxp_lint.prepare.write import Output, Planned
from wxp_lint.report.style import plural, visible


@dataclass(frozen=True, slots=True)
class Prepared:
    """What came of the lists. `rest` is the file of the unresolved rows; `dry`: nothing was written."""

    readings: Sequence[Reading]
    found: Resolution
    planned: Sequence[Planned]
    rest: Output | None
    dry: bool


def prepared(result: Prepared) -> str:
    """The report, with the text of every file that would be written where nothing was."""
    return "".join(f"{masked(visible(line), result.found.secrets)}\n" for line in _lines(result))


def _lines(result: Prepared) -> Iterator[str]:
    readings, found = result.readings, result.found
    for each in result.planned:
        transfer = each.transfer
        source = f" from {transfer.source}" if transfer.source else ""
        wait = ", not visible yet, so the file waits" if transfer.waiting else ""
        yield f"{each.file.path}: {plural(len(transfer.devices), 'PC')}{source} to {transfer.target.name}{wait}"
        if result.dry:
            yield from _text(each.file)
            if each.sidecar:
                yield from _text(each.sidecar)
    for row, finding in found.doubts:
        line = f":{row.line}" if finding.line else ""
        yield f"{readings[row.list].name}{line}: warning: {finding.code} {finding.message}"
    for reading in readings:
        for lost in reading.lost:
            line = f":{lost.line}" if lost.line else ""
            yield f"{reading.name}{line}: unresolved: {lost.reason}"
    for one in found.unresolved:
        yield f"{readings[one.row.list].name}:{one.row.line}: unresolved: {one.reason}"
    if result.dry and result.rest:
        yield from _text(result.rest)
    yield _closing(result)


def _text(output: Output) -> Iterator[str]:
    yield f"--- {output.path}"
    yield from output.text.removesuffix("\n").split("\n")


def _closing(result: Prepared) -> str:
    rows = plural(sum(len(reading.rows) for reading in result.readings), "row")
    resolved = sum(len(each.transfer.devices) for each in result.planned)
    files = plural(len(result.planned), "file")
    lost = sum(len(reading.lost) for reading in result.readings)
    more = f"; {plural(lost, 'part')} of the lists not read" if lost else ""
    would = "would be " if result.dry else ""
    return f"{rows}: {resolved:,} {would}in {files}, {len(result.found.unresolved):,} unresolved{more}"
