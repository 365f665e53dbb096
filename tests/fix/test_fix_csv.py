"""CSV files mended: what changes, and that no other byte does."""

import csv
import io
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repairs import Bench

from wxp_lint.keys import key

ID = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
OTHER = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
HEADER = "Serial Number,Customer ID\n"
NOTES = "Serial Number,Customer ID,Note\n"
REGISTRY = {
    "wxp-lint.toml": 'customers = "customers.csv"\n',
    "customers.csv": f"customer_id,name,aliases\n{ID},Acme Corporation,Acme\n{OTHER},Globex,\n",
}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(f"{HEADER}5cg8234xmv,{ID}", f"{HEADER}5CG8234XMV,{ID}", id="no newline at the end"),
        pytest.param(
            f"{HEADER}5cg8234xmv,{ID}\r\n5CG02382XZ,{ID}\r".replace("ID\n", "ID\r\n"),
            f"{HEADER}5CG8234XMV,{ID}\r\n5CG02382XZ,{ID}\r".replace("ID\n", "ID\r\n"),
            id="mixed newlines",
        ),
        pytest.param(
            f'"Serial Number","Customer ID"\n"5cg8234xmv","{ID}"\n 5CG02382XZ,"{ID} "\n',
            f'"Serial Number","Customer ID"\n"5CG8234XMV","{ID}"\n5CG02382XZ,"{ID}"\n',
            id="quotes stay, and none are put in",
        ),
        pytest.param(
            f'{NOTES}5CG8234XMV,{ID},"two\nlines, ""quoted"""\n 5CG02382XZ,{ID},\n',
            f'{NOTES}5CG8234XMV,{ID},"two\nlines, ""quoted"""\n5CG02382XZ,{ID},\n',
            id="a note of two lines above",
        ),
        pytest.param(
            f"{HEADER}5CG8234XMV,{ID}\n \t\u00a0,\n,\n5CG02382XZ,{ID}\n\n\n",
            f"{HEADER}5CG8234XMV,{ID}\n5CG02382XZ,{ID}\n\n\n",
            id="empty rows go, but for those at the end",
        ),
        pytest.param(
            f"\n{HEADER}5CG8234XMV,{ID}\nserial number,CUSTOMER ID\n5cg02382xz , {ID}\n",
            f"\n{HEADER}5CG8234XMV,{ID}\n5CG02382XZ,{ID}\n",
            id="a header again, and two findings in one cell",
        ),
        pytest.param(
            f"\ufeff{HEADER}5CG8234XMV,{ID}\n", f"{HEADER}5CG8234XMV,{ID}\n", id="a byte order mark"
        ),
        pytest.param(
            f"Serial Number;Customer ID;Note\n5cg8234xmv;{ID};\"a;b\"\n5CG02382XZ;{ID};a, b\n5CD9123KLM;{ID};\"x\" y\n",
            f"{NOTES}5CG8234XMV,{ID},\"a;b\"\n5CG02382XZ,{ID},\"a, b\"\n5CD9123KLM,{ID},\"x\" y\n",
            id="semicolons; a comma in a note gets quotes",
        ),
    ],
)  # fmt: skip
def test_safe_fixes(bench, before, after):
    repair = bench.mend(before)

    assert repair.data.decode() == after
    assert bench.mend(after).data == repair.data
    assert not [finding for finding in repair.outcome.left.findings if finding.fix]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            f"New PCs\n\n{HEADER}S5CG8234XMV,{ID}\n", f"{HEADER}5CG8234XMV,{ID}\n", id="preamble and label scan"
        ),
        pytest.param(
            f"\n,\n5cg8234xmv,{ID}\r\n", f"\n,\nSerial Number,Customer ID\n5CG8234XMV,{ID}\r\n", id="no header"
        ),
        pytest.param(
            f"{ID};5cg8234xmv\r\n{ID};S5CG02382XZ",
            f"Serial Number,Customer ID\r\n5CG8234XMV,{ID}\r\n5CG02382XZ,{ID}",
            id="no header, swapped, semicolons",
        ),
        pytest.param(
            f"Customer ID,Serial Number,Note\n{ID},5CG8234XMV,\"a\nb\"\n{ID}\n\n\"{ID}\", 5CG02382XZ\n",
            f"{NOTES}5CG8234XMV,{ID},\"a\nb\"\n,{ID}\n5CG02382XZ,\"{ID}\"\n",
            id="swapped, with rows of one cell and none",
        ),
        pytest.param(
            f"{HEADER}5CG8234XMV,{ID}\n5cg8234xmv ,{ID}\n5CG02382XZ,{ID}\n5CG8234XMV,{ID}\n",
            f"{HEADER}5CG8234XMV,{ID}\n5CG02382XZ,{ID}\n",
            id="the same PC thrice",
        ),
        pytest.param(
            f"{HEADER}5\u0421G8234XMV,{ID}\n5CG8234XMV,{ID}\n", f"{HEADER}5CG8234XMV,{ID}\n", id="one comes to light"
        ),
    ],
)  # fmt: skip
def test_unsafe_fixes(bench, before, after):
    assert bench.mend(before, unsafe=True, ignore=["WXP110"]).data.decode() == after
    assert bench.mend(after, unsafe=True).data.decode() == after


