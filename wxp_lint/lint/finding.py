"""What a rule found, and what a run found in all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from wxp_lint.files.model import TransferFile
from wxp_lint.lint.rule import Rule

if TYPE_CHECKING:
    from wxp_lint.lint.change import Change

RANK = {"error": 3, "warning": 2, "note": 1}


class FixOffer(NamedTuple):
    """How a finding can be mended: DESIGN 6, "fix". `text` is the new text of the cell for the action "cell".

    `scope` is what else the rule says: for "rewrite" what is put right (encoding, bom or delimiter), for a
    cell of no line the text that is replaced wherever it stands in that column.
    """

    safety: str
    action: str
    text: str | None
    scope: str | None = None


class Finding(NamedTuple):
    """One defect, in the shape of DESIGN 7's JSON, and `field`, the column it speaks of."""

    code: str
    name: str
    level: str
    message: str
    path: str | None
    line: int | None
    field: str | None
    column: int | None = None
    sheet: str | None = None
    cell: str | None = None
    serial: str | None = None
    fix: FixOffer | None = None
    fingerprint: str = ""
    url: str = ""


class NotRun(NamedTuple):
    """A rule that could not run, and why."""

    code: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    """Everything a reporter needs. Findings are sorted by path, line, code; `files` are the checked ones, by path.

    `notes` are lines for standard error; `rules` are those of the catalogue, by code; `fail_on` is the level from which
    on a finding fails the run, or "never"; `inventory` says which lists of devices, of what age, it rests on; `change`
    is what the working tree does to the PCs against another revision, where that was asked for; `customers` are the
    names of the registry's by the key of their Customer ID, for reports that show them.
    """

    findings: Sequence[Finding]
    not_run: Sequence[NotRun]
    files: Mapping[str, TransferFile]
    rows: int
    must_run_failed: Sequence[NotRun] = ()
    suppressed: int = 0
    secrets: frozenset[str] = frozenset()
    notes: Sequence[str] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    fail_on: str = "error"
    inventory: str | None = None
    change: "Change | None" = None
    customers: Mapping[str, str] = field(default_factory=dict)

    def count(self, level: str) -> int:
        """How many findings have this level."""
        return sum(finding.level == level for finding in self.findings)

    def fails(self, level: str) -> bool:
        """Whether a finding of this level fails the run."""
        least = RANK.get(self.fail_on)
        return least is not None and RANK[level] >= least

    @property
    def failed(self) -> bool:
        """Whether the run fails: by a finding, or since a rule that must run could not."""
        return bool(self.must_run_failed) or any(self.fails(finding.level) for finding in self.findings)

    @property
    def fixable(self) -> int:
        """How many findings a safe fix mends."""
        return sum(finding.fix is not None and finding.fix.safety == "safe" for finding in self.findings)
