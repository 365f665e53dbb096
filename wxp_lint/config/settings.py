"""The settings in force, as plain values. `load.py` makes them from `wxp-lint.toml`."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from wxp_lint.config.limits import Limits

NOTHING: Mapping[str, Any] = MappingProxyType({})


class RuleSettings(NamedTuple):
    """What the config says of one rule: another level, and options in kebab-case as written there."""

    level: str | None = None  # "error" | "warning" | "note" | "off"
    options: Mapping[str, Any] = NOTHING


class Override(NamedTuple):
    """Settings for the files that match one of `paths` (globs from the root); later overrides win."""

    paths: tuple[str, ...]
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    rules: Mapping[str, RuleSettings] = NOTHING


class Columns(NamedTuple):
    """More header words, as the config gives them."""

    serial: tuple[str, ...] = ()
    customer: tuple[str, ...] = ()
    carry: tuple[str, ...] = ()


class InventorySource(NamedTuple):
    """One export, Parquet file or database. Exactly one of `path` (may be a glob) and `url` is set.

    `place` is "unassigned" or a customer's folder, name or ID; None where a column tells.
    `columns` names the source's own columns: serial, customer, device-name, last-user, last-seen, as-of.
    `timeout` and `connect_timeout` are the seconds that a database may take; None for what it takes by default.
    """

    path: str | None = None
    url: str | None = None
    query: str | None = None
    place: str | None = None
    as_of: date | None = None
    columns: Mapping[str, str] = NOTHING
    timeout: float | None = None
    connect_timeout: float | None = None


class Inventory(NamedTuple):
    """Where the devices that the partner can see are listed."""

    sources: tuple[InventorySource, ...] = ()
    max_age_days: int = 7


class Waiver(NamedTuple):
    """Consent for one rule on one file, until a day."""

    rule: str
    path: str
    reason: str
    until: date


class Http(NamedTuple):
    """The experimental http submitter: seconds for `timeout` and `wait`."""

    url: str | None = None
    timeout: float = 10
    wait: float = 20


class Apply(NamedTuple):
    """What `apply` may do (DESIGN 9)."""

    ledger: str = "sqlite:.wxp-lint/ledger.db"
    outbox: str = ".wxp-lint/outbox"
    submitter: str = "outbox"
    branch: str = "main"
    require_possession: bool = False
    max_devices: int = 500
    lease: float = 30
    http: Http = Http()
    waivers: tuple[Waiver, ...] = ()


class Settings(NamedTuple):
    """Everything that a run goes by.

    `root` is the folder that paths in the config, and paths in findings, are relative to;
    `file` the config file, None without one; `origins` maps a dotted key ("rules.serial-format.level",
    "rules.serial-format.options.formats", "overrides.0.ignore") and each entry of a list ("must-run.0")
    to where its value came from ("wxp-lint.toml:12", "--select"); a key that is absent has its default.
    """

    root: Path
    file: Path | None = None
    transfers: tuple[str, ...] = ("transfers/**/*.csv", "transfers/**/*.xlsx")
    archive: tuple[str, ...] = ("transfers/**/done/**",)
    customers: str | None = None
    custom_rules: tuple[str, ...] = ()
    fail_on: str = "error"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    preview: bool = False
    must_run: tuple[str, ...] = ()
    columns: Columns = Columns()
    inventory: Inventory = Inventory()
    rules: Mapping[str, RuleSettings] = NOTHING
    overrides: tuple[Override, ...] = ()
    places: Mapping[str, str] = NOTHING  # place -> Customer ID
    apply: Apply = Apply()
    limits: Limits = Limits()
    summary: str = "unknown"  # [reconcile] summary: all | errors | counts | unknown
    origins: Mapping[str, str] = NOTHING
