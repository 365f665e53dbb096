"""The mark that a ledger leaves in a clone: how far it was when it was last seen from here.

It lies where no commit and no pull request reaches, and it is how a ledger that was lost, exchanged or put back to an
older state is told from one that never was.
"""

import json
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from wxp_lint.ledger.events import Head, Log, line_hash
from wxp_lint.ledger.protocol import Foreign, Lost, RolledBack
from wxp_lint.ledger.trace import Trace

_MEND = "if that is right, say so with wxp-lint ledger baseline --reason TEXT"


class Mark(NamedTuple):
    """A ledger as it was seen last: how it is called, and its head then."""

    name: str
    head: Head


def load(trace: Trace) -> Mark | None:
    """The mark; None if there is none, or what is there cannot be read."""
    found = _entries(trace).get(trace.entry)
    try:
        return Mark(found["name"], Head(found["id"], int(found["seq"]), found["hash"])) if found else None
    except (KeyError, TypeError, ValueError):
        return None


def save(trace: Trace, mark: Mark) -> None:
    """Keeps `mark`. A clone that cannot be written to goes without: the mark only adds to what the ledger says."""
    entry = {"name": mark.name, "id": mark.head.id, "seq": mark.head.length, "hash": mark.head.hash}
    draft = trace.file.with_name(f".{trace.file.name}.{os.getpid()}")
    try:
        trace.file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps({**_entries(trace), trace.entry: entry}, indent=1, sort_keys=True) + "\n")
        draft.replace(trace.file)
    except OSError:
        return


def verify(mark: Mark | None, log: Log | None, name: str) -> None:
    """Raises Lost, Foreign or RolledBack if `log`, read after `mark`, does not go on from it."""
    if mark is None:
        return
    seen = f"{mark.head.length} event{'' if mark.head.length == 1 else 's'}"
    if log is None:
        raise Lost(
            f"the ledger is lost: {_was(mark, name)} was seen from here with {seen}, now {name} holds none; "
            f"bring it back (a backup, wxp-lint ledger import FILE); {_MEND}"
        )
    if log.id != mark.head.id:
        raise Foreign(
            f"{name} holds another ledger ({log.id}) than the one seen from here before ({mark.head.id}, {seen}); "
            f"put [apply] ledger or the ledger right; {_MEND}"
        )
    if len(log.lines) < mark.head.length or line_hash(log.lines[mark.head.length - 1]) != mark.head.hash:
        raise RolledBack(
            f"{name} was rolled back: it had {seen} when it was last seen from here, now it has {len(log.lines)}, and "
            f"they are no continuation; bring the newer one back; {_MEND}"
        )


def _was(mark: Mark, name: str) -> str:
    return "it" if mark.name == name else mark.name


def _entries(trace: Trace) -> Mapping[str, Any]:
    try:
        found = json.loads(trace.file.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
