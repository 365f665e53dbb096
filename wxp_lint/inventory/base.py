"""The inventory as a revision has it, for `--config-from` (DESIGN 7).

What is tracked in neither the revision nor the working tree (exports often are not in git) comes from the
working tree. What is tracked in the working tree alone is what a pull request brings, and counts as absent.
"""

import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path, PurePosixPath
from shutil import copyfile
from unicodedata import normalize

from wxp_lint.config.settings import InventorySource
from wxp_lint.errors import UsageError
from wxp_lint.inventory.database import Database, sqlite_file, url_of
from wxp_lint.inventory.exports import expand
from wxp_lint.repo import git
from wxp_lint.repo.glob import matcher
from wxp_lint.repo.revision import Revision


def gather(
    revision: Revision, sources: Iterable[InventorySource], root: Path, files: Collection[str], copies: Path
) -> tuple[tuple[InventorySource, ...], list[str]]:
    """Lays the lists that `sources` name into `copies`, at their paths from the git root.

    `root` is the folder that the sources' paths start from, `files` are those of the revision. What comes
    back are the sources, to be read from the copy of `root` (those outside of the repository where they are),
    and the paths of the lists that count as absent. Raises UsageError for a list that cannot be read.
    """
    is_brought = _brought(revision)
    gathered = []
    absent = []
    for source in sources:
        address = Database(source, root).address
        database = sqlite_file(address, root)
        if database:
            url, brought = _database(revision, address, database, files, copies, is_brought)
            gathered.append(source._replace(url=url))
            absent += brought
            continue
        place = Path(os.path.normpath(root / (source.path or "")))
        key = revision.key(place)
        if source.path is None:
            gathered.append(source)
        elif key is None:
            gathered.append(source._replace(path=str(place)))
        else:
            for file in filter(_named_by(key), files):
                revision.copy(file, copies)
            for path in expand(source, root):
                file = revision.key(path) or ""
                if file in files or not path.is_file():
                    continue
                if is_brought(path):
                    absent.append(file)
                else:
                    _copy(path, copies / file)
            is_plain = place.is_relative_to(revision.top) and not Path(source.path).is_absolute()
            gathered.append(source if is_plain else source._replace(path=str(copies / key)))
    return tuple(gathered), absent


def _database(
    revision: Revision, url: str, file: Path, files: Collection[str], copies: Path, is_brought: Callable[[Path], bool]
) -> tuple[str, list[str]]:
    """The URL to read a SQLite database by, and its path if it counts as absent."""
    key = revision.key(file)
    to = file
    if key is not None and key in files:
        revision.copy(key, copies)
        to = copies / key
    elif key is not None and file.is_file() and is_brought(file):
        return url_of(url, copies / key), [key]
    return url_of(url, to), []


def _named_by(key: str) -> Callable[[str], bool]:
    """Whether a source at `key` may mean a file: that file, one in that folder, one that the glob fits."""
    fits = matcher([key])
    return lambda file: file == key or file.rpartition("/")[0] == key or fits(file)


def _brought(revision: Revision) -> Callable[[Path], bool]:
    """Whether git tracks a file of the working tree, or a symbolic link or submodule on the way to it."""
    tracked = {_folded(path) for path in git.tracked(revision.top)}

    def is_brought(path: Path) -> bool:
        keys = [key for key in (revision.key(path), revision.key(Path(os.path.realpath(path)))) if key]
        return any(
            _folded(str(part)) in tracked for key in keys for part in (PurePosixPath(key), *PurePosixPath(key).parents)
        )

    return is_brought


def _folded(path: str) -> str:
    """What two names have in common that some file systems take for one."""
    return normalize("NFC", path).casefold()


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        copyfile(path, target)
    except OSError as error:
        raise UsageError(f"inventory {path}: {(error.strerror or str(error)).lower()}") from None
