"""What can go wrong on the way to a remote, on demand."""

from collections.abc import Collection, Iterable

from wxp_lint.errors import UsageError, did_you_mean

SLOW = 2.0  # seconds
LATE = 5.0  # seconds
FAULTS = {
    "slow": f"every upload is accepted at once, and answered after {SLOW:g} s",
    "error-before": "every upload is answered with 503, and nothing is accepted",
    "error-after": "every upload is accepted, and answered with 500",
    "cut-before": "the connection is cut without an answer, and nothing is accepted",
    "cut-after": "the upload is accepted, and the connection is cut without an answer",
    "summary-late": f"the PCs move, but the Summary comes {LATE:g} s later",
    "summary-errors-only": "the Summary lists only the rows with an error",
    "summary-counts": "the Summary lists no rows, only how many were moved and how many were not",
    "summary-missing-row": "the Summary leaves its last row out",
}


def faults(names: Iterable[str]) -> frozenset[str]:
    """The faults of these names. Raises UsageError for an unknown one."""
    found = frozenset(names)
    for name in sorted(found - set(FAULTS)):
        hint = did_you_mean(name, FAULTS) or f": there are {', '.join(FAULTS)}"
        raise UsageError(f"--fault {name}: there is no such fault{hint}")
    return found


def lists(summary: str, active: Collection[str]) -> str:
    """What the Summary lists: `summary` as the behaviour says (all, errors, counts), unless a fault says less."""
    if "summary-counts" in active:
        return "counts"
    return "errors" if "summary-errors-only" in active else summary
