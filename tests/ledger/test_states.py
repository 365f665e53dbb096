"""The states of transfers, from events alone."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writer import WHO

from wxp_lint.ledger import states
from wxp_lint.ledger.events import BadLog, Draft, first_lines, next_lines, parse
from wxp_lint.ledger.states import FAILED, MOVED, NEXT, RELEASED, STATES, UNKNOWN, IllegalStep, Place

ACME = {"name": "Acme", "customer_id": "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"}
A, B, LIKE_A = "v1-36f1d785" + "a" * 56, "v1-99991111" + "b" * 56, "v1-36f1d785" + "c" * 56


def log_of(*drafts):
    return parse(first_lines(drafts, WHO))


def begun(name, digest=A, kind="prepared", path="transfers/a.csv", **more):
    return Draft(kind, name, {"path": path, "digest": digest, "serials": ["a 1", "B2"], "target": ACME, **more})


def known(*drafts):
    return states.of_log(log_of(*drafts))


def check(so_far, *drafts):
    states.check(so_far, log_of(*drafts).events[1:])


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
        check({"t-1": one}, Draft("submitted", "t-1", {"holder": "host:2"}))

    taken_over = known(begun("t-1", kind="claimed", **claim), Draft("claimed", "t-1", {"holder": "host:2"}))
    check(taken_over, Draft("sending", "t-1", {"holder": "host:2"}))


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
        check({}, *drafts)


def test_which_event_may_follow_which_state():
    evidence = {"reported", "confirmed", "partly_failed", "failed"}

    assert {state: set(kinds) for state, kinds in NEXT.items()} == {
        None: {"prepared", "claimed", "reported"},
        "prepared": {"taken", "uploaded"} | evidence,
        "taken": {"uploaded", "in_doubt"} | evidence,
        "uploaded": {"in_doubt"} | evidence,
        "claimed": {"claimed", "sending", "failed"},
        "sending": {"sending", "submitted", "in_doubt"} | evidence,
        "submitted": {"in_doubt"} | evidence,
        "in_doubt": evidence,
        "reported": {"in_doubt"} | evidence,
        "partly_failed": {"partly_failed", "confirmed", "reverted"},
        "confirmed": {"reverted"},
        "failed": {"confirmed", "partly_failed"},
        "reverted": set(),
    }
    assert set(STATES) == NEXT.keys() - {None}
    assert (MOVED, FAILED, UNKNOWN, RELEASED) == ("moved", "failed", "unknown", "")


@pytest.mark.parametrize("state", STATES)
def test_which_states_are_settled_and_which_are_done(state):
    one = known(begun("t-1", kind=state))["t-1"]

    assert one.settled == (state in {"confirmed", "partly_failed", "failed", "reverted"})
    assert one.done == (state in {"confirmed", "partly_failed", "reverted"})
    assert (one.settled_at is None) != one.settled
    assert one.settled_at in (None, one.state_at)


@given(st.lists(st.tuples(st.sampled_from("123"), st.sampled_from(STATES)), max_size=40))
def test_the_table_alone_decides_and_folding_goes_step_by_step(steps):
    log, so_far, state = None, {}, {}
    for name, kind in steps:
        draft = begun(f"t-{name}", f"v1-{name}", kind, holder="h")
        try:
            check(so_far, draft)
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
        check(so_far, *drafts)
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


def test_what_begins_a_transfer_is_kept():
    lease = datetime(2026, 5, 1, tzinfo=UTC)
    log = log_of(
        begun(
            "t-1",
            kind="claimed",
            sheet="s",
            upload="u",
            source={"name": "unassigned", "customer_id": None},
            ticket="T-7",
            reason="return",
            waivers=[{"code": "WXP502"}],
            warnings=["one"],
            holder="host:1",
            lease=lease.isoformat(),
        )
    )
    [one] = states.of_log(log).values()

    assert (one.id, one.path, one.digest, one.state) == ("t-1", "transfers/a.csv", A, "claimed")
    assert (one.sheet, one.upload, one.ticket, one.reason) == ("s", "u", "T-7", "return")
    assert (one.target, one.source) == (Place("Acme", ACME["customer_id"]), Place("unassigned", None))
    assert (one.serials, one.outcome) == (("a 1", "B2"), {"A1": "unknown", "B2": "unknown"})
    assert (one.waivers, one.warnings) == (({"code": "WXP502"},), ("one",))
    assert (one.holder, one.lease, one.recorded, one.closed) == ("host:1", lease, False, False)
    assert (one.reference, one.reverted_by) == (None, None)
    event = log.events[1]
    assert one.steps == ((2, "claimed", event.at, event.actor, event.data),)
    assert one.state_at == event.at


def test_what_nobody_says_is_empty():
    [one] = known(Draft("prepared", "t-1", {"path": "a", "digest": A})).values()

    assert (one.target, one.source) == (Place("", None), Place("", None))
    assert (one.sheet, one.upload, one.ticket, one.reason, one.holder, one.lease) == (None,) * 6
    assert (one.serials, one.outcome, one.waivers, one.warnings) == ((), {}, (), ())
    assert (one.customer_key, one.released, one.settled_at) == ("", False, None)
    assert known(begun("t-1", target={"name": None}))["t-1"].target == Place("", None)
    bare = known(Draft("taken", "t-1"))["t-1"]
    assert (bare.path, bare.digest) == ("", "")


def test_a_transfer_made_of_what_must_be_known_alone():
    nowhere = Place("", None)
    one = states.Transfer("t-1", "a", A, None, None, nowhere, nowhere, (), (), {})

    assert one[10:] == (None, None, (), (), None, None, None, None, False, False)
    assert (one.recorded, one.closed) == (False, False)


def test_only_a_plan_or_a_claim_is_not_told_by_a_person():
    told = {kind: known(begun("t-1", kind=kind))["t-1"].recorded for kind in ("prepared", "claimed", "reported")}

    assert told == {"prepared": False, "claimed": False, "reported": True}


def test_a_claim_is_renewed_taken_over_and_let_go_of():
    first, later = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 2, tzinfo=UTC)
    claim = begun("t-1", kind="claimed", holder="a", lease=first.isoformat())

    def held(*drafts):
        one = known(claim, *drafts)["t-1"]
        return one.holder, one.lease, one.released

    assert held() == ("a", first, False)
    assert held(Draft("claimed", "t-1", {"lease": later.isoformat()})) == ("a", later, False)
    assert held(Draft("claimed", "t-1", {"holder": "b"})) == ("b", first, False)
    assert held(Draft("sending", "t-1", {"holder": "a"})) == ("a", first, False)
    assert held(Draft("claimed", "t-1", {"holder": ""})) == ("", first, True)
    assert held(Draft("sending", "t-1", {"holder": ""})) == ("", first, False)
    submitted = Draft("submitted", "t-1", {"holder": "a", "lease": later.isoformat()})
    assert held(Draft("sending", "t-1", {"holder": "a"}), submitted) == (None, None, False)


def test_only_the_holder_sends_and_submits_and_anybody_may_take_over_or_give_evidence():
    claimed = known(begun("t-1", kind="claimed", holder="a"))
    sending = known(begun("t-1", kind="claimed", holder="a"), Draft("sending", "t-1", {"holder": "a"}))

    for so_far, kind in ((claimed, "sending"), (sending, "sending"), (sending, "submitted")):
        check(so_far, Draft(kind, "t-1", {"holder": "a"}))
        for data in ({"holder": "b"}, {}):
            words = f"^t-1 is claimed by a, not by {data.get('holder')}: leave it alone$"
            with pytest.raises(IllegalStep, match=words):
                check(so_far, Draft(kind, "t-1", data))
    check(claimed, Draft("claimed", "t-1", {"holder": "b"}))
    check(claimed, Draft("failed", "t-1", {}))
    check(sending, Draft("in_doubt", "t-1", {}))
    nobody = known(begun("t-1", kind="claimed", holder=""))
    check(nobody, Draft("sending", "t-1", {"holder": "b"}))


def test_what_is_once_known_of_a_pc_is_not_forgotten():
    def outcome(*told):
        return known(begun("t-1"), *(Draft("reported", "t-1", {"devices": one}) for one in told))["t-1"].outcome

    assert outcome({"A1": "failed"}, {"A1": "moved"}) == {"A1": "moved", "B2": "unknown"}
    assert outcome({"A1": "moved"}, {"A1": "unknown"}) == {"A1": "moved", "B2": "unknown"}
    assert outcome({"C3": "unknown"}) == {"A1": "unknown", "B2": "unknown", "C3": "unknown"}
    assert outcome({}) == {"A1": "unknown", "B2": "unknown"}


def test_a_claim_for_the_file_as_it_is_now_describes_it_anew_and_keeps_what_happened():
    claim = begun("t-1", kind="claimed", holder="a", reference="HP-4", ticket="T-1")
    again = begun("t-1", B, "claimed", "transfers/b.csv", holder="b", ticket="T-2", serials=["B2", "C3"])
    told = Draft("sending", "t-1", {"holder": "a", "devices": {"B2": "moved"}, "reverted_by": "t-2"})

    one = known(claim, told, again)["t-1"]

    assert (one.digest, one.path, one.ticket, one.holder) == (B, "transfers/b.csv", "T-2", "b")
    assert (one.serials, one.outcome) == (("B2", "C3"), {"B2": "moved", "C3": "unknown"})
    assert [step.kind for step in one.steps] == ["claimed", "sending", "claimed"]
    assert (one.reference, one.reverted_by, one.recorded) == ("HP-4", "t-2", False)
    same = known(claim, Draft("claimed", "t-1", {"digest": A}))["t-1"]
    assert (same.serials, same.path) == (("a 1", "B2"), "transfers/a.csv")
    assert known(begun("t-1", kind="reported"), begun("t-1", kind="prepared"))["t-1"].recorded


def test_reference_path_and_reversal_are_kept_until_others_are_told():
    so_far = [begun("t-1"), Draft("uploaded", "t-1", {"reference": "HP-4", "path": "transfers/moved.csv"})]
    so_far += [Draft("confirmed", "t-1"), Draft("reverted", "t-1", {"reverted_by": "t-2"})]
    assert known(*so_far[:1])["t-1"].reference is None
    one = known(*so_far)["t-1"]
    assert (one.path, one.reference, one.reverted_by) == ("transfers/moved.csv", "HP-4", "t-2")
    again = known(*so_far, Draft("reverted", "t-1", {"reference": "HP-5", "reverted_by": "t-3"}))["t-1"]
    assert (again.reference, again.reverted_by) == ("HP-5", "t-3")


def test_what_is_settled_by_word_is_closed_until_it_is_told_otherwise():
    assert known(begun("t-1", settled=True))["t-1"].closed is False
    assert known(begun("t-1", kind="reported"))["t-1"].closed is False
    closed = begun("t-1", kind="reported", settled=True)
    one = known(closed)["t-1"]
    assert (one.closed, one.settled_at) == (True, one.state_at)
    assert known(closed, Draft("reported", "t-1"))["t-1"].closed is False


def test_events_of_the_ledger_itself_are_no_transfers():
    log = log_of(Draft("accepted", "t-9", {"why": "x"}), begun("t-1"), begun("t-2", B), Draft("taken", "t-1"))

    assert list(states.of_log(log)) == ["t-1", "t-2"]
    assert states.of_log(None) == {}
    check({}, Draft("created", "t-1"), Draft("accepted", "t-1"), begun("t-1"), Draft("taken", "t-1"))
    with pytest.raises(IllegalStep, match=r"^t-1 is taken, so it cannot become prepared: see wxp-lint status$"):
        check({}, Draft("accepted"), begun("t-1"), Draft("taken", "t-1"), begun("t-1"))


def test_drafts_that_are_checked_together_build_on_each_other():
    told = [Draft("reported", "t-1", {"devices": {serial: "moved"}}) for serial in ("A1", "B2")]

    check({}, begun("t-1"), *told)
    with pytest.raises(IllegalStep, match=r"^t-1 does not move C3$"):
        check({}, begun("t-1"), *told, Draft("reported", "t-1", {"devices": {"C3": "moved"}}))


def test_the_newest_transfer_of_a_file_is_the_one_begun_last():
    three = known(begun("t-1"), begun("t-2", B), begun("t-3", path="transfers/b.csv"), Draft("taken", "t-1"))

    assert states.newest(three, "transfers/a.csv").id == "t-2"
    assert states.newest(three, "transfers/c.csv") is None


def test_the_rows_that_rules_see():
    log = log_of(
        begun("t-1", sheet="s"),
        begun("t-2", B, "claimed", holder="a"),
        begun("t-3", LIKE_A, "claimed", holder=""),
        Draft("confirmed", "t-1"),
        Draft("reported", "t-4", {"path": "b", "digest": "v1-4", "target": {"name": "Unassigned"}}),
    )
    one, two, three = states.rows(states.of_log(log))

    customer = ACME["customer_id"].upper()
    assert one == {
        "path": "transfers/a.csv",
        "digest": A,
        "sha256": "s",
        "state": "confirmed",
        "settled_at": log.events[4].at.replace(tzinfo=None).isoformat(),
        "customer_key": customer,
    }
    assert (two["digest"], two["state"], two["settled_at"], two["customer_key"]) == (B, "claimed", None, customer)
    assert (three["path"], three["customer_key"]) == ("b", None)


def test_the_moves_that_rules_see():
    log = log_of(
        begun("t-1"),
        Draft("reported", "t-1", {"devices": {"A1": "moved", "B2": "failed"}}),
        begun("t-2", B, target={"name": "Unassigned"}),
        Draft("confirmed", "t-2", {"devices": {"B2": "moved", "A1": "unknown"}}),
    )

    assert states.moves(states.of_log(log)) == [
        {"serial_key": serial, "customer_key": customer, "at": log.events[at].at.replace(tzinfo=None).isoformat()}
        for serial, customer, at in (("A1", ACME["customer_id"].upper(), 2), ("B2", None, 4))
    ]


def test_a_move_counts_from_when_it_was_told_and_not_where_it_was_taken_back():
    log = log_of(
        begun("t-1"),
        Draft("reported", "t-1", {"devices": {"A1": "moved", "B2": "failed"}}),
        Draft("partly_failed", "t-1", {"devices": {"A1": "failed", "B2": "moved"}}),
    )

    assert states.moves(states.of_log(log)) == [
        {
            "serial_key": "B2",
            "customer_key": ACME["customer_id"].upper(),
            "at": log.events[3].at.replace(tzinfo=None).isoformat(),
        }
    ]


def test_an_id_grows_until_it_is_free():
    digest = "v1-" + "0123456789abcdef" * 4
    taken = [begun(f"t-{digest[3 : 3 + length]}", f"v1-{length}") for length in range(8, 64, 4)]

    assert states.id_for({}, digest) == "t-01234567"
    assert states.id_for(known(*taken[:1]), digest) == "t-0123456789ab"
    assert states.id_for(known(*taken), digest) == f"t-{digest[3:]}"
    with_dash = known(begun("t-36f1d785"), Draft("failed", "t-36f1d785"), begun("t-36f1d785-2", B))
    assert states.id_for(with_dash, A) == "t-36f1d785-3"
    elsewhere = known(begun("t-36f1d785", kind="reported", settled=True), begun("t-own"))
    assert states.id_for(elsewhere, A) == "t-own"


def test_a_refusal_says_what_is_wrong():
    for draft, words in (
        (Draft("sent", ""), "^a transfer without an id: there is no state 'sent'$"),
        (Draft("in_doubt", "t-9"), "^t-9 is not in the ledger, so it cannot be in doubt: see wxp-lint status$"),
        (Draft("prepared", ""), "^an event 'prepared' needs the id of a transfer$"),
        (Draft("prepared", "t-9", {"digest": A}), "^t-9: the first event of a transfer needs its path and its digest$"),
        (Draft("prepared", "t-9", {"path": "a"}), "^t-9: the first event of a transfer needs its path and its digest$"),
        (
            Draft("reported", "t-1", {"devices": dict.fromkeys(["G", "F", "E", "D", "C", "H", "A1"], "moved")}),
            "^t-1 does not move C, D, E, F, G$",
        ),
    ):
        with pytest.raises(IllegalStep, match=words):
            check(known(begun("t-1")), draft)
    with pytest.raises(IllegalStep, match=r"^t-1 is partly failed, so it cannot become in doubt: see wxp-lint status$"):
        check(known(begun("t-1", kind="partly_failed")), Draft("in_doubt", "t-1"))
