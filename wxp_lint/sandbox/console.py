"""The console: it takes uploads, and some time later the PCs have moved and there is a Summary."""

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from wxp_lint.sandbox import tables
from wxp_lint.sandbox.faults import LATE
from wxp_lint.sandbox.state import State, Upload
from wxp_lint.sandbox.summary import summary
from wxp_lint.sandbox.transfer import Outcome, carry_out
from wxp_lint.sandbox.upload import SAMPLE_HEADER, Row, rows, shown
from wxp_lint.sandbox.world import UNASSIGNED, Place, World

PROCESSING = 0.5  # seconds from an upload to its outcome
EXPORT = ("Serial Number", "Device Name", "Last Seen")
SAMPLE_SERIAL = "SAMPLE0001"


class Report(NamedTuple):
    """An upload. `outcome` is None while it is processed, `ready` is whether its Summary is there."""

    upload: Upload
    outcome: Outcome | None
    ready: bool


class Console:
    """Everything that the pages and the API show. `clock` tells seconds since 1970."""

    def __init__(
        self,
        state: State,
        behaviour: Mapping[str, str],
        faults: frozenset[str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.behaviour = behaviour
        self.faults = faults
        self._state = state
        self._clock = clock
        self._begin()

    def _begin(self) -> None:
        self._world = self._state.world
        self._outcomes: dict[str, Outcome] = {}

    @property
    def world(self) -> World:
        """The world at this moment."""
        self._settle()
        return self._world

    def _settle(self) -> None:
        """Carries out what has been processed by now."""
        now = self._clock()
        for upload in self._state.uploads[len(self._outcomes) :]:
            if 0 <= now - upload.at < PROCESSING:  # a clock that was set back leaves nothing waiting
                break
            source = self._world.place(upload.place)
            assert source is not None
            outcome = carry_out(self._world, source, upload.rows, upload.behaviour)
            self._outcomes[upload.id] = outcome
            self._world = outcome.world

    def accept(self, place: Place, name: str, data: bytes, found: tuple[Row, ...]) -> Upload:
        """Takes an upload; when this returns it is recorded on the disk."""
        upload = Upload(
            f"u-{secrets.token_hex(6)}",
            self._clock(),
            shown(name),
            place.id,
            found[0].customer_id,
            sha256(data).hexdigest(),
            found,
            self.behaviour,
        )
        self._state.record(upload)
        return upload

    def read(self, data: bytes) -> tuple[Row, ...]:
        """The rows of a file. Raises upload.Refused."""
        return rows(data, self.behaviour)

    def reports(self) -> list[Report]:
        """All uploads, the newest first."""
        self._settle()
        return [self._report(upload) for upload in reversed(self._state.uploads)]

    def report(self, upload_id: str) -> Report | None:
        """The upload with this id."""
        self._settle()
        found = next((one for one in self._state.uploads if one.id == upload_id), None)
        return self._report(found) if found else None

    def _report(self, upload: Upload) -> Report:
        outcome = self._outcomes.get(upload.id)
        late = "summary-late" in self.faults and 0 <= self._clock() - upload.at < PROCESSING + LATE
        return Report(upload, outcome, outcome is not None and not late)

    def summary(self, report: Report, form: str) -> bytes:
        """The Summary of an upload that is ready, as "csv" or "xlsx"."""
        assert report.outcome is not None
        return summary(form, report.outcome, report.upload.behaviour["summary"], self.faults)

    def export(self, place: Place, form: str) -> bytes:
        """The list of a place's PCs, as "csv" or "xlsx"."""
        devices = self.world.at(place)
        return tables.write(form, EXPORT, [device[:3] for device in devices], "Devices")

    def sample(self, form: str) -> bytes:
        """The sample transfer file, as "csv" or "xlsx"."""
        customer = next((one.customer_id for one in self.world.customers), "")
        return tables.write(form, SAMPLE_HEADER, [(SAMPLE_SERIAL, customer)], "Transfer")

    def events(self) -> list[dict[str, Any]]:
        """One for each accepted upload, the oldest first (DESIGN 9)."""
        return [
            {
                "kind": "upload",
                "sha256": one.sha256,
                "place": one.place,
                "target": one.target,
                "rows": len(one.rows),
                "serials": [row.serial for row in one.rows],
                "at": moment(one.at),
            }
            for one in self._state.uploads
        ]

    def restart(self, world: World | None = None) -> None:
        """Back to the first world, or to another: no uploads, no events."""
        self._state.restart(world)
        self._begin()


def moment(at: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC, with milliseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def file_name(place: Place, form: str) -> str:
    """How an export is called: the place and the day, of letters, digits and hyphens alone."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in place.name.lower())
    stem = "unassigned" if place.id == UNASSIGNED else "-".join(filter(None, plain.split("-"))) or "customer"
    return f"{stem}-{date.today().isoformat()}.{form}"