def test_unsafe_fixes_are_left_alone_unless_they_are_wanted(bench):
    before = f"Title\nCustomer ID,Serial Number\n{ID},S5CG8234XMV\n{ID},S5CG8234XMV\n"

    assert bench.mend(before).outcome.files == []


@pytest.mark.parametrize(
    ("codec", "mark"),
    [("utf-16-le", "\ufeff"), ("utf-16-be", "\ufeff"), ("utf-16-le", ""), ("utf-16-be", ""), ("cp1252", "")],
)
def test_an_encoding_stays_until_its_own_rule_changes_it(bench, codec, mark):
    before = f"{mark}{NOTES} 5cg8234xmv,{ID},Köln\r\n".encode(codec)

    repair = bench.mend(before, ignore=["WXP102"])
    assert repair.data == f"{mark}{NOTES}5CG8234XMV,{ID},Köln\r\n".encode(codec)
    assert bench.mend(before).data == f"{NOTES}5CG8234XMV,{ID},Köln\r\n".encode()
    assert bench.mend(before, rules=["WXP102"]).data == f"{NOTES} 5cg8234xmv,{ID},Köln\r\n".encode()


@pytest.mark.parametrize(
    ("rules", "mark", "delimiter"),
    [(["WXP103"], "", ";"), (["WXP104"], "\ufeff", ","), (["WXP103", "WXP104"], "", ","), (["WXP2"], "\ufeff", ";")],
)
def test_each_rewrite_changes_what_its_rule_is_about_and_they_go_together(bench, rules, mark, delimiter):
    before = f"\ufeffSerial Number;Customer ID\n5CG8234XMV;{ID}\n"

    after = f"{mark}Serial Number{delimiter}Customer ID\n5CG8234XMV{delimiter}{ID}\n"
    assert bench.mend(before, rules=rules).data.decode() == after


def test_a_customers_name_becomes_the_id_wherever_it_stands_as_the_target(bench):
    bench.files |= REGISTRY
    before = f'{NOTES}5CG8234XMV,Acme,Acme\n5CG02382XZ," ACME",\n5CD9123KLM,Globex,Acme\n'

    after = f'{NOTES}5CG8234XMV,{ID},Acme\n5CG02382XZ,"{ID}",\n5CD9123KLM,Globex,Acme\n'
    assert bench.mend(before, unsafe=True).data.decode() == after
    assert bench.mend(before).outcome.files == []


def test_a_name_above_the_header_is_no_target(bench):
    bench.files |= REGISTRY
    before = f"Customer,Acme\n{HEADER}5CG8234XMV,Acme\n"

    assert bench.mend(before, unsafe=True, rules=["WXP304"]).data.decode() == before.replace("XMV,Acme", f"XMV,{ID}")


