"""Plain CSVs -> `_split`: their lines, in their order, and the cells of each.

Below it is the temporary table `_raw`, a row a line, so that `rowid` counts the lines from 0.

Small ones are handed over as a parameter; of large ones DuckDB finds the lines itself, with all cores: in the file
where they lie, or in a private one. Texts are UTF-8 and end with a newline, or are empty; a cell or line without a
character becomes null or "".
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path

from wxp_lint.database import Connection, insert, is_refusal
from wxp_lint.files.model import Lines, TransferFile

IN_MEMORY = 1 << 20  # bytes of text that are handed over as a parameter; more goes through a file
_MARK = "\x01"  # stands in no plain CSV
_HEAD = 1000  # bytes that tell whether it is worth trying to read a text as two columns


def split_lines(con: Connection, plain: Sequence[tuple[int, TransferFile, Lines]]) -> None:
    """Makes `_split`: file, line, its cells `a`, `b` and `more` (null: none), header line and order of the file."""
    if len(plain) == 1:
        number, file, body = plain[0]
        is_split = read_lines(con, body.data, body.delimiter, _verbatim(file, body))
        place = f"{number} as file, (rowid + 1)::integer as line"
        kind, tables = f"{file.header.line or 0} as header, {file.header.swapped} as swapped", "_raw"
        if is_split:
            cells = f"{place}, coalesce(a, '') as a, coalesce(b, '') as b, null::varchar[] as more, {kind} from _raw"
            con.execute(f"create temp view _split as select {cells}")
            return
    else:
        read_marked_lines(con, {number: body.data for number, _, body in plain})
        _insert_spans(con, plain)
        place = "s.file, (r.rowid - s.start + 1)::integer as line"
        kind, tables = "s.header, s.swapped", "_raw r join _span s on s.file = r.number"
    # A constant where all files agree: DuckDB splits faster by a constant than by a column.
    delimiters = {body.delimiter for _, _, body in plain}
    by = f"chr({ord(plain[0][2].delimiter)})" if len(delimiters) == 1 else "s.delimiter"
    con.execute(
        "create temp view _split as "
        "select file, line, p[1] as a, coalesce(p[2], '') as b, if(len(p) > 2, p[3:], null) as more, header, swapped "
        f"from (select {place}, string_split(coalesce(text, ''), {by}) as p, {kind} from {tables})"
    )


def _insert_spans(con: Connection, plain: Sequence[tuple[int, TransferFile, Lines]]) -> None:
    con.execute(
        "create temp table _span (file integer, start bigint, header integer, swapped boolean, delimiter varchar)"
    )
    spans: dict[str, list[object]] = {
        "file": [number for number, _, _ in plain],
        "start": [0, *accumulate(body.count for _, _, body in plain[:-1])],
        "header": [file.header.line or 0 for _, file, _ in plain],
        "swapped": [file.header.swapped for _, file, _ in plain],
        "delimiter": [body.delimiter for _, _, body in plain],
    }
    insert(con, "_span", spans)


def _verbatim(file: TransferFile, body: Lines) -> Path | None:
    """Where `body.data` lies on disk as it is; None if it was decoded, or came from elsewhere."""
    table = file.table
    same = table and table.encoding == "utf-8" and table.newline == "lf" and file.size == len(body.data)
    return file.source.location if same and file.source.content is None else None


def read_lines(con: Connection, text: bytes, delimiter: str, file: Path | None = None) -> bool:
    """Makes `_raw` of one text. Returns whether its lines are split, into `a` and `b`; else each is whole, as `text`.

    They are split by `delimiter` where that is quicker: in large files whose lines all have two cells. `file` is where
    these very bytes lie, if anywhere.
    """
    if len(text) <= IN_MEMORY:
        lines = {"text": text[:-1].decode()}
        con.execute("create temp table _raw as select unnest(string_split($text, chr(10))) as text", lines)
        return False
    if file and _seems_split(text, delimiter) and _in_place(con, _reading(delimiter, "a", "b"), file, len(text)):
        if _is_all_there(con, len(text)):
            return True
        con.execute("drop table _raw")
    whole = _reading(_MARK, "text")
    if not (file and _in_place(con, whole, file, len(text))):
        _spooled(con, whole, [text])
    return False


def read_marked_lines(con: Connection, texts: Mapping[int, bytes]) -> None:
    """Makes `_raw` of several texts, one after the other: `number`, a text's own, and `text`, the whole line."""
    marks = ((f"{number}{_MARK}".encode(), text) for number, text in texts.items() if text)
    marked = [mark + text[:-1].replace(b"\n", b"\n" + mark) + b"\n" for mark, text in marks]
    if sum(map(len, marked)) <= IN_MEMORY:
        lines = {"text": b"".join(marked)[:-1].decode()}
        con.execute(
            "create temp table _raw as select p[1]::integer as number, p[2] as text from "
            "(select string_split(unnest(string_split($text, chr(10))), chr(1)) as p) where p[1] <> ''",
            lines,
        )
    else:
        _spooled(con, _reading(_MARK, "number", "text"), marked)


def _seems_split(text: bytes, delimiter: str) -> bool:
    head = text[: text.rfind(b"\n", 0, _HEAD) + 1]
    return head.count(delimiter.encode()) == head.count(b"\n")


def _reading(delimiter: str, *columns: str) -> str:
    types = {name: "integer" if name == "number" else "varchar" for name in columns}
    return (
        f"create temp table _raw as from read_csv($file, delim = chr({ord(delimiter)}), quote = '', escape = '', "
        f"header = false, auto_detect = false, new_line = '\\n', columns = {types})"
    )


def _in_place(con: Connection, reading: str, file: Path, size: int) -> bool:
    """False, and no table, if the file cannot be read so, or no longer has `size` bytes."""
    if set(str(file)) & set("*?[{"):  # DuckDB takes the name for a glob
        return False
    try:
        con.execute(reading, {"file": str(file)})
        changed = file.stat().st_size != size
    except OSError:
        changed = True
    except Exception as error:
        if not is_refusal(error):
            raise
        return False
    if changed:
        con.execute("drop table if exists _raw")
    return not changed


def _spooled(con: Connection, reading: str, texts: Iterable[bytes]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="wxp-lint-") as folder:
        spool = Path(folder, "lines")
        with spool.open("wb") as out:
            out.writelines(texts)
        con.execute(reading, {"file": str(spool)})


def _is_all_there(con: Connection, size: int) -> bool:
    """Whether `a` and `b` hold the text of `size` bytes: DuckDB leaves out empty lines."""
    row = con.execute("select sum(strlen(coalesce(a, '')) + strlen(coalesce(b, '')) + 2) from _raw").fetchone()
    return row == (size,)
