"""Which of the fixes that a file's findings offer go together in one pass."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from wxp_lint.files.excerpt import cell_number
from wxp_lint.files.model import Grid, Table, TransferFile
from wxp_lint.files.sheet import Position
from wxp_lint.keys import key
from wxp_lint.lint.finding import Finding

REWRITES = frozenset({"encoding", "bom", "delimiter"})
OTHER_KEY = "its fix is said to be safe, but would make '{old}' another one: the rule has to be mended"
_NOT_PLAIN = ("formula", "error", "merged", "malformed")


class Withheld(Exception):
    """A fix that cannot be done to this file; the message says why, in words that follow a colon."""


@dataclass(frozen=True, slots=True)
class NewText:
    """What to write into a cell, and the finding that asks for it."""

    text: str
    finding: Finding

    def keeps(self, old: str) -> bool:
        """Whether it may stand in place of `old`: a safe fix never makes it another serial or ID."""
        fix = self.finding.fix
        return fix is None or fix.safety != "safe" or key(old) == key(self.text)


@dataclass(frozen=True, slots=True)
class Plan:
    """One pass over one file. Lines and columns are those of the file as it was read.

    `cells`: new texts by (line, column); `rows`: the lines of records to take out; then whether what stands
    above the header goes, a header is put in, the first two columns change places, and what is rewritten
    ("encoding", "bom", "delimiter"). `mends` are the findings that this answers, but for those in `cells`;
    `withheld` those that cannot be answered here, with the reason.
    """

    cells: Mapping[Position, NewText] = field(default_factory=dict)
    rows: frozenset[int] = frozenset()
    preamble: bool = False
    header: bool = False
    swap: bool = False
    rewrite: frozenset[str] = frozenset()
    mends: tuple[Finding, ...] = ()
    withheld: Mapping[Finding, str] = field(default_factory=dict)


def offered(findings: Iterable[Finding], *, unsafe: bool) -> list[Finding]:
    """The findings that offer a fix to be done: safe ones, and the unsafe ones if those are wanted."""
    wanted = ("safe", "unsafe") if unsafe else ("safe",)
    return [finding for finding in findings if finding.fix and finding.fix.safety in wanted]


def choose(findings: Sequence[Finding], file: TransferFile, *, unsafe: bool) -> Plan:
    """What to do to `file`, which could be read. `findings` are all of that file.

    What moves cells goes alone, so that lines and columns stay true; a row that goes needs no other fix; of
    several new texts for a cell the first counts.
    """
    table = file.table
    assert table is not None
    offers: dict[str, list[Finding]] = {}
    for finding in offered(findings, unsafe=unsafe):
        assert finding.fix is not None
        offers.setdefault(finding.fix.action, []).append(finding)
    withheld = _impossible(offers, table)
    left = {action: [f for f in found if f not in withheld] for action, found in offers.items()}
    rewriting = left.get("rewrite", [])
    rewrite = frozenset().union(*(_rewrites(finding) for finding in rewriting))
    for action in ("swap-columns", "insert-header"):
        if moving := left.get(action):
            return Plan(
                swap=action == "swap-columns",
                header=action == "insert-header",
                rewrite=rewrite,
                mends=(*moving, *rewriting),
                withheld=withheld,
            )
    deleting = left.get("delete-row", [])
    rows = frozenset(finding.line for finding in deleting if finding.line is not None)
    answered = frozenset(deleting)
    gone = [finding for finding in findings if finding.line in rows and finding not in answered]
    return Plan(
        cells=_cells([f for f in left.get("cell", []) if f.line not in rows], file, table, rows),
        rows=rows,
        preamble=any(finding.line is None for finding in deleting),
        rewrite=rewrite,
        mends=(*deleting, *gone, *rewriting),
        withheld=withheld,
    )


def _rewrites(finding: Finding) -> frozenset[str]:
    scope = finding.fix.scope if finding.fix else None
    return frozenset({scope}) if scope in REWRITES else REWRITES


def _impossible(offers: Mapping[str, Sequence[Finding]], table: Table) -> dict[Finding, str]:
    """The findings whose fixes cannot be done to this table, with the reason."""
    if table.format == "xlsx":
        moving = [f for action in ("delete-row", "insert-header") for f in offers.get(action, ())]
        words = "rows of a workbook are not moved, since what belongs to them would stay behind: do it in Excel"
        return dict.fromkeys([*moving, *offers.get("rewrite", ())], words)
    malformed = next((cell for cell in table.cells if cell.kind == "malformed"), None)
    if malformed is None:
        return {}
    words = f"line {malformed.line} has {malformed.note}: mend that first"
    parting = [f for f in offers.get("rewrite", ()) if "delimiter" in _rewrites(f)]
    return dict.fromkeys([*offers.get("swap-columns", ()), *parting], words)


def _cells(
    findings: Iterable[Finding], file: TransferFile, table: Table, rows: frozenset[int]
) -> dict[Position, NewText]:
    """The new texts by cell; a finding without a line speaks of every cell with the text that it names."""
    cells: dict[Position, NewText] = {}
    everywhere: list[Finding] = []
    for finding in findings:
        column = cell_number(finding.field, file.header.swapped)
        if finding.fix is None or finding.fix.text is None or column is None:
            continue
        if finding.line is None:
            everywhere.append(finding)
        else:
            cells.setdefault((finding.line, column), NewText(finding.fix.text, finding))
    for finding in everywhere:
        fix, column = finding.fix, cell_number(finding.field, file.header.swapped)
        if fix is None or fix.text is None or fix.scope is None or column is None:
            continue
        for line in _lines_of(key(fix.scope), column, file, table):
            if line not in rows:
                cells.setdefault((line, column), NewText(fix.text, finding))
    return cells


def _lines_of(wanted: str, column: int, file: TransferFile, table: Table) -> list[int]:
    """The lines below the header whose cell in `column` is plain text with the key `wanted`."""
    odd = {cell.line for cell in table.cells if cell.col == column and cell.kind in _NOT_PLAIN}
    body = table.body
    if isinstance(body, Grid):
        if column > len(body.columns):
            return []
        kinds = body.kinds[column - 1]
        plain = [kind == "text" for kind in kinds] if kinds else [True] * len(body.lines)
        found = [(line, text) for line, text, is_text in zip(body.lines, body.columns[column - 1], plain) if is_text]
    else:
        found = [(line, cells[column - 1]) for line, cells in body.head(body.count) if len(cells) >= column]
    first = file.header.line or 0
    return [line for line, text in found if line > first and line not in odd and key(text) == wanted]
