"""What the rules about serial cells offer as fixes: each right on its own, all coming to an end."""

import csv
import io
from collections import defaultdict
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wxp_lint.config.load import load as load_settings
from wxp_lint.keys import INVISIBLE, key
from wxp_lint.lint.catalogue import load
from wxp_lint.lint.check import Request, check
from wxp_lint.lint.finding import Finding
from wxp_lint.repo.select import select

CATALOGUE = load()
ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
SAME_SERIAL = {"WXP203", "WXP204"}
BLANKS = "\t\x0b\x0c\x1c\x1f \x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000" + INVISIBLE


def found_in(serials: list[str]) -> dict[int, list[Finding]]:
    """The findings about the serial cells of a CSV with these serials, by index."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([("Serial Number", "Customer ID"), *((serial, ACME) for serial in serials)])
    with TemporaryDirectory() as folder:
        Path(folder, "a.csv").write_text(out.getvalue(), "utf-8")
        given_settings = load_settings(None, Path(folder))
        selection = select(given_settings, ["a.csv"], cwd=Path(folder), force_exclude=False)
        result = check(given_settings, CATALOGUE, Request(selection, date(2026, 6, 15)))
    found: dict[int, list[Finding]] = defaultdict(list)
    for finding in result.findings:
        if finding.code.startswith("WXP2") and finding.line:
            found[finding.line - 2].append(finding)
    return found


def offers(findings: list[Finding]) -> list[tuple[str, str]]:
    """(code, new text) of the fixes that `fix`, with unsafe ones too, would do."""
    return [(f.code, f.fix.text) for f in findings if f.fix and f.fix.text and f.fix.safety != "display"]


SERIALS = ["5CG8234XMV", "5cg02382xz", "Sgh327szyd", "S5CG9123KLM", "5C\u0421G8234XM", "\uff15CD9123KLM"]
# A serial of ten characters, dressed up: mixed case, blanks in any place, an S in front, look-alikes.
dressed = st.builds(
    lambda serial, dress: "".join(x + y for x, y in zip(serial, dress)),
    st.sampled_from(SERIALS),
    st.lists(st.sampled_from(["", "", "", " ", "\u00a0", "\u200b", "\ufeff"]), min_size=11, max_size=11),
)
anything = st.text("59cCGgSsXx-. \t\u00a0\u200b\u061c\u0421\u03bd\u00df\u0131\u017f\ufb01\uff15", max_size=14)


@settings(max_examples=10, deadline=None)
@given(st.lists(dressed | anything, min_size=15, max_size=30))
def test_a_safe_fix_changes_the_text_but_not_the_serial(serials):
    safe = [
        (finding, serials[at])
        for at, findings in found_in(serials).items()
        for finding in findings
        if finding.fix and finding.fix.safety == "safe"
    ]

    assert {finding.code for finding, _ in safe} <= SAME_SERIAL
    for finding, serial in safe:
        assert finding.fix.text not in (serial, ""), finding
        assert key(finding.fix.text) == key(serial), finding


@pytest.mark.parametrize("pick", [0, -1], ids=["first", "last"])
@settings(max_examples=6, deadline=None)
@given(st.lists(dressed | anything, min_size=15, max_size=30))
def test_one_fix_a_cell_and_pass_comes_to_an_end(pick, serials):
    for _ in range(4):
        todo = {at: offers(findings) for at, findings in found_in(serials).items()}
        if not any(todo.values()):
            return
        serials = [todo[at][pick][1] if todo.get(at) else serial for at, serial in enumerate(serials)]
    pytest.fail(f"still to mend: {todo}")


@pytest.mark.parametrize(
    ("serial", "expected"),
    [
        (" 5cg8234xmv", "5CG8234XMV"),
        ("5cg 8234\u00a0xmv\u200b", "5CG8234XMV"),
        ("s5cg8234xmv ", "5CG8234XMV"),
        ("5\u0441g8234xmv ", "5CG8234XMV"),
        (" sgh327szyd", "SGH327SZYD"),
        (" 5cg8234xmv 5cg02382xz ", "5CG8234XMV 5CG02382XZ"),
    ],
)
def test_what_all_fixes_lead_to(serial, expected):
    while todo := offers(found_in([serial])[0]):
        serial = todo[0][1]

    assert serial == expected


def test_every_character_that_a_key_drops_is_found_and_taken_out():
    found = found_in([f"5CG{mark}8234XMV" for mark in BLANKS])

    assert {at: offers(findings) for at, findings in found.items()} == {
        at: [("WXP203", "5CG8234XMV")] for at in range(len(BLANKS))
    }


def test_findings_about_form_do_not_depend_on_case_and_blanks():
    findings = found_in(["5CG0480H", " 5cg0480h", "5CG1234ABC", "5cg1234abc ", "SCG8004XMV", "sc g8004xmv"])
    codes = [{f.code for f in findings[at]} - SAME_SERIAL for at in range(6)]

    assert codes == [{"WXP202"}] * 2 + [{"WXP207"}] * 2 + [{"WXP208", "WXP212"}] * 2
