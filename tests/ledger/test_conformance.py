"""What every ledger has to hold, whatever keeps it: git, SQLite, PostgreSQL."""

import json
import os
import signal
import statistics

import pytest
from sites import THREE, git
from writer import CONFLICT, REFUSED, UNSURE, WHO, book, prepared

from wxp_lint.ledger import portable, states
from wxp_lint.ledger.events import BadLog, Draft
from wxp_lint.ledger.protocol import Conflict, Foreign, Lost, Refused, RolledBack
from wxp_lint.ledger.states import IllegalStep

KILLED = 25  # appends a ledger that are killed
CREATING = 8  # creations
RUNNERS = 12


def kinds(log):
    return [event.kind for event in log.events]


def test_there_is_none_until_the_first_append(site):
    ledger = site.book()

    assert ledger.read() is None

    log = ledger.append(None, [prepared("a")], WHO)
    assert kinds(log) == ["created", "prepared"]
    assert [event.seq for event in log.events] == [1, 2]
    assert log.events[1].actor == WHO.actor
    assert log.events[1].run == WHO.run
    assert log.id == log.events[0].data["id"]
    assert site.book("two").read() == log


def test_appends_go_on_from_one_another(site):
    log = site.book().append(None, [prepared("a"), prepared("b")], WHO)

    log = site.book("two").append(log.head, [Draft("taken", "t-a"), Draft("uploaded", "t-a")], WHO)

    assert kinds(log) == ["created", "prepared", "prepared", "taken", "uploaded"]
    known = states.of_log(site.book().read())
    assert {name: one.state for name, one in known.items()} == {"t-a": "uploaded", "t-b": "prepared"}


def test_whatever_text_comes_back_as_it_was(site):
    reason = "\u00fc \u0000 \ud800 \u2028 \U0001f4bb '\"\\ \r\n end"

    log = site.book().append(None, [prepared("a", reason=reason)], WHO)

    assert site.book("two").read().events[1].data["reason"] == reason
    assert log == site.book("two").read()


def test_who_comes_second_appends_nothing(site):
    log = site.book().append(None, [prepared("a")], WHO)
    first, second = site.book(), site.book("two")
    assert first.read() == second.read()

    first.append(log.head, [Draft("taken", "t-a", {"by": "one"})], WHO)
    with pytest.raises(Conflict):
        second.append(log.head, [Draft("taken", "t-a", {"by": "two"})], WHO)

    after = second.read()
    assert kinds(after) == ["created", "prepared", "taken"]
    assert after.events[-1].data["by"] == "one"


def test_who_comes_second_creates_nothing(site):
    first, second = site.book(), site.book("two")
    assert first.read() is None
    assert second.read() is None

    log = first.append(None, [prepared("a")], WHO)
    with pytest.raises(Conflict):
        second.append(None, [prepared("b")], WHO)

    assert site.book("three").read() == log


def test_an_illegal_step_reaches_no_ledger(site):
    log = site.book().append(None, [prepared("a")], WHO)

    with pytest.raises(IllegalStep, match="t-a is uploaded, so it cannot become reverted"):
        site.book().append(log.head, [Draft("uploaded", "t-a"), Draft("reverted", "t-a")], WHO)

    assert site.book().read() == log


def test_what_could_not_be_read_again_reaches_no_ledger(site):
    log = site.book().append(None, [prepared("a")], WHO)

    with pytest.raises(BadLog, match=r"^event 3 cannot be read$"):
        site.book("two").append(log.head, [prepared("b", serials=[7])], WHO)

    assert site.book("three").read() == log


def test_reading_goes_on_while_somebody_appends(site):
    site.book().append(None, [prepared("a")], WHO)
    writer = site.run("many", 8)
    lengths = []
    reader = site.book("two")
    while writer.poll() is None:
        lengths.append(len(reader.read().events))
    out, err = writer.communicate()

    assert (writer.returncode, err) == (0, "")
    assert out.split() == [str(number) for number in range(8)]
    assert lengths == sorted(lengths)
    assert len(reader.read().events) == 10


