"""Where a finding stands, in which order findings come, and the mark by which each is known from run to run."""

from hashlib import sha256
from pathlib import Path

import pytest

from wxp_lint.files.header import words
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Source
from wxp_lint.files.read import read
from wxp_lint.lint.catalogue import load
from wxp_lint.lint.engine import Hit
from wxp_lint.lint.finding import FixOffer
from wxp_lint.lint.locate import findings, fingerprint, rule_url
from wxp_lint.lint.rule import Fix

ID = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
A, B = "transfers/a.csv", "transfers/b.csv"
RULES = load(remember=False)
FORMAT, LOWER, STALE = (
    RULES.find(code)._replace(message="'{serial}' is wrong: look", fix=None) for code in ("WXP202", "WXP204", "WXP505")
)


def csv(rows, path=A, header="Serial Number,Customer ID\n"):
    return read(Source(path, Path(path), (header + rows).encode()), words(), Limits(), Path())


def book(tmp_path, *rows):
    from openpyxl import Workbook

    made = Workbook()
    made.active.title = "Devices"
    for row in (("Serial Number", "Customer ID"), *rows):
        made.active.append(row)
    made.save(tmp_path / "a.xlsx")
    return read(Source("a.xlsx", tmp_path / "a.xlsx", None), words(), Limits(), tmp_path)


def hit(rule=FORMAT, path=A, line=2, field="serial", **values):
    return Hit(rule, path, line, field, {"serial": "5CG82", "field": field, "length": 5, **values})


def found(hits, *files):
    return findings([(one, one.rule.level) for one in hits], {file.source.path: file for file in files})


def test_the_fingerprint_is_the_one_that_baselines_hold():
    text = "WXP202\0transfers/a.csv\x005CG82"
    assert fingerprint("WXP202", A, "5CG82", 0) == sha256(text.encode()).hexdigest()[:16]
    assert fingerprint("WXP202", A, "5CG82", 1) == sha256(f"{text}\x001".encode()).hexdigest()[:16]
    assert fingerprint("WXP505", None, "", 0) == sha256(b"WXP505\0\0").hexdigest()[:16]
    assert fingerprint("WXP202", "transfers/\udce4.csv", "", 0) == "9065454da7060f95"


def test_the_fingerprint_tells_code_file_serial_and_occurrence_apart():
    hits = [
        hit(),
        hit(line=3),
        hit(line=4, serial=" 5cg82"),
        hit(line=5, serial="5CG83"),
        hit(LOWER),
        hit(path=B),
        hit(STALE, None, None, None, serial=None),
    ]

    marks = [finding.fingerprint for finding in found(hits, csv("5CG82,x\n" * 4), csv("5CG82,x\n", B))]

    assert len(set(marks)) == len(hits)
    assert set(marks) == {
        *(fingerprint("WXP202", A, "5CG82", number) for number in range(3)),
        fingerprint("WXP202", A, "5CG83", 0),
        fingerprint("WXP204", A, "5CG82", 0),
        fingerprint("WXP202", B, "5CG82", 0),
        fingerprint("WXP505", None, "", 0),
    }


def test_the_fingerprint_knows_a_serial_whatever_line_it_stands_on():
    [before] = found([hit(line=2)], csv("5CG82,x\n"))
    [after] = found([hit(line=3, serial="5cg82 ")], csv("5CG8234XMV,x\n5cg82 ,x\n"))

    assert (before.line, after.line) == (2, 3)
    assert before.fingerprint == after.fingerprint


def test_findings_come_by_path_line_code_and_column():
    hits = [
        hit(path=B),
        hit(line=10),
        hit(line=3),
        hit(LOWER, line=2, field="serial"),
        hit(FORMAT, line=2, field="serial", serial="5CG83"),
        hit(FORMAT, line=2, field="customer_id"),
        hit(FORMAT, line=2, field="serial", serial="5CG82"),
        hit(FORMAT, line=2, field=None),
        hit(FORMAT, line=None, field=None),
        hit(STALE, None, None, None),
        hit(FORMAT, line=1, field=None),
        hit(LOWER, line=None, field=None),
    ]

    for given in (hits, hits[::-1]):
        told = [
            (one.path, one.line, one.code, one.field, one.serial)
            for one in found(given, csv("5CG82,x\n" * 9), csv("5CG82,x\n", B))
        ]

        assert told == [
            (None, None, "WXP505", None, "5CG82"),
            (A, None, "WXP202", None, "5CG82"),
            (A, None, "WXP204", None, "5CG82"),
            (A, 1, "WXP202", None, "5CG82"),
            (A, 2, "WXP202", None, "5CG82"),
            (A, 2, "WXP202", "customer_id", "5CG82"),
            (A, 2, "WXP202", "serial", "5CG82"),
            (A, 2, "WXP202", "serial", "5CG83"),
            (A, 2, "WXP204", "serial", "5CG82"),
            (A, 3, "WXP202", "serial", "5CG82"),
            (A, 10, "WXP202", "serial", "5CG82"),
            (B, 2, "WXP202", "serial", "5CG82"),
        ]


def test_findings_of_no_file_come_before_those_of_any_file():
    hits = [hit(path="A.csv"), hit(path=None, line=None, field=None), hit(path="A.csv", line=None, field=None)]

    assert [one.path for one in found(hits, csv("5CG82,x\n", "A.csv"))] == [None, "A.csv", "A.csv"]