def test_what_windows_1252_cannot_hold_is_not_written(bench):
    bench.files |= REGISTRY | {"customers.csv": "customer_id,name\nŁÓDŹ-1,Acme\n"}
    before = f"{NOTES}5CG8234XMV,Acme,Köln\n".encode("cp1252")

    repair = bench.mend(before, unsafe=True, ignore=["WXP102"])
    assert repair.data == before
    assert "cannot be written in Windows-1252" in repair.reasons["WXP304"]
    assert bench.mend(before, unsafe=True).data == f"{NOTES}5CG8234XMV,ŁÓDŹ-1,Köln\n".encode()


@pytest.mark.parametrize("delimiter", [";", ","])
def test_a_malformed_file_is_mended_only_where_that_is_certain(bench, delimiter):
    before = f'Serial Number,Customer ID\n5cg8234xmv,{ID}\n"5CG02382XZ,{ID}\n'.replace(",", delimiter)

    repair = bench.mend(before, unsafe=True)
    assert repair.data.decode() == before.replace("5cg8234xmv", "5CG8234XMV")
    assert "WXP117" in repair.codes
    if delimiter == ";":
        assert repair.reasons == {"WXP104": "line 3 has a quote that is never closed: mend that first"}


def test_a_suppressed_finding_is_not_fixed(bench):
    bench.files["wxp-lint-ignore.toml"] = (
        '[[ignore]]\nrule = "serial-lowercase"\npath = "a.csv"\nserial = "5CG8234XMV"\nreason = "as printed"\n'
    )

    repair = bench.mend(f"{HEADER}5cg8234xmv,{ID}\n5cg02382xz,{ID}\n")
    assert repair.data.decode() == f"{HEADER}5cg8234xmv,{ID}\n5CG02382XZ,{ID}\n"


RULE = """
code = "ACME101"
name = "acme-own"
level = "note"
status = "stable"
since = "0.1.0"
subject = "row"
summary = "A rule of somebody's own"
why = "Because somebody has to try what happens then."
sources = []
message = "'{serial}'"
query = "select path, line, 'serial' as field, serial, {fix} as fix from row where serial = '{old}'"
[fix]
safety = "{safety}"
action = "cell"
[[examples]]
name = "bad"
kind = "bad"
csv = "{old},x"
findings = ["1 serial"]
[[examples]]
name = "good"
kind = "good"
csv = "a,x"
findings = []
"""


@pytest.mark.parametrize(
    ("safety", "new", "after"),
    [
        ("safe", "'5CG8235XMV'", "5CG8234XMV"),
        ("safe", "'5cg 8234 xmv'", "5cg 8234 xmv"),
        ("unsafe", "'5CG8235XMV'", "5CG8235XMV"),
        ("unsafe", "'5CG,\"8'", '"5CG,""8"'),
    ],
)
def test_a_rule_of_ones_own(bench, safety, new, after):
    text = RULE.replace("{safety}", safety).replace("{fix}", new.replace('"', '\\"')).replace("{old}", "5CG8234XMV")
    bench.files |= {"wxp-lint.toml": 'custom-rules = ["rules"]\n', "rules/ACME101-acme-own.toml": text}

    repair = bench.mend(f"{HEADER}5CG8234XMV,{ID}\n", unsafe=True, rules=["ACME101"])

    assert repair.data.decode() == f"{HEADER}{after},{ID}\n"
    assert ("is said to be safe" in repair.reasons.get("ACME101", "")) == (after == "5CG8234XMV")


@pytest.mark.parametrize("line", ["null::integer", "2"])
@pytest.mark.parametrize("action", ["insert-header", "swap-columns"])
def test_a_fix_that_does_not_help_is_taken_back(bench, line, action):
    text = RULE.replace("{safety}", "unsafe").replace("{fix}", "serial").replace("{old}", "5CG8234XMV")
    text = text.replace("line, 'serial' as field", f"{line} as line, null as field").replace('"cell"', f'"{action}"')
    bench.files |= {"wxp-lint.toml": 'custom-rules = ["rules"]\n', "rules/ACME101-acme-own.toml": text}

    assert bench.mend(f"{HEADER}5CG8234XMV,{ID}\n", unsafe=True).outcome.files == []
    mended = bench.mend(f"{HEADER}5CG8234XMV,{ID}\n5cg02382xz,{ID}\n", unsafe=True)
    assert mended.data.decode() == f"{HEADER}5CG8234XMV,{ID}\n5CG02382XZ,{ID}\n"
    assert "stays as it was" in mended.reasons["ACME101"]


