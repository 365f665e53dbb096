"""The config's tables to Settings and back: kebab-case keys are the fields' names."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from wxp_lint.config.limits import Limits
from wxp_lint.config.settings import (
    Apply,
    Columns,
    Http,
    Inventory,
    InventorySource,
    Override,
    RuleSettings,
    Settings,
    Waiver,
)

Table = Mapping[str, Any]
Part = Settings | Columns | Inventory | InventorySource | Override | Apply | Http | Waiver | Limits

# The keys of a source that name one of its columns -> what `InventorySource.columns` calls it.
_SOURCE_COLUMNS = {
    "serial": "serial",
    "customer": "customer",
    "device-name": "device-name",
    "last-user": "last-user",
    "last-seen": "last-seen",
    "as-of-column": "as-of",
}


def settings_of(table: Table, root: Path, file: Path | None, origins: Mapping[str, str]) -> Settings:
    """Settings from a valid config; keys that are absent have their defaults."""
    given = _given(table)
    summary = given.pop("reconcile", {})
    return Settings(root=root, file=file, origins=origins, **given, **summary)


def table_of(settings: Settings) -> dict[str, Any]:
    """The config that gives `settings`, with every key; None stands for what has no value."""
    table = _table(settings)
    for key in ("root", "file", "origins"):
        del table[key]
    table["reconcile"] = {"summary": table.pop("summary")}
    return table


def _given(table: Table) -> dict[str, Any]:
    return {key.replace("-", "_"): _value(key, value) for key, value in table.items()}


def _value(key: str, value: object) -> object:
    make = _MAKERS.get(key)
    if isinstance(value, list):
        return tuple(map(make, value)) if make else tuple(value)
    return make(value) if make else value


def _rules(table: Table) -> dict[str, RuleSettings]:
    return {name: _rule(rule) for name, rule in table.items()}


def _rule(table: Table) -> RuleSettings:
    return RuleSettings(table.get("level"), {key: value for key, value in table.items() if key != "level"})


def _source(table: Table) -> InventorySource:
    columns = {name: table[key] for key, name in _SOURCE_COLUMNS.items() if key in table}
    rest = {key: value for key, value in table.items() if key not in _SOURCE_COLUMNS}
    return InventorySource(columns=columns, **_given(rest))


def _places(table: Table) -> dict[str, str]:
    return {name: place["customer-id"] for name, place in table.items()}


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


# What stands under a key, at any level, and is more than a plain value or a list of them.
_MAKERS: Mapping[str, Callable[[Any], object]] = {
    "columns": lambda table: Columns(**_given(table)),
    "inventory": lambda table: Inventory(**_given(table)),
    "sources": _source,
    "rules": _rules,
    "overrides": lambda table: Override(**_given(table)),
    "places": _places,
    "apply": lambda table: Apply(**_given(table)),
    "http": lambda table: Http(**_given(table)),
    "waivers": lambda table: Waiver(**_given(table)),
    "limits": lambda table: Limits(**_given(table)),
    "reconcile": _given,
    "as-of": _day,
    "until": _day,
}


def _table(value: Part) -> dict[str, Any]:
    return {name.replace("_", "-"): _plain(name, entry) for name, entry in value._asdict().items()}


def _plain(name: str, value: object) -> object:
    if name == "places" and isinstance(value, Mapping):
        return {place: {"customer-id": customer} for place, customer in value.items()}
    if isinstance(value, RuleSettings):
        return {"level": value.level, **value.options}
    if isinstance(value, InventorySource):
        table = _table(value)
        columns = table.pop("columns")
        return table | {key: columns.get(name) for key, name in _SOURCE_COLUMNS.items()}
    if isinstance(value, Part):
        return _table(value)
    if isinstance(value, tuple):
        return [_plain("", entry) for entry in value]
    if isinstance(value, Mapping) and name == "rules":
        return {key: _plain("", entry) for key, entry in value.items()}
    return value
