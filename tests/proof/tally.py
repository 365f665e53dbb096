"""What must hold after every trial, and the figures of all of them."""

from dataclasses import dataclass
from typing import NamedTuple


class Reference(NamedTuple):
    """A run in which nothing went wrong: the outbox by id and file, and how long it took (seconds)."""

    outbox: dict[str, dict[str, bytes]]
    took: float


@dataclass
class Tally:
    """Counts. `before` and `after`: kills before and after the ledger was told."""

    what: str
    ledger: str
    runs: int = 0
    kills: int = 0
    before: int = 0
    after: int = 0
    duplicates: int = 0
    lost: int = 0

    def check(self, scene, reference, clones):
        """Counts what is there twice, and what is not there, once a clean run is through; the outboxes of `clones`."""
        prepared = scene.prepared()
        self.duplicates += len(prepared) - len(set(prepared))
        self.lost += len(reference.outbox.keys() - set(prepared))
        assert sorted(prepared) == sorted(reference.outbox)
        for clone in clones:
            assert scene.outbox(clone) == reference.outbox

    @staticmethod
    def table(counted):
        """The lines of a table: a row a test and a ledger."""
        rows = {}
        for one in counted:
            row = rows.setdefault((one.what, one.ledger), Tally(one.what, one.ledger))
            for name in ("runs", "kills", "before", "after", "duplicates", "lost"):
                setattr(row, name, getattr(row, name) + getattr(one, name))
        yield f"{'ledger':<12}{'runs':>6}{'kills':>7}{'before':>8}{'after':>7}{'duplicates':>12}{'lost':>6}  of"
        for one in rows.values():
            yield (
                f"{one.ledger:<12}{one.runs:>6}{one.kills:>7}{one.before:>8}{one.after:>7}{one.duplicates:>12}"
                f"{one.lost:>6}  {one.what}"
            )


def is_part(outbox, reference):
    """Whether each folder in the outbox is whole, byte by byte."""
    return outbox.items() <= reference.outbox.items()


def is_told(run):
    """Whether a run that ended by itself said in words what it could not do: no crash, no silence."""
    if "Traceback" in run.err or "internal error" in run.err:
        return False
    if run.code == 0:
        return "ready to upload by hand" in run.out
    return run.code == 8 and ("it is safe to apply again" in run.err or "could not be written" in run.out)
