"""Putting a mended file in its place: all of it or nothing, and only over what was read."""

import os
import stat
from hashlib import sha256
from pathlib import Path

from wxp_lint.errors import UsageError


def write(file: Path, name: str, old: bytes, new: bytes, root: Path) -> None:
    """Replaces `old`, the content of `file`, by `new`. `name` is what messages call it.

    A symbolic link stays one: what it leads to is replaced, unless that lies outside of `root`. The mode
    stays. Raises UsageError, and leaves the file as it is, if it is read-only or has changed meanwhile.
    """
    try:
        place = _inside(file, name, root)
        mode = stat.S_IMODE(place.stat().st_mode)
        if not mode & 0o222 or not os.access(place, os.W_OK):
            raise UsageError(f"{name}: it is read-only: make it writable and run this again")
        draft = place.with_name(f".{place.name}.{os.getpid()}")
        try:
            draft.unlink(missing_ok=True)
            with draft.open("xb") as stream:
                draft.chmod(mode)
                stream.write(new)
                stream.flush()
                os.fsync(stream.fileno())
            there = sha256(place.read_bytes()).digest()
            if there == sha256(new).digest():
                return  # by another name of the same file
            if there != sha256(old).digest():
                raise UsageError(f"{name}: somebody changed it meanwhile, so nothing was written: run this again")
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{name}: cannot be written ({words.lower()})") from None


def _inside(file: Path, name: str, root: Path) -> Path:
    """Where `file` really is. Raises UsageError if a link leads there out of `root`."""
    real = file.resolve(strict=True)
    if file.absolute().is_relative_to(root.absolute()) and not real.is_relative_to(root.resolve()):
        raise UsageError(f"{name}: a symbolic link leads out of the repository: mend the file where it is")
    return real