@pytest.mark.parametrize("kind", THREE)
def test_of_many_runners_each_appends_once(site_of, kind):
    site = site_of(kind)
    for number in range(RUNNERS):
        site.root(f"clone-{number}")
    out, err = site.run("race", RUNNERS, clone="clone-{}").communicate(timeout=100)

    assert (out.split(), err) == (["0"] * RUNNERS, "")
    log = site.book().read()
    assert kinds(log) == ["created"] + ["prepared"] * RUNNERS
    assert {event.transfer for event in log.events[1:]} == {f"t-r{number}" for number in range(RUNNERS)}


@pytest.mark.parametrize("kind", THREE)
def test_a_killed_append_is_there_whole_or_not_at_all(site_of, kind, record_property):
    site = site_of(kind)
    site.book().append(None, [prepared("a")], WHO)
    runner = site.run("kills", KILLED, "going on")
    out, err = runner.communicate(timeout=120)
    assert (runner.returncode, err) == (0, "")

    told = [json.loads(line) for line in out.splitlines()]
    killed = [one for one in told if one["code"] == -signal.SIGKILL]
    record_property("kills", len(killed))
    assert len(killed) >= KILLED
    assert [one["error"] for one in told if "error" in one] == []
    for one in told:
        there = len(one["names"])
        assert there in (0, 3)
        if one["durable"]:
            assert there == 3
    assert {one["code"] for one in told} <= {0, -signal.SIGKILL, CONFLICT}
    # The kills strike all of an append, from before it begins to when it is over.
    assert any(not one["names"] for one in killed)
    assert min(one["delay"] for one in killed) < statistics.median(one["delay"] for one in told)
    log = site.book("fresh").read()
    assert len(log.events) == len({(event.transfer, event.kind) for event in log.events})
    site.book("fresh").append(log.head, [Draft("taken", "t-a")], WHO)


@pytest.mark.parametrize("kind", THREE)
def test_a_kill_during_creation_never_reads_as_lost(site_of, kind):
    """Each kill strikes the creation of a ledger of its own; whatever is there then, the next runner goes on."""
    site = site_of(kind)
    addresses = {
        "git": "git:wxp-ledger{}",
        "sqlite": f"sqlite:{site.folder}/shared{{}}/ledger.db",
        "postgresql": f"{site.address}?options=-csearch_path%3Dledger{{}}",
    }
    for number in range(5 + 4 * CREATING):
        site.root(f"made{number}")
    if kind == "postgresql":
        site.execute(*(f"create schema ledger{number}" for number in range(5 + 4 * CREATING)))
    site.address = addresses[kind]
    runner = site.run("kills", CREATING, "creating", clone="made{}")
    out, err = runner.communicate(timeout=60)
    assert (runner.returncode, err) == (0, "")

    told = [json.loads(line) for line in out.splitlines()]
    assert sum(one["code"] == -signal.SIGKILL for one in told) >= CREATING
    for one in told:
        address = addresses[kind].format(one["number"])
        for clone in (f"made{one['number']}", "fresh"):
            ledger = book(site.root(clone), address)
            log = ledger.read()
            assert log or not one["durable"]
            if clone != "fresh":
                log = ledger.append(log and log.head, [prepared("next")], WHO)
            assert kinds(log) in (["created", "prepared"], ["created", *["prepared"] * 4])
        site.forget("fresh")


def test_who_wakes_up_late_appends_nothing(site):
    log = site.book().append(None, [prepared("a")], WHO)
    zombie = site.run("zombie")
    _, status = os.waitpid(zombie.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)

    other = site.book("two")
    other.append(other.read().head, [Draft("taken", "t-a")], WHO)
    os.kill(zombie.pid, signal.SIGCONT)

    zombie.communicate(timeout=30)
    assert zombie.returncode == CONFLICT
    assert kinds(site.book().read()) == [*kinds(log), "taken"]


