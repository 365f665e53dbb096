"""The words in which a run tells which lists of devices its answers rest on."""

from datetime import date

import pytest

from wxp_lint.facts.devices import Told, Used
from wxp_lint.inventory.synced import InUse
from wxp_lint.lint.resting import resting, synced, unlisted

TODAY = date(2026, 6, 15)


def used(*lists):
    return Told(used=tuple(Used(name, day, places) for name, day, places in lists))


def test_few_lists_are_told_one_by_one():
    told = used(
        ("a.csv", date(2026, 6, 15), (("Acme", 1),)),
        ("b.csv", date(2026, 6, 14), (("Acme", 1000), ("Unassigned", 234))),
        ("c.csv", None, ()),
    )

    assert resting(told, TODAY) == (
        "inventory: 1 device of Acme (a.csv, 2026-06-15, today), "
        "1,234 devices of Acme and Unassigned (b.csv, 2026-06-14, 1 day old), none of these PCs (c.csv, of unknown age)"
    )


@pytest.mark.parametrize(("days", "name"), [([20, 3, 12, 9], "b.csv"), ([1, 2, None, 3], "c.csv")])
def test_of_many_lists_the_oldest_is_told(days, name):
    lists = zip("abcd", days)
    told = used(*((f"{one}.csv", day and date(2026, 5, day), (("Acme", 2),)) for one, day in lists))

    assert resting(told, TODAY).startswith(f"inventory: 8 devices in 4 lists, the oldest {name} (")


def test_no_list_rests_on_nothing():
    assert resting(Told(), TODAY) is None
    assert list(unlisted(Told())) == list(synced(Told(), TODAY)) == []


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["Acme"], "Acme"),
        (["Acme", "Bergmann"], "Acme and Bergmann"),
        (["Acme", "Bergmann", "Chen"], "Acme, Bergmann and Chen"),
        (["Acme", "Bergmann", "Chen", "Dubois", "Eriksen"], "Acme, Bergmann, Chen and 2 more"),
    ],
)
def test_customers_without_an_export_are_named(names, told):
    [line] = unlisted(Told(unlisted=tuple(names)))

    assert line == f"no export of {told}: PCs there look as if they were not visible"


@pytest.mark.parametrize(
    ("day", "devices", "beside", "told"),
    [
        (15, 1, 0, "2026-06-15 (today), 1 device"),
        (14, 0, 0, "2026-06-14 (1 day old), no device"),
        (1, 2000, 3, "2026-06-01 (14 days old), 2,000 devices; 3 of the lists not from it, new or changed since"),
    ],
)
def test_a_snapshot_tells_its_age_and_what_is_read_beside_it(day, devices, beside, told):
    [line] = synced(Told(snapshot=InUse(date(2026, 6, day), devices, beside)), TODAY)

    assert line.removesuffix(": wxp-lint inventory sync") == f"inventory: the snapshot of {told}"
