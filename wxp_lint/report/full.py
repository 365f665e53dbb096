"""For a person at a terminal: each finding with the line it stands on, and a caret under the cell."""

import re
from collections.abc import Iterator
from unicodedata import combining, east_asian_width

from wxp_lint.files.excerpt import Excerpt, cell_number
from wxp_lint.lint.finding import Finding, Result
from wxp_lint.lint.secret import masked
from wxp_lint.report.closing import closing
from wxp_lint.report.concise import place
from wxp_lint.report.lines import lines
from wxp_lint.report.style import Style, visible

WIDTH = 100  # characters of a line that are shown
_PLAIN = re.compile(r"[^,;\t|]*")
_QUOTED = re.compile(r'(?:[^"]|"")*')


def render(result: Result, style: Style) -> Iterator[str]:
    """All findings with their excerpts, then the closing lines."""
    look_up = lines(result)
    for finding in result.findings:
        file = result.files.get(finding.path or "")
        swapped = bool(file and file.header.swapped)
        yield masked(f"{_block(finding, look_up(finding), swapped, style)}\n", result.secrets)
    yield masked(closing(result, style), result.secrets)


def _block(finding: Finding, excerpt: Excerpt | None, swapped: bool, style: Style) -> str:
    level = style.paint(f"{finding.level} {finding.code}", finding.level)
    sheet = f" (sheet {visible(finding.sheet)})" if finding.sheet else ""
    lines = [
        f"{level} {finding.name}: {style.paint(visible(finding.message), 'bold')}",
        f"  {style.paint('-->', 'dim')} {place(finding)}{sheet}",
    ]
    if excerpt and finding.line is not None:
        lines += _excerpt(finding, excerpt, cell_number(finding.field, swapped), style)
    if finding.fix:
        lines.append(f"  {style.paint('fix:', 'good')} {_fix(finding)}")
    return "\n".join(lines) + "\n"


def _excerpt(finding: Finding, excerpt: Excerpt, number: int | None, style: Style) -> list[str]:
    margin = f"{finding.line:>6} | "
    if excerpt.text is not None:
        before, cell, after = _parts(excerpt, number, finding.serial if finding.field == "serial" else None)
    else:
        cells = [visible(cell) for cell in excerpt.cells]
        at = number - 1 if number and number <= len(cells) else None
        before = " | ".join(cells[:at]) + (" | " if at else "") if at is not None else ""
        cell = cells[at] if at is not None else " | ".join(cells)
        after = "".join(f" | {text}" for text in cells[at + 1 :]) if at is not None else ""
    lines = [style.paint(margin, "dim") + _cut(before + cell + after)]
    if number and _width(before) < WIDTH:
        carets = "^" * max(1, min(_width(cell), WIDTH - _width(before)))
        lines.append(" " * len(margin) + " " * _width(before) + style.paint(carets, finding.level))
    return lines


def _parts(excerpt: Excerpt, number: int | None, serial: str | None) -> tuple[str, str, str]:
    """A CSV line as what stands before the cell, in it and after it, made visible; a cell that is not there ends it."""
    text = excerpt.text or ""
    if number is None:
        return "", visible(text), ""
    start = excerpt.starts[number - 1] - 1 if len(excerpt.starts) >= number else len(text)
    end = start + len(serial) if serial and text.startswith(serial, start) else _cell_end(text, start)
    return visible(text[:start]), visible(text[start:end]), visible(text[end:])


def _cell_end(text: str, start: int) -> int:
    end = (_QUOTED if text[start - 1 : start] == '"' else _PLAIN).match(text, start)
    return end.end() if end else len(text)


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else text[: WIDTH - 3] + "..."


def _width(text: str) -> int:
    """Columns of a terminal: wide East Asian characters take two, combining ones none."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _fix(finding: Finding) -> str:
    assert finding.fix is not None
    text = visible(finding.fix.text or "")
    what = {
        "cell": f"write '{text}'",
        "delete-row": "delete the row",
        "insert-header": "put a header above the first row",
        "swap-columns": "swap the two columns",
        "rewrite": "save the file anew as plain UTF-8 CSV",
    }[finding.fix.action]
    how = {
        "safe": "wxp-lint fix does it",
        "unsafe": "wxp-lint fix --unsafe-fixes does it; look at the result",
        "display": "for you to decide",
    }[finding.fix.safety]
    return f"{what} ({how})"
