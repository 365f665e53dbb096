"""Paths as people type them -> what they stand for."""

import difflib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from wxp_lint.errors import UsageError

LISTS = (".csv", ".xlsx")
SIDECARS = tuple(f"{ending}.toml" for ending in LISTS)
FOLDER_SIDECAR = "transfer.toml"


class Named(NamedTuple):
    """A file or folder that was named.

    `key` is its path from the root with "/" ("" for the root), or one that begins with "/" if it lies
    outside; `path` is what findings call it; `inside` says that no symlink leads to it out of the root.
    """

    path: str
    key: str
    location: Path
    folder: bool
    inside: bool


def shown(path: str) -> str:
    """`path` for a message: what does not print is escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in path)


def in_utf8(path: str) -> str:
    """A path for the facts: DuckDB takes no lone surrogate, which is how Python writes a byte of no encoding."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def is_folder(path: Path) -> bool:
    """Whether `path` is a folder or a symlink to one; False where that cannot be told."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Whether something stands at `path` that is no folder: a file, a FIFO, a broken symlink."""
    return os.path.lexists(path) and not is_folder(path)


def resolve(typed: Iterable[str], cwd: Path, root: Path, *, as_given: bool, to_be: bool = False) -> list[Named]:
    """What each path stands for. Outside the root, and everywhere if `as_given`, `path` is as typed.

    Symlinks to folders are resolved where that stays within the root, so that a file has one name;
    a symlink to a file keeps its own. Raises UsageError for a path that does not exist, unless it is only `to_be`.
    """
    real_root = root.resolve()
    real: dict[Path, Path] = {}
    found = []
    for words in typed:
        words = _existing(words, cwd, to_be)
        whole = cwd / words
        folder = is_folder(whole)
        above = whole if folder else whole.parent
        if above not in real:
            real[above] = above.resolve()
        place = real[above] if folder else real[above] / whole.name
        inside = place.is_relative_to(real_root)
        lexical = Path(os.path.normpath(whole))
        if inside:
            key = _plain(place.relative_to(real_root))
        elif lexical.is_relative_to(root):
            key = _plain(lexical.relative_to(root))
        else:
            key = f"/{lexical.as_posix().lstrip('/')}"
        given = as_given or key.startswith("/")
        path = _plain(Path(os.path.normpath(words))) if given else key
        found.append(Named(path, key, root / key if inside else lexical, folder, inside))
    return found


def child(folder: Named, inner: str) -> Named:
    """What is at `inner` below `folder`; for "", `key` and `path` are what its files begin with."""
    path, key = (f"{above.rstrip('/')}/{inner}" if above else inner for above in (folder.path, folder.key))
    return Named(path, key, folder.location / inner, False, folder.inside)


def spoken_for(file: Named) -> Named | None:
    """What a sidecar speaks for: `x.csv` of `x.csv.toml` (it need not exist), the folder of `transfer.toml`.

    None if `file` is no sidecar.
    """
    name = file.location.name.lower()
    if name == FOLDER_SIDECAR:
        return Named(_above(file.path), _above(file.key), file.location.parent, True, file.inside)
    if name.endswith(SIDECARS):
        path, key, bare = (text[: -len(".toml")] for text in (file.path, file.key, file.location.name))
        return Named(path, key, file.location.with_name(bare), False, file.inside)
    return None


def is_same(path: Path, other: Path) -> bool:
    """Whether both are one file, by whatever names; False where one is not there."""
    try:
        return path.samefile(other)
    except OSError:
        return False


def is_gone(transfer: Named) -> bool:
    """Whether what a sidecar speaks for is not there: the file; of a folder, any list in it."""
    if not transfer.folder:
        return not is_file(transfer.location)
    try:
        return not any(one.name.lower().endswith(LISTS) for one in transfer.location.iterdir())
    except OSError:
        return False


def _above(path: str) -> str:
    return path.rpartition("/")[0] or path[: path.startswith("/")]


def _plain(path: Path) -> str:
    return path.as_posix() if path.parts else ""


def _existing(words: str, cwd: Path, to_be: bool) -> str:
    """`words`, or with "/" for backslashes where only that exists: someone copied a path from Windows."""
    if words and os.path.lexists(cwd / words):
        return words
    slashed = words.replace("\\", "/")
    if slashed != words and os.path.lexists(cwd / slashed):
        return slashed
    if to_be:
        return words
    raise UsageError(f"no such file or folder: {shown(words) or repr(words)}{_near(slashed, cwd)}")


def _near(words: str, cwd: Path) -> str:
    folder, _, name = words.rpartition("/")
    try:
        with os.scandir(cwd / folder if folder else cwd) as entries:
            names = {entry.name.casefold(): entry.name for entry in entries}
    except (OSError, ValueError):
        return ""
    near = difflib.get_close_matches(name.casefold(), names, n=1, cutoff=0.6)
    return f"; did you mean '{shown(words.removesuffix(name) + names[near[0]])}'?" if near else ""
