"""`--since REF`: only what has changed since a revision is reported."""

from dataclasses import replace
from pathlib import Path

from wxp_lint.repo.git import changed_since
from wxp_lint.repo.select import Selection

SIDECAR = ".toml"
FOLDER_SIDECAR = "transfer.toml"


def narrow(selection: Selection, root: Path, ref: str) -> Selection:
    """`selection` with only those files checked that have changed since `ref`, or whose sidecar has.

    The other open tracked ones stay, so that rules across files still see all. Raises UsageError if `ref` is absent.
    """
    _, changes = changed_since(root, ref)
    changed = {change.path for change in changes if change.path is not None}
    changed |= {change.before for change in changes if change.path is None and change.before is not None}
    folders = {path.removesuffix(FOLDER_SIDECAR) for path in changed if path.split("/")[-1] == FOLDER_SIDECAR}

    def touched(path: str) -> bool:
        folder = path.removesuffix(path.split("/")[-1])
        return path in changed or path + SIDECAR in changed or folder in folders

    files = [file if touched(file.path) else replace(file, checked=False) for file in selection.files]
    kept = tuple(file for file in files if file.checked or (file.open and file.tracked))
    left_out = sum(file.checked for file in selection.files) - sum(file.checked for file in kept)
    note = f"{left_out} unchanged since {ref}, not reported" if left_out else None
    return Selection(kept, selection.repo_wide, (*selection.notes, *([note] if note else [])))
