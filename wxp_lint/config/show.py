"""Every setting with its origin, for `--show-settings`."""

from collections.abc import Iterator

from wxp_lint.config.lines import KeyPath
from wxp_lint.config.origins import dotted
from wxp_lint.config.settings import Settings
from wxp_lint.config.shape import table_of
from wxp_lint.config.text import as_key, as_toml, masked


def show(settings: Settings) -> list[tuple[str, str, str]]:
    """Every setting as (key, value, origin), in the order of `Settings`.

    The key is dotted, as it would stand in `wxp-lint.toml`, with indices for lists of tables; the value
    is TOML, empty where there is none, with the passwords of URLs masked; the origin is "default" where
    nobody has set it.
    """
    return [
        (
            ".".join(as_key(str(key)) for key in path),
            "" if value is None else as_toml(_masked(value)),
            settings.origins.get(dotted(path), "default"),
        )
        for path, value in _leaves(table_of(settings), ())
    ]


def _leaves(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    if isinstance(value, dict):
        for key, entry in value.items():
            # In a list of tables, keys without a value would only hide the others.
            if entry is not None or not any(isinstance(part, int) for part in path):
                yield from _leaves(entry, (*path, key))
    elif isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
        for index, entry in enumerate(value):
            yield from _leaves(entry, (*path, index))
    else:
        yield path, value


def _masked(value: object) -> object:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, list):
        return [_masked(entry) for entry in value]
    return value
