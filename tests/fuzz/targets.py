"""What is fuzzed: one function a reader. Bytes that a reader answers with anything but a result or a refusal raise.

`bytes -> None`; an exception is a finding. The same functions replay what was once found (test_fuzz_findings.py).
"""

import atexit
import contextlib
import json
import os
import re
import shutil
import tempfile
import warnings
import zipfile
from contextlib import ExitStack
from datetime import date
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path

from wxp_lint.config import load as config
from wxp_lint.config.parse import decoded
from wxp_lint.config.settings import InventorySource
from wxp_lint.config.show import show
from wxp_lint.database import insert, is_refusal, tune
from wxp_lint.errors import UsageError
from wxp_lint.facts.customers import load_customers
from wxp_lint.facts.fresh import fresh
from wxp_lint.facts.places import read_places
from wxp_lint.facts.sidecars import load_sidecars
from wxp_lint.facts.transfers import Loaded, load
from wxp_lint.files.csv import read_csv
from wxp_lint.files.header import find_header, is_header, words
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Fault, Grid, Source, TransferFile
from wxp_lint.files.read import HEAD, read_table
from wxp_lint.files.records import records
from wxp_lint.files.xlsx import read_pages, read_xlsx
from wxp_lint.inventory.columns import is_header as names_serials
from wxp_lint.inventory.devices import PERSONAL, Asked
from wxp_lint.inventory.exports import open_export
from wxp_lint.inventory.texts import MACROS
from wxp_lint.ledger import portable, states
from wxp_lint.ledger.protocol import LedgerError
from wxp_lint.lint.accepted import _BASELINE, _SUPPRESSION
from wxp_lint.lint.baseline import parse_baseline, render_baseline
from wxp_lint.lint.catalogue import builtin_folder, schema_text
from wxp_lint.lint.catalogue import load as load_catalogue
from wxp_lint.lint.rulefile import to_rule
from wxp_lint.lint.suppressions import parse_suppressions
from wxp_lint.transfer.summary import TRUST, is_summary, outcomes, read_summary

KNOWN = words()
LIMITS = Limits(file=1 << 22, line=1 << 14, unpacked=16 << 20, cells=1_000_000, parts=100)
PART = b"\n\x1cPART "  # a workbook for the fuzzer: each part after a line with its name, so that mutations stay in XML
_NAMED = re.compile(rb"""^(code|name)\s*=\s*["']([A-Za-z0-9-]{1,40})["']""", re.MULTILINE)


@cache
def _folder():
    """A folder of this process, in memory where there is such a place."""
    memory = "/dev/shm"
    place = Path(tempfile.mkdtemp(prefix="wxp-fuzz-", dir=memory if os.access(memory, os.W_OK) else None))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place


@cache
def _con():
    con = fresh()
    tune(con, 0)
    return con


@cache
def _catalogue():
    return load_catalogue(remember=False)


def _laid(name, data):
    path = _folder() / name
    path.write_bytes(data)
    return path


def _right(grid):
    assert all(len(column) == len(grid.lines) for column in grid.columns), "columns of different lengths"
    assert all(kinds is None or len(kinds) == len(grid.lines) for kinds in grid.kinds), "kinds of another length"
    assert all(a < b for a, b in pairwise(grid.lines)), "lines out of order"


def _facts_of(table, path, size):
    """The tables that rules read, of this one file."""
    con = _con()
    for name, kind in con.execute("select table_name, table_type from information_schema.tables").fetchall():
        if name not in _empty_tables():
            con.execute(f'drop {"view" if kind == "VIEW" else "table"} if exists "{name}"')
        elif kind != "VIEW":
            con.execute(f'delete from "{name}"')
    header = find_header(table.body.head(HEAD), KNOWN)
    file = TransferFile(Source(path, Path(path)), table.format, size, "0" * 64, table, header)
    load(con, [Loaded(file, True, True, True)], KNOWN)


