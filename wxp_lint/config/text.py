"""Settings as people read them: values as TOML text, with passwords masked."""

import re
from collections.abc import Mapping
from datetime import date, time

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BARE = re.compile(r"[A-Za-z0-9_-]+")
# Greedy up to the last "@", and to the end of the text: rather hide too much than show half a password.
_USER = re.compile(r"(://[^:/@]*):.*@", re.DOTALL)
_FIELD = re.compile(r"((?:password|passwd|pwd|token|secret)\w*(?:=|%3d)).*", re.DOTALL | re.IGNORECASE)


def masked(text: str) -> str:
    """`text` with the passwords that a URL in it carries replaced by `***`; other text is left as it is."""
    return _FIELD.sub(r"\1***", _USER.sub(r"\1:***@", text)) if "://" in text else text


def as_toml(value: object) -> str:
    """`value`, as `tomllib` reads it, as TOML on one line; what does not print is escaped."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{as_key(key)} = {as_toml(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return str(value)


def as_key(name: str) -> str:
    """`name` as a TOML key: bare where it can be, else quoted."""
    return name if _BARE.fullmatch(name) else _quoted(name)


def shown(value: object, limit: int = 60) -> str:
    """`value` as an error names it: a table or list by kind only, text masked and cut at `limit`."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    text = as_toml(masked(value) if isinstance(value, str) else value)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def _quoted(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(c) or (c if c.isprintable() else _escaped(ord(c))) for c in text) + '"'


def _escaped(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
