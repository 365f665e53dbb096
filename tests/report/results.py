"""Results made by hand, for tests of the formats."""

from pathlib import Path

from wxp_lint.files.header import words
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Source
from wxp_lint.files.read import read
from wxp_lint.lint.catalogue import load
from wxp_lint.lint.finding import Finding, FixOffer, Result
from wxp_lint.lint.locate import fingerprint

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
HEADER = "Serial Number,Customer ID\n"
PATH = "transfers/acme/a.csv"
RULES = {rule.code: rule for rule in load(remember=False).rules}


def csv(rows, path=PATH):
    """A transfer file as it is read, with a header above `rows`."""
    source = Source(path, Path(path), (HEADER + rows).encode())
    return read(source, words(), Limits(), Path())


def found(code="WXP202", line=2, level=None, path=PATH, **more):
    """A finding of a built-in rule in the column of the serial numbers."""
    rule = RULES[code]
    mark = fingerprint(code, path, str(line), 0)
    values = {"message": f"{rule.name} speaks", "field": "serial", "column": 1, "fingerprint": mark}
    return Finding(rule.code, rule.name, level or rule.level, path=path, line=line, **{**values, **more})


def new_text(text, safety="safe"):
    """A fix that writes `text` into the cell."""
    return FixOffer(safety, "cell", text)


def result(*findings, rows=f"5CG8234XMV,{ACME}\n", files=None, **more):
    """A result with these findings, over one file with `rows` unless `files` says which."""
    files = {PATH: csv(rows)} if files is None else files
    return Result(**{"findings": findings, "not_run": (), "files": files, "rows": 1, "rules": RULES, **more})
