"""Rows in are rows out, or rows that are named with a reason."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wxp_lint.config.settings import Columns, Inventory, InventorySource, Settings
from wxp_lint.files.model import Source
from wxp_lint.keys import key
from wxp_lint.lint import catalogue
from wxp_lint.prepare.judge import Bench
from wxp_lint.prepare.lists import read_list
from wxp_lint.prepare.resolve import resolve
from wxp_lint.prepare.targets import read_targets
from wxp_lint.prepare.write import name_of

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
SERIALS = [
    "5CG8234XMV",
    " 5cg8234xmv",
    "5CG02382XZ",
    "SGH327SZYD",
    "5CG0480H",
    "N/A",
    "5.12E+09",
    "Serial",
    "",
    "\u00a0",
]
CUSTOMERS = ["Acme", "ACME ", ACME, "Contoso", "Nobody", "", "#N/A", "xK3mQ9aZ"]


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    root = tmp_path_factory.mktemp("repo")
    (root / "customers.csv").write_text(
        f"customer_id,name,folder\n{ACME},Acme,acme\n9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90,Contoso,\n"
    )
    (root / "seen.csv").write_text("Serial,Customer\n5CG8234XMV,\n5CG02382XZ,Contoso\n")
    made = Settings(
        root, customers="customers.csv", inventory=Inventory((InventorySource("seen.csv"),)), columns=Columns()
    )
    return Bench(made, catalogue.load([], remember=False), date(2026, 11, 9), root, frozenset())


def outcome(bench, texts, part):
    targets = read_targets(bench.settings)
    readings = [
        read_list(
            Source(f"{n}.csv", bench.cwd / f"{n}.csv", text.encode()),
            n,
            bench.settings.columns,
            lambda word: targets.find(word) is not None,
            target=True,
            limits=bench.settings.limits,
        )
        for n, text in enumerate(texts)
    ]
    return resolve(readings, targets, bench, name_of(bench.settings, targets), part=part)


rows = st.lists(st.tuples(st.sampled_from(SERIALS), st.sampled_from(CUSTOMERS)), max_size=8)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows, min_size=1, max_size=2), st.booleans())
def test_no_row_is_lost_and_none_stands_twice(bench, lists, part):
    texts = ["Serial,Customer\n" + "".join(f"{s},{c}\n" for s, c in each) for each in lists]

    found = outcome(bench, texts, part)

    placed = [(d.row.list, d.row.line) for transfer in found.transfers for d in transfer.devices]
    named = [(each.row.list, each.row.line) for each in found.unresolved]
    # The header stands on line 1, and a row in which nothing shows is no row.
    there = [(n, line) for n, each in enumerate(lists) for line, row in enumerate(each, 2) if "".join(row).strip()]
    assert Counter(placed + named) == Counter(there)
    assert all(each.reason for each in found.unresolved)
    for transfer in found.transfers:
        assert transfer.target.customer_id
        assert all(device.serial == key(device.row.serial.text) for device in transfer.devices)
    serials = [device.serial for transfer in found.transfers for device in transfer.devices]
    assert len(serials) == len(set(serials))


def test_a_serial_with_two_targets_goes_nowhere_over_lists_too(bench):
    header = "Serial,Customer\n"

    found = outcome(bench, [f"{header}5CG8234XMV,Acme\n", f"{header}5CG8234XMV,Contoso\n"], False)

    assert found.transfers == []
    assert ["line 2 of 1.csv" in each.reason for each in found.unresolved] == [True, False]
    assert all("two targets" in each.reason for each in found.unresolved)


def test_what_speaks_of_a_cell_goes_before_what_speaks_of_two_rows(bench):
    found = outcome(bench, ["Serial,Customer\nN/A,Acme\nN/A,Contoso\n"], False)

    assert [each.reason[:6] for each in found.unresolved] == ["WXP209", "WXP209"]


def test_id_and_name_must_agree(bench):
    text = f"Serial,Customer ID,Company Name\n5CG8234XMV,{ACME},Acme\n5CG02382XZ,{ACME},Contoso\n"

    found = outcome(bench, [text], False)

    assert [d.serial for transfer in found.transfers for d in transfer.devices] == ["5CG8234XMV"]
    assert "the name says Contoso" in found.unresolved[0].reason
