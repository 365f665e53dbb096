"""The Summary of an upload. HP documents neither its columns nor its words: these are the sandbox's own."""

from collections.abc import Collection, Iterable

from wxp_lint.sandbox import tables
from wxp_lint.sandbox.faults import lists
from wxp_lint.sandbox.transfer import Outcome, Result

HEADER = ("Serial Number", "Customer ID", "Status", "Message")
COUNTS = ("Status", "Devices")
MOVED, FAILED = "Moved", "Error"


def summary(form: str, outcome: Outcome, listing: str, faults: Collection[str]) -> bytes:
    """The Summary as "csv" or "xlsx". `listing` is the behaviour's word for what it lists."""
    said = lists(listing, faults)
    if said == "counts":
        failed = len(outcome.results) - outcome.moved
        return tables.write(form, COUNTS, [(MOVED, str(outcome.moved)), (FAILED, str(failed))], "Summary")
    listed = [result for result in outcome.results if said == "all" or result.error is not None]
    if "summary-missing-row" in faults:
        listed = listed[:-1]
    return tables.write(form, HEADER, _rows(listed), "Summary")


def _rows(results: Iterable[Result]) -> list[tuple[str, ...]]:
    return [
        (result.row.serial, result.row.customer_id, FAILED if result.error else MOVED, result.error or "")
        for result in results
    ]
