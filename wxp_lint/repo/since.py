"""`--since REF`: only what has changed since a revision is reported."""

from collections.abc import Collection
from pathlib import Path

from wxp_lint.errors import UsageError
from wxp_lint.repo import git
from wxp_lint.repo.select import Selected, Selection
from wxp_lint.repo.typed import FOLDER_SIDECAR, shown


def narrow(selection: Selection, root: Path, ref: str, given: Collection[str] = ()) -> Selection:
    """`selection` with only those files checked that have changed since `ref`, or whose sidecar has.

    A file under a new name has changed, and so has what git does not track: it cannot be compared. The other
    open tracked files stay, so that rules across files still see all. `given` are the paths of files whose content
    comes from elsewhere, which is not compared either. Raises UsageError if `ref` is absent.
    """
    if git.root(root) is None:
        raise UsageError("--since needs a git repository: run it inside one, or leave it out")
    _, changes = git.changed_since(root, ref)
    # Both names of what was renamed: a sidecar may have left its transfer file.
    changed = {path for change in changes for path in change if path is not None}

    def is_touched(file: Selected) -> bool:
        folder, _, _ = file.path.rpartition("/")
        sidecars = (f"{file.path}.toml", f"{folder}/{FOLDER_SIDECAR}".lstrip("/"))
        return (
            not file.tracked
            or file.path in given
            or file.path in changed
            or not changed.isdisjoint(sidecars)
            or (file.location.is_symlink() and _target(file.location, root) in changed)
        )

    files = [file._replace(checked=file.checked and is_touched(file)) for file in selection.files]
    kept = tuple(file for file in files if file.checked or (file.open and file.tracked))
    left_out = sum(file.checked for file in selection.files) - sum(file.checked for file in kept)
    notes = [f"{left_out} unchanged since {shown(ref)}, not reported"] if left_out else []
    orphans = tuple(one for one in selection.orphans if changed & {one.key, one.key.removesuffix(".toml")})
    return Selection(kept, selection.repo_wide, (*selection.notes, *notes), partial=True, orphans=orphans)


def _target(link: Path, root: Path) -> str | None:
    """Where a symbolic link leads, from the root; None if that is outside of it or nowhere."""
    try:
        place, top = link.resolve(), root.resolve()
    except (OSError, RuntimeError):
        return None
    return place.relative_to(top).as_posix() if place.is_relative_to(top) else None
