"""The baseline: legacy findings are known, whatever line they stand on, and new ones show."""

import json
import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.lint import catalogue
from wxp_lint.lint.baseline import FILE, Known, known, parse_baseline, render_baseline
from wxp_lint.lint.check import Request, check, examine
from wxp_lint.repo.select import select

ID = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
BUILT_IN = catalogue.load()
A = "transfers/acme/a.csv"


@pytest.fixture
def write(tmp_path):
    """Writes a transfer file with these serial numbers."""

    def lay_out(*serials, path=A):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("Serial Number,Customer ID\n" + "".join(f"{serial},{ID}\n" for serial in serials))

    return lay_out


@pytest.fixture
def lint(tmp_path):
    def run(*paths, more=None, go=check, **request):
        settings = Settings(root=tmp_path)._replace(**(more or {}))
        selection = select(settings, list(paths), cwd=tmp_path, force_exclude=False)
        return go(settings, BUILT_IN, Request(selection, **{"today": date(2026, 6, 15)} | request))

    return run


@pytest.fixture
def accept(lint, tmp_path):
    """Makes all present findings known."""

    def run():
        entries = known(lint(baseline=b"").findings)
        (tmp_path / FILE).write_bytes(render_baseline(entries))
        return entries

    return run


def broken(n):
    return f"5CG-{n:05}X"


def test_of_201_defects_the_new_one_shows(write, lint, accept):
    legacy = [broken(n) for n in range(200)]
    write(*legacy)
    accept()
    assert lint().findings == []
    moved = [*legacy[100:], broken(200), *legacy[:100]]
    write(*moved)

    result = lint()

    assert [(finding.line, finding.serial) for finding in result.findings] == [(102, broken(200))]
    assert result.suppressed == 200


def test_a_known_row_may_move_and_change_its_case_but_not_its_file(write, lint, accept):
    write("5CG8234XMV", broken(1))
    accept()
    write("5CG02382XZ", "5CG8234XMV", broken(1).lower())
    assert "WXP202" not in [finding.code for finding in lint().findings]
    write(broken(1), path="transfers/acme/b.csv")

    assert [f.path for f in lint().findings if f.code == "WXP202"] == ["transfers/acme/b.csv"]


def test_another_defect_of_a_known_row_shows(write, lint, accept):
    write("5CG8234XMV", broken(1))
    accept()
    write("5CG8234XMV", broken(1), broken(1))

    assert [(f.code, f.line) for f in lint(more={"ignore": ("WXP804",)}).findings] == [
        ("WXP202", 4),
        ("WXP401", 4),
    ]


def test_findings_without_a_serial_are_counted_together_and_the_last_ones_show(tmp_path, lint):
    file = tmp_path / A
    file.parent.mkdir(parents=True)
    file.write_text(f"Serial Number,Customer ID\n,{ID}\n5CG8234XMV,{ID}\n,{ID}\n,{ID}\n")
    lines = [finding.line for finding in lint().findings if finding.code == "WXP201"]
    assert lines == [2, 4, 5]
    two = known([finding for finding in lint().findings if finding.code == "WXP201"][:2])
    assert [entry.count for entry in two] == [2]

    left = lint(A, baseline=render_baseline(two)).findings

    assert [finding.line for finding in left if finding.code == "WXP201"] == [5]


def test_the_file_names_no_serial_and_no_line(write, accept, tmp_path):
    write("5CG8234XMV", broken(1))
    accept()

    text = (tmp_path / FILE).read_text()

    assert broken(1) not in text
    assert json.loads(text)["findings"] == [
        {
            "fingerprint": entry["fingerprint"],
            "code": "WXP202",
            "name": "serial-format",
            "path": A,
            "count": 1,
        }
        for entry in json.loads(text)["findings"]
    ]


def test_an_entry_hides_only_what_it_says_it_hides(write, lint, accept, tmp_path):
    """Its code and path are what a reviewer sees, so a fingerprint of something else is worth nothing."""
    write(broken(1))
    (entry,) = accept()
    assert lint().findings == []
    for other in (replace(entry, code="WXP208"), replace(entry, path="transfers/acme/b.csv")):
        (tmp_path / FILE).write_bytes(render_baseline([other]))

        assert "WXP202" in [finding.code for finding in lint().findings]


def test_gone_findings_are_told_once_with_their_number(write, lint, accept):
    write(*map(broken, range(5)), "5CG8234XMV", "5CG8234XMV", "5CG8234XMV")
    accept()
    write(broken(3), broken(4), "5CG8234XMV", "5CG8234XMV")

    said = lint().findings

    assert [(f.code, f.level, f.path, f.line) for f in said] == [("WXP804", "note", FILE, None)]
    assert said[0].message.startswith("4 of 7 known findings are gone, such as ")
    assert said[0].message.endswith("run wxp-lint baseline prune")


