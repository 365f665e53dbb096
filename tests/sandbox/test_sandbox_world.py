import pytest

from wxp_lint.errors import UsageError
from wxp_lint.files.header import GUID, STRICT
from wxp_lint.keys import key
from wxp_lint.sandbox.behaviour import DEFAULTS, SWITCHES, behaviours
from wxp_lint.sandbox.faults import FAULTS, faults, lists
from wxp_lint.sandbox.state import world_from_json, world_to_json
from wxp_lint.sandbox.world import UNASSIGNED_ID, Contradiction, invent


def test_a_seed_makes_the_same_world_every_time():
    assert invent(7, 3, 40) == invent(7, 3, 40)
    assert invent(7, 3, 40) != invent(8, 3, 40)


def test_an_invented_world_is_as_large_as_asked_and_valid():
    world = invent(1, 12, 500)

    assert [one.name for one in world.customers][:2] == ["Customer 01", "Customer 02"]
    assert len({key(one.customer_id) for one in world.customers}) == 12
    assert all(GUID.fullmatch(key(one.customer_id)) for one in world.customers)
    assert len(world.devices) == 500
    assert all(STRICT.fullmatch(serial) for serial in world.devices)
    assert sum(len(world.at(place)) for place in world.places) == 500
    assert all(world.at(place) for place in world.places)


def test_a_place_is_found_by_its_name_for_the_api_or_its_customer_id():
    world = invent(1, 2, 4)
    customer = world.customers[0].customer_id

    assert world.place("unassigned") == world.place(UNASSIGNED_ID) == world.places[0]
    assert world.place(customer.lower()) == world.place(f" {customer.upper()} ") == world.places[1]
    assert world.place("Customer 01") is None
    assert world.place("") is None


def test_a_world_survives_a_snapshot():
    world = invent(3, 2, 20)

    assert world_from_json(world_to_json(world)) == world


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"format": True}, ValueError),
        ({"format": 2}, ValueError),
        ({"customers": {}}, ValueError),
        ({"customers": ["ab"]}, ValueError),
        ({"customers": [["id"]]}, ValueError),
        ({"devices": [["5CG8234XMV", "name", 1, "unassigned"]]}, ValueError),
        ({"devices": [["5CG8234XMV", "", "", "nowhere"]]}, Contradiction),
        ({"devices": [["5CG8234XMV", "", "", "unassigned"], ["5cg8234xmv", "", "", "unassigned"]]}, Contradiction),
        ({"devices": [["", "", "", "unassigned"]]}, Contradiction),
        ({"customers": [["a", "A"], ["A", "B"]]}, Contradiction),
        ({"customers": [["a", "A"]], "unassigned_id": "A"}, Contradiction),
        ({"customers": [["unassigned", "A"]]}, Contradiction),
        ({"unassigned_id": ""}, Contradiction),
    ],
)
def test_a_snapshot_that_cannot_be_is_refused(change, error):
    good = {"format": 1, "unassigned_id": UNASSIGNED_ID, "customers": [], "devices": []}
    world_from_json(good)

    with pytest.raises(error):
        world_from_json(good | change)


def test_behaviours_have_stated_defaults_and_say_what_they_do():
    assert behaviours([]) == DEFAULTS
    assert behaviours(["duplicates=ignore"]) == {**DEFAULTS, "duplicates": "ignore"}
    assert all(len(switch.choices) > 1 and switch.question.endswith("?") for switch in SWITCHES)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("duplicate=error", "did you mean 'duplicates'?"),
        ("colour=red", "there are duplicates, lower-case,"),
        ("summary=some", "write summary=all or summary=errors or summary=counts"),
        ("bom", "write bom=accept or bom=refuse"),
    ],
)
def test_a_behaviour_that_is_none_is_told_with_those_there_are(given, words):
    with pytest.raises(UsageError) as error:
        behaviours([given])

    assert f"--behaviour {given}: " in str(error.value)
    assert words in str(error.value)


def test_a_fault_that_is_none_is_told_with_those_there_are():
    assert faults(["slow", "slow"]) == {"slow"}
    with pytest.raises(UsageError, match="did you mean 'cut-after'"):
        faults(["cut-aft"])
    with pytest.raises(UsageError, match="there are slow, error-before"):
        faults(["nothing"])


def test_a_fault_makes_the_summary_say_less_than_the_behaviour():
    assert lists("all", ()) == "all"
    assert lists("counts", ()) == "counts"
    assert lists("all", {"summary-errors-only"}) == "errors"
    assert lists("errors", {"summary-counts", "summary-errors-only"}) == "counts"
    assert set(FAULTS) >= {"summary-errors-only", "summary-counts"}
