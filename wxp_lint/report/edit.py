"""What a fix changes in a line of a CSV, for formats that carry changes."""

from typing import NamedTuple

from wxp_lint.files.excerpt import cell_number
from wxp_lint.fix.cells import written
from wxp_lint.lint.finding import Finding, Result
from wxp_lint.report.hidden import is_masked
from wxp_lint.report.lines import Lookup


class Edit(NamedTuple):
    """In `line`, the characters from `start` up to but without `end` (from 1) become `text`."""

    line: int
    start: int
    end: int
    text: str


def edit(finding: Finding, result: Result, look_up: Lookup) -> Edit | None:
    """The fix of a finding, where it is a new text for one cell of a CSV and the old one's place is certain.

    None for one that only a person can decide on, and for one with a secret or a masked serial number in it.
    """
    fix = finding.fix
    if fix is None or fix.action != "cell" or fix.text is None or fix.safety == "display" or finding.line is None:
        return None
    if (result.secrets and "*" in fix.text) or is_masked(fix.text):
        return None
    file = result.files.get(finding.path or "")
    excerpt = look_up(finding)
    if file is None or file.table is None or excerpt is None or excerpt.text is None:
        return None
    number = cell_number(finding.field, file.header.swapped)
    if number is None or number > len(excerpt.starts):
        return None
    return _edit(finding.line, excerpt.text, excerpt.starts[number - 1], fix.text, file.table.delimiter or ",")


def _edit(line: int, text: str, start: int, new: str, delimiter: str) -> Edit | None:
    at = start - 1
    if text[at - 1 : at] == '"':
        end = text.find('"', at)
        # More than plain text in quotes: a quote of its own, a line break, something after the quotes.
        if end < 0 or text[end + 1 : end + 2] not in ("", delimiter):
            return None
        return Edit(line, start, end + 1, new.replace('"', '""'))
    if written(new, delimiter, quoted=False) != new:
        return None
    end = text.find(delimiter, at)
    return Edit(line, start, (len(text) if end < 0 else end) + 1, new)
