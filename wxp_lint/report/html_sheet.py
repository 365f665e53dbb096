"""A checked file as its person knows it: a table with row numbers and column letters, what to do beside each row."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from wxp_lint.files.excerpt import cell_number, column_letters
from wxp_lint.files.model import TransferFile
from wxp_lint.lint.finding import RANK, Finding
from wxp_lint.report.html_rows import Sheet, sheet
from wxp_lint.report.html_words import BADGES, markup, mend, sentence, span

NEAR = 3  # rows between two marked ones that are shown rather than told
WIDEST = 120  # characters of a cell

Kinds = Mapping[tuple[str, str], int]  # (level, code) -> number
Mask = Callable[[str], str]


class Row(NamedTuple):
    """A marked row as HTML, the kinds of its findings, and the rows or the line that stand before it."""

    before: str
    html: str
    kinds: tuple[int, ...]


class Section(NamedTuple):
    """One file as pieces of HTML: what an article starts with, findings about the whole file, the table."""

    head: str
    about: str
    about_kinds: tuple[int, ...]
    table: str
    rows: tuple[Row, ...]
    after: str


def section(head: str, file: TransferFile | None, findings: Sequence[Finding], kinds: Kinds, mask: Mask) -> Section:
    """The pieces of one file. `findings` are its own, `kinds` numbers them, `mask` hides secrets in its cells."""
    table = file.table if file else None
    by_line: dict[int, list[Finding]] = {}
    about = []
    for finding in findings:
        if table is None or finding.line is None:
            about.append(finding)
        else:
            by_line.setdefault(finding.line, []).append(finding)
    for each in by_line.values():
        each.sort(key=lambda finding: -RANK[finding.level])
    numbers = tuple(kinds[finding.level, finding.code] for finding in about)
    told = "".join(_item(finding, number, _line(finding)) for finding, number in zip(about, numbers))
    pieces = Section(head, f"<ul class=about>{told}</ul>" if told else "", numbers, "", (), "")
    if file is None or table is None:
        return pieces
    whole = any(finding.level == "error" for finding in about)
    drawn = _Drawn(sheet(table), file, kinds, mask, whole)
    rows, after = drawn.rows(by_line)
    return pieces._replace(table=drawn.start(markup(mask(file.source.path))), rows=rows, after=after)


def _line(finding: Finding) -> str:
    return "" if finding.line is None else f"Line {finding.line}"


def _item(finding: Finding, kind: int, place: str) -> str:
    where = f" <i>{place}</i>" if place else ""
    badge = f"<b class={finding.level}>{BADGES[finding.level]}</b>{where}"
    words = f"{sentence(finding)}{mend(finding.fix, finding.line)}"
    return f"<li data-k={kind}>{badge} <span>{words} <small>{markup(finding.code, 40)}</small></span>"


class _Drawn:
    """The table of one file."""

    def __init__(self, records: Sheet, file: TransferFile, kinds: Kinds, mask: Mask, whole: bool) -> None:
        self.records, self.file, self.kinds, self.mask = records, file, kinds, mask
        self.header = records.place(file.header.line) if file.header.line is not None else -1
        self.end = records.end()
        first = range(min(self.end, self.header + 2 + NEAR))
        self.width = max((len(records.cells(at)) for at in first), default=2)
        self.wide = self.width > 2
        self.fine = "without a mark of their own" if whole else "fine"

    def start(self, name: str) -> str:
        """The table up to its first row."""
        last = column_letters(self.width)
        more = f"<th scope=col class=more>C{f' to {last}' if self.width > 3 else ''}" if self.wide else ""
        swapped = " class=swapped" if self.file.header.swapped else ""
        return (
            f"<table{swapped}><caption>The marked rows of {name}</caption><thead><tr><td>"
            f"<th scope=col>A<th scope=col>B{more}<th scope=col class=w>What to do<tbody>"
        )

    def rows(self, by_line: Mapping[int, Sequence[Finding]]) -> tuple[tuple[Row, ...], str]:
        """The marked rows, and what stands after the last of them."""
        rows: list[Row] = []
        done = -1  # the last record that has been shown or told
        for line, findings in by_line.items():
            at = self.records.place(line)
            is_record = at < len(self.records.lines) and self.records.lines[at] == line
            cells = self.records.cells(at) if is_record else self.records.text(line)
            before = "".join(self._between(done + 1, min(at, self.end)))
            numbers = tuple(self.kinds[finding.level, finding.code] for finding in findings)
            is_header = is_record and at == self.header
            rows.append(Row(before, self._row(line, cells, is_header, findings, numbers), numbers))
            done = max(done, at if is_record else at - 1)
        start = done + 1
        if rows or self.end - start <= NEAR + 2:
            return tuple(rows), "".join(self._between(start, self.end))
        first = self.header + 1
        shown = min(first + NEAR, self.end)
        return (), "".join(
            [*self._between(0, first), *map(self._plain, range(first, shown)), *self._between(shown, self.end)]
        )

    def _between(self, start: int, end: int) -> Iterator[str]:
        """The records from `start` up to `end`: the header as it stands, few as they are, many in a word."""
        if start <= self.header < end:
            yield from self._between(start, self.header)
            yield self._plain(self.header)
            start = self.header + 1
        if end - start <= NEAR:
            yield from map(self._plain, range(start, end))
            return
        words = f"{span(self.records.lines[start], self.records.lines[end - 1])} "
        words += "above the header" if end <= self.header else self.fine
        yield f"<tr class=gap><td colspan={4 + self.wide}>{words}"

    def _plain(self, at: int) -> str:
        return self._row(self.records.lines[at], self.records.cells(at), at == self.header, (), ())

    def _row(
        self, line: int, cells: Sequence[str], is_header: bool, findings: Sequence[Finding], numbers: Sequence[int]
    ) -> str:
        marks: dict[int, str] = {}
        items = []
        for finding, number in zip(findings, numbers):
            column = cell_number(finding.field, self.file.header.swapped) or 0
            place = f"{column_letters(column)}{line}" if column else f"Row {line}"
            items.append(_item(finding, number, place))
            marks.setdefault(column, finding.level)  # the worst comes first
        texts = [self._text(cells[n]) if len(cells) > n else "" for n in (0, 1)]
        row = " class=head" if is_header else ""
        parts = [f"<tr{row}><th scope=row{_mark(marks.get(0))}>{line}"]
        parts += [f"<td{_mark(marks.get(n))}>{text}" for n, text in enumerate(texts, 1)]
        if self.wide:
            parts.append(f"<td class=more>{self._more(cells[2:], is_header)}")
        parts.append(f"<td class=w><ul>{''.join(items)}</ul>" if items else "<td class=w>")
        return "".join(parts)

    def _text(self, text: str) -> str:
        return markup(self.mask(text), WIDEST)

    def _more(self, cells: Sequence[str], is_header: bool) -> str:
        """What stands beyond column B: the words of the header; of other rows, which may name people, only whether."""
        filled = [cell for cell in cells if cell.strip()]
        if is_header:
            return self._text(", ".join(filled))
        return "…" if filled else ""


def _mark(level: str | None) -> str:
    return f" class={level}" if level else ""


def page_of(sections: Iterable[Section], most: int) -> str:
    """The sections as HTML up to `most` rows; a file without a row counts as one."""
    parts = []
    for part in sections:
        if most <= 0:
            break
        rows = part.rows[:most]
        most -= max(1, len(rows))
        whole = len(rows) == len(part.rows)
        drawn = "".join(row.before + row.html for row in rows)
        drawn += part.after if whole else ""
        parts.append(part.head + part.about + (f"{part.table}{drawn}</table>" if drawn else "") + "</article>")
    return "".join(parts)
