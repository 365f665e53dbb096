"""Bytes to a TOML document, with errors in the user's terms and bounds on what a hostile file can cost."""

import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from wxp_lint.errors import UsageError

MAX_SIZE = 1_000_000
MAX_DOTS = 1_000  # in a line: tomllib takes 46 s for one dotted key of 50,000 parts

_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


def contents(path: Path, name: str) -> bytes:
    """The bytes of the file at `path`. Raises UsageError for what is none or too large, so that nobody waits for it."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f"{name}: it is a folder, pipe or device: put a file there, or delete it")
        if status.st_size > 4 * MAX_SIZE:  # bytes of as many characters
            raise UsageError(f"{name}: more than {MAX_SIZE:,} characters; that is no configuration")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{name}: cannot be read ({error.strerror or error}); name another config") from None


def decoded(data: bytes, name: str) -> str:
    """`data` as text; a UTF-8 BOM is dropped. Raises UsageError, which calls the file `name`."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{line}: not UTF-8 text; save the file with the encoding UTF-8") from None


def parse(text: str, name: str) -> dict[str, Any]:
    """The TOML document that `text` holds. Raises UsageError with file, line and reason."""
    if len(text) > MAX_SIZE:
        raise UsageError(f"{name}: more than {MAX_SIZE:,} characters; that is no configuration")
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MAX_DOTS:
            raise UsageError(f"{name}:{number}: more than {MAX_DOTS:,} dots in one line; break it up")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise UsageError(f"{name}: nested too deeply; write it with fewer brackets") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(_reason(str(error), text, name)) from None
    except ValueError:
        raise UsageError(f"{name}: not valid TOML: a number too long to read") from None


def _reason(message: str, text: str, name: str) -> str:
    found = _PLACE.search(message)
    if found is None:
        return f"{name}: not valid TOML: {message}"
    words = message[: found.start()]
    line, column = found["line"], found["column"]
    if line is None:
        line, words = str(text.rstrip().count("\n") + 1), f"{words} at the end of the file"
    mend = "; write / instead of \\ between folders" if words.startswith("Unescaped '\\'") else ""
    return f"{name}:{line}: not valid TOML: {words}{f' (column {column})' if column else ''}{mend}"
