"""The snapshot: what `wxp-lint inventory sync` has gathered of all lists, laid out to find a few devices fast.

A Parquet file, sorted by serial key, in groups of rows so small that those without a wanted key need not be read, and
a manifest in JSON that says of which lists it is. Both lie in the user's cache folder, for their owner alone. The
manifest names the Parquet file and is replaced as a whole, so who reads sees the old snapshot or the new one.
"""

import json
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from wxp_lint.config import cache
from wxp_lint.config.settings import InventorySource

MANIFEST = "manifest.json"
VERSION = 1
HIDDEN = 0o077  # what nobody else may do with the folder: reading counts too
GROUP = 8192  # rows; measured with 200 keys among 10M: 80 ms, with 20,480 140 ms, with 122,880 450 ms
FIELDS = ("customer", "device_name", "last_user", "last_seen", "as_of")


class Listed(NamedTuple):
    """One list in a snapshot: its number there, what it is a list of, and what it held.

    `identity` stands for the source as the config has it (see `identity`), `seal` for the file as it was (None for a
    database). `fields` are its columns besides the serial key, `personal` those of the personal ones that were asked
    for. `read` is when it was read, in seconds since 1970.
    """

    number: int
    name: str
    identity: str
    seal: str | None
    fields: tuple[str, ...]
    personal: tuple[str, ...]
    devices: int
    read: float


class Snapshot(NamedTuple):
    """`data` is the Parquet file; `made` when it was, in seconds since 1970; `devices` are counted once each.

    `minimal`: serial numbers and places alone.
    """

    data: Path
    made: float
    minimal: bool
    devices: int
    lists: tuple[Listed, ...]

    @property
    def day(self) -> date:
        """The day on which it was made."""
        return datetime.fromtimestamp(self.made).date()

    def holds(self, identity: str, seal: str | None, personal: frozenset[str]) -> Listed | None:
        """The list that can be told from the snapshot as well as by reading it again."""
        for one in self.lists:
            is_enough = self.minimal or personal <= set(one.personal)
            if one.identity == identity and one.seal == seal and is_enough:
                return one
        return None


def home(root: Path) -> Path | None:
    """Where the snapshot of the config in `root` belongs; None where there is no place outside of the working tree."""
    place = cache.folder(root)
    return None if place is None else place / "snapshot" / cache.digest(str(root.resolve()).encode())[:24]


def load(root: Path) -> Snapshot | None:
    """The snapshot of the config in `root`; None without one, and for one that others could have written."""
    place = home(root)
    if place is None or not cache.is_private(place, HIDDEN):
        return None
    try:
        told = json.loads((place / MANIFEST).read_bytes())
        if told["version"] != VERSION:
            return None
        lists = tuple(
            Listed(**{**one, "fields": tuple(one["fields"]), "personal": tuple(one["personal"])})
            for one in told["lists"]
        )
        found = Snapshot(place / str(told["data"]), told["made"], told["minimal"], told["devices"], lists)
        return found if found.data.is_file() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def manifest(snapshot: Snapshot) -> bytes:
    """What `load` reads."""
    told = {
        "version": VERSION,
        "data": snapshot.data.name,
        "made": snapshot.made,
        "minimal": snapshot.minimal,
        "devices": snapshot.devices,
        "lists": [one._asdict() for one in snapshot.lists],
    }
    return json.dumps(told, indent=1).encode()


def identity(source: InventorySource, name: str) -> str:
    """Stands for a list: its name, or the database and query, and how its columns are called.

    Places and days are not part of it: they are the config's, and hold at once when it changes.
    """
    meant = [name, source.url, source.query, sorted(source.columns.items())]
    return cache.digest(json.dumps(meant).encode())


def seal(path: Path) -> str | None:
    """Stands for a file's content without reading it; None where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return f"{found.st_size}-{found.st_mtime_ns}-{found.st_ctime_ns}-{found.st_ino}"
