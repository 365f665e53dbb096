"""Possession: who made sure that the target has the PCs, and of which PCs that was said (DESIGN 8, sidecar)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from wxp_lint.errors import UsageError


@dataclass(frozen=True, slots=True)
class Possession:
    """`serials` are the keys that the confirmation covers: another PC in the file reopens the question."""

    by: str
    on: date
    evidence: str
    serials: Sequence[str]


def sidecar_of(file: Path) -> Path:
    """`x.csv` -> `x.csv.toml`."""
    return file.with_name(f"{file.name}.toml")


def confirmed(text: str, possession: Possession, name: str) -> str:
    """The sidecar `text` with this possession in place of an older one; the rest of it, comments too, stays.

    Raises UsageError if `text` is no TOML; `name` is the sidecar's.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise UsageError(f"{name}: this is not TOML: {error}: mend it, then confirm again") from None
    table = tomlkit.table()
    table["by"] = possession.by
    table["on"] = possession.on
    table["evidence"] = possession.evidence
    table["serials"] = tomlkit.array(repr(list(possession.serials)).replace("'", '"')).multiline(True)
    document["possession"] = table
    return tomlkit.dumps(document)


def write(sidecar: Path, text: str) -> None:
    """All of it or nothing. Raises UsageError."""
    draft = sidecar.with_name(f".{sidecar.name}.new")
    try:
        draft.write_text(text, "utf-8", newline="\n")
        draft.replace(sidecar)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UsageError(f"{sidecar}: cannot be written: {(error.strerror or str(error)).lower()}") from None
