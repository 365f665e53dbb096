"""`--config-from REF`: the policy of another revision over the files of the working tree (DESIGN 7).

A pull request brings its transfers and their sidecars. What judges them (config, rules, registry, ignore
file, baseline, tracked inventory) comes from the branch it wants to go into, so that it cannot acquit itself.
"""

import atexit
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from wxp_lint.config import load as config
from wxp_lint.config.parse import decoded
from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.facts.customers import Proposal, read_customers
from wxp_lint.inventory.base import gather
from wxp_lint.lint import baseline, catalogue, suppressions
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.check import Request
from wxp_lint.repo.revision import Revision, open_revision
from wxp_lint.repo.typed import shown


class Base(NamedTuple):
    """What a revision says. `copies` holds its custom rules and inventory, at their paths from the git root.

    Contents are empty where it has no such file; `customers` is None where the config names no registry, or
    one outside of the repository. `rules` are the folders with custom rules. `notes` are lines for standard
    error about what the working tree brings in vain.
    """

    revision: Revision
    settings: Settings
    copies: Path
    rules: tuple[Path, ...]
    suppressions: bytes
    baseline: bytes
    customers: bytes | None
    proposal: Proposal | None
    notes: tuple[str, ...]

    def catalogue(self, *, remember: bool) -> Catalogue:
        """The built-in rules and the custom ones that the revision has; messages call these REF:PATH."""
        try:
            found = catalogue.load(self.rules, remember=remember)
        except UsageError as error:
            raise UsageError(str(error).replace(f"{self.copies}{os.sep}", f"{self.revision.ref}:")) from None
        return Catalogue(
            tuple(
                rule._replace(file=Path(f"{self.revision.ref}:{rule.file.relative_to(self.copies).as_posix()}"))
                if rule.file.is_relative_to(self.copies)
                else rule
                for rule in found.rules
            )
        )

    def judging(self, request: Request) -> Request:
        """`request` with what this revision says in place of what the working tree says.

        An inventory that is asked for by name is no part of that, and stays the working tree's.
        """
        judged = request._replace(
            suppressions=self.suppressions, baseline=self.baseline, customers=self.customers, proposal=self.proposal
        )
        if request.inventory is not None:
            return judged
        return judged._replace(
            inventory_root=self.copies / (self.revision.key(self.settings.root) or ""),
            revision=self.revision.commit,
        )


def read_base(cwd: Path, ref: str, config_file: str | None, *, remember: bool) -> Base:
    """Reads `ref`. Raises UsageError if it is not there, or lacks what its own config names."""
    revision = open_revision(cwd, ref)
    settings = _settings(revision, cwd, config_file, remember)
    place = TemporaryDirectory(prefix="wxp-lint-")
    atexit.register(place.cleanup)
    copies = Path(place.name).resolve()
    files = revision.files()
    sources, brought = gather(revision, settings.inventory.sources, settings.root, files, copies)
    customers = _customers(revision, settings)
    return Base(
        revision=revision,
        settings=settings._replace(inventory=settings.inventory._replace(sources=sources)),
        copies=copies,
        rules=_rules(revision, settings, files, copies),
        suppressions=_read(revision, settings.root / suppressions.FILE),
        baseline=_read(revision, settings.root / baseline.FILE),
        customers=customers,
        proposal=_proposal(revision, settings, customers),
        notes=tuple(f"inventory {shown(key)} is not in {ref}, so it does not count yet" for key in brought),
    )


def _settings(revision: Revision, cwd: Path, named: str | None, remember: bool) -> Settings:
    names = [cwd / named] if named else [revision.top / name for name in (config.FILE, config.SHARED)]
    for file in names:
        key = revision.key(file)
        if key is None:
            raise UsageError(f"--config {named} lies outside of the repository, so {revision.ref} cannot have it")
        data = revision.read(key)
        if data is not None and (named or file.name != config.SHARED or config.has_table(data)):
            file = revision.top / key
            try:
                return config.load(file, file.parent, decoded(data, key), remember=remember)
            except UsageError as error:
                raise UsageError(f"the config of {revision.ref}: {error}") from None
    if named:
        raise UsageError(f"{revision.ref} has no {named}: merge it there first, or leave --config out")
    return Settings(root=revision.top)


def _read(revision: Revision, file: Path) -> bytes:
    key = revision.key(file)
    return (revision.read(key) if key else None) or b""


def _rules(revision: Revision, settings: Settings, files: Sequence[str], copies: Path) -> tuple[Path, ...]:
    folders = []
    for folder in settings.custom_rules:
        place = settings.root / folder
        key = revision.key(place)
        if key is None:
            folders.append(place)
            continue
        found = [file for file in files if file.startswith(f"{key}/") and file.endswith(".toml")]
        if not found:
            raise UsageError(f"{revision.ref} has no rules in {folder}, which its config names in custom-rules")
        for file in found:
            revision.copy(file, copies)
        folders.append(copies / key)
    return tuple(folders)


def _customers(revision: Revision, settings: Settings) -> bytes | None:
    name = settings.customers
    key = None if name is None else revision.key(settings.root / name)
    if key is None:
        return None
    data = revision.read(key)
    if data is None:
        raise UsageError(
            f"{revision.ref} has no {name}, which its config names as `customers`: add it there, or mend that"
        )
    return data


def _proposal(revision: Revision, settings: Settings, customers: bytes | None) -> Proposal | None:
    """The registry of the working tree, as far as it can be read: a pull request may have broken it."""
    if settings.customers is None or customers is None:
        return None
    try:
        data = read_customers(settings.root, settings.customers)
    except UsageError:
        return None
    return None if data == customers else Proposal(data, revision.ref)
