"""The settings and rules that a command works with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wxp_lint.config import load as config
from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.lint import catalogue
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.repo.git import root as git_root

FAIL_ON = ("error", "warning", "note", "never")


@dataclass(frozen=True, slots=True)
class Project:
    """What holds in the folder where a command was called."""

    settings: Settings
    catalogue: Catalogue


def open_project(
    cwd: Path,
    config_file: str | None = None,
    *,
    select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    fail_on: str | None = None,
    preview: bool | None = None,
) -> Project:
    """The config in force, with what the command line says on top. Raises UsageError."""
    file = Path(cwd, config_file) if config_file else config.find(cwd)
    if file is not None and not file.is_file():
        raise UsageError(f"no config file {file}: leave --config out to use the one at the git root")
    root = file.parent if file else git_root(cwd) or cwd
    settings = config.load(file, root)
    if fail_on is not None and fail_on not in FAIL_ON:
        raise UsageError(f"--fail-on must be one of {', '.join(FAIL_ON)}, not '{fail_on}'")
    given: dict[str, Any] = {
        "select": _names(select),
        "ignore": settings.ignore + _names(ignore) if ignore else (),
        "fail_on": fail_on,
        "preview": preview,
    }
    given = {name: value for name, value in given.items() if value}
    origins = {**settings.origins, **{name.replace("_", "-"): f"--{name.replace('_', '-')}" for name in given}}
    settings = replace(settings, **given, origins=origins)
    return Project(settings, catalogue.load([root / folder for folder in settings.custom_rules]))


def _names(values: Sequence[str] | None) -> tuple[str, ...]:
    """`--select WXP2,duplicate-serial --select WXP401` as single names."""
    return tuple(name.strip() for value in values or () for name in value.split(",") if name.strip())
