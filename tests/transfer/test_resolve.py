import pytest
from ledgers import NOON, described, known, uploaded

from wxp_lint.errors import UsageError
from wxp_lint.transfer.resolve import resolve

A, B = "5CG8230001", "5CG8230002"
DOUBT = [*uploaded("t-1", [A, B]), ("in_doubt", "t-1", {})]


def resolved(told, outcome="moved", evidence="seen", by="Ann", **more):
    return resolve(known(*told)["t-1"], outcome, evidence, by, NOON, **more)


@pytest.mark.parametrize(("outcome", "kind"), [("moved", "confirmed"), ("failed", "failed"), ("unknown", "reported")])
def test_it_is_about_all_pcs_that_are_unknown(outcome, kind):
    draft = resolved(DOUBT, outcome)

    assert (draft.kind, draft.data["devices"], draft.data["how"]) == (kind, {A: outcome, B: outcome}, "person")


def test_or_about_those_that_are_named():
    assert resolved(DOUBT, serials=["5cg8230001"]).data["devices"] == {A: "moved"}
    assert resolved(DOUBT, serials=[A]).kind == "reported"
    with pytest.raises(UsageError, match="does not move '5CG8230009'; did you mean"):
        resolved(DOUBT, serials=["5CG8230009"])


def test_what_is_known_already_stays():
    told = [*DOUBT, ("reported", "t-1", {"devices": {A: "moved"}})]

    assert resolved(told, "failed").data["devices"] == {B: "failed"}
    assert resolved(told, "failed").kind == "partly_failed"


def test_a_second_name_is_kept_as_it_was_typed():
    draft = resolved(DOUBT, second=" Kim  Doe ")

    assert draft.data["second"] == "Kim Doe"
    assert not any("approv" in str(word).lower() for item in draft.data.items() for word in item)
    with pytest.raises(UsageError, match="name somebody else"):
        resolved(DOUBT, second="ann")


@pytest.mark.parametrize(
    ("told", "more", "match"),
    [
        (DOUBT, {"outcome": "move"}, "did you mean 'moved'"),
        (DOUBT, {"evidence": " "}, "say how you know"),
        ([*DOUBT, ("confirmed", "t-1", {"devices": {A: "moved", B: "moved"}})], {}, "nothing about it is open"),
        (
            [("claimed", "t-1", described([A], holder="x", lease="2126-01-01T00:00:00+00:00"))],
            {},
            "claimed by x right now",
        ),
    ],
)
def test_what_cannot_be_resolved(told, more, match):
    with pytest.raises(UsageError, match=match):
        resolved(told, **more)
