"""Any sequence of plan, apply, take, uploaded, reconcile, resolve, record and revert, over a world that has its faults.

The ledger is read here line by line, without the code that folds it.
"""

import json
import os
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import datetime
from unittest import mock

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from simulated import NAMES, PLACES, SERIALS, TARGETS, World, by, mark_of, refused

from wxp_lint.ledger.states import of_log
from wxp_lint.transfer import hands
from wxp_lint.transfer.outcome import after
from wxp_lint.transfer.preparing import prepare_all
from wxp_lint.transfer.reconcile import reconcile
from wxp_lint.transfer.record import Move, record
from wxp_lint.transfer.resolve import resolve
from wxp_lint.transfer.revert import REASON, plan_reversal, undone
from wxp_lint.transfer.status import standings
from wxp_lint.transfer.tell import tell

WANTED = int(os.environ.get("WXP_LINT_PROOF", "10"))
OPEN = ("prepared", "taken", "uploaded", "reported")
some = st.sets(st.sampled_from(SERIALS), min_size=1, max_size=3).map(lambda found: tuple(sorted(found)))
few = st.frozensets(st.sampled_from(SERIALS), max_size=2)
place = st.sampled_from(PLACES)
person = st.sampled_from(("Ann", "Bo"))


class Transfers(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.world = World()
        # Durability is what the kills are about.
        self._patches = [
            mock.patch("wxp_lint.ledger.events.datetime", self.world.clock()),
            mock.patch("os.fsync"),
        ]
        for patch in self._patches:
            patch.start()
        self.trust = "all"
        self.seen = []  # the ledger's lines
        self.evidence = {}  # (transfer, serial) -> how it is known that it moved
        self.numbers = 0

    def teardown(self):
        for patch in self._patches:
            patch.stop()
        self.world.close()

    @initialize()
    def begin(self):
        self.world.know(self.world.export(""))

    # What people do with files.

    @rule(data=st.data())
    def write_well(self, data):
        """As somebody would who knows where the PCs are."""
        used = {serial for told in self.world.files.values() for serial in told[0]} if data.draw(st.booleans()) else ()
        source = data.draw(st.sampled_from(sorted({self.world.place(serial) for serial in SERIALS})))
        left = [serial for serial in SERIALS if self.world.place(serial) == source and serial not in used]
        assume(left)
        serials = data.draw(st.sets(st.sampled_from(left), min_size=1, max_size=2))
        self.write(tuple(sorted(serials)), data.draw(st.sampled_from([mark for mark in PLACES if mark != source])))

    @rule(serials=some, to=place)
    def write_badly(self, serials, to):
        self.write(serials, to)

    def write(self, serials, to):
        self.numbers += 1
        path = f"transfers/{self.numbers}.csv"
        self.world.files[path] = (serials, to, None, None)

    @precondition(lambda self: self.world.files)
    @rule(data=st.data())
    def rename(self, data):
        self.numbers += 1
        told = self.world.files.pop(data.draw(self.path()))
        self.world.files[f"transfers/{self.numbers}.csv"] = told

    @precondition(lambda self: self.world.files)
    @rule(data=st.data(), serials=some)
    def edit(self, data, serials):
        path = data.draw(self.path())
        self.world.files[path] = (serials, *self.world.files[path][1:])

    @precondition(lambda self: self.world.files)
    @rule(data=st.data())
    def delete(self, data):
        del self.world.files[data.draw(self.path())]

    # What happens in the console.

    @rule(serial=st.sampled_from(SERIALS), to=place)
    def night(self, serial, to):
        """Somebody moves a PC by hand and tells nobody; the day after is another day."""
        self.world.move(serial, to)
        self.world.sleep()

    @rule()
    def tomorrow(self):
        self.world.sleep()

    @precondition(lambda self: self.folders())
    @rule(data=st.data(), fail=few)
    def upload(self, data, fail):
        """A person uploads a folder of the outbox, whether or not they took it."""
        self.world.tick()
        self.world.upload(data.draw(st.sampled_from(self.folders())), fail)
        self.world.tick()

    @rule(at=place, known=st.booleans())
    def export(self, at, known):
        self.world.tick()
        found = self.world.export(at)
        if known:
            self.world.know(found)

    # What they do with wxp-lint.

    @rule(trust=st.sampled_from(("all", "errors", "counts", "unknown")))
    def configure(self, trust):
        self.trust = trust

    @rule(agreed=st.booleans())
    def apply(self, agreed):
        self.world.tick()
        ledger = self.world.ledger()
        plan = self.world.plan(ledger)
        done = prepare_all(plan, ledger, self.world.box, by("CI"), as_planned=agreed)
        ready = {one.id for one in plan.transfers if one.state == "ready"}
        assert set(done.new) == ready
        assert not done.failed
        for name, one in self.known().items():
            assert one.state != "prepared" or one.recorded or name in self.folders()

    @rule(fail=few, says=st.booleans())
    def work_well(self, fail, says):
        """All that is ready is handed over, taken, uploaded, and mostly it is said so."""
        self.apply(False)
        for name in [name for name, (state, _) in self.folded().items() if state == "prepared"]:
            self._take(name, "Ann")
            self.world.tick()
            self.world.upload(name, fail)
            if says:
                self._uploaded(name, "Ann")

    @precondition(lambda self: self.named())
    @rule(data=st.data(), who=person)
    def take(self, data, who):
        self._take(data.draw(st.sampled_from(self.named())), who)

    def _take(self, name, who):
        before = self.known()[name]
        self.world.tick()
        done = refused(hands.take, self.world.ledger(), lambda known: known[name], by(who))
        is_theirs = before.state == "taken" and before.steps[-1].actor.name == who
        assert (done is not None) == (before.state == "prepared" or is_theirs)

    @precondition(lambda self: self.named())
    @rule(data=st.data(), who=person)
    def uploaded(self, data, who):
        self._uploaded(data.draw(st.sampled_from(self.named())), who)

    def _uploaded(self, name, who):
        before = self.known()[name].state
        self.world.tick()
        done = refused(hands.uploaded, self.world.ledger(), lambda known: known[name], by(who))
        assert done is None or before in ("taken", "uploaded")

    @precondition(lambda self: self.world.exports)
    @rule(data=st.data(), count=st.integers(1, 3))
    def reconcile_exports(self, data, count):
        """By some of the newest lists, or of the older ones that lie about."""
        self.world.tick()
        newest = st.sampled_from(self.world.exports[-6:])
        self._reconcile_exports(data.draw(st.lists(newest, min_size=1, max_size=count, unique_by=id)))

    def _reconcile_exports(self, found):
        for export in found:
            for one in self.known().values():
                for serial, spots in export.listed.items():
                    is_there = any(spot.place == mark_of(one.target) for spot in spots)
                    first = one.steps[0].at
                    is_later = export.day >= first.date() if one.recorded else export.made >= first
                    if is_there and is_later and serial in one.outcome:
                        self.evidence[one.id, serial] = export.name
        self._reconcile(found, [])

    @precondition(lambda self: self.world.uploads)
    @rule(night=st.booleans())
    def reconcile_well(self, night):
        """By new lists of all places, which become the inventory."""
        if night:
            self.world.sleep()
        found = [self.world.export(mark) for mark in PLACES]
        for export in found:
            self.world.know(export)
        self.world.tick()
        self._reconcile_exports(found)

    @precondition(lambda self: self.world.uploads)
    @rule(data=st.data(), omitted=few, surplus=few, words=st.booleans(), named=st.booleans())
    def reconcile_summary(self, data, omitted, surplus, words, named):
        upload = data.draw(st.sampled_from(self.world.uploads))
        summary = self.world.summary(upload, omitted, surplus, words)
        # What has no row of its own upload, and that of another one, nobody could tell apart.
        assume(summary.said.keys() & (upload.moved | upload.failed))
        self.world.tick()
        if self.trust == "all":
            for serial, said in summary.said.items():
                if said == "moved" and serial in upload.moved:
                    self.evidence[upload.transfer, serial] = summary.name
        self._reconcile([], [summary], self.known()[upload.transfer] if named else None)

    def _reconcile(self, exports, summaries, only=None):
        def decide(log):
            return reconcile(
                of_log(log), exports, summaries, trust=self.trust, places=NAMES, now=self.world.now, only=only
            ).drafts

        ledger = self.world.ledger()
        if ledger.read() is None:
            return
        if refused(tell, ledger, decide, by("Ann")):
            # The same evidence again decides nothing.
            assert list(decide(ledger.read())) == []

    @precondition(lambda self: self.named())
    @rule(data=st.data(), outcome=st.sampled_from(("moved", "failed", "unknown")), serials=st.none() | some, who=person)
    def resolve(self, data, outcome, serials, who):
        name = data.draw(st.sampled_from(self.named()))
        one = self.known()[name]
        wanted = [serial for serial in serials or () if serial in one.outcome]
        self.world.tick()

        def decide(log):
            known = of_log(log)
            first = resolve(known[name], outcome, "seen", who, self.world.now, serials=wanted)
            return [first, *undone(after(known, [first], self.world.now), NAMES)]

        ledger = self.world.ledger()
        if refused(lambda: ledger.append(ledger.read().head, decide(ledger.read()), by(who))) and outcome == "moved":
            about = wanted or [serial for serial, said in one.outcome.items() if said == "unknown"]
            self.evidence |= {(name, serial): who for serial in about}

    @precondition(lambda self: len(self.seen) > 3)
    @rule(serials=st.sampled_from(SERIALS).map(lambda serial: (serial,)), to=place, really=st.booleans())
    def record(self, serials, to, really):
        """A move by hand, which took place or not."""
        source = self.world.place(serials[0])
        self.world.tick()
        here, there = (NAMES.find(mark) or NAMES.unassigned for mark in (source, to))
        ids = {mark: TARGETS.by_key[mark].customer_id for mark in PLACES}
        move = Move(
            serials, here, ids[source] if source else None, there, ids[to], self.world.now.date(), "a rush", "seen"
        )
        ledger = self.world.ledger()
        done = refused(tell, ledger, lambda log: self._once(log, move), by("Ann"))
        if done and really:
            for serial in serials:
                self.world.move(serial, to)
        self.world.tick()

    def _once(self, log, move):
        return [record(of_log(log), move)]

    @precondition(lambda self: self.moved())
    @rule(data=st.data())
    def revert(self, data):
        known = self.known()
        one = known[data.draw(st.sampled_from(self.moved()))]
        listed = self.world.listings()
        found = refused(plan_reversal, one, known, listed, TARGETS, self.world.settings)
        for each in found.files if found else ():
            for serial in each.serials:
                assert self.moved_last(serial) == one.id or self.is_there_again(serial, one)
                assert self.is_listed_there(serial, one, listed)
            to = each.file.text.splitlines()[1].split(",")[1]
            self.world.files[each.file.path] = (
                each.serials,
                "" if to == "u-id" else to.upper(),
                mark_of(one.target),
                REASON,
            )

    # What must hold after every step.

    @invariant()
    def events_only_grow(self):
        lines = self.lines()
        assert lines[: len(self.seen)] == self.seen
        self.seen = lines

    @invariant()
    def nothing_is_prepared_twice(self):
        prepared = Counter(event["transfer"] for event in self.events() if event["kind"] == "prepared")
        assert all(count == 1 for count in prepared.values())
        known = self.known()
        waiting = [one for one in known.values() if one.state in OPEN]
        assert len({one.digest for one in waiting}) == len(waiting)
        serials = Counter(serial for one in waiting for serial in one.outcome)
        assert all(count == 1 for count in serials.values()), serials

    @invariant()
    def nobody_is_told_of_a_success_without_evidence(self):
        for event in self.events():
            for serial, said in event["data"].get("devices", {}).items():
                if said == "moved":
                    assert (event["transfer"], serial) in self.evidence, event

    @invariant()
    def what_is_not_known_is_not_settled(self):
        for name, (state, outcome) in self.folded().items():
            said = set(outcome.values())
            if state == "confirmed":
                assert said == {"moved"}, name
            if state == "failed":
                assert said == {"failed"}, name
            if state in ("partly_failed", "reverted"):
                assert "unknown" not in said, name

    @invariant()
    def status_says_what_the_ledger_says(self):
        told = {one.id: one for one in standings(self.known(), None)}
        folded = self.folded()
        assert told.keys() == folded.keys()
        for name, (state, outcome) in folded.items():
            counts = Counter(outcome.values())
            assert told[name].state == state
            assert told[name].devices == {said: counts[said] for said in ("moved", "failed", "unknown")}
            assert set(told[name].unknown) == {serial for serial, said in outcome.items() if said == "unknown"}

    # How they look at it.

    def path(self):
        return st.sampled_from(sorted(self.world.files))

    def known(self):
        return of_log(self.world.ledger().read())

    def named(self):
        return sorted({event["transfer"] for event in self.events() if event["transfer"]})

    def moved(self):
        """The transfers of which a PC is known to have moved."""
        return sorted(name for name, (_, outcome) in self.folded().items() if "moved" in outcome.values())

    def folders(self):
        return sorted(one.name for one in self.world.box.folder.iterdir()) if self.world.box.folder.exists() else []

    def lines(self):
        file = self.world.folder / "ledger.db"
        if not file.exists():
            return []
        with closing(sqlite3.connect(file)) as con:
            return [line for (line,) in con.execute("select line from event order by seq")]

    def events(self):
        return [json.loads(line) for line in self.lines()]

    def folded(self):
        """State and outcomes of each transfer, by its events."""
        found = {}
        for event in self.events():
            name, data = event["transfer"], event["data"]
            if not name:
                continue
            _, outcome = found.get(name, ("", dict.fromkeys(data.get("serials", ()), "unknown")))
            told = {serial: said for serial, said in data.get("devices", {}).items() if said != "unknown"}
            found[name] = (event["kind"], {**outcome, **told})
        return found

    def told_moved(self, serial):
        """The events that say of a PC that it moved."""
        return [event for event in self.events() if event["data"].get("devices", {}).get(serial) == "moved"]

    def moved_last(self, serial):
        """The transfer by which a PC is known to have moved last."""
        moves = [
            event["transfer"] for event in self.events() if event["data"].get("devices", {}).get(serial) == "moved"
        ]
        return moves[-1] if moves else None

    def is_there_again(self, serial, one):
        """Whether another transfer put it where this one did."""
        return mark_of(self.known()[self.moved_last(serial)].target) == mark_of(one.target)

    def is_listed_there(self, serial, one, listed):
        """Whether no list that is newer than its last move has it elsewhere."""
        told = datetime.fromisoformat(self.told_moved(serial)[-1]["at"]).date()
        newer = [each for each in listed[serial] if each.day > told]
        newest = [each for each in newer if each.day == newer[0].day]
        return not newest or any((each.place.customer_key or "") == mark_of(one.target) for each in newest)


TestTransfers = Transfers.TestCase
TestTransfers.settings = settings(
    max_examples=5 * WANTED if WANTED >= 100 else 25,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
