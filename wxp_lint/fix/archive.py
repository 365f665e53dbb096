"""One part of a zip archive replaced: all bytes of the others, their order, times and flags stay.

zipfile can only write every entry anew, so the central directory is mended by hand (APPNOTE.TXT 4.3, 4.4).
"""

import struct
import zlib
from dataclasses import dataclass

from wxp_lint.fix.plan import Withheld

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_DESCRIPTOR = 0x8  # sizes follow the data
_UNKNOWN = 0xFFFFFFFF  # the number stands in a ZIP64 field
_DEFLATED = 8


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of the central directory: its fixed fields, and its name, extra fields and comment."""

    fields: tuple[int, ...]
    name: bytes
    rest: bytes

    @property
    def offset(self) -> int:
        return self.fields[-1]


def replace_part(archive: bytes, name: str, content: bytes) -> bytes:
    """`archive` with `content` as the part `name`, packed as it was. Raises Withheld for an odd archive."""
    end, entries = _directory(archive)
    at = next((n for n, entry in enumerate(entries) if entry.name == name.encode()), None)
    if at is None:
        raise _odd()
    old = entries[at]
    start = end[6]  # of the central directory
    following = min((entry.offset for entry in entries if entry.offset > old.offset), default=start)
    flags, method = old.fields[2] & ~_DESCRIPTOR, old.fields[3]
    packed = _packed(content, method)
    sizes = zlib.crc32(content), len(packed), len(content)
    head = _LOCAL.pack(b"PK\x03\x04", old.fields[1], flags, method, *old.fields[4:6], *sizes, len(old.name), 0)
    new = head + old.name + packed
    shift = len(new) - (following - old.offset)
    directory = b""
    for entry in entries:
        fields = list(entry.fields)
        if entry is old:
            fields[2], fields[6:9] = flags, sizes
        elif entry.offset > old.offset:
            fields[-1] += shift
        directory += _CENTRAL.pack(b"PK\x01\x02", *fields) + entry.name + entry.rest
    closing = _END.pack(b"PK\x05\x06", *end[1:5], len(directory), start + shift, end[7])
    comment = archive[len(archive) - end[7] :] if end[7] else b""
    return archive[: old.offset] + new + archive[following:start] + directory + closing + comment


def _packed(content: bytes, method: int) -> bytes:
    if method != _DEFLATED:
        return content
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


def _directory(archive: bytes) -> tuple[tuple[int, ...], list[_Entry]]:
    """The fields of the end record, and the entries. Raises Withheld unless everything is where it should be."""
    place = archive.rfind(b"PK\x05\x06")
    if place < 0 or len(archive) < place + _END.size:
        raise _odd()
    end = _END.unpack_from(archive, place)
    size, start, comment = end[5:8]
    if start + size != place or place + _END.size + comment != len(archive) or any(end[1:3]):
        raise _odd()
    entries: list[_Entry] = []
    at = start
    while at < place:
        if not archive.startswith(b"PK\x01\x02", at) or at + _CENTRAL.size > place:
            raise _odd()
        fields = _CENTRAL.unpack_from(archive, at)[1:]
        lengths = fields[9:12]
        names = at + _CENTRAL.size
        at = names + sum(lengths)
        if _UNKNOWN in (*fields[7:9], fields[-1]) or not archive.startswith(b"PK\x03\x04", fields[-1]):
            raise _odd()
        entries.append(_Entry(fields, archive[names : names + lengths[0]], archive[names + lengths[0] : at]))
    if len(entries) != end[4] or at != place:
        raise _odd()
    return end, entries


def _odd() -> Withheld:
    return Withheld("its zip archive is put together in an unusual way: open it in Excel, save it and try again")
