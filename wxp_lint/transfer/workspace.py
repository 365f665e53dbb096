"""The folder `.wxp-lint` of a clone: what is made here and belongs to nobody else."""

from pathlib import Path

FOLDER = ".wxp-lint"


def make_private(root: Path) -> None:
    """Makes the folder, with a .gitignore that keeps all of it out of git. Raises OSError."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