@cache
def _empty_tables():
    con = fresh()
    return {name for (name,) in con.execute("select table_name from information_schema.tables").fetchall()}


def csv(data):
    table = read_csv(data, is_header(KNOWN), LIMITS)
    if isinstance(table, Fault):
        assert table.detail
        return
    if isinstance(table.body, Grid):
        _right(table.body)
    else:
        laid_out = [(line, cells) for line, cells in table.body.head(1 << 30)]
        read = [(line, cells or [""]) for line, cells, _ in records(table.data.decode(), table.delimiter)]
        assert laid_out == read, "the quick way and the slow one read something else"
    find_header(table.body.head(HEAD), KNOWN)


def facts(data):
    """A CSV, or a workbook in its parts, up to the tables that rules read: slow, so readers have their own."""
    is_book = PART in data
    reader = read_xlsx if is_book else read_csv
    table = reader(packed(data) if is_book else data, is_header(KNOWN), LIMITS)
    if not isinstance(table, Fault):
        _facts_of(table, "a.xlsx" if is_book else "a.csv", len(data))


def xlsx(data):
    if PART in data:
        data = packed(data)
    table = read_xlsx(data, is_header(KNOWN), LIMITS)
    pages = read_pages(data, LIMITS)
    if not isinstance(pages, Fault):
        for page in pages:
            _right(page.grid)
    if isinstance(table, Fault):
        assert table.detail
        return
    _right(table.body)
    find_header(table.body.head(HEAD), KNOWN)


def packed(data):
    """The workbook whose parts `data` names."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive, warnings.catch_warnings(action="ignore"):
        for part in data.split(PART)[1:]:
            name, _, content = part.partition(b"\n")
            with contextlib.suppress(ValueError):
                archive.writestr(zipfile.ZipInfo(name.decode("latin-1")[:200] or "x"), content)
    return out.getvalue()


def unpacked(data):
    """A workbook in the form that `packed` reads."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return b"".join(
            PART + name.encode() + b"\n" + archive.read(name)
            for name in archive.namelist()
            if name.endswith((".xml", ".rels")) and "docProps" not in name and "theme" not in name
        )


def settings(data):
    with contextlib.suppress(UsageError):
        text = decoded(data, "wxp-lint.toml")
        for name in (config.FILE, config.SHARED):
            with contextlib.suppress(UsageError):
                show(config.load(_folder() / name, _folder(), text, remember=False))
        config.has_table(data)


def rule(data):
    named = {key: value.decode() for key, value in _NAMED.findall(data)}
    path = _laid(f"{named.get(b'code', 'X')}-{named.get(b'name', 'x')}.toml", data)
    try:
        with contextlib.suppress(UsageError):
            to_rule(path, json.loads(schema_text()), custom=True)
    finally:
        path.unlink()


def sidecar(data):
    _laid("x.csv", b"SN\n")
    half = data.find(b"\n\x1c\n")  # what stands after it is the folder's
    _laid("x.csv.toml", data if half < 0 else data[:half])
    if half < 0:
        (_folder() / "transfer.toml").unlink(missing_ok=True)
    else:
        _laid("transfer.toml", data[half + 3 :])
    file = TransferFile(Source("x.csv", _folder() / "x.csv"), "csv", 3, "0" * 64)
    _con().execute("delete from sidecar")
    load_sidecars(_con(), [Loaded(file, True, True, True)], _folder(), read_places(_con(), {}))
    assert _con().execute("select count(*) from sidecar").fetchone() == (1,)


def customers(data):
    _con().execute("delete from customer")
    with contextlib.suppress(UsageError):
        load_customers(_con(), data, "customers.csv")
        read_places(_con(), {})


