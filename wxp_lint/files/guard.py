"""What stands before the workbook reader: is it a workbook at all, and does it unpack within bounds.

Only parts that passed here are read any further, so a part that two zip readers would see differently,
or that only one of them would find, cannot slip through.
"""

import re
from collections.abc import Callable, Container
from typing import NoReturn, ParamSpec, TypeVar

from wxp_lint.files.limits import Limits, or_raise
from wxp_lint.files.model import Fault

SAVE_AGAIN = "open it in Excel and save it as .xlsx or CSV"
DAMAGED = f"it is damaged or cut off: fetch it again, or {SAVE_AGAIN}"

_BOMB_BYTES = 1 << 24
_BOMB_RATIO = 250  # real sheets pack 10 to 30 times, deflate ends at 1032
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCODINGS = (b"utf-8", b"utf8", b"us-ascii", b"ascii")
_DECLARED = re.compile(rb"""<\?xml\b[^>]*?\bencoding\s*=\s*["']([^"']*)""")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "gzip data"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"{\\rtf", "an RTF document"),
    (b"SQLite format 3\0", "a SQLite database"),
    (b"PAR1", "a Parquet file"),
)
_OTHER_PACKAGES = (
    ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
    ("content.xml", "an OpenDocument file (.ods)"),
    ("word/document.xml", "a Word document (.docx)"),
    ("ppt/presentation.xml", "a PowerPoint presentation (.pptx)"),
    ("index/document.iwa", "an Apple Numbers sheet"),
)

P = ParamSpec("P")
T = TypeVar("T")


