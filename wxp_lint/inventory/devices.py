"""What exports, Parquet files and databases have in common for those who read them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from itertools import count
from pathlib import Path
from typing import NamedTuple, Protocol

from wxp_lint.config.limits import Limits
from wxp_lint.database import Connection

PERSONAL = frozenset({"last_user", "last_seen"})  # fields that are read only if a rule that runs needs them
_numbers = count(1)


class Asked(NamedTuple):
    """What a run wants of a source.

    `keys` is a query in its database whose one column are the serial keys in question; a source may list others too.
    None stands for all there are. A database is not asked for more than `most` of them, but for none.
    `personal` are those of PERSONAL that may be read, `today` is when it is asked. What takes long to read is
    remembered outside of the working tree around `remember`; None: it is not. A file beyond
    `limits` is refused. `kind` is what messages call a file, before its name: nothing where it is no inventory.
    """

    keys: str | None
    personal: frozenset[str] = frozenset()
    today: date | None = None
    remember: Path | None = None
    most: int | None = None
    limits: Limits = Limits()
    kind: str = "inventory"

    def called(self, path: str) -> str:
        """The file at `path` in messages."""
        return f"{self.kind} {path}".lstrip()

    def leaves(self, field: str) -> bool:
        """Whether this field is not to be read."""
        return field in PERSONAL and field not in self.personal


class Devices(NamedTuple):
    """A relation over one list: texts as they stand, null where a cell is missing.

    `fields` are its columns: "serial", and those of customer, device_name, last_user, last_seen, as_of that the list
    has. No two relations share the name of a parameter. `name` is how messages call the list. DuckDB may refuse to
    read the relation; then `otherwise`, where there is one, opens the same list in a slower way that takes anything.
    `partial`: the relation holds only those that were asked for; `others`: there are devices in it, though that has
    none.
    """

    name: str
    fields: tuple[str, ...]
    relation: str
    parameters: Mapping[str, str]
    otherwise: "Callable[[], Devices] | None" = None
    others: bool = False
    partial: bool = False


class DeviceSource(Protocol):
    """A list of devices, wherever it lies."""

    @property
    def name(self) -> str:
        """How messages call it, without anything secret."""

    @property
    def size(self) -> int:
        """How many bytes are read to answer."""

    @property
    def commit_path(self) -> str | None:
        """The path under which git may know when it was last changed, None where that tells nothing."""

    def open(self, con: Connection, asked: Asked, opened: ExitStack) -> Devices:
        """Its devices, or those of them that are asked for. What this needs is there until `opened` closes.

        Raises UsageError that names the source and the mend, also for one that does not answer.
        """

    def day(self, asked: Asked, committed: Mapping[str, date]) -> date | None:
        """The day it is of, where no column says so; `committed` are days of last commits. None: unknown."""


def fresh(*names: str) -> Iterator[str]:
    """`names` made unlike any others."""
    number = next(_numbers)
    return (f"{name}_{number}" for name in names)
