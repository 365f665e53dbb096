"""A console that does not exist, people who use it, and what wxp-lint is told of it."""

import shutil
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

from wxp_lint.config.settings import Apply, Settings
from wxp_lint.errors import UsageError
from wxp_lint.facts.places import Place, Places
from wxp_lint.ledger.events import Actor, Context
from wxp_lint.ledger.identity import digest
from wxp_lint.ledger.open import open_ledger
from wxp_lint.ledger.states import newest, of_log
from wxp_lint.prepare.targets import Target, Targets
from wxp_lint.transfer.evidence import Export
from wxp_lint.transfer.evidence import Spot as Listed
from wxp_lint.transfer.inputs import Inputs, Party, Registry, Row, Sheet, Spot
from wxp_lint.transfer.listings import Listing
from wxp_lint.transfer.plan import make_plan
from wxp_lint.transfer.submit.outbox import Outbox
from wxp_lint.transfer.summary import Summary

SERIALS = tuple(f"5CG823000{n}" for n in range(4))
_PARTIES = {
    "": Party("Unassigned", "u-id", "U-ID"),
    "ACME-ID": Party("Acme", "acme-id", "ACME-ID"),
    "CONTOSO-ID": Party("Contoso", "contoso-id", "CONTOSO-ID"),
}
PLACES = tuple(_PARTIES)  # as the ledger's evidence names them: keys, "" for Unassigned
REGISTRY = Registry(_PARTIES[""], {mark: party for mark, party in _PARTIES.items() if mark})
_UNASSIGNED = Place("Unassigned", None, "U-ID")
_KNOWN = {mark: Place(_PARTIES[mark].name, mark, mark) for mark in PLACES if mark}
NAMES = Places(
    _UNASSIGNED,
    {"": _UNASSIGNED, "UNASSIGNED": _UNASSIGNED, "U-ID": _UNASSIGNED}
    | {word: place for mark, place in _KNOWN.items() for word in (mark, place.name.upper())},
    ("Acme", "Contoso"),
)
TARGETS = Targets(
    NAMES, {mark: Target(one.key, one.customer_id, one.name, one.name.lower()) for mark, one in _PARTIES.items()}, True
)


def mark_of(party):
    """The key of a place of the ledger, or of a plan."""
    return "" if party.name == "Unassigned" else (party.customer_id or "").upper()


class Uploaded(NamedTuple):
    """What the console did with a file: when, and which of its PCs moved."""

    transfer: str
    at: datetime
    moved: frozenset[str]
    failed: frozenset[str]


