"""The lines of a ledger: their one form, the chain that they make, and what is no log."""

import json
import time
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wxp_lint.ledger import states
from wxp_lint.ledger.events import (
    ACCEPTED,
    CREATED,
    VERSION,
    Actor,
    BadLog,
    Context,
    Draft,
    first_lines,
    line_hash,
    next_lines,
    parse,
)

NOW = datetime(2026, 5, 1, 12, 30, 15, 250, UTC)
WHO = Context(Actor("Zoë", "ci"), "c0ffee", "https://ci.example.org/runs/1")
DRAFTS = (Draft("prepared", "t-1", {"path": "transfers/ä.csv"}), Draft("taken", "t-1"))
KEYS = ["actor", "at", "before", "commit", "data", "kind", "run", "seq", "transfer"]


def lines():
    return first_lines(DRAFTS, WHO, NOW)


def changed(number, relink=True, /, **values):
    """The log with these values in line `number` (from 0); `relink`: each line follows the one before it again."""
    entries = [json.loads(line) for line in lines()]
    entries[number].update(values)
    made, before = [], ""
    for entry in entries:
        if relink and not (entry is entries[number] and "before" in values):
            entry["before"] = before
        made.append(json.dumps(entry))
        before = line_hash(made[-1])
    return made


def test_a_line_is_canonical_json_in_ascii():
    line = lines()[1]

    entry = json.loads(line)
    assert line == json.dumps(entry, sort_keys=True, separators=(",", ":"))
    assert line.isascii()
    assert list(entry) == KEYS
    assert entry["actor"] == {"name": "Zoë", "origin": "ci"}
    assert entry["at"] == "2026-05-01T12:30:15.000250Z"
    assert (entry["commit"], entry["run"]) == ("c0ffee", "https://ci.example.org/runs/1")
    assert (entry["kind"], entry["transfer"], entry["seq"]) == ("prepared", "t-1", 2)
    assert entry["data"] == {"path": "transfers/ä.csv"}


def test_the_keys_of_a_line_are_sorted_in_what_it_tells_too():
    line = first_lines([Draft("prepared", "t-1", {"path": "b", "digest": "a"})], WHO)[1]

    assert '"data":{"digest":"a","path":"b"}' in line


def test_what_a_stored_ledger_calls_things():
    assert (CREATED, ACCEPTED, VERSION) == ("created", "accepted", 1)
    first = json.loads(lines()[0])
    assert (first["kind"], first["transfer"], first["seq"], first["before"]) == ("created", "", 1, "")
    assert first["data"].keys() == {"id", "version"}
    assert first["data"]["version"] == 1


def test_each_line_holds_the_hash_of_the_line_before_it():
    made = lines()

    assert line_hash(made[0]) == sha256(made[0].encode()).hexdigest()
    assert [json.loads(line)["before"] for line in made] == ["", line_hash(made[0]), line_hash(made[1])]


def test_two_ledgers_never_have_one_id():
    assert parse(lines()).id != parse(lines()).id


def test_a_log_is_read_as_it_was_written():
    made = lines()
    log = parse(made)

    assert log.lines == tuple(made)
    assert log.id == json.loads(made[0])["data"]["id"]
    assert (log.head.id, log.head.length, log.head.hash) == (log.id, 3, line_hash(made[2]))
    event = log.events[1]
    assert (event.seq, event.at, event.kind, event.transfer) == (2, NOW, "prepared", "t-1")
    assert (event.actor, event.commit, event.run) == WHO
    assert event.data == {"path": "transfers/ä.csv"}


def test_a_log_goes_on_from_its_head():
    log = parse(lines())
    more = next_lines(log.head, [Draft("uploaded", "t-1")], Context(Actor("b", "typed")), NOW)

    entry = json.loads(more[0])
    assert (entry["seq"], entry["before"], entry["at"]) == (4, log.head.hash, "2026-05-01T12:30:15.000250Z")
    longer = parse([*log.lines, *more], log)
    assert longer == parse([*log.lines, *more])
    assert (longer.events[3].commit, longer.events[3].run) == (None, None)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="a process of Windows keeps its time zone")
def test_the_clock_is_asked_where_no_time_is_given(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    before = datetime.now(UTC)
    log = parse(first_lines([], WHO))
    more = next_lines(log.head, [Draft("prepared", "t-1")], WHO)
    after = datetime.now(UTC)

    whole = parse([*log.lines, *more])
    assert [before <= event.at <= after for event in whole.events] == [True, True]
    monkeypatch.undo()
    time.tzset()


def test_what_is_known_is_not_read_again_and_what_differs_is():
    log = parse(lines())
    known = log._replace(events=(*log.events[:-1], log.events[-1]._replace(kind="from memory")))

    assert parse(log.lines, known).events[-1].kind == "from memory"
    assert parse(log.lines[:2], known).events == log.events[:2]
    other = lines()
    assert parse(other, known).id == json.loads(other[0])["data"]["id"]
    with pytest.raises(BadLog, match=r"^event 4 cannot be read$"):
        parse([*log.lines, "junk"], known)
    with pytest.raises(BadLog, match=r"^event 4 does not follow event 3$"):
        parse([*log.lines, log.lines[2]], known)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": 1},
        {"transfer": None},
        {"before": None},
        {"actor": {"name": 1, "origin": "ci"}},
        {"actor": {"name": "a", "origin": None}},
        {"actor": {"name": "a"}},
        {"actor": {"origin": "ci"}},
        {"actor": None},
        {"seq": 2.0},
        {"seq": True},
        {"commit": 1},
        {"run": []},
        {"data": []},
        {"at": "yesterday"},
        {"at": 7},
        {"at": "2026-05-01T12:30:15"},
        {"at": "2026-05-01T12:30:15+02:00"},
        {"more": 1},
    ],
)
def test_an_event_of_another_form_cannot_be_read(values):
    with pytest.raises(BadLog, match=r"^event 2 cannot be read$"):
        parse(changed(1, **values))


