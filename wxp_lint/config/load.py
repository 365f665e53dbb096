"""Finds the config and turns it into Settings."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wxp_lint.config import cache
from wxp_lint.config.lines import KeyPath, lines
from wxp_lint.config.origins import at, line_of, origins
from wxp_lint.config.parse import contents, decoded, parse
from wxp_lint.config.settings import Settings
from wxp_lint.config.shape import settings_of
from wxp_lint.config.text import shown
from wxp_lint.errors import UsageError

FILE = "wxp-lint.toml"
SHARED = "pyproject.toml"  # the config is one of its tables there
TABLE = ("tool", "wxp-lint")
VALID = b"valid"
_MOST = 64 << 20  # bytes of a pyproject.toml; `load` refuses a larger one, so that nobody can hide a config in it


def find(start: Path) -> Path | None:
    """The config that holds for the folder `start`: at the git root, else the nearest one going up.

    `wxp-lint.toml` comes before a `pyproject.toml` with a table `[tool.wxp-lint]`, whatever stands there by that name:
    a folder, a pipe or a broken link is no reason to go on by the defaults, and `load` refuses it.
    """
    here = start.resolve()
    folders = (here, *here.parents)
    root = next((folder for folder in folders if (folder / ".git").exists()), None)
    for folder in folders if root is None else (root,):
        if os.path.lexists(folder / FILE):
            return folder / FILE
        if (folder / SHARED).is_file() and _in_shared(folder / SHARED):
            return folder / SHARED
    return None


def _in_shared(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST)
    except OSError:
        return False
    return len(data) == _MOST or has_table(data)


def has_table(data: bytes) -> bool:
    """Whether a `pyproject.toml` holds a config. True also where it is broken: `load` says how."""
    if b"tool.wxp-lint" not in data:
        return False
    try:
        return _table(parse(decoded(data, SHARED), SHARED)) is not None
    except UsageError:
        return True


def schema() -> bytes:
    """The JSON Schema of the config, for editors and for `load`."""
    return Path(__file__).with_name("schema.json").read_bytes()


def load(path: Path | None, root: Path, text: str | None = None, *, remember: bool = True) -> Settings:
    """The settings that the config at `path` gives, or the defaults where `path` is None.

    `root` is the folder that paths are relative to; `text` is the config's content where it comes from
    another revision. That a config is valid is remembered outside of `root`, unless `remember` is False.
    Raises UsageError with all that is wrong, a line each, by line.
    """
    if path is None:
        return Settings(root=root)
    name = _name(path, root)
    text = decoded(contents(path, name), name) if text is None else text.removeprefix("\ufeff")
    prefix = TABLE if path.name == SHARED else ()
    document = parse(text, name)
    table = _table(document) if prefix else document
    if table is None:
        raise UsageError(f"{name} has no table [{'.'.join(TABLE)}]; add it, or name another config")
    depth = len(prefix)
    where = {place[depth:]: line for place, line in lines(text).items() if place[:depth] == prefix}
    if not isinstance(table, dict):
        raise UsageError(f"{at((), where, name)}: [{'.'.join(TABLE)}] must be a table, not {shown(table)}")
    found = origins(table, where, name)
    _check(table, text, name, where, prefix, root if remember else None)
    return settings_of(table, root, path, found)


def _name(path: Path, root: Path) -> str:
    """`path` as messages name it: from `root` on where it lies there."""
    place = path.parent.resolve() / path.name
    inside = place.is_relative_to(root.resolve())
    return (place.relative_to(root.resolve()) if inside else path).as_posix()


def _table(document: Mapping[str, Any]) -> object:
    """What stands at `[tool.wxp-lint]`, None if nothing does."""
    tool = document.get(TABLE[0])
    return tool.get(TABLE[1]) if isinstance(tool, dict) else None


def _check(
    table: Mapping[str, Any],
    text: str,
    name: str,
    where: Mapping[KeyPath, int],
    prefix: tuple[str, ...],
    root: Path | None,
) -> None:
    """Raises UsageError if the config breaks the schema. Knowing it valid saves importing jsonschema."""
    allowed = schema()
    digest = cache.digest(allowed, ".".join(prefix).encode(), text.encode("utf-8", "surrogatepass"))
    if root is not None and cache.remembered("config", digest, root) == VALID:
        return
    import json

    from wxp_lint.config.validate import problems

    found = sorted(
        (line_of(problem.path, where), problem.message) for problem in problems(table, json.loads(allowed), prefix)
    )
    if found:
        raise UsageError("\n".join(f"{name}:{line}: {told}" if line else f"{name}: {told}" for line, told in found))
    if root is not None:
        cache.remember("config", digest, VALID, root)
