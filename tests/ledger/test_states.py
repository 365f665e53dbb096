"""The states of transfers, from events alone."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writer import WHO

from wxp_lint.ledger import states
from wxp_lint.ledger.events import BadLog, Draft, first_lines, next_lines, parse
from wxp_lint.ledger.states import NEXT, STATES, IllegalStep

ACME = {"name": "Acme", "customer_id": "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"}
A, B, LIKE_A = "v1-36f1d785" + "a" * 56, "v1-99991111" + "b" * 56, "v1-36f1d785" + "c" * 56


def log_of(*drafts):
    return parse(first_lines(drafts, WHO))


def begun(name, digest=A, kind="prepared", path="transfers/a.csv", **more):
    return Draft(kind, name, {"path": path, "digest": digest, "serials": ["a 1", "B2"], "target": ACME, **more})


def known(*drafts):
    return states.of_log(log_of(*drafts))


def test_what_is_told_of_a_transfer_adds_up():
    one = known(
        begun("t-1", sheet="s", upload="u", ticket="T-7", source={"name": "unassigned", "customer_id": None}),
        Draft("taken", "t-1"),
        Draft("uploaded", "t-1", {"reference": "HP-4"}),
        Draft("reported", "t-1", {"devices": {"A1": "moved"}}),
        Draft("partly_failed", "t-1", {"devices": {"B2": "failed", "A1": "unknown"}}),
    )["t-1"]

    assert (one.state, one.settled, one.done, one.recorded) == ("partly_failed", True, True, False)
    assert one.outcome == {"A1": "moved", "B2": "failed"}
    assert (one.sheet, one.upload, one.ticket, one.reference) == ("s", "u", "T-7", "HP-4")
    assert one.customer_key == ACME["customer_id"].upper()
    assert [step.kind for step in one.steps] == ["prepared", "taken", "uploaded", "reported", "partly_failed"]


def test_a_claim_is_held_until_it_is_submitted():
    lease = datetime(2026, 5, 1, tzinfo=UTC)
    claim = {"holder": "host:1", "lease": lease.isoformat()}
    one = known(begun("t-1", kind="claimed", **claim), Draft("sending", "t-1", {"holder": "host:1"}))["t-1"]
    assert (one.holder, one.lease) == ("host:1", lease)

    with pytest.raises(IllegalStep, match="t-1 is claimed by host:1, not by host:2"):
        states.check({"t-1": one}, [Draft("submitted", "t-1", {"holder": "host:2"})])

    taken_over = known(begun("t-1", kind="claimed", **claim), Draft("claimed", "t-1", {"holder": "host:2"}))
    states.check(taken_over, [Draft("sending", "t-1", {"holder": "host:2"})])


def test_an_open_transfer_keeps_its_id_and_a_settled_one_gives_the_next():
    assert states.id_for({}, A) == "t-36f1d785"
    so_far = [begun("t-36f1d785")]
    assert states.id_for(known(*so_far), A) == "t-36f1d785"
    so_far += [Draft("confirmed", "t-36f1d785"), Draft("reverted", "t-36f1d785")]
    assert states.id_for(known(*so_far), A) == "t-36f1d785-2"
    so_far += [begun("t-36f1d785-2"), Draft("failed", "t-36f1d785-2")]
    assert states.id_for(known(*so_far), A) == "t-36f1d785-3"
    assert states.id_for(known(*so_far), B) == "t-99991111"


def test_two_digests_that_begin_alike_have_two_ids():
    both = known(begun("t-36f1d785"))

    assert states.id_for(both, LIKE_A) == "t-36f1d785cccc"
    assert states.id_for(known(begun("t-36f1d785"), begun("t-36f1d785cccc", LIKE_A)), LIKE_A) == "t-36f1d785cccc"


def test_failed_is_settled_and_its_file_is_open_again():
    one = known(begun("t-1"), Draft("failed", "t-1"))["t-1"]

    assert (one.settled, one.done) == (True, False)


def test_what_a_person_says_of_the_past_is_closed_and_never_confirmed():
    [one] = known(begun("t-1", kind="reported", settled=True, evidence="baseline")).values()

    assert (one.state, one.settled, one.done, one.recorded) == ("reported", True, True, True)
    assert one.outcome == {"A1": "unknown", "B2": "unknown"}
    [later] = known(
        begun("t-1", kind="reported", settled=True),
        Draft("confirmed", "t-1", {"devices": {"A1": "moved", "B2": "moved"}}),
    ).values()
    assert later.state == "confirmed"
    assert [row["serial_key"] for row in states.moves({"t-1": later})] == ["A1", "B2"]


@pytest.mark.parametrize(
    ("drafts", "words"),
    [
        ([Draft("taken", "t-9")], "t-9 is not in the ledger, so it cannot be taken"),
        ([begun("t-1"), begun("t-1")], "t-1 is prepared, so it cannot become prepared"),
        ([Draft("sent", "t-1")], "there is no state 'sent'"),
        ([Draft("prepared", "", {"path": "a", "digest": A})], "needs the id of a transfer"),
        ([Draft("prepared", "t-1", {"path": "a"})], "needs its path and its digest"),
        ([begun("t-1"), Draft("reported", "t-1", {"devices": {"C3": "moved"}})], "t-1 does not move C3"),
    ],
)
def test_a_step_that_does_not_follow_is_refused(drafts, words):
    with pytest.raises(IllegalStep, match=words):
        states.check({}, drafts)


@given(st.lists(st.tuples(st.sampled_from("123"), st.sampled_from(STATES)), max_size=40))
def test_the_table_alone_decides_and_folding_goes_step_by_step(steps):
    log, so_far, state = None, {}, {}
    for name, kind in steps:
        draft = begun(f"t-{name}", f"v1-{name}", kind, holder="h")
        try:
            states.check(so_far, [draft])
        except IllegalStep:
            assert kind not in NEXT[state.get(name)]
            continue
        assert kind in NEXT[state.get(name)]
        state[name] = kind
        lines = next_lines(log.head, [draft], WHO) if log else first_lines([draft], WHO)
        before = len(log.lines) if log else 0
        log = parse([*(log.lines if log else ()), *lines], log)
        so_far = states.transfers(log.events[before:], so_far)
        assert so_far == states.of_log(parse(log.lines))
    assert {name.removeprefix("t-"): one.state for name, one in so_far.items()} == state


@given(
    st.lists(st.tuples(st.sampled_from([A, B, LIKE_A]), st.sampled_from(["confirmed", "failed", None])), max_size=12)
)
def test_ids_are_never_shared(history):
    so_far, log = {}, None
    for digest, end in history:
        name = states.id_for(so_far, digest)
        if name in so_far:
            assert so_far[name].digest == digest
            assert not so_far[name].settled
            drafts = []
        else:
            drafts = [begun(name, digest)]
        drafts += [Draft(end, name)] if end else []
        states.check(so_far, drafts)
        lines = next_lines(log.head, drafts, WHO) if log else first_lines(drafts, WHO)
        log = parse([*(log.lines if log else ()), *lines])
        so_far = states.of_log(log)
    for digest in (A, B, LIKE_A):
        alike = [one for one in so_far.values() if one.digest == digest]
        assert all(one.settled for one in alike[:-1])


@given(st.binary(max_size=60), st.integers(0, 2))
def test_whatever_stands_in_a_log_is_read_or_refused(junk, at):
    lines = list(log_of(begun("t-1"), Draft("taken", "t-1")).lines)
    lines[at] = junk.decode("latin-1")

    with pytest.raises(BadLog):
        parse(lines)
