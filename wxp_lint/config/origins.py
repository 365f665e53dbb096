"""Where every key, table and list entry of a config comes from."""

from collections.abc import Iterator, Mapping
from typing import Any

from wxp_lint.config.lines import DEPTH, KeyPath
from wxp_lint.errors import UsageError


def origins(document: Mapping[str, Any], where: Mapping[KeyPath, int], name: str) -> dict[str, str]:
    """Dotted key -> "wxp-lint.toml:12", or the bare `name` where no line is known.

    Lists and tables stand there as a whole and entry by entry: "must-run" and "must-run.0".
    Raises UsageError for what no config holds: endless nesting, integers beyond the 64 bits of TOML.
    """
    found = {}
    for path, value in _entries(document):
        place = at(path, where, name)
        if len(path) > DEPTH:
            raise UsageError(f"{place}: nested too deeply; no key has more than {DEPTH} parts")
        if isinstance(value, int) and value.bit_length() > 63:
            raise UsageError(f"{place}: a number too large to be meant")
        found[dotted(path)] = place
    return found


def at(path: KeyPath, where: Mapping[KeyPath, int], name: str) -> str:
    """The place of `path`, or of the nearest table around it, in the file `name`."""
    line = line_of(path, where)
    return f"{name}:{line}" if line else name


def line_of(path: KeyPath, where: Mapping[KeyPath, int]) -> int:
    """The line of `path`, or of the nearest table around it; 0 if none is known."""
    return next((where[path[:n]] for n in range(len(path), -1, -1) if path[:n] in where), 0)


def dotted(path: KeyPath) -> str:
    """`path` as `Settings.origins` knows it: a rule's options stand under `options`, beside its `level`."""
    parts = [str(part) for part in path]
    rule = 1 if path[0] == "rules" else 3 if path[0] == "overrides" and path[2:3] == ("rules",) else None
    if rule is not None and len(path) > rule + 1 and path[rule + 1] != "level":
        parts.insert(rule + 1, "options")
    return ".".join(parts)


def _entries(document: Mapping[str, Any]) -> Iterator[tuple[KeyPath, Any]]:
    waiting: list[tuple[KeyPath, Any]] = [((key,), value) for key, value in document.items()]
    while waiting:
        path, value = waiting.pop()
        yield path, value
        if isinstance(value, dict):
            waiting.extend(((*path, key), entry) for key, entry in value.items())
        elif isinstance(value, list):
            waiting.extend(((*path, index), entry) for index, entry in enumerate(value))
