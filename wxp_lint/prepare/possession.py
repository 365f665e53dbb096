"""Possession: who made sure that the target has the PCs, and of which PCs that was said (DESIGN 8, sidecar)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wxp_lint.config.parse import parse
from wxp_lint.config.text import as_toml
from wxp_lint.errors import UsageError


@dataclass(frozen=True, slots=True)
class Possession:
    """`serials` are the keys that the confirmation covers: another PC in the file reopens the question."""

    by: str
    on: date
    evidence: str
    serials: Sequence[str]


def confirmed(text: str, possession: Possession, name: str) -> str:
    """The sidecar `text` with this possession in place of an older one; all else, comments too, stays.

    Raises UsageError, which calls the sidecar `name`, if `text` cannot be read.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    plain = text.replace("\r\n", "\n")
    document = parse(plain, name)
    if not isinstance(document.get("possession", {}), dict):
        raise UsageError(f"{name}: possession must be a table: write [possession] on a line of its own")
    made = _renewed(plain, possession) if "possession" in document else _added(plain, possession)
    return made.replace("\n", newline)


def _added(text: str, possession: Possession) -> str:
    above = f"{text.rstrip()}\n\n" if text.strip() else ""
    return f"{above}[possession]\n" + "".join(f"{key} = {value}\n" for key, value in _values(possession))


def _renewed(text: str, possession: Possession) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    table: Any = document["possession"]
    for key, value in _values(possession):
        table[key] = tomlkit.value(value)
    return tomlkit.dumps(document)


def _values(possession: Possession) -> list[tuple[str, str]]:
    """Keys and values as TOML. A serial has a line of its own, so that a review shows which PCs were added."""
    serials = "".join(f"    {as_toml(serial)},\n" for serial in possession.serials)
    return [
        ("by", as_toml(possession.by)),
        ("on", as_toml(possession.on)),
        ("evidence", as_toml(possession.evidence)),
        ("serials", f"[\n{serials}]"),
    ]
