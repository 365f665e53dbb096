import pytest
from ledgers import DAY, PLACES, described, known, uploaded

from wxp_lint.errors import UsageError
from wxp_lint.ledger import states
from wxp_lint.ledger.events import Actor, Context, first_lines, parse
from wxp_lint.transfer.outcome import after
from wxp_lint.transfer.record import Move, customer_id, find_place, one_target, record

A, B = "5CG8230001", "5CG8230002"
ACME, CONTOSO, UNASSIGNED = (PLACES.words[name] for name in ("ACME", "CONTOSO", "UNASSIGNED"))


def move(*serials, source=UNASSIGNED, target=ACME, **more):
    return Move(serials, source, None, target, "acme-id", DAY, "rush order", "", **more)


def test_it_is_reported_and_no_more():
    draft = record({}, move("5cg8230001", A, B, ticket="T-1", reason="delivery"))
    states.check({}, parse(first_lines([draft], Context(Actor("Ann", "typed")))).events)
    from wxp_lint.transfer.reconcile import since

    one = after({}, [draft], since(known(*uploaded("t-9", [B]))["t-9"]))[draft.transfer]
    assert (one.state, one.recorded, one.settled) == ("reported", True, False)
    assert one.outcome == {A: "unknown", B: "unknown"}
    assert (one.source.name, one.target.name, one.ticket) == ("Unassigned", "Acme", "T-1")
    assert since(one).date() == DAY


def test_a_move_that_is_known_is_not_recorded_twice():
    first = record({}, move(A))
    ledger = known((first.kind, first.transfer, first.data))

    with pytest.raises(UsageError, match=f"{first.transfer} is this transfer, and reported .*with wxp-lint reconcile"):
        record(ledger, move(A))
    with pytest.raises(UsageError, match="is under way as"):
        record(ledger, move(A, B))


def test_there_and_back_and_there_again_is_legal():
    told = []
    for n, (source, target) in enumerate([(UNASSIGNED, ACME), (ACME, UNASSIGNED), (UNASSIGNED, ACME)], 1):
        ledger = known(*told)
        draft = record(ledger, move(A, source=source, target=target))
        assert draft.transfer not in ledger
        told += [
            (draft.kind, draft.transfer, draft.data),
            ("confirmed", draft.transfer, {"devices": {A: "moved"}, "how": "person"}),
        ]
        assert n == len(known(*told))


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        (move(), "which PCs"),
        (move("  "), "which PCs"),
        (move("a,b"), "no serial number"),
        (move(A, source=ACME), "both Acme"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, match):
    with pytest.raises(UsageError, match=match):
        record({}, wrong)


def test_a_transfer_that_apply_prepared_is_not_recorded_beside_it():
    ledger = known(("prepared", "t-1", described([A, B])))

    with pytest.raises(UsageError, match=r"under way as t-1 \(prepared, to Acme\)"):
        record(ledger, move(A))


def test_places_and_ids():
    assert find_place(PLACES, "acme", "--to") == ACME
    with pytest.raises(UsageError, match=r"--to: .*did you mean 'Contoso'"):
        find_place(PLACES, "contos", "--to")
    with pytest.raises(UsageError, match="--from: name a customer"):
        find_place(PLACES, " ", "--from")
    ids = {"": "", "ACME-ID": "acme-id"}
    assert [customer_id(place, ids, " typed ") for place in (UNASSIGNED, ACME, CONTOSO)] == [None, "acme-id", "typed"]
    assert one_target(["x", " X", ""], "f") == "x"
    with pytest.raises(UsageError, match="2 Customer IDs"):
        one_target(["x", "y"], "f")
