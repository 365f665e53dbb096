"""A rule's message with its values put in."""

import re
from collections.abc import Mapping

_MOST = 300  # characters of a value: enough for a path, and a cell can hold a million
_PART = re.compile(r"\[([^\]]*)\]")
_COLUMN = re.compile(r"\{(\w+)\}")


def columns(message: str) -> set[str]:
    """The columns that a message names."""
    return set(_COLUMN.findall(message))


def render(message: str, row: Mapping[str, object]) -> str:
    """`{column}` becomes its value; `[a part]` vanishes when a column in it is null.

    Values are put in last and in one go, so braces and brackets in them stay what they are. Very long ones
    are cut.
    """

    def part(match: re.Match[str]) -> str:
        return match[1] if all(row[name] is not None for name in _COLUMN.findall(match[1])) else ""

    return _COLUMN.sub(lambda match: _text(row[match[1]]), _PART.sub(part, message))


def _text(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= _MOST else f"{text[: _MOST - 3]}..."
