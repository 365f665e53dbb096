"""A plan done to the bytes of a CSV: every byte that it does not speak of stays."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from wxp_lint.files.header import Words, is_header, stands_right
from wxp_lint.files.model import Header, Table, TransferFile
from wxp_lint.fix.cells import NEWLINE, Record, reader, records, value, written
from wxp_lint.fix.plan import OTHER_KEY, Plan, Withheld
from wxp_lint.lint.finding import Finding

HEADER = ("Serial Number", "Customer ID")
_NOT_IN = "'{text}' cannot be written in Windows-1252: save the file as UTF-8 first"

Edit = tuple[int, int, str]  # start, end, the text that goes there


@dataclass(frozen=True, slots=True)
class Text:
    """A CSV as text, the codec it is in, and the bytes of its byte order mark (b"" if it has none)."""

    text: str
    codec: str
    mark: bytes

    def encoded(self) -> bytes:
        """The bytes of the file."""
        return self.mark + self.text.encode(self.codec)


def decoded(data: bytes, table: Table) -> Text:
    """`data` as text, in the encoding that the reader found."""
    if table.encoding == "utf-16":
        marks = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
        mark = data[:2] if data[:2] in marks else b""
        guess = "utf-16-le" if 0 not in data[:1000:2] else "utf-16-be"
        codec = marks.get(mark, guess)
    elif table.encoding == "windows-1252":
        mark, codec = b"", "cp1252"
    else:
        mark, codec = codecs.BOM_UTF8 if table.bom else b"", "utf-8"
    return Text(data[len(mark) :].decode(codec), codec, mark)


def fix_csv(data: bytes, file: TransferFile, plan: Plan, known: Words) -> tuple[bytes, dict[Finding, str]]:
    """`data` after `plan`, and the findings in `plan.cells` that were not answered, with the reason.

    `file` is what was read from `data`; `known` tells header words. Raises Withheld if nothing can be done.
    """
    table = file.table
    assert table is not None
    before = decoded(data, table)
    if before.encoded() != data:
        raise Withheld("its encoding is not clean: save it as CSV UTF-8")
    text, refused = before.text, dict[Finding, str]()
    delimiter = table.delimiter or ","
    if plan.swap:
        text = _applied(text, _swap(text, delimiter, file.header, known))
    elif plan.header:
        text = _applied(text, [_insertion(text, delimiter, file.header)])
    else:
        edits, refused = _edits(before, delimiter, file.header, plan)
        text = _applied(text, edits)
    if "delimiter" in plan.rewrite and delimiter != ",":
        text = _with_commas(text, delimiter)
    codec, mark = before.codec, before.mark
    if "encoding" in plan.rewrite and codec != "utf-8":
        codec, mark = "utf-8", b""
    if "bom" in plan.rewrite and codec == "utf-8":
        mark = b""
    return Text(text, codec, mark).encoded(), refused


def _applied(text: str, edits: list[Edit]) -> str:
    pieces: list[str] = []
    at = 0
    for start, end, new in sorted(edits):
        if start >= at:
            pieces += [text[at:start], new]
            at = end
    return "".join([*pieces, text[at:]])


def _edits(before: Text, delimiter: str, header: Header, plan: Plan) -> tuple[list[Edit], dict[Finding, str]]:
    """New texts of cells and rows that go, as edits; and the findings that are not answered."""
    text = before.text
    starts = [0, *(found.end() for found in NEWLINE.finditer(text))]
    read = reader(text, delimiter)
    edits: list[Edit] = []
    refused: dict[Finding, str] = {}
    above = (header.line or 1) if plan.preamble else 1
    if above > 1:
        edits.append((0, starts[above - 1], ""))
    for line in plan.rows:
        record = read(line, starts[line - 1])
        edits.append((record.start, record.end, ""))
    for (line, column), new in plan.cells.items():
        if line < above:
            continue
        record = read(line, starts[line - 1])
        start, end = record.cells[column - 1] if column <= len(record.cells) else (_end(record),) * 2
        old = text[start:end]
        if not new.keeps(value(old)):
            refused[new.finding] = OTHER_KEY.format(old=value(old))
        elif not _fits(new.text, before.codec):
            refused[new.finding] = _NOT_IN.format(text=new.text)
        else:
            missing = delimiter * max(0, column - len(record.cells))
            raw = written(new.text, delimiter, quoted=old.startswith('"'))
            edits.append((start, end, missing + raw))
    return edits, refused


def _end(record: Record) -> int:
    return record.cells[-1][1]


def _fits(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _swap(text: str, delimiter: str, header: Header, known: Words) -> list[Edit]:
    """The first two cells of every row from the header on change places, but not words that stand right."""
    names = is_header(known)
    edits: list[Edit] = []
    for record in _shown(text, delimiter):
        places = record.cells[:2]
        raws = [text[start:end] for start, end in places]
        first, second = [*map(value, raws), ""][:2]
        named = record.line == header.line or names(first, second)
        if record.line < (header.line or 1) or (named and stands_right(first, second, known)):
            continue
        new = delimiter.join([*raws[1:], *([""] if len(raws) < 2 else []), raws[0]])
        edits.append((places[0][0], places[-1][1], new))
    return edits


def _insertion(text: str, delimiter: str, header: Header) -> Edit:
    """A header above the first row that shows something, in the order in which the columns stand."""
    newline = NEWLINE.search(text)
    words = reversed(HEADER) if header.swapped else HEADER
    at = next((record.start for record in _shown(text, delimiter)), 0)
    return at, at, delimiter.join(words) + (newline[0] if newline else "\n")


def _shown(text: str, delimiter: str) -> Iterator[Record]:
    """The records that show something."""
    for record in records(text, delimiter):
        if any(value(text[start:end]).strip() for start, end in record.cells):
            yield record


def _with_commas(text: str, delimiter: str) -> str:
    if '"' not in text and "," not in text:
        return text.replace(delimiter, ",")
    pieces: list[str] = []
    for record in records(text, delimiter):
        raws = [text[start:end] for start, end in record.cells]
        pieces.append(",".join(map(_for_commas, raws)))
        pieces.append(text[_end(record) : record.end])
    return "".join(pieces)


def _for_commas(raw: str) -> str:
    """A cell as it was, unless a comma in it would now part it."""
    said = value(raw)
    return raw if "," not in said or raw == written(said, ",", quoted=True) else written(said, ",", quoted=True)
