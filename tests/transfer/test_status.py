from datetime import timedelta

from ledgers import ACME, DAY, NOON, PLACES, UNASSIGNED, described, known, uploaded

from wxp_lint.transfer.listings import Listing
from wxp_lint.transfer.status import drifted, last_moves, standings

A, B = "5CG8230001", "5CG8230002"
LATER = DAY + timedelta(days=1)
LEDGER = known(
    *uploaded("t-1", [A, B]),
    ("partly_failed", "t-1", {"devices": {A: "moved", B: "failed"}, "how": "export"}),
    ("prepared", "t-2", described([B])),
)


def test_what_is_open_comes_first_with_its_age():
    prepared, settled = standings(LEDGER, None)

    assert (prepared.id, prepared.state, dict(prepared.devices)) == (
        "t-2",
        "prepared",
        {"moved": 0, "failed": 0, "unknown": 1},
    )
    assert prepared.age(NOON + timedelta(days=3, hours=5)) == 3
    assert (settled.id, settled.failed, settled.unknown, settled.settled) == ("t-1", (B,), (), True)


def test_files_that_the_ledger_does_not_know_are_of_the_plan(desk):
    desk.commit(
        {"transfers/acme/a.csv": "Serial Number,Customer ID\n5CG8230001,2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11\n"}
    )

    (one,) = standings({}, desk.plan())
    assert (one.path, one.state, one.at, dict(one.devices)) == (
        "transfers/acme/a.csv",
        "ready",
        None,
        {"moved": 0, "failed": 0, "unknown": 1},
    )
    assert one.about is None


def test_what_holds_a_file_up_is_told(desk):
    desk.commit({"transfers/acme/a.csv": f"Serial Number,Customer ID\n5CG-230001,{ACME}\n"})

    (one,) = standings({}, desk.plan())

    assert one.state == "blocked"
    assert one.about == desk.planned()["transfers/acme/a.csv"].blockers[0].message


def listing(place, day):
    return Listing(PLACES.words[place], f"{place.lower()}.csv", day)


def drift(listed, covered=None, ledger=LEDGER):
    found = drifted(last_moves(ledger), listed, covered or {}, PLACES)
    return [(one.serial, one.found, one.source) for one in found]


def test_a_pc_that_a_newer_list_has_elsewhere_has_drifted():
    assert drift({A: [listing("CONTOSO", LATER)]}) == [(A, "Contoso", "contoso.csv")]


def test_no_list_that_is_older_or_of_that_day_or_has_it_in_the_target():
    assert drift({A: [listing("CONTOSO", DAY)]}) == []
    assert drift({A: [listing("CONTOSO", None)]}) == []
    assert drift({A: [listing("ACME", LATER), listing("CONTOSO", LATER)]}) == []
    assert drift({A: [listing("ACME", LATER + timedelta(days=1)), listing("CONTOSO", LATER)]}) == []


def test_a_pc_that_a_newer_list_of_the_target_lacks_has_drifted():
    assert drift({}, {"ACME-ID": ("acme.csv", LATER)}) == [(A, None, "acme.csv")]
    assert drift({}, {"ACME-ID": ("acme.csv", DAY)}) == []


def test_the_last_move_counts():
    ledger = known(
        *uploaded("t-1", [A]),
        ("confirmed", "t-1", {"devices": {A: "moved"}}),
        *uploaded("t-2", [A], UNASSIGNED, ACME),
        ("confirmed", "t-2", {"devices": {A: "moved"}}),
    )

    assert drift({A: [listing("ACME", LATER)]}, ledger=ledger) == [(A, "Acme", "acme.csv")]
    assert drift({A: [listing("UNASSIGNED", LATER)]}, ledger=ledger) == []
