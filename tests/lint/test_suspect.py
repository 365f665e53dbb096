"""Cell rules read `suspect`, not every row (DESIGN 5): they must have no word on the rows left out."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wxp_lint.lint.check as checking
from wxp_lint.facts.build import Facts, Inputs, build
from wxp_lint.lint.catalogue import load
from wxp_lint.lint.examples import examples, run_example
from wxp_lint.lint.finding import Finding

CATALOGUE = load()
CELL_RULES = {rule.code: rule for rule in CATALOGUE.rules if rule.subject == "suspect"}
ACME, GLOBEX = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11", "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"


@contextmanager
def suspecting(every_row: bool) -> Iterator[list[int]]:
    """Checks in here suspect every row, or only those that the predicate picks; holds how many that were."""
    counts: list[int] = []

    def build_so(inputs: Inputs) -> Facts:
        facts = build(inputs._replace(parameters={**inputs.parameters, "all_suspect": every_row}))
        counts.extend(facts.con.execute("select count(*) from suspect").fetchone())
        return facts

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checking, "build", build_so)
        yield counts


def cell_findings(rule, example, folder: Path, every_row: bool) -> list[Finding]:
    with suspecting(every_row) as counts:
        result = run_example(CATALOGUE, rule, example, folder).result
    assert counts, "the facts were built in another way"
    assert "WXP101" not in {finding.code for finding in result.findings}
    return [finding for finding in result.findings if finding.code in CELL_RULES]


def in_both_ways(rule, example) -> tuple[list[Finding], list[Finding]]:
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        return cell_findings(rule, example, Path(one), False), cell_findings(rule, example, Path(other), True)


BAD = [
    pytest.param(rule, example, id=f"{rule.code}-{example['name'].replace(' ', '-')}")
    for rule in CELL_RULES.values()
    for example in examples(rule)
    if example["kind"] == "bad" and "options" not in example and "[rules" not in example.get("config", "")
]


@pytest.mark.parametrize(("rule", "example"), BAD)
def test_a_bad_example_says_the_same_on_suspects_as_on_all_rows(rule, example):
    on_suspects, on_all = in_both_ways(rule, example)

    assert rule.code in {finding.code for finding in on_all}
    assert on_suspects == on_all


def test_clean_rows_are_no_suspects(tmp_path: Path):
    example = {"csv": f"Serial Number,Customer ID\n5CG8234XMV,{ACME}\n5CG02382XZ,{ACME}\n", "findings": []}
    counts = {}
    for every_row in (False, True):
        with suspecting(every_row) as counts[every_row]:
            run_example(CATALOGUE, next(iter(CELL_RULES.values())), example, tmp_path)

    assert counts == {False: [0], True: [2]}


LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIGNS = LETTERS + LETTERS.lower() + " -+.,/_\u00a0\u200b\u0421\u041e\u0445\u03a7\u03bd\uff15\uff23\u00d6"

SITES = ["5CG", "5CD", "SGH", "SCG", "SCD", "2UA", "CND", "S5C", "scg"]
ODD_SERIALS = """
5cg8234xmv|5CG8234XMV |n/a|Default string|0|0000000000|1111111111|XXXXXXXXXX|1234567890|SAMPLE0001
5CG8234XMV, 5CG02382XZ|S5CG8234XMV|5.12E+09|1234567E08|5CG0480H|Serial Number
5\u0421G8234XMV|\uff15\uff23\uff278234XMV| |\u00a0\u200b
"""
well_formed = st.builds(
    "{}{}{:02}{}".format,
    st.sampled_from(SITES) | st.text(LETTERS, min_size=3, max_size=3),
    st.sampled_from("0123456789X"),
    st.integers(0, 99),
    st.text(LETTERS, min_size=4, max_size=4),
)
odd_serials = st.sampled_from(["", *ODD_SERIALS.strip("\n").replace("\n", "|").split("|")])
serials = st.one_of(well_formed, odd_serials, st.text(SIGNS, max_size=12))
ODD_CUSTOMERS = [
    *(
        ACME.upper(),
        f" {ACME}",
        f"{ACME}\u00a0",
        f"{{{ACME}}}",
        ACME.replace("-", ""),
        ACME[:-1],
        GLOBEX,
        "",
        " ",
    ),
    *("12345", "n/a", "Acme", "aB3dE5gH", "Customer ID", "0", ACME.replace("a", "\u0430")),
]
customers = st.one_of(st.just(ACME), st.sampled_from(ODD_CUSTOMERS), st.text(SIGNS, max_size=10))
others = st.one_of(
    st.integers(0, 10**12),
    st.just(5120123456),  # a number in the form of a serial
    st.floats(0, 1e30),
    st.booleans(),
    st.just({"date": "2026-01-02"}),
    st.just({"error": "#N/A"}),
    st.just({"formula": "=C2", "value": "5CG8234XMV"}),
)


def same_findings(table: dict[str, object], devices: list[str]) -> None:
    example = {**table, "findings": [], "devices": ["5CG8234XMV", *devices]}
    example["customers"] = [{"customer_id": ACME, "name": "Acme"}, {"customer_id": GLOBEX, "name": "Globex"}]
    on_suspects, on_all = in_both_ways(next(iter(CELL_RULES.values())), example)

    assert on_suspects == on_all


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(serials, customers), min_size=20, max_size=40), st.lists(well_formed, max_size=3))
def test_any_csv_says_the_same_on_suspects_as_on_all_rows(rows, devices):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("Serial Number", "Customer ID"), *rows])

    same_findings({"csv": out.getvalue()}, devices)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(serials | others, customers | others), min_size=10, max_size=20))
def test_any_workbook_says_the_same_on_suspects_as_on_all_rows(rows):
    sheet = {"rows": [["Serial Number", "Customer ID"], *map(list, rows)]}

    same_findings({"sheets": [sheet]}, [])
