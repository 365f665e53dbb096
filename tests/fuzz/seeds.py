"""Where the fuzzer begins: what lies in examples/ and rules/, and small files of every kind made here."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import targets
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from wxp_lint.ledger.actor import Actor
from wxp_lint.ledger.events import Context, Draft, first_lines, parse
from wxp_lint.ledger.portable import dump

EXAMPLES = Path(__file__).parents[2] / "examples"
ID = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
SIDECAR = b"""source = "unassigned"
reason = "replacement"
ticket = "INC-1"
[possession]
by = "jo"
on = 2026-11-03
evidence = "delivery note"
serials = ["5CG8234XMV"]
[replaces]
5CG8234XMV = "5CG02382XZ"
[wait]
until = 2026-12-01
"""
CONFIG = b"""transfers = ["t/**/*.csv"]
archive = ["t/done/**"]
customers = "customers.csv"
custom-rules = ["rules/"]
fail-on = "error"
select = ["WXP2"]
ignore = ["WXP101"]
preview = false
must-run = ["unknown-customer"]
[columns]
serial = ["SN"]
customer = ["Kunde"]
carry = ["asset tag"]
[inventory]
sources = [{path = "a.csv", place = "unassigned", serial = "SN"}, {url = "env:X", query = "select 1"}]
max-age-days = 7
[rules.serial-format]
level = "error"
formats = ["dell"]
[[overrides]]
paths = ["t/x/**"]
ignore = ["serial-week"]
[places.unassigned]
customer-id = "x"
[apply]
ledger = "git:wxp-ledger"
submitter = "outbox"
branch = "main"
lease = 30
[apply.http]
url = "http://127.0.0.1"
timeout = 10
[[apply.waivers]]
rule = "large-transfer"
path = "t/a.csv"
reason = "r"
until = 2026-12-01
[reconcile]
summary = "all"
"""
IGNORE = f"""[[ignore]]
rule = "serial-format"
path = "t/**"
serial = "5CG8234XMV"
reason = "a demo"
until = 2026-12-01
[[ignore]]
rule = "WXP{"202"}"
path = "a[b-c].csv"
reason = "x"
""".encode()
BASELINE = (
    b'{"version": 1, "findings": [{"fingerprint": "0123456789abcdef", "code": "WXP202", "name": "serial-format",'
    b' "path": "t/a.csv", "count": 2}]}\n'
)
SUMMARIES = (
    b"Serial Number,Status,Error\n5CG8234XMV,Success,\n5CG02382XZ,Failed,not found\n",
    b"Total: 3\nSucceeded: 2\nFailed: 1\n",
    b"Transferred,Failed\n2,1\n",
)
REPORT = (
    b"companyName,lastSignedinUser,deviceName,serialNumber,lastSeen\n"
    b'Contoso,jo@contoso.example,"PC, 1",5CG8234XMV,2026-11-03T10:00:00Z\n'
)


def seeds(target):
    """Bytes to begin with, for the target of this name."""
    return _SEEDS[target]()


def _examples(*suffixes):
    return [file.read_bytes() for file in sorted(EXAMPLES.rglob("*")) if file.suffix in suffixes]


def _books():
    return [targets.unpacked(book) for book in (*_examples(".xlsx"), _rich_book())]


def _rich_book():
    """Every kind of cell, and what can hide in a sheet."""
    book = Workbook()
    sheet = book.active
    sheet.append(["Serial Number", "Customer ID", "Note"])
    sheet.append(["5CG8234XMV", ID, datetime(2026, 11, 3, 10, 30)])
    sheet.append([5123456789, True, timedelta(hours=30)])
    sheet.append(['=CONCATENATE("5CG", A2)', "#N/A", 1e20])
    sheet["D5"] = ArrayFormula("D5:D6", "=A2:A3")
    sheet.merge_cells("A7:B8")
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True
    book.create_sheet("Zwei & mehr")["B9"] = "x"
    book.create_sheet("weg").sheet_state = "hidden"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _parquet():
    con = targets.fresh()
    path = targets._folder() / "seed.parquet"
    made = []
    for options in ("", ", compression zstd", ", compression uncompressed"):
        devices = "select '5CG' || i as serial, 'x' as customer from range(9) t(i)"
        con.execute(f"copy ({devices}) to '{path}' (format parquet{options})")
        made.append(path.read_bytes())
    return made


def _ledger():
    context = Context(Actor("jo", "typed"), "0" * 40, None)
    place = {"name": "acme", "customer_id": ID}
    data = {
        "path": "t/a.csv", "digest": "d" * 64, "sheet": "e" * 64, "upload": "f" * 64, "target": place,
        "source": {"name": "Unassigned", "customer_id": None}, "serials": ["5CG8234XMV"], "ticket": None,
        "reason": "delivery", "how": "person", "evidence": "note", "settled": True,
    }  # fmt: skip
    outcome = {"devices": {"5CG8234XMV": "moved"}, "evidence": "export", "until": "2026-11-03T10:00:00Z"}
    drafts = [Draft("prepared", "t1", data), Draft("taken", "t1", {"by": "jo"}), Draft("uploaded", "t1", {})]
    more = [
        Draft("confirmed", "t1", outcome),
        Draft("reported", "t2", data),
        Draft("failed", "t3", {**data, **outcome}),
    ]
    now = datetime(2026, 11, 3, tzinfo=UTC)
    return [dump(parse(first_lines(some, context, now))) for some in ([], drafts, [*drafts, *more])]


_SEEDS = {
    "csv": lambda: _examples(".csv"),
    "xlsx": lambda: [*_books(), *_examples(".xlsx")],
    "facts": lambda: [*_examples(".csv"), *_books()],
    "config": lambda: [*_examples(".toml"), CONFIG, b"[tool.wxp-lint]\n" + CONFIG.split(b"[columns]")[0]],
    "rule": lambda: [file.read_bytes() for file in sorted(targets.rules_folder().rglob("*.toml"))],
    "sidecar": lambda: [*_examples(".toml"), SIDECAR, SIDECAR + b"\x1c\n" + SIDECAR],
    "customers": lambda: [(EXAMPLES / "assignments/customers.csv").read_bytes(), b"customer_id,name\nx,y\n"],
    "accepted": lambda: [IGNORE, BASELINE],
    "summary": lambda: [*SUMMARIES, *_examples(".csv")[:3]],
    "export": lambda: [REPORT, *_books()[:4], *_examples(".csv")[:6]],
    "parquet": _parquet,
    "ledger": _ledger,
}