@pytest.mark.parametrize("kind", ["git", "git without a remote", "sqlite"])
def test_a_full_disk_appends_nothing(site_of, kind, uncovered):
    site = site_of(kind)
    log = site.book().append(None, [prepared("a")], WHO)
    runner = site.run("full", 40_000)
    _, err = runner.communicate(timeout=30)

    assert runner.returncode in (REFUSED, UNSURE), err
    assert "Traceback" not in err
    assert site.book().read() == log
    assert len(site.book().append(log.head, [Draft("taken", "t-a")], WHO).events) == 3


def test_a_ledger_that_is_gone_reads_as_lost_until_that_is_accepted(site):
    log = site.book().append(None, [prepared("a")], WHO)
    log = site.book().append(log.head, [Draft("taken", "t-a")], WHO)
    site.lose()

    with pytest.raises(Lost, match="wxp-lint ledger baseline"):
        site.book().read()

    accepted = site.book().accept("a new start", [], WHO)
    assert accepted.events[-1].kind == "accepted"
    assert accepted.events[-1].data["seen"]["id"] == log.id
    assert accepted.events[-1].data["reason"] == "a new start"
    assert site.book().read() == accepted
    assert site.book("fresh").read() == accepted


def test_a_ledger_that_was_put_back_is_noticed_until_that_is_accepted(site):
    log = site.book().append(None, [prepared("a")], WHO)
    saved = site.saved()
    site.book().append(log.head, [Draft("taken", "t-a")], WHO)
    site.put_back(saved)

    with pytest.raises(RolledBack, match="it had 3 events when it was last seen from here, now it has 2"):
        site.book().read()
    # Another event in place of the one that is gone is no continuation either.
    site.book("other").append(
        log.head, [Draft("uploaded", "t-a")], WHO
    ) if site.kind != "git without a remote" else None
    with pytest.raises(RolledBack):
        site.book().read()

    accepted = site.book().accept(None, [], WHO)
    assert site.book().read() == accepted


def test_another_ledger_in_its_place_is_noticed(site):
    first = site.book("one").append(None, [prepared("a")], WHO)
    if site.kind.startswith("git"):
        home = site._home()
        git(home, "update-ref", "-d", "refs/heads/wxp-ledger")
        git(home, "update-ref", "-d", "refs/tags/wxp-ledger-start")
        if site.kind != "git":
            (site.root() / ".git/wxp-lint/ledger.json").rename(site.folder / "mark")
    else:
        site.lose()
    second = site.book("two").append(None, [prepared("b")], WHO)
    assert second.id != first.id
    if site.kind == "git without a remote":
        (site.folder / "mark").rename(site.root() / ".git/wxp-lint/ledger.json")

    with pytest.raises(Foreign, match=first.id):
        site.book("one").read()

    assert site.book("one").accept("we began anew", [], WHO).id == second.id
    assert site.book("one").read().id == second.id


def test_a_ledger_moves_to_another_kind_and_keeps_its_id(site, site_of, tmp_path):
    log = site.book().append(None, [prepared("a"), Draft("taken", "t-a")], WHO)
    exported = portable.dump(log)
    other = book(site.root(), f"sqlite:{tmp_path / 'other.db'}")

    other.adopt(portable.load(exported, "x.jsonl"), "imported", WHO)

    after = other.read()
    assert after.id == log.id
    assert after.lines[:3] == log.lines
    assert after.events[-1].data["reason"] == "imported"
    with pytest.raises(Refused, match="only an empty one"):
        other.adopt(log, "again", WHO)


def test_a_lost_ledger_comes_back_from_what_was_exported(site):
    log = site.book().append(None, [prepared("a")], WHO)
    log = site.book().append(log.head, [Draft("taken", "t-a")], WHO)
    exported = portable.dump(log)
    site.lose()

    site.book().adopt(portable.load(exported, "x.jsonl"), "from the backup", WHO)

    after = site.book().read()
    assert after.lines[:3] == log.lines
    assert site.book("fresh").read() == after


def test_there_is_no_way_to_change_what_is_written(site):
    log = site.book().append(None, [prepared("a"), prepared("b")], WHO)
    exported = portable.dump(log).replace(b'"t-a"', b'"t-c"')

    with pytest.raises(Exception, match="is damaged: event 3 does not follow event 2"):
        portable.load(exported, "x.jsonl")
