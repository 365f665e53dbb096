import pytest
from desks import ACME, CONTOSO, serial, sheet

from wxp_lint.report.plan import FORMATS

A, B = "transfers/acme/a.csv", "transfers/acme/b.csv"
C = "transfers/contoso/c.csv"


def codes(planned):
    return [remark.code for remark in planned.blockers]


def test_a_prepared_transfer_is_told_as_that_also_once_its_file_is_renamed(desk):
    desk.commit({A: sheet(1, 2)})
    name = desk.prepare(A)
    assert (desk.planned()[A].state, desk.planned()[A].id) == ("prepared", name)

    desk.git("mv", A, B)
    desk.commit({B: sheet(2, 1)})  # and saved in another order

    assert (desk.planned()[B].state, desk.planned()[B].id) == ("prepared", name)


def test_a_copy_of_what_is_under_way_is_held_up(desk):
    desk.commit({B: sheet(1)})
    name = desk.prepare(B)
    desk.commit({A: sheet(1)})

    planned = desk.planned()

    assert (planned[B].state, codes(planned[A])) == ("prepared", ["WXP404"])
    assert name in planned[A].blockers[0].message


def test_an_edited_file_is_held_up(desk):
    desk.commit({A: sheet(1)})
    desk.prepare(A)
    desk.commit({A: sheet(1, 2)})

    assert "WXP701" in codes(desk.planned()[A])


def test_a_pc_that_is_under_way_is_not_handed_over_again_though_its_file_is_gone(desk):
    desk.commit({A: sheet(1, 2)})
    name = desk.prepare(A)
    desk.git("rm", "--quiet", A)
    desk.commit({C: sheet(2, 3, to=CONTOSO)})

    (blocker,) = desk.planned()[C].blockers

    assert blocker.code == "under-way"
    assert f"as {name} (prepared, {A}): let that end first, or if it is not to be uploaded, " in blocker.message
    desk.tell(("taken", name), ("uploaded", name))
    (blocker,) = desk.planned()[C].blockers
    assert blocker.message.endswith("let that end first")


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "json"])
def test_what_is_under_way_and_whose_file_is_gone_is_told(desk, name):
    desk.commit({A: sheet(1, 2)})
    one = desk.prepare(A)
    assert "under way though" not in desk.report(name)
    desk.git("rm", "--quiet", A)
    desk.commit({})

    told = desk.report(name).replace("\\", "").replace("`", "")

    assert f"under way though no open file is left: {one} (prepared, {A})" in told
    assert "Next: see to what is under way: wxp-lint status" in told
    assert "nothing to be done" not in told


def test_while_something_waits_for_somebody_it_is_not_said_that_nothing_is_to_be_done(desk):
    desk.commit({A: sheet(1, 2)})
    name = desk.prepare(A)
    desk.tell(("taken", name), ("uploaded", name))
    assert "Next: see to what is under way: wxp-lint status" in desk.report("text")

    desk.write({B: sheet(3)})

    assert "Next: commit what is not committed, and see to what is under way" in desk.report("text")


def test_what_is_settled_is_not_under_way(desk):
    desk.commit({A: sheet(1, 2)})
    desk.settle(A)
    desk.git("rm", "--quiet", A)
    desk.commit({})

    assert "under way" not in desk.report("text")
    assert "Next: nothing to be done" in desk.report("text")


def test_findings_that_came_after_it_was_prepared_are_told(desk):
    desk.commit({A: sheet(1)})
    desk.prepare(A)
    desk.commit({"customers.csv": f"customer_id,name,folder,status\n{ACME},Acme,acme,closed\n"})

    one = desk.planned()[A]

    assert (one.state, [remark.code for remark in one.warnings]) == ("prepared", ["WXP310"])


def test_what_is_done_is_left_out_also_in_another_form(desk):
    desk.commit({A: sheet(1, 2)})
    desk.settle(A)
    assert desk.plan().transfers == []
    assert desk.plan().inputs.settled == [A]

    desk.commit({A: sheet(2, 1).replace(",", ";")})

    assert desk.plan().transfers == []


@pytest.mark.parametrize(("kind", "outcome"), [("partly_failed", "failed"), ("failed", "failed")])
def test_only_what_failed_altogether_may_be_tried_again_with_the_same_file(desk, kind, outcome):
    desk.commit({A: sheet(1, 2)})
    name = desk.settle(A, kind, outcome)

    assert [one.id for one in desk.plan().transfers] == ([f"{name}-2"] if kind == "failed" else [])


def test_a_copy_of_what_was_moved_is_held_up(desk):
    desk.commit({A: sheet(1, 2)})
    name = desk.settle(A)
    desk.commit({B: sheet(1, 2)})

    (blocker,) = desk.planned()[B].blockers

    assert blocker.code == "WXP503"
    assert name in blocker.message


def test_there_and_back_and_there_again_is_legal(desk):
    desk.commit({A: sheet(20, to=CONTOSO)})
    first = desk.settle(A)
    desk.commit({"transfers/acme/back.csv": sheet(20)})
    back = desk.planned()["transfers/acme/back.csv"]
    assert (back.state, back.source.name) == ("ready", "Contoso")  # the export still says Acme, the move is newer
    desk.settle("transfers/acme/back.csv")
    desk.commit({C: sheet(20, to=CONTOSO)})

    again = desk.planned()[C]

    assert (again.state, again.source.name, again.id) == ("ready", "Acme", f"{first}-2")


def test_an_export_of_a_later_day_knows_better_than_the_last_move(desk):
    desk.commit({A: sheet(1)})
    desk.settle(A)
    # Somebody moved it on by hand: an export of another place, made on a day to come, has it.
    desk.commit({"contoso.csv": f"Serial Number\n{serial(1)}\n", "unassigned.csv": "Serial Number\n"})
    place = '{ path = "contoso.csv", place = "contoso", as-of = 2999-01-01 }'
    desk.commit({"wxp-lint.toml": f'customers = "customers.csv"\n[inventory]\nsources = [{place}]\n', B: sheet(1)})

    one = desk.planned()[B]

    assert (one.state, one.source.name) == ("ready", "Contoso")