def accepted(data):
    """The ignore file and the baseline."""
    con = _con()
    con.execute("delete from suppression; delete from baseline")
    with contextlib.suppress(UsageError):
        entries = parse_suppressions(data, _catalogue())
        rows = [(e.rule, e.path, e.serial, e.reason, e.until, e.fault, "x", e.line, 0) for e in entries]
        insert(con, "suppression", dict(zip(_SUPPRESSION, zip(*rows))))
        [entry.is_expired(date(2026, 1, 1)) for entry in entries]
    with contextlib.suppress(UsageError):
        known = parse_baseline(data)
        rows = [(e.fingerprint, e.code, e.name, e.path, e.count, "x", e.line, 0) for e in known]
        insert(con, "baseline", dict(zip(_BASELINE, zip(*rows))))
        plain = sorted((e.fingerprint, e.code, e.path, e.count) for e in known)
        again = sorted((e.fingerprint, e.code, e.path, e.count) for e in parse_baseline(render_baseline(known)))
        assert again == plain, "a baseline that reads otherwise once written"


def summary(data):
    table = read_table(Source("s.csv", Path("s.csv"), data), names_serials, LIMITS, Path())
    if isinstance(table, Fault):
        return
    records = [cells for _, cells in table.body.head(10_000)]
    is_summary(records)
    with contextlib.suppress(UsageError):
        found = read_summary(records, "s.csv", "0" * 64)
        assert set(found.said.values()) <= {states.MOVED, states.FAILED, states.UNKNOWN}
        for trust in TRUST:
            outcomes(found, trust)


def export(data):
    """A list of devices: CSV, or a workbook in its parts."""
    is_book = PART in data
    path = _laid("list.xlsx" if is_book else "list.csv", packed(data) if is_book else data)
    _devices(path)


def parquet(data):
    _devices(_laid("list.parquet", data))


@cache
def _with_macros():
    con = fresh()
    con.execute(MACROS)
    return con


def _devices(path):
    con = _with_macros()
    source = InventorySource(path=path.name)
    with contextlib.suppress(UsageError), ExitStack() as opened:
        asked = Asked(None, PERSONAL)
        found = open_export(con, source, Source(path.name, path), path.parent, opened, asked)
        try:
            con.execute(f"from ({found.relation})", dict(found.parameters)).fetchall()
        except Exception as error:
            if not is_refusal(error):
                raise
            if found.otherwise:
                found = found.otherwise()
                con.execute(f"from ({found.relation})", dict(found.parameters)).fetchall()


def ledger(data):
    """What `ledger export` writes; hashes are put right, so that what the events say is reached."""
    for text in (data, _chained(data)):
        with contextlib.suppress(LedgerError):
            log = portable.load(text, "ledger.jsonl")
            known = states.of_log(log)
            states.rows(known)
            states.moves(known)
            assert portable.load(portable.dump(log), "again").lines == log.lines


def _chained(data):
    from hashlib import sha256

    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    before = b""
    for n in range(1, len(lines)):
        lines[n] = re.sub(rb'"before":"[^"]*"', b'"before":"%s"' % before, lines[n], count=1)
        lines[n] = re.sub(rb'"seq":\d+', b'"seq":%d' % n, lines[n], count=1)
        before = sha256(lines[n].decode("utf-8", "replace").encode()).hexdigest().encode()
    if lines:
        lines[0] = re.sub(rb'"events": ?\d+', b'"events": %d' % (len(lines) - 1), lines[0], count=1)
        lines[0] = re.sub(rb'"hash": ?"[^"]*"', b'"hash": "%s"' % before, lines[0], count=1)
    return b"\n".join([*lines, b""])


TARGETS = {
    "csv": csv,
    "xlsx": xlsx,
    "facts": facts,
    "config": settings,
    "rule": rule,
    "sidecar": sidecar,
    "customers": customers,
    "accepted": accepted,
    "summary": summary,
    "export": export,
    "parquet": parquet,
    "ledger": ledger,
}


def rules_folder():
    """Where the built-in rules lie, seeds for the rule loader."""
    return builtin_folder()
