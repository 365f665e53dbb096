"""What mending changes, as a person compares it: a unified diff of a CSV, the changed cells of a workbook."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, zip_longest

from wxp_lint.files.excerpt import column_letters
from wxp_lint.files.model import Grid, TransferFile
from wxp_lint.fix.cells import NEWLINE
from wxp_lint.fix.csv import decoded
from wxp_lint.fix.mend import Mended
from wxp_lint.lint.secret import masked
from wxp_lint.report.hunks import hunks
from wxp_lint.report.style import Style, visible

CONTEXT = 3  # lines
NO_NEWLINE = "\\ No newline at end of file"
_ENCODINGS = {"utf-8": "UTF-8", "utf-16": "UTF-16", "windows-1252": "Windows-1252"}
_COLORS = {"-": "error", "+": "good", "@": "note"}
# What could command a terminal. In a patch the rest has to stay as it is.
_HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def diff(mended: Mended, secrets: Iterable[str], style: Style, *, patch: bool) -> str:
    """The change of one file, without `secrets`.

    `patch`: for a program, such as git apply; else for eyes, with escapes for characters that show nothing.
    """
    render = _workbook if mended.before.format == "xlsx" else _patch if patch else _text
    return masked(render(mended, style), secrets)


def _workbook(mended: Mended, style: Style) -> str:
    table = mended.before.table
    sheet = f" (sheet {visible(table.sheet)})" if table and table.sheet else ""
    lines = [style.paint(f"{visible(mended.path)}{sheet}", "bold")]
    before, after = _grid(mended.before), _grid(mended.after)
    for row, (old, new) in enumerate(zip_longest(zip(*before), zip(*after), fillvalue=()), 1):
        for column, (was, now) in enumerate(zip_longest(old, new, fillvalue=""), 1):
            if was != now:
                lines.append(f"{column_letters(column)}{row}: '{visible(was)}' -> '{visible(now)}'")
    return "".join(f"{line}\n" for line in lines)


def _grid(file: TransferFile) -> list[list[str]]:
    return file.table.body.columns if file.table and isinstance(file.table.body, Grid) else []


def _text(mended: Mended, style: Style) -> str:
    lines = [visible(line.rstrip("\r\n")) for line in (*_encodings(mended), *_unified(mended))]
    return "".join(f"{_painted(line, style)}\n" for line in lines)


def _patch(mended: Mended, style: Style) -> str:
    pieces: list[str] = []
    for line in [*_encodings(mended), *_unified(mended)]:
        text = line.rstrip("\r\n")
        end = "\r\n" if line.endswith("\r\n") else "\n"
        pieces.append(_painted(_HARMFUL.sub(lambda found: f"\\u{ord(found[0]):04x}", text), style) + end)
    return "".join(pieces)


def _painted(line: str, style: Style) -> str:
    if line.startswith(("--- ", "+++ ")):
        return style.paint(line, "bold")
    return style.paint(line, _COLORS[line[0]]) if line[:1] in _COLORS else line


def _encodings(mended: Mended) -> Iterator[str]:
    """In the way in which git tells of a file's mode."""
    old, new = (file.table.encoding if file.table else None for file in (mended.before, mended.after))
    if old and new and old != new:
        yield f"old encoding {_ENCODINGS[old]}\n"
        yield f"new encoding {_ENCODINGS[new]}\n"


def _unified(mended: Mended) -> Iterator[str]:
    """The lines of a unified diff, each with its newline. Lines are equal if their bytes are."""
    old, new = _lines(mended.before, mended.old), _lines(mended.after, mended.new)
    yield f"--- a/{visible(mended.path)}\n"
    yield f"+++ b/{visible(mended.path)}\n"
    for group in hunks([data for data, _ in old], [data for data, _ in new], CONTEXT):
        first, last = group[0], group[-1]
        before = min(CONTEXT, first.start)
        after = min(CONTEXT, len(old) - last.end)
        at = first.start - before
        yield (f"@@ -{_range(at, last.end + after)} +{_range(first.new_start - before, last.new_end + after)} @@\n")
        for change in group:
            yield from _signed(" ", old[at : change.start])
            yield from _signed("-", old[change.start : change.end])
            yield from _signed("+", new[change.new_start : change.new_end])
            at = change.end
        yield from _signed(" ", old[at : at + after])


def _lines(file: TransferFile, data: bytes) -> list[tuple[bytes, str]]:
    """Every physical line, its newline included, as bytes and as text."""
    assert file.table is not None
    text = decoded(data, file.table)
    whole = ("\ufeff" if text.mark and text.codec == "utf-8" else "") + text.text
    ends = [0, *(found.end() for found in NEWLINE.finditer(whole)), len(whole)]
    lines = [whole[start:end] for start, end in pairwise(ends) if end > start]
    return [(line.encode(text.codec), line) for line in lines]


def _signed(sign: str, lines: Sequence[tuple[bytes, str]]) -> Iterator[str]:
    for _, line in lines:
        yield sign + line
        if not line.endswith(("\r", "\n")):
            yield f"{NO_NEWLINE}\n"


def _range(start: int, stop: int) -> str:
    """As `diff -u` writes it: `7` for one line, `6,0` for none, after line 6."""
    count = stop - start
    return str(start + 1) if count == 1 else f"{start + (count > 0)},{count}"