def test_a_finding_in_a_csv_points_at_the_character_at_which_its_cell_starts():
    file = csv('5CG82,x\n"5CG82","x"\n')

    for line, field, column in ((2, "serial", 1), (2, "customer_id", 7), (3, "serial", 2), (3, "customer_id", 10)):
        [one] = found([hit(line=line, field=field)], file)
        assert (one.line, one.field, one.column, one.sheet, one.cell) == (line, field, column, None, None)
    swapped = csv("x,5CG82\n", header="Customer ID,Serial Number\n")
    assert found([hit()], swapped)[0].column == 3


def test_a_finding_without_line_or_cell_has_no_column():
    file = csv("5CG82\n")

    assert found([hit(field="customer_id")], file)[0].column is None
    assert found([hit(field=None)], file)[0].column is None
    assert found([hit(line=None)], file)[0].column is None
    assert found([hit(line=9)], file)[0].column is None
    assert found([hit()])[0].column is None


def test_a_finding_in_a_workbook_names_sheet_and_cell(tmp_path):
    file = book(tmp_path, ("5CG82", "x"), ("5CG83", "x"))

    one, two = found([hit(path="a.xlsx"), hit(path="a.xlsx", line=3, field="customer_id")], file)

    assert (one.sheet, one.cell, one.column) == ("Devices", "A2", 1)
    assert (two.sheet, two.cell, two.column) == ("Devices", "B3", 2)
    whole = found([hit(path="a.xlsx", line=None)], file)[0]
    assert (whole.sheet, whole.cell, whole.column) == ("Devices", None, None)


def test_a_finding_carries_its_rule_its_words_and_its_page():
    [one] = findings([(hit(), "note")], {A: csv("5CG82,x\n")})

    assert (one.code, one.name, one.level, one.path) == ("WXP202", "serial-format", "note", A)
    assert one.message == "'5CG82' is wrong: look"
    assert one.serial == "5CG82"
    assert one.url == rule_url("WXP202", "serial-format")
    assert one.url == "https://github.com/wxp-lint/wxp-lint/blob/main/docs/rules/WXP202-serial-format.md"
    own = FORMAT._replace(code="ACME001")
    assert found([hit(own)], csv("5CG82,x\n"))[0].url == ""


def test_many_findings_of_a_file_look_its_lines_up_in_the_same_file():
    files = csv("5CG82,x\n" * 3), csv('"5CG82","x"\n' * 3, B)
    hits = [hit(path=path, line=line, field="customer_id") for path in (B, A) for line in (2, 3, 4)]

    assert [one.column for one in found(hits, *files)] == [7, 7, 7, 10, 10, 10]


@pytest.mark.parametrize(
    ("fix", "values", "offer"),
    [
        (None, {"fix": "5CG8"}, None),
        (Fix("safe", "cell", "none", "cell"), {"fix": "5CG8"}, FixOffer("safe", "cell", "5CG8", None)),
        (Fix("safe", "cell", "none", "cell"), {"fix": None}, None),
        (Fix("unsafe", "delete", "none", "none"), {}, FixOffer("unsafe", "delete", None, None)),
        (Fix("unsafe", "delete", "none", "none"), {"fix": None}, None),
        (Fix("safe", "rewrite", "none", "none"), {"fix": "encoding"}, FixOffer("safe", "rewrite", None, "encoding")),
        (Fix("safe", "delete", "none", "none"), {"fix": 7}, FixOffer("safe", "delete", None, None)),
        (Fix("none", "cell", "safe", "cell"), {"fix": "5CG8"}, None),
    ],
)
def test_what_mends_a_finding_in_a_csv(fix, values, offer):
    rule = FORMAT._replace(fix=fix)

    assert found([hit(rule, **values)], csv("5CG82,x\n"))[0].fix == offer
    assert found([hit(rule, **values)])[0].fix is None


def test_a_fix_without_a_line_says_which_text_it_replaces():
    file = csv("5CG82,x\n")
    rule = FORMAT._replace(fix=Fix("unsafe", "cell", "none", "cell"))

    offers = [
        found([hit(rule, line=line, field=field, customer_id="Acme", fix="x")], file)[0].fix
        for line, field in ((None, "customer_id"), (2, "customer_id"), (None, None))
    ]

    assert [offer.scope for offer in offers] == ["Acme", None, None]
    assert {(offer.safety, offer.action, offer.text) for offer in offers} == {("unsafe", "cell", "x")}


def test_what_mends_a_finding_in_a_workbook_may_differ(tmp_path):
    file = book(tmp_path, ("5CG82", "x"))

    one = hit(FORMAT._replace(fix=Fix("safe", "delete", "display", "cell")), path="a.xlsx", fix="5CG8")
    assert found([one], file)[0].fix == FixOffer("display", "cell", "5CG8", None)
    row = hit(FORMAT._replace(fix=Fix("safe", "cell", "display", "delete")), path="a.xlsx")
    assert found([row], file)[0].fix == FixOffer("display", "delete", None, None)
    never = hit(FORMAT._replace(fix=Fix("safe", "cell", "none", "cell")), path="a.xlsx", fix="5CG8")
    assert found([never], file)[0].fix is None
