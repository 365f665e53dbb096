"""Plain CSVs -> the temporary table `_raw`: a row a line, in their order, so that `rowid` counts the lines from 0.

Small ones are handed over as a parameter; of large ones DuckDB finds the lines itself, with all cores: in the file
where they lie, or in a private one. Texts are UTF-8 and end with a newline, or are empty; a cell or line without a
character becomes null or "".
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from wxp_lint.database import Connection, is_refusal

IN_MEMORY = 1 << 20  # bytes of text that are handed over as a parameter; more goes through a file
_MARK = "\x01"  # stands in no plain CSV
_HEAD = 1000  # bytes that tell whether it is worth trying to read a text as two columns


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
