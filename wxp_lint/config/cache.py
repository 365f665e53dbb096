"""A small store in the user's cache folder: what took long to find out is remembered by content hash.

It never lies in the working tree that is checked, so a pull request cannot bring its own.
"""

import hashlib
import os
import stat
import sys
from pathlib import Path

from wxp_lint import __version__

KEPT = 64  # entries of one kind; the oldest go first


def digest(*parts: bytes) -> str:
    """The name under which something that depends on `parts`, and on this version, is remembered."""
    total = hashlib.sha256(__version__.encode())
    for part in parts:
        total.update(b"%d:" % len(part))
        total.update(part)
    return total.hexdigest()


def folder(root: Path | None = None) -> Path | None:
    """The cache folder, which need not exist yet; None where there is no place for one.

    That is `WXP_LINT_CACHE_DIR` (empty: none), else `wxp-lint` in `XDG_CACHE_HOME`, in `LOCALAPPDATA`
    (Windows) or in `~/.cache`. It must not lie in the working tree: the git repo around `root` (without
    it, around the current folder), or outside of git that folder itself.
    """
    try:
        place = _place()
        if place is None:
            return None
        place = place.resolve()
        tree = _tree(root or Path.cwd())
        # By identity, not by name: links, and systems that ignore case.
        inside = any(up.exists() and up.samefile(tree) for up in (place, *place.parents))
        return None if inside else place
    except (OSError, RuntimeError, ValueError):
        return None


def trouble(root: Path | None = None) -> str | None:
    """Why nothing is remembered, in the user's terms; None if all is well."""
    if os.environ.get("WXP_LINT_CACHE_DIR") == "":
        return "WXP_LINT_CACHE_DIR is empty"
    place = folder(root)
    if place is None:
        return "there is no place for it outside of the working tree: set WXP_LINT_CACHE_DIR to a folder of your own"
    above = next(up for up in (place, *place.parents) if up.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        return f"{above} cannot be written to: set WXP_LINT_CACHE_DIR to a folder of your own"
    shared = [kind for kind in place.glob("*") if kind.is_dir() and not is_private(kind)]
    return f"others can write to {shared[0]}, so it is not trusted: delete it" if shared else None


def remembered(kind: str, digest: str, root: Path | None = None) -> bytes | None:
    """What `remember` has stored under `kind` and `digest`; None without, or if others can write there."""
    place = folder(root)
    if place is None or not is_private(place / kind):
        return None
    try:
        return (place / kind / digest).read_bytes() or None
    except OSError:
        return None


def entry(kind: str, digest: str, root: Path | None = None) -> Path | None:
    """The file that holds what `remembered` would tell, for those who need not read all of it."""
    place = folder(root)
    if place is None or not is_private(place / kind):
        return None
    found = place / kind / digest
    return found if found.is_file() else None


def remember(kind: str, digest: str, content: bytes, root: Path | None = None) -> None:
    """Stores `content` (not empty) for `remembered`; where nothing can be written, nothing happens."""
    place = folder(root)
    if place is None:
        return
    entry = place / kind / digest
    draft = entry.with_name(f"{digest}.{os.getpid()}")
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        entry.parent.mkdir(mode=0o700, exist_ok=True)
        if not is_private(entry.parent):
            return
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
            draft.replace(entry)
        finally:
            draft.unlink(missing_ok=True)
        _tidy(entry.parent)
    except OSError:
        return


def _place() -> Path | None:
    own = os.environ.get("WXP_LINT_CACHE_DIR")
    if own is not None:
        return Path(own) if own else None
    shared = os.environ.get("XDG_CACHE_HOME", "")
    if not Path(shared).is_absolute() and sys.platform == "win32":
        shared = os.environ.get("LOCALAPPDATA", "")
    return (Path(shared) if Path(shared).is_absolute() else Path.home() / ".cache") / "wxp-lint"


def _tree(start: Path) -> Path:
    here = start.resolve()
    return next((up for up in (here, *here.parents) if (up / ".git").exists()), here)


def is_private(place: Path, denied: int = 0o022) -> bool:
    """Whether `place` is a folder of the user's with which nobody else may do what is `denied`.

    By default that is writing, and so planting what we believe. Windows has no such bits.
    """
    try:
        found = place.lstat()
    except OSError:
        return False
    if not stat.S_ISDIR(found.st_mode):
        return False
    return sys.platform == "win32" or (found.st_uid == os.getuid() and not found.st_mode & denied)


def _tidy(place: Path) -> None:
    entries = sorted(place.iterdir(), key=lambda entry: entry.stat().st_mtime, reverse=True)
    for entry in entries[KEPT:]:
        entry.unlink(missing_ok=True)
