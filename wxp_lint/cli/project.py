"""The settings and rules that a command works with."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from wxp_lint.config import load as config
from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.lint import catalogue
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.repo.git import root as git_root

if TYPE_CHECKING:
    from wxp_lint.lint.base import Base

FAIL_ON = ("error", "warning", "note", "never")


class Project(NamedTuple):
    """What holds in the folder where a command was called; `base` if it comes from another revision."""

    settings: Settings
    catalogue: Catalogue
    base: "Base | None" = None


def open_project(
    cwd: Path,
    config_file: str | None = None,
    config_from: str | None = None,
    *,
    select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    fail_on: str | None = None,
    preview: bool = False,
    use_cache: bool = True,
) -> Project:
    """The config in force, with what the command line says on top. Raises UsageError."""
    if config_from is not None:
        from wxp_lint.lint.base import read_base

        base = read_base(cwd, config_from, config_file, remember=use_cache)
        settings, rules = base.settings, base.catalogue(remember=use_cache)
    else:
        base = None
        settings = _settings(cwd, config_file, use_cache)
        custom = [settings.root / folder for folder in settings.custom_rules]
        rules = catalogue.load(custom, origins=settings.origins, remember=use_cache)
    return Project(_with_options(settings, select, ignore, fail_on, preview), rules, base)


def _settings(cwd: Path, config_file: str | None, use_cache: bool) -> Settings:
    file = Path(cwd, config_file) if config_file else config.find(cwd)
    if file is not None and not os.path.lexists(file):
        raise UsageError(f"no config file {file}: leave --config out to use the one at the git root")
    root = file.parent if file else git_root(cwd) or cwd
    return config.load(file, root, remember=use_cache)


def _with_options(
    settings: Settings,
    select: Sequence[str] | None,
    ignore: Sequence[str] | None,
    fail_on: str | None,
    preview: bool,
) -> Settings:
    if fail_on is not None and fail_on not in FAIL_ON:
        raise UsageError(f"--fail-on must be one of {', '.join(FAIL_ON)}, not '{fail_on}'")
    given: dict[str, Any] = {
        "select": _names(select),
        "ignore": settings.ignore + _names(ignore) if ignore else (),
        "fail_on": fail_on,
        "preview": preview,
    }
    given = {name: value for name, value in given.items() if value}
    options = {name.replace("_", "-"): f"--{name.replace('_', '-')}" for name in given}
    gone = "select." if "select" in given else None  # the config's entries, which the option stands in for
    config = {key: place for key, place in settings.origins.items() if not (gone and key.startswith(gone))}
    return settings._replace(**given, origins={**config, **options})


def _names(values: Sequence[str] | None) -> tuple[str, ...]:
    """`--select WXP2,duplicate-serial --select WXP401` as single names."""
    return tuple(name.strip() for value in values or () for name in value.split(",") if name.strip())
