"""What the sandbox remembers: where everything stood at first, and every accepted upload since.

The rest follows from it, so nothing else is kept. One SQLite file, one process at a time.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wxp_lint.errors import UsageError
from wxp_lint.keys import key
from wxp_lint.sandbox.upload import Row
from wxp_lint.sandbox.world import Contradiction, Customer, Device, World, check

_FORMAT = 1
_SCHEMA = """
create table if not exists world (format integer not null, body text not null);
create table if not exists upload (n integer primary key, body text not null);
"""


@dataclass(frozen=True)
class Upload:
    """An accepted upload. `at` are seconds since 1970; `place` is an id of the API, `target` the first row's text."""

    id: str
    at: float
    name: str
    place: str
    target: str
    sha256: str
    rows: tuple[Row, ...]
    behaviour: Mapping[str, str]


def world_to_json(world: World) -> dict[str, Any]:
    """A world as plain values, for the state and for snapshots."""
    return {
        "format": _FORMAT,
        "unassigned_id": world.unassigned_id,
        "customers": [list(one) for one in world.customers],
        "devices": [list(one) for one in world.devices.values()],
    }


def world_from_json(found: Any) -> World:
    """The reverse of `world_to_json`. Raises ValueError for what has not its form, Contradiction for what cannot be."""
    try:
        if type(found["format"]) is not int or found["format"] != _FORMAT:
            raise ValueError(f"format {found['format']}")
        customers = tuple(Customer(*map(_text, one)) for one in _list(found["customers"]))
        listed = [Device(*map(_text, one)) for one in _list(found["devices"])]
        world = World(customers, {key(one.serial): one for one in listed}, _text(found["unassigned_id"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"{error}") from None
    if len(world.devices) < len(listed):
        raise Contradiction("two PCs have the same serial number")
    check(world)
    return world


class State:
    """The file, or nothing but memory where `path` is None."""

    def __init__(self, path: Path | None, start: Callable[[], World]) -> None:
        """Opens what is there; `start` makes the world of a new one. Raises UsageError."""
        self.was_there = path is not None and path.exists() and path.stat().st_size > 0
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._con = sqlite3.connect(path or ":memory:", timeout=1, isolation_level=None, check_same_thread=False)
            self._con.execute("pragma locking_mode = exclusive")
            self._con.execute("pragma synchronous = extra")
            self._con.execute("begin exclusive")
            for statement in _SCHEMA.split(";"):
                self._con.execute(statement)
            kept = self._con.execute("select body from world order by rowid").fetchall()
            worlds = [world_from_json(json.loads(body)) for (body,) in kept] or [start()]
            self._first, self.world = worlds[0], worlds[-1]
            if not kept:
                self._insert_world(self.world)
            self._con.execute("commit")
            self.uploads = [_upload(row[0]) for row in self._con.execute("select body from upload order by n")]
        except (OSError, sqlite3.Error) as error:
            locked = "locked" in str(error)
            mend = "stop the other sandbox, or name another file" if locked else "name another file"
            said = "another sandbox is using it" if locked else f"it cannot be used ({error})"
            raise UsageError(f"--state {path}: {said}: {mend}") from None
        except (KeyError, TypeError, ValueError, AttributeError):
            raise UsageError(f"--state {path}: it is of another version: name another file") from None

    def record(self, upload: Upload) -> None:
        """Keeps an upload; when this returns it is on the disk. Raises sqlite3.Error."""
        body = json.dumps({**vars(upload), "behaviour": dict(upload.behaviour)})
        self._con.execute("insert into upload (body) values (?)", (body,))
        self.uploads.append(upload)

    def restart(self, world: World | None) -> None:
        """Begins anew with `world`, or the very first: no uploads, no events.

        Raises sqlite3.Error, and then nothing has changed.
        """
        self._con.execute("begin exclusive")
        try:
            self._con.execute("delete from upload")
            self._con.execute("delete from world where rowid > 1")
            if world:
                self._insert_world(world)
            self._con.execute("commit")
        except sqlite3.Error:
            if self._con.in_transaction:
                self._con.execute("rollback")
            raise
        self.world = world or self._first
        self.uploads = []

    def close(self) -> None:
        """Lets the file go."""
        self._con.close()

    def _insert_world(self, world: World) -> None:
        body = json.dumps(world_to_json(world))
        self._con.execute("insert into world values (?, ?)", (_FORMAT, body))


def _upload(body: str) -> Upload:
    found = json.loads(body)
    return Upload(**{**found, "rows": _rows(found["rows"])})


def _rows(found: Iterable[Any]) -> tuple[Row, ...]:
    return tuple(Row(*row) for row in found)


def _list(value: object) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(one, list) for one in value):
        raise ValueError("no list")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 1000:
        raise ValueError("no text")
    return value
