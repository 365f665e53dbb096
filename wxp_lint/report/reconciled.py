"""What `wxp-lint reconcile` and `wxp-lint resolve` tell of a transfer's outcome."""

from collections.abc import Iterator, Sequence

from wxp_lint.ledger.states import FAILED, UNKNOWN, Transfer
from wxp_lint.report.style import Style, plural, visible
from wxp_lint.transfer.outcome import counted
from wxp_lint.transfer.reconcile import Reconciled

_COLORS = {"confirmed": "good", "partly_failed": "error", "failed": "error", "reverted": "note"}
_NAMED = 10  # of many serial numbers, so many are named


def reconciled(found: Reconciled, style: Style, *, of_record: bool = False) -> str:
    """For people. `of_record`: it is the evidence of a move that is being recorded."""
    lines = [
        line for verdict in found.verdicts for line in _verdict(verdict.before, verdict.now, verdict.remarks, style)
    ]
    lines += [visible(note) for note in found.notes]
    if not found.drafts and not of_record:
        lines.append("Nothing new: the ledger stays as it is.")
    return "".join(f"{line}\n" for line in lines)


def _verdict(before: Transfer, now: Transfer, remarks: Sequence[str], style: Style) -> Iterator[str]:
    was = f" (was {said(before.state)})" if before.state != now.state else ", as before"
    state = style.paint(said(now.state), _COLORS.get(now.state, "bold"))
    yield f"{now.id}: {state}{was}, {outcome(now)}: {route(now)} ({visible(now.path)})"
    yield from (f"  {line}" for line in devices(now))
    yield from (f"  {visible(remark)}" for remark in remarks)
    if before.state != now.state and (line := next_step(now)):
        yield f"  Next: {line}"


def outcome(one: Transfer) -> str:
    """`2 moved, 1 failed`."""
    return ", ".join(f"{count:,} {name}" for name, count in counted(one).items() if count)


def devices(one: Transfer) -> Iterator[str]:
    """The PCs that did not move, or of which it is not known, by name."""
    for name in (FAILED, UNKNOWN):
        serials = [serial for serial, told in one.outcome.items() if told == name]
        if serials and (name == FAILED or len(serials) < len(one.outcome)):
            more = f" and {len(serials) - _NAMED:,} more" if len(serials) > _NAMED else ""
            yield f"{name}: {', '.join(serials[:_NAMED])}{more}"


def route(one: Transfer) -> str:
    """`Unassigned -> Acme`."""
    return f"{visible(one.source.name) or '?'} -> {visible(one.target.name) or '?'}"


def said(state: str) -> str:
    """A state in words."""
    return state.replace("_", " ")


def next_step(one: Transfer) -> str | None:
    """What to do now; None if nothing."""
    if one.state == "partly_failed":
        failed = plural(counted(one)[FAILED], "PC")
        return (
            f"put the {failed} that failed into a new transfer file, or find out why (wxp-lint inventory find SERIAL)"
        )
    if one.state == "failed":
        return "nothing moved, so the file is open again: wxp-lint plan"
    if one.state == "reported":
        return f"an export of the PCs of {visible(one.target.name)}, made from now on: wxp-lint reconcile EXPORT"
    return None
