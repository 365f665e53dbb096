"""`--config-from REF`: the policy of another revision over the files of the working tree (DESIGN 7).

A pull request brings its transfers and their sidecars; what judges them (config, rules, registry, ignore file,
baseline, tracked inventory) comes from the branch it wants to go into, so that it cannot acquit itself.
"""

import atexit
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from wxp_lint.config import load as config
from wxp_lint.config.parse import decoded
from wxp_lint.config.settings import InventorySource, Settings
from wxp_lint.errors import UsageError
from wxp_lint.lint import baseline, suppressions
from wxp_lint.lint.check import Request
from wxp_lint.repo import git
from wxp_lint.repo.glob import matcher


@dataclass(frozen=True, slots=True)
class Base:
    """What the revision `ref` says; contents are empty where it has no such file.

    `custom_rules` and `inventory` are folders that hold what stood in the revision; `customers` is None where the
    config names no registry.
    """

    ref: str
    settings: Settings
    custom_rules: tuple[Path, ...]
    inventory: Path
    suppressions: bytes
    baseline: bytes
    customers: bytes | None

    def judging(self, request: Request) -> Request:
        """`request` with what this revision says in place of what the working tree says."""
        return replace(
            request,
            suppressions=self.suppressions,
            baseline=self.baseline,
            customers=self.customers,
            inventory_root=self.inventory,
        )


def read_base(cwd: Path, ref: str, config_file: str | None) -> Base:
    """Reads `ref`. Raises UsageError, with the command that fetches it, if it is not there; never falls back."""
    top = git.root(cwd)
    if top is None:
        raise UsageError("--config-from needs a git repository: run it inside one, or leave it out")
    git.commit(top, ref)
    file, text = _config(top, cwd, ref, config_file)
    root = file.parent if file else top
    settings = config.load(file, root, text)
    place = TemporaryDirectory(prefix="wxp-lint-")
    atexit.register(place.cleanup)
    copies = Path(place.name).resolve()
    listed = git.files_at(root, ref)
    for folder in settings.custom_rules:
        (copies / folder).mkdir(parents=True, exist_ok=True)
        _copy(root, ref, [path for path in listed if path.startswith(f"{folder.strip('/')}/")], copies)
    return Base(
        ref=ref,
        settings=settings,
        custom_rules=tuple(copies / folder for folder in settings.custom_rules),
        inventory=_inventory(root, ref, settings.inventory.sources, listed, copies),
        suppressions=git.show(root, ref, suppressions.FILE) or b"",
        baseline=git.show(root, ref, baseline.FILE) or b"",
        customers=_customers(root, ref, settings.customers),
    )


def _config(top: Path, cwd: Path, ref: str, named: str | None) -> tuple[Path | None, str | None]:
    """The config's place and its text at `ref`; both None where there is none."""
    candidates = [Path(os.path.abspath(cwd / named))] if named else [top / config.FILE, top / config.SHARED]
    for file in candidates:
        if not file.is_relative_to(top):
            raise UsageError(f"--config {named} lies outside of the repository, so {ref} cannot have it")
        data = git.show(top, ref, file.relative_to(top).as_posix())
        if data is not None and (file.name != config.SHARED or config.has_table(data)):
            return file, decoded(data, file.name)
    if named:
        raise UsageError(f"{ref} has no {named}: merge it there first, or leave --config out")
    return None, None


def _customers(root: Path, ref: str, name: str | None) -> bytes | None:
    if name is None:
        return None
    data = git.show(root, ref, name)
    if data is None:
        raise UsageError(
            f"{ref} has no {name}, the registry that its config names: add it there, or mend 'customers'"
        )
    return data


def _inventory(
    root: Path, ref: str, sources: Iterable[InventorySource], listed: Iterable[str], copies: Path
) -> Path:
    """A folder with the inventory as the revision has it.

    What is tracked in neither the revision nor the working tree (exports often are not in git) comes from the working
    tree; what is tracked only in the working tree is what a pull request brings, and counts as absent.
    """
    patterns = [source.path for source in sources if source.path and not Path(source.path).is_absolute()]
    wanted = matcher([pattern for path in patterns for pattern in (path, f"{path.rstrip('/')}/**")])
    at_ref = [path for path in listed if wanted(path)]
    _copy(root, ref, at_ref, copies)
    tracked = {path for path in git.tracked(root) if wanted(path)}
    drafts = {path for path in [*git.untracked(root), *_ignored(root, patterns)] if wanted(path)}
    for path in drafts - tracked - set(at_ref):
        target = copies / path
        target.parent.mkdir(parents=True, exist_ok=True)
        copyfile(root / path, target)
    return copies


def _ignored(root: Path, patterns: Iterable[str]) -> list[str]:
    """Files below the sources' folders; git lists no ignored ones."""
    found: list[str] = []
    for pattern in patterns:
        at = root / pattern
        files = at.rglob("*") if at.is_dir() else [at] if at.exists() else root.glob(pattern)
        found += [file.relative_to(root).as_posix() for file in files if file.is_file()]
    return found


def _copy(root: Path, ref: str, paths: Iterable[str], copies: Path) -> None:
    for path in paths:
        target = copies / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(git.show(root, ref, path) or b"")
