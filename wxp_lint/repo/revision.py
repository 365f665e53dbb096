"""What a revision holds, where the working tree may hold something else."""

import os
from pathlib import Path
from typing import NamedTuple

from wxp_lint.errors import UsageError
from wxp_lint.repo import git


class Revision(NamedTuple):
    """The commit that `ref` names, in the repository whose working tree is `top`."""

    top: Path
    ref: str
    commit: str

    def key(self, path: Path) -> str | None:
        """The path from `top`, with "/", of what lies in the working tree at `path`; None if that is outside.

        What gets there only by a symbolic link is inside too.
        """
        for same in (os.path.normpath, os.path.realpath):
            place, top = Path(same(path)), Path(same(self.top))
            if place.is_relative_to(top):
                return place.relative_to(top).as_posix()
        return None

    def files(self) -> list[str]:
        """The keys of all files, without symbolic links and submodules."""
        return git.files_at(self.top, self.commit)

    def read(self, key: str) -> bytes | None:
        """The bytes of a file, None if the revision has no such file. Raises UsageError where git refuses."""
        return git.show(self.top, self.commit, key)

    def copy(self, key: str, folder: Path) -> None:
        """Lays the file `key` into `folder`, at the same path from there as it has from `top`."""
        target = folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self.read(key) or b"")


def open_revision(cwd: Path, ref: str) -> Revision:
    """Raises UsageError, with the command that fetches it, if `ref` is not in this clone."""
    top = git.root(cwd)
    if top is None:
        raise UsageError("--config-from needs a git repository: run it inside one, or leave it out")
    return Revision(top, ref, git.commit(top, ref))