def test_what_is_no_entry_cannot_be_read():
    for line in ("", "[]", "7", '{"kind": "prepared"}', "[" * 100_000):
        with pytest.raises(BadLog, match=r"^event 1 cannot be read$"):
            parse([line])


def test_a_line_that_was_changed_left_out_or_repeated_is_seen():
    one, two, three = lines()
    for made in ([one, three], [one, two, two, three], [two, three], [one, three, two], changed(1, False, kind="x")):
        with pytest.raises(BadLog, match=r"^event [1-3] does not follow event [0-2]$"):
            parse(made)
    with pytest.raises(BadLog, match=r"^event 2 does not follow event 1$"):
        parse(changed(1, seq=3))
    with pytest.raises(BadLog, match=r"^event 1 does not follow event 0$"):
        parse(changed(0, before="x"))


def test_a_log_says_first_that_it_was_created_and_in_which_version():
    with pytest.raises(BadLog, match=r"^it holds no event$"):
        parse([])
    for values in (
        {"kind": "prepared"},
        {"data": {"id": 7, "version": 1}},
        {"data": {"version": 1}},
        {"data": {"id": "a", "version": True}},
        {"data": {"id": "a"}},
    ):
        with pytest.raises(BadLog, match=r"^its first event does not say that it was created$"):
            parse(changed(0, **values))
    with pytest.raises(BadLog, match=r"^it has version 2, this wxp-lint knows 1: update wxp-lint$"):
        parse(changed(0, data={"id": "a", "version": 2}))
    assert parse(changed(0, data={"id": "a", "version": 0})).id == "a"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_no_json_cannot_be_read(number):
    with pytest.raises(BadLog, match=r"^event 1 cannot be read$"):
        parse(first_lines([Draft("prepared", "t-1", {"n": number})], WHO)[1:])


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
_TOLD = (
    "path",
    "digest",
    "sheet",
    "upload",
    "target",
    "source",
    "serials",
    "devices",
    "ticket",
    "reason",
    "waivers",
    "warnings",
    "holder",
    "lease",
    "reference",
    "reverted_by",
    "settled",
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(_TOLD), _JSON | st.just({"name": "acme"}) | st.just(["5CG8234XMV"]), max_size=6),
    st.sampled_from(["prepared", "claimed", "reported", "confirmed", "x"]),
)
def test_whatever_an_event_says_its_states_can_be_told_or_it_cannot_be_read(data, kind):
    try:
        log = parse(changed(1, data=data, kind=kind))
    except BadLog:
        return
    known = states.of_log(log)
    states.rows(known)
    states.moves(known)


_LEASE = "2026-05-01T12:30:15+00:00"
_MAYBE = ("sheet", "upload", "ticket", "reason", "holder", "reference", "reverted_by")


@pytest.mark.parametrize(
    "data",
    [
        *({name: value} for name in _MAYBE for value in (7, [], False)),
        *({name: value} for name in ("path", "digest") for value in (None, 7)),
        *({place: {name: 7}} for place in ("target", "source") for name in ("name", "customer_id")),
        *({place: value} for place in ("target", "source") for value in ("Acme", ["Acme"])),
        *({name: value} for name in ("serials", "waivers", "warnings") for value in ("A1", {}, 7, None)),
        *({"serials": ["A1", value]} for value in (1, None)),
        *({"devices": value} for value in ([], "A1", None, {"A1": None}, {"A1": "moved", "B2": 1})),
        *({"lease": value} for value in (7, "", "soon", "2026-05-01T12:30:15")),
    ],
    ids=str,
)
def test_data_of_another_type_cannot_be_read(data):
    with pytest.raises(BadLog, match=r"^event 2 cannot be read$"):
        parse(changed(1, data=data))


@pytest.mark.parametrize(
    "data",
    [
        {},
        *({name: value} for name in _MAYBE for value in (None, "")),
        *({name: ""} for name in ("path", "digest")),
        *(
            {place: value}
            for place in ("target", "source")
            for value in (None, {}, {"name": None, "customer_id": None})
        ),
        *({name: []} for name in ("serials", "waivers", "warnings")),
        *({name: [None, 7, {}]} for name in ("waivers", "warnings")),
        {"serials": ["A1"], "devices": {"A1": "moved"}},
        *({"lease": value} for value in (None, _LEASE)),
    ],
    ids=str,
)
def test_data_of_the_right_type_is_read_as_it_stands(data):
    assert parse(changed(1, data=data)).events[1].data == data
