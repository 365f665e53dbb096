"""What the rules say of rows that stand in no transfer file yet: the rows are laid out as files, and linted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from wxp_lint.config.settings import InventorySource, Settings
from wxp_lint.facts.build import Inputs, build
from wxp_lint.facts.customers import read_customers
from wxp_lint.facts.transfers import Loaded
from wxp_lint.files.header import words
from wxp_lint.files.model import Grid, Header, Source, Table, TransferFile
from wxp_lint.keys import key
from wxp_lint.ledger.peek import Peek
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.check import Request, check
from wxp_lint.lint.finding import Finding
from wxp_lint.lint.handed import handed_over
from wxp_lint.prepare.lists import Field
from wxp_lint.repo.glob import fixed_prefix
from wxp_lint.repo.select import Selected, Selection, select

# Warnings about a file that somebody wrote, but reasons not to write one: there is no ID to move a PC to, it is there,
# or a file that moves it is there.
DECISIVE = frozenset({"WXP303", "WXP403", "WXP404", "WXP503"})
# Said of a row by `resolve`, which sees all lists, and of a file by the sidecar that goes with it.
TOLD_ELSEWHERE = frozenset({"WXP401", "WXP601"})
NO_LEDGER = Peek(None)
_SERIAL = "WXP2"  # how the codes of the rules on serial numbers begin


class Line(NamedTuple):
    """A row of a file that is only imagined: its line, and the two cells."""

    line: int
    serial: Field
    customer: Field


class Sheet(NamedTuple):
    """A file that is only imagined. `open`: whether it is compared with the transfers of the repository."""

    path: str
    format: str
    lines: Sequence[Line]
    open: bool


class Spot(NamedTuple):
    """Where a device is: the place's name, the key of the Customer ID that moves it there, in how many places."""

    place: str
    key: str | None
    places: int


@dataclass(frozen=True, slots=True)
class Bench:
    """What rows are judged by: as for `lint.check`, and the paths of the lists, which are compared with nothing.

    `ledger` tells which transfers are done, and where they took PCs.
    """

    settings: Settings
    catalogue: Catalogue
    today: date
    cwd: Path
    lists: frozenset[Path]
    inventory: Sequence[InventorySource] | None = None
    ledger: Peek = NO_LEDGER


class Verdict(NamedTuple):
    """Findings of sheets by (path, line), line None for those of a whole sheet; and what must never be shown."""

    findings: Mapping[tuple[str, int | None], Sequence[Finding]]
    secrets: frozenset[str]


def locate(serials: Iterable[str], bench: Bench) -> tuple[dict[str, Spot], str | None]:
    """Where the devices with these serial keys are; and why that cannot be told, None if it can."""
    settings = bench.settings
    lines = [Line(line, Field(serial, "text"), Field("-", "text")) for line, serial in enumerate(serials, 1)]
    loaded = Loaded(_made(Sheet("list.csv", "csv", lines, False), settings.root), True, False, False)
    customers = None
    if settings.customers is not None:
        customers = (settings.customers, read_customers(settings.root, settings.customers))
    facts = build(
        Inputs(
            [loaded],
            words(),
            settings.root,
            settings.inventory.sources if bench.inventory is None else bench.inventory,
            {"customer_pattern": "", "pin_length": 0, "all_suspect": False},
            customers=customers,
            places=settings.places,
            moves=bench.ledger.moves,
            today=bench.today,
            remember=True,
        )
    )
    rows = facts.con.execute("select serial_key, place, place_key, places from device").fetchall()
    facts.con.close()
    return {row[0]: Spot(*row[1:]) for row in rows}, facts.absent.get("device")


def judge(sheets: Sequence[Sheet], bench: Bench) -> Verdict:
    """What the rules say of `sheets`, with the open transfers of the repository beside them."""
    settings = bench.settings
    # Drafts count too: who prepares a list twice before committing gets no second file.
    folders = {settings.root / fixed_prefix(glob) for glob in settings.transfers}
    there = [str(folder) for folder in sorted(folders) if folder.is_dir()]
    is_done = handed_over(settings, bench.catalogue, bench.ledger)
    selected = select(settings, there, cwd=bench.cwd, force_exclude=False, settled=is_done).files if there else ()
    others = [
        file._replace(checked=False, tracked=True)
        for file in selected
        if file.open and file.location.resolve() not in bench.lists
    ]
    imagined = [Selected(sheet.path, settings.root / sheet.path, True, sheet.open, sheet.open) for sheet in sheets]
    made = {sheet.path: _made(sheet, settings.root) for sheet in sheets}
    selection = Selection((*imagined, *others), False, ())
    request = Request(selection, bench.today, bench.inventory, made=made, moves=bench.ledger.moves)
    result = check(settings, bench.catalogue, request)
    found: dict[tuple[str, int | None], list[Finding]] = {}
    for finding in result.findings:
        if finding.path in made and finding.code not in TOLD_ELSEWHERE:
            found.setdefault((finding.path, finding.line), []).append(finding)
    return Verdict(found, result.secrets)


def no_serials(serials: Sequence[str], path: str, bench: Bench) -> Verdict:
    """What the rules on serial numbers call an error in these serial keys, in a file at `path` with a line for each.

    Makers and patterns of the config, its overrides, suppressions and what the inventory lists count as in any check;
    other transfers do not.
    """
    lines = [Line(line, Field(serial, "text"), Field("-", "text")) for line, serial in enumerate(serials, 1)]
    alone = replace(bench, settings=bench.settings._replace(transfers=()))
    found, secrets = judge([Sheet(path, "csv", lines, False)], alone)
    wrong = {
        place: [one for one in findings if one.code.startswith(_SERIAL) and one.level == "error"]
        for place, findings in found.items()
    }
    return Verdict({place: findings for place, findings in wrong.items() if findings}, secrets)


def is_mended(finding: Finding) -> bool:
    """Whether the way in which serial numbers and Customer IDs are written to a file puts this right."""
    fix = finding.fix
    if fix is None or fix.safety != "safe" or fix.action != "cell":
        return False
    return finding.field == "customer_id" or key(fix.text or "") == key(finding.serial or "")


def is_reason(finding: Finding) -> bool:
    """Whether a row with this finding must not go into a transfer file."""
    return (finding.level == "error" or finding.code in DECISIVE) and not is_mended(finding)


def _made(sheet: Sheet, root: Path) -> TransferFile:
    both = [[line.serial for line in sheet.lines], [line.customer for line in sheet.lines]]
    grid = Grid(
        [line.line for line in sheet.lines],
        [[field.text for field in fields] for fields in both],
        [[field.kind for field in fields] for fields in both],
    )
    cells = tuple(
        mark._replace(col=number, line=line.line)
        for line in sheet.lines
        for number, field in enumerate((line.serial, line.customer), 1)
        for mark in field.marks
    )
    encoding, newline = ("utf-8", "lf") if sheet.format == "csv" else (None, None)
    table = Table(grid, sheet.format, encoding, newline, cells=cells, delimiter="," if encoding else None)
    header = Header(0, "Serial Number", "Customer ID", True, False)
    return TransferFile(Source(sheet.path, root / sheet.path), sheet.format, 0, "", table, header)
