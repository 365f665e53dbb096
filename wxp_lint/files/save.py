"""Writing a file whole."""

import os
from collections.abc import Iterable
from pathlib import Path


def save(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Puts `data`, whole or in parts, at `path`: all of it or nothing, and who reads meanwhile reads what was there.
    Raises OSError.

    Never through a symbolic link that somebody has laid where the draft goes, nor through one at `path`.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.unlink(missing_ok=True)
        with draft.open("xb") as file:
            file.writelines([data] if isinstance(data, bytes) else data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