class World:
    """Where the PCs really are, and where they have been since when. A day begins at six; each step takes a minute."""

    def __init__(self):
        shared = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(prefix="wxp-world-", dir=shared if shared.is_dir() else None))
        self.settings = Settings(root=self.folder, apply=Apply(ledger="sqlite:ledger.db"))
        self.box = Outbox(self.settings)
        self.now = datetime(2026, 11, 10, 6, tzinfo=UTC)
        self.been = {serial: [(self.now, "")] for serial in SERIALS}
        self.files = {}  # path -> (serials, target, source or None, reason or None)
        self.exports = []
        self.uploads = []
        self.inventory = {serial: [] for serial in SERIALS}  # (day, place), in the order of the exports

    def close(self):
        shutil.rmtree(self.folder)

    def tick(self, **more):
        self.now += timedelta(**(more or {"minutes": 1}))

    def sleep(self):
        """Until six in the morning."""
        self.now = (self.now + timedelta(days=1)).replace(hour=6, minute=0)

    def clock(self):
        """In place of `datetime`, for what asks it for the time."""
        world = self

        class Clock(datetime):
            @classmethod
            def now(cls, tz=None):
                return world.now

        return Clock

    def place(self, serial):
        return self.been[serial][-1][1]

    def move(self, serial, place):
        self.been[serial].append((self.now, place))

    def was_in(self, serial, place, since, until):
        """Whether a PC was in a place at some moment of that time."""
        stays = zip(self.been[serial], [*(at for at, _ in self.been[serial][1:]), datetime.max.replace(tzinfo=UTC)])
        return any(there == place and at <= until and left > since for (at, there), left in stays)

    def upload(self, transfer, fail):
        """Executes the file in the outbox, as a person would by hand; those in `fail` stay where they are."""
        lines = (self.box.place(transfer) / "upload.csv").read_text().splitlines()
        assert lines[0] == "Serial Number,Customer ID"
        moved = set()
        for line in lines[1:]:
            serial, customer = line.split(",")
            if serial not in fail:
                moved.add(serial)
                self.move(serial, "" if customer == "u-id" else customer.upper())
        rest = {line.split(",")[0] for line in lines[1:]} - moved
        self.uploads.append(Uploaded(transfer, self.now, frozenset(moved), frozenset(rest)))

    def export(self, place):
        """A list of a place, as it is now."""
        day = self.now.date()
        listed = {serial: [Listed(place, day)] for serial in SERIALS if self.place(serial) == place}
        name = f"{place or 'unassigned'}-{len(self.exports)}-{day}.csv"
        self.exports.append(
            Export(name, _sha(name), listed, frozenset({place}), day, "its name", _PARTIES[place].name, self.now)
        )
        return self.exports[-1]

    def know(self, export):
        """An export becomes part of the inventory, in place of the older one of its place."""
        (place,) = export.places
        for serial, spots in self.inventory.items():
            spots[:] = [one for one in spots if one[1] != place]
            if serial in export.listed:
                spots.append((export.day, place))

    def summary(self, upload, omitted, surplus, words):
        """HP's Summary of an upload, without the rows of some PCs and with some that were not in it.

        `words`: whether what it says is understood.
        """
        said = dict.fromkeys(upload.moved, "moved") | dict.fromkeys(upload.failed, "failed")
        said |= {serial: "moved" for serial in surplus if serial not in said}
        said = {serial: one if words else "unknown" for serial, one in said.items() if serial not in omitted}
        name = f"summary-{upload.transfer}-{upload.at:%d%H%M}-{len(omitted)}{len(surplus)}{words}"
        return Summary(name, _sha(name + repr(said)), said, said, {}, "text")

    def inputs(self, known):
        """What `plan` would gather, checked files and all; of the rules, that of one PC in two open files counts."""
        spots = {}
        for serial, listed in self.inventory.items():
            if listed:
                places = [place for day, place in listed if day == max(listed)[0]]
                spots[serial] = Spot(_PARTIES[places[0]], max(listed)[0], len(set(places)), False)
        return Inputs(
            settings=self.settings, standing=SimpleNamespace(head="0" * 40, tip_name="main"), today=self.now.date(),
            sheets=[self._sheet(path, known, *told) for path, told in sorted(self.files.items())], spots=spots,
            uninformed=None, registry=REGISTRY, unable=(), per_customer=None, codes={}, policy="", secrets=frozenset(),
            drafts=(), settled=(), uncommitted=(), resting=None, notes=(),
        )  # fmt: skip

    def _is_open(self, path, known):
        last = newest(known, path)
        serials, target, *_ = self.files[path]
        return not (last and last.done and last.digest == digest(_PARTIES[target].key, serials))

    def _sheet(self, path, known, serials, target, source, reason):
        party = _PARTIES[target]
        conflicts = [
            SimpleNamespace(code="WXP402", level="error", line=2, message=f"{other} moves it too")
            for other, told in self.files.items()
            if told[1] != target and set(told[0]) & set(serials) and self._is_open(other, known)
        ]
        rows = [Row(n, serial, party.key, "text", "text") for n, serial in enumerate(serials, 2)]
        sidecar = reason and SimpleNamespace(
            ticket=None, reason=reason, wait_until=None, possession_by=None, replaces={}, source=source
        )
        return Sheet(
            path=path, sha256=_sha(repr((serials, target))), merged=True, rows=rows, target=party,
            digest=digest(party.key, serials), findings=conflicts, hits=(), sidecar=sidecar,
            source=None if source is None else _PARTIES[source],
        )  # fmt: skip

    def listings(self):
        """What the inventory says, newest first."""
        return {
            serial: [
                Listing(NAMES.find(place) or _UNASSIGNED, "an export", day)
                for day, place in sorted(known, reverse=True)
            ]
            for serial, known in self.inventory.items()
        }

    def ledger(self):
        return open_ledger(self.settings)

    def plan(self, ledger):
        log = ledger.read()
        return make_plan(self.inputs(of_log(log)), log, ledger.name)


def by(name):
    return Context(Actor(name, "typed"))


def refused(step, *given, **more):
    """What a step gives; None where it is refused in words."""
    with suppress(UsageError):
        return step(*given, **more)
    return None


def _sha(text):
    return sha256(text.encode()).hexdigest()
