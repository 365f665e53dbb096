"""What decides over a plan and is not in git: a clone of the same commit would judge without it."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from wxp_lint.config.settings import Settings
from wxp_lint.facts.sidecars import FOLDER
from wxp_lint.lint import baseline, suppressions
from wxp_lint.lint.catalogue import rule_files
from wxp_lint.repo import git
from wxp_lint.repo.typed import is_same


def sidecars_of(path: str) -> tuple[str, str]:
    """Where the sidecars of a transfer file may be: its own, and its folder's."""
    above, slash, _ = path.rpartition("/")
    return f"{path}.toml", f"{above}{slash}{FOLDER}"


def uncommitted(settings: Settings, top: Path, paths: Iterable[str], *, is_own: bool) -> list[str]:
    """What is there and not tracked of the sidecars of `paths`, and of the files that decide for all of them.

    `is_own`: these are the working tree's, and no revision's. What lies outside of the repository, whose top is `top`,
    is nobody's to commit. All are relative to the root of the config.
    """
    top, root = _plain(top), settings.root
    wanted = set(_deciding(settings)) if is_own else set()
    for path in paths:
        wanted |= {root / sidecar for sidecar in sidecars_of(path)}
    there = [path for path in map(_plain, sorted(wanted)) if path.is_relative_to(top) and os.path.lexists(path)]
    if not there:
        return []
    tracked = frozenset(git.tracked(top))
    # A file system that folds case may hold a tracked file under another name.
    folded = {path.casefold(): path for path in tracked}

    def is_tracked(path: Path) -> bool:
        name = path.relative_to(top)
        if any(one.as_posix() in tracked for one in (name, *name.parents)):  # a submodule counts as a file
            return True
        other = folded.get(name.as_posix().casefold())
        return other is not None and is_same(path, top / other)

    return [Path(os.path.relpath(path, root)).as_posix() for path in there if not is_tracked(path)]


def _deciding(settings: Settings) -> Iterator[Path]:
    yield from (settings.root / name for name in (suppressions.FILE, baseline.FILE))
    if settings.file is not None:
        yield settings.file
    if settings.customers is not None:
        yield settings.root / settings.customers
    for folder in settings.custom_rules:
        yield from rule_files(settings.root / folder)


def _plain(path: Path) -> Path:
    return Path(os.path.normpath(path))
