"""Which PCs a transfer file names, as numbers that are quick to compare."""

from array import array
from collections.abc import Iterable
from zlib import crc32

from wxp_lint.files.model import Lines, TransferFile
from wxp_lint.keys import key

NUMBER = "I"  # as `array` calls 32 bits


def held(file: TransferFile) -> "array[int]":
    """The CRC-32 of every serial key below the header of `file`, each once, sorted; none where it cannot be read.

    Two files without a number in common name no PC in common. One in common may also be chance, or a word that is no
    serial number.
    """
    return array(NUMBER, sorted(set(map(crc32, _keys(set(_serials(file)) - {""})))))


def _keys(texts: set[str]) -> list[bytes]:
    joined = "\n".join(texts)
    if joined.isascii():
        keys = joined.upper().encode().split()
        if len(keys) == len(texts):  # no blanks: as `keys.key` has it, all at once
            return keys
    return [one.encode("utf-8", "surrogatepass") for one in map(key, texts) if one]


def _serials(file: TransferFile) -> Iterable[str]:
    if file.table is None:
        return ()
    body, header = file.table.body, file.header.line or 0
    at = 1 if file.header.swapped else 0
    if isinstance(body, Lines):
        cells = (line.split(body.delimiter, at + 1) for line in body.data.decode().split("\n")[header:])
        return [texts[at] for texts in cells if len(texts) > at]
    if at >= len(body.columns):
        return ()
    return [text for line, text in zip(body.lines, body.columns[at]) if line > header]
