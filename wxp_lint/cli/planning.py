"""What `plan` and `apply` share: the plan that holds now, and what to tell before anything else."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from wxp_lint.cli.project import open_project
from wxp_lint.config.load import FILE
from wxp_lint.config.settings import Settings
from wxp_lint.ledger.address import address
from wxp_lint.ledger.book import Book
from wxp_lint.ledger.open import open_ledger
from wxp_lint.repo import clone
from wxp_lint.repo.standing import standing
from wxp_lint.report.mask import Masking
from wxp_lint.report.plan import reporter
from wxp_lint.report.style import Style
from wxp_lint.transfer.inputs import gather
from wxp_lint.transfer.plan import Plan, make_plan


class Planning(NamedTuple):
    """A plan, the ledger that it was made over, lines for standard error, and what hides PCs and users."""

    plan: Plan
    ledger: Book
    notes: tuple[str, ...]
    masking: Masking

    def report(self, name: str, style: Style) -> str:
        """The plan in one of the formats of `report.plan`."""
        return reporter(name)(self.plan, style, self.masking.text)


def plan_now(cwd: Path, config: str | None, config_from: str | None = None) -> Planning:
    """The plan for HEAD and the ledger as they are. Writes nothing. Raises UsageError, among it LedgerError."""
    project = open_project(cwd, config, config_from)
    settings = project.settings
    here = standing(settings.root, settings.apply.branch)
    ledger = open_ledger(settings)
    log = ledger.read()
    masking = Masking()
    known = ledger.transfers(log)
    inputs = gather(settings, project.catalogue, here, known, date.today(), project.base, masking)
    notes = (*inputs.notes, *_elsewhere(settings, cwd), *ledger_notes(settings))
    return Planning(make_plan(inputs, log, ledger.name), ledger, notes, masking)


def _elsewhere(settings: Settings, cwd: Path) -> Iterator[str]:
    """A config in the folder that is not the one in force: there, nothing that is looked for may be found."""
    here = cwd / FILE
    if here.is_file() and (settings.file is None or here.resolve() != settings.file.resolve()):
        where = settings.file or f"none, since there is none at the git root {settings.root}"
        yield f"{FILE} in this folder does not count (the config is {where}): --config {FILE} takes it"


def ledger_notes(settings: Settings) -> Iterator[str]:
    """What to know of a ledger that only one person has."""
    if address(settings)[0] != "sqlite":
        return
    mend = 'set ledger = "git:wxp-ledger" under [apply]'
    if os.environ.get("CI"):
        yield f"the ledger is a file that may be gone with this CI job, and files be handed over twice: {mend}"
    elif clone.remote(settings.root):
        yield f"the ledger is a file in this clone, for one person: if others apply too, {mend}"