@pytest.mark.parametrize("action", ["cell", "delete-row"])
@pytest.mark.parametrize("line", [3, 50])
def test_a_rule_that_speaks_of_a_line_that_is_not_there_changes_nothing(bench, action, line):
    text = RULE.replace("{safety}", "unsafe").replace("{fix}", "'5CG8235XMV'").replace("{old}", "5CG8234XMV")
    text = text.replace("line, 'serial'", f"{line} as line, 'serial'").replace('"cell"', f'"{action}"')
    bench.files |= {"wxp-lint.toml": 'custom-rules = ["rules"]\n', "rules/ACME101-acme-own.toml": text}

    assert bench.mend(f"{HEADER}5CG8234XMV,{ID}\n", unsafe=True).outcome.files == []


BLANKS = st.sampled_from(["", "", " ", "\t", "\u00a0", "\u200b"])
SERIAL = st.sampled_from(["5CG8234XMV", "5cg02382xz", "Sgh327szyd", "S5CG9123KLM", "5CG0480H", "N/A", ""])
CUSTOMER = st.sampled_from([ID, ID, ID.upper(), OTHER, "Acme", ""])
NOTE = st.sampled_from(["", "a, b", "a;b", "two\nlines", 'say "no"', "Köln"])
DEVICE = st.tuples(BLANKS, SERIAL, BLANKS, BLANKS, CUSTOMER, NOTE).map(
    lambda x: [f"{x[0]}{x[1]}{x[2]}", f"{x[3]}{x[4]}", x[5]]
)
ROW = DEVICE | DEVICE | st.sampled_from([["", "", ""], ["Serial Number", "Customer ID", "Note"], ["\u00a0", "", ""]])


@st.composite
def files(draw):
    """The bytes of a transfer file as people make them."""
    rows = draw(st.lists(ROW, min_size=1, max_size=8))
    rows = draw(st.sampled_from([[["Serial Number", "Customer ID", "Note"]], [["Title", "", ""]], []])) + rows
    if draw(st.booleans()):
        rows = [[b, a, note] for a, b, note in rows]
    out = io.StringIO()
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    delimiter, newline = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(["\n", "\r\n"]))
    csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=quoting).writerows(rows)
    codec, mark = draw(st.sampled_from([("utf-8", ""), ("utf-8", "\ufeff"), ("utf-16-le", "\ufeff"), ("cp1252", "")]))
    text = out.getvalue().removesuffix(draw(st.sampled_from(["", newline])))
    if codec == "cp1252":
        text = text.replace("\u200b", "")
    return f"{mark}{text}".encode(codec)


def cells(result):
    """What the file says, row by row: keys of A and B, and the note; without headers and rows that say nothing."""
    rows = [[*row, "", "", ""][:3] for _, row in result.files["a.csv"].table.body.head(100)]
    found = [(key(a), key(b), note) for a, b, note in rows]
    return [row for row in found if any(row) and "SERIALNUMBER" not in row]


@settings(max_examples=15, deadline=None)
@given(files())
def test_safe_fixes_mend_for_good_and_change_no_serial_and_no_id(data):
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        before, repair = bench.check(data), bench.mend(data)
        again = bench.mend(repair.data)

    left = repair.outcome.left
    assert not left.fixable
    assert Counter(f.fingerprint for f in left.findings) <= Counter(f.fingerprint for f in before.findings)
    assert cells(left) == cells(before)
    assert again.outcome.files == []


@settings(max_examples=15, deadline=None)
@given(files())
def test_unsafe_fixes_come_to_an_end(data):
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        repair = bench.mend(data, unsafe=True)
        again = bench.mend(repair.data, unsafe=True)

    assert not [f for f in repair.outcome.left.findings if f.fix and f.fix.safety != "display"]
    assert again.outcome.files == []