class Refused(Exception):
    """A workbook that is not read any further; `fault` says why."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.fault = Fault(kind, detail)


def calm(action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of `action`. Whatever it raises, a panic of the Rust reader too, becomes Refused."""
    try:
        return action(*args, **kwargs)
    except (Refused, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except MemoryError as error:
        raise Refused("size", "it needs more memory than there is: split it") from error
    except BaseException as error:
        raise Refused("corrupt", DAMAGED) from error


def unpack(data: bytes, limits: Limits) -> dict[str, bytes]:
    """The XML parts of the workbook in `data`, by their names in lower case. Raises Refused."""
    _refuse_other_files(data)
    if data.count(b"PK\x01\x02") > limits.parts:
        raise Refused("size", f"it has more than {limits.parts:,} parts: {SAVE_AGAIN}{or_raise('parts')}")
    from io import BytesIO
    from zipfile import BadZipFile, ZipFile, ZipInfo

    try:
        archive = ZipFile(BytesIO(data))
    except BadZipFile as error:
        raise Refused("corrupt", DAMAGED) from error
    entries: dict[str, ZipInfo] = {}
    for entry in archive.infolist():
        name = part_name(entry.filename)
        if name in entries:
            raise Refused("unsafe", f"it holds two parts of the name {name}: {SAVE_AGAIN}")
        if entry.flag_bits & 0x1:
            raise Refused("encrypted", f"its parts are encrypted: {SAVE_AGAIN} without a password")
        if entry.compress_type not in (0, 8):
            raise Refused("unsafe", f"it is packed in a way that Excel does not use: {SAVE_AGAIN}")
        if entry.file_size > max(_BOMB_BYTES, _BOMB_RATIO * entry.compress_size):
            words = f"its part {name} unpacks to {entry.file_size:,} bytes of almost nothing: {SAVE_AGAIN}"
            raise Refused("size", words)
        entries[name] = entry
    unpacked = sum(entry.file_size for entry in entries.values())
    if unpacked > limits.unpacked:
        words = f"it unpacks to {unpacked:,} bytes, more than the limit of {limits.unpacked:,}: split it"
        raise Refused("size", words + or_raise("unpacked"))
    _refuse_other_packages(entries)
    parts: dict[str, bytes] = {}
    for name, entry in entries.items():
        if name.endswith((".xml", ".rels")):
            with archive.open(entry) as stream:  # read(n) never unpacks more than n; read() may, at once
                part = stream.read(entry.file_size + 1)
            if len(part) != entry.file_size:
                raise Refused("corrupt", DAMAGED)
            parts[name] = _vetted(name, part)
    return parts


def part_name(name: str) -> str:
    """A part's name as it is compared: no leading slash, forward slashes, lower case."""
    return name.replace("\\", "/").lstrip("/").lower()


def _refuse_other_files(data: bytes) -> None:
    """Say what `data` is where it is no zip archive."""
    if data.startswith(_ZIP) or (data and _ZIP[0].startswith(data)):
        return
    if not data.strip():
        raise Refused("empty", "the file is empty: save the workbook again")
    if data.startswith(_OLE2):
        _refuse_ole2(data)
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise Refused("binary", f"this is {what}, not an Excel workbook: {SAVE_AGAIN}")
    head = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith(b"<?xml") and b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        raise Refused("html", f"this is an XML Spreadsheet 2003, not an .xlsx workbook: {SAVE_AGAIN}")
    if head.startswith(b"<"):
        raise Refused("html", f"this is a web page or XML, not an Excel workbook: {SAVE_AGAIN}")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or not _CONTROL.search(data[:65536]):
        raise Refused("text", "this is text, perhaps CSV, not an Excel workbook: name it .csv")
    raise Refused("binary", f"this is no Excel workbook: {SAVE_AGAIN}")


def _refuse_ole2(data: bytes) -> NoReturn:
    """Say what the OLE2 file `data` holds, by the names in its directory ([MS-OFFCRYPTO] 2.2, 2.3, 2.6.4)."""

    def named(*names: str) -> bool:
        return any(name.encode("utf-16-le") in data for name in names)

    if named("LabelInfo", "DRMEncrypted", "DRMContent", "MSIP_Label") or b"MSIP_Label" in data:
        words = "it is encrypted by a sensitivity label: save it under a label without encryption, or as CSV"
        raise Refused("encrypted", words)
    if named("EncryptedPackage", "EncryptionInfo"):
        raise Refused("encrypted", "it is encrypted with a password: save it without one, or as CSV")
    if named("Workbook", "Book"):
        raise Refused("xls", "this is an old Excel file (.xls): save it as .xlsx or CSV")
    raise Refused("binary", f"this is an old Office file, not an Excel workbook: {SAVE_AGAIN}")


def _refuse_other_packages(names: Container[str]) -> None:
    """Say what a zip archive with these parts is where it is no workbook."""
    if "xl/workbook.xml" in names:
        return
    for name, what in _OTHER_PACKAGES:
        if name in names:
            raise Refused("package", f"this is {what}, not an .xlsx workbook: {SAVE_AGAIN}")
    if "_rels/.rels" not in names:
        raise Refused("package", f"this is a zip archive, not an Excel workbook: unpack it, or {SAVE_AGAIN}")


def _vetted(name: str, part: bytes) -> bytes:
    """`part` without a byte order mark. Raises Refused where it is not UTF-8, or has a DTD."""
    foreign = b"\0" in part or part.startswith((b"\xff\xfe", b"\xfe\xff"))
    if name.startswith("customxml/"):  # free for add-ins, Power Query writes UTF-16 here; never read
        plain = part.replace(b"\0", b"") if foreign else part
    else:
        plain = part = part.removeprefix(b"\xef\xbb\xbf")
        declared = _DECLARED.match(part.lstrip()[:1000])
        foreign = foreign or (declared is not None and declared[1].lower() not in _ENCODINGS)
        if foreign or not (part.isascii() or _is_utf8(part)):
            raise Refused("encoding", f"its part {name} is not plain UTF-8: {SAVE_AGAIN}")
    if b"!" in plain and _DTD.search(plain):
        raise Refused("dtd", f"its part {name} has a document type definition: {SAVE_AGAIN}")
    return part


def _is_utf8(part: bytes) -> bool:
    try:
        part.decode()
    except UnicodeDecodeError:
        return False
    return True
