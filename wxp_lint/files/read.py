"""A source -> TransferFile. Whatever is wrong with the file becomes a fault; nothing is raised."""

import stat
from collections.abc import Callable
from pathlib import Path

from wxp_lint.files.csv import read_csv
from wxp_lint.files.header import Words, find_header, is_header
from wxp_lint.files.limits import Limits, or_raise
from wxp_lint.files.model import Fault, Source, Table, TransferFile

LARGE = 1 << 20  # bytes from which another thread is worth starting
HEAD = 200  # records looked at to find the header and the order of the columns
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb")


def read(source: Source, known: Words, limits: Limits, root: Path) -> TransferFile:
    """`source` as a transfer file. A symbolic link that leads out of `root` is a fault."""
    found = content(source, limits, root)
    if isinstance(found, Fault):
        return TransferFile(source, file_format(source.path), 0, "", fault=found)
    digest = _hashing(found)
    table = _table(found, source.path, is_header(known), limits)
    if isinstance(table, Fault):
        return TransferFile(source, file_format(source.path), len(found), digest(), fault=table)
    header = find_header(table.body.head(HEAD), known)
    return TransferFile(source, table.format, len(found), digest(), table, header)


def _hashing(data: bytes) -> Callable[[], str]:
    """Starts hashing; the call that comes back waits for the SHA-256. Large data are hashed while others read them."""
    from hashlib import sha256

    if len(data) < LARGE:
        return lambda: sha256(data).hexdigest()
    from threading import Thread

    found: list[str] = []
    thread = Thread(target=lambda: found.append(sha256(data).hexdigest()))
    thread.start()

    def wait() -> str:
        thread.join()
        return found[0]

    return wait


def read_table(source: Source, header: Callable[[str, str], bool], limits: Limits, root: Path) -> Table | Fault:
    """`source` as a table, whatever its columns mean. `header` tells the words of a header's first two cells."""
    found = content(source, limits, root)
    return found if isinstance(found, Fault) else _table(found, source.path, header, limits)


def file_format(path: str) -> str:
    """ "xlsx" or "csv", by the file's name."""
    return "xlsx" if path.lower().endswith(WORKBOOKS) else "csv"


def content(source: Source, limits: Limits, root: Path, most: int = -1) -> bytes | Fault:
    """The first `most` bytes of `source`, all of them without it. A symbolic link out of `root` is a fault."""
    try:
        if source.content is None:
            status = source.location.lstat()
            if stat.S_ISLNK(status.st_mode):
                if not source.location.resolve().is_relative_to(root.resolve()):
                    return Fault(
                        "link", "it is a symbolic link that leads out of the repository: put the file itself here"
                    )
                status = source.location.stat()
            if stat.S_ISDIR(status.st_mode):
                return Fault("folder", "it is a folder: name the files in it")
            if not stat.S_ISREG(status.st_mode):
                return Fault("special", "it is no regular file but a pipe, socket or device: put a file here")
            if status.st_size > limits.file:
                words = f"it has {status.st_size:,} bytes, more than the limit of {limits.file:,}: split it"
                return Fault("size", words + or_raise("file"))
        return source.read(most)
    except OSError as error:
        words = (error.strerror or str(error)).lower()
        return Fault("access", f"{words}: check the name and its permissions")
    except RuntimeError:  # a loop of symbolic links
        return Fault("link", "it is a symbolic link that leads to itself: put the file itself here")


def _table(data: bytes, path: str, header: Callable[[str, str], bool], limits: Limits) -> Table | Fault:
    if file_format(path) == "csv":
        return read_csv(data, header, limits)
    from wxp_lint.files.xlsx import read_xlsx

    return read_xlsx(data, header, limits)