@pytest.mark.parametrize("narrowed", [{"select": ("WXP8",)}, {"ignore": ("WXP202",)}])
def test_selecting_rules_makes_no_entry_stale(write, lint, accept, narrowed):
    write(broken(1), broken(2))
    accept()
    assert lint(more=narrowed).findings == []
    write(broken(1))

    assert [finding.code for finding in lint(more=narrowed).findings] == ["WXP804"]


def test_stale_entries_are_told_only_where_no_paths_are_given(write, lint, accept):
    write(broken(1), broken(2))
    accept()
    write(broken(1))

    assert [finding.code for finding in lint().findings] == ["WXP804"]
    assert lint(A).findings == []
    assert lint("transfers").findings == []


def test_a_rule_that_is_no_more_leaves_a_stale_entry(write, lint):
    write("5CG8234XMV")
    entry = Known("0123456789abcdef", "OLD001", "forgotten", A, 1)

    assert [finding.code for finding in lint(baseline=render_baseline([entry])).findings] == ["WXP804"]


def test_suppressions_come_first(write, lint, accept):
    write(broken(1), broken(2))
    accept()
    ignore = f'[[ignore]]\nrule = "WXP202"\npath = "**"\nserial = "{broken(1)}"\nreason = "x"\n'

    result, sifted = lint(go=examine, suppressions=ignore.encode())

    assert [finding.code for finding in result.findings] == ["WXP804"]
    assert [hits for _, hits in sifted.suppressions] == [1]
    assert sorted(hits for _, hits in sifted.baseline) == [0, 1]
    assert result.suppressed == 2


PATHS = st.none() | st.text(st.characters(codec=None, exclude_characters="\0"), min_size=1)
ENTRIES = st.lists(
    st.builds(
        Known,
        st.text("0123456789abcdef", min_size=16, max_size=16),
        st.just("WXP202"),
        st.text(),
        PATHS,
        st.integers(1, 10**9),
    ),
    unique_by=lambda entry: entry.fingerprint,
)


@given(ENTRIES, st.randoms())
def test_what_is_written_is_read_again_and_depends_on_no_order(entries, chance: random.Random):
    data = render_baseline(entries)
    shuffled = chance.sample(entries, len(entries))

    assert render_baseline(shuffled) == data
    assert {replace(entry, line=0) for entry in parse_baseline(data)} == set(entries)
    assert data.decode().count("\n") == (len(entries) + 2 if entries else 1)


def test_each_entry_stands_on_the_line_that_it_is_read_from():
    entries = [Known(f"{n:016x}", "WXP202", "serial-format", A, 1) for n in range(3)]

    assert [entry.line for entry in parse_baseline(render_baseline(entries))] == [2, 3, 4]


def test_an_entry_that_two_branches_wrote_counts_once():
    entry = Known("0123456789abcdef", "WXP202", "serial-format", A, 2)
    data = render_baseline([entry, replace(entry, count=3), entry])

    assert [found.count for found in parse_baseline(data)] == [3]


GOOD = {"fingerprint": "0" * 16, "code": "WXP202", "name": "serial-format", "path": A, "count": 1}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"version": 1, "findings": [\n<<<<<<< HEAD\n]}\n', f"{FILE}:2: not valid JSON"),
        (b"\xff\xfe{\xff", "not valid JSON"),
        (b"[" * 200_000, "not valid JSON"),
        (b'{"version": 1, "findings": [' + b"9" * 5_000 + b"]}", "not valid JSON"),
        (b"[]", "this is no baseline"),
        (b'{"findings": []}', "this is no baseline"),
        (b'{"version": 1}', "this is no baseline"),
        (b'{"version": 2, "findings": []}', "version 2 is newer"),
        (b'{"version": 1, "findings": [3]}', "entry 1 has not the keys"),
        *(
            (json.dumps({"version": 1, "findings": [GOOD, GOOD | bad]}).encode(), "entry 2 has not the keys")
            for bad in (
                {"count": 0},
                {"count": True},
                {"count": 1.5},
                {"count": 10**10},
                {"path": 3},
                {"code": None},
                {"fingerprint": ["0"]},
                {"serial": "5CG8234XMV"},
            )
        ),
    ],
)
def test_what_is_no_baseline_ends_the_run(write, lint, tmp_path, data, message):
    write("5CG8234XMV")
    (tmp_path / FILE).write_bytes(data)

    with pytest.raises(UsageError) as error:
        lint()

    assert message in str(error.value)
