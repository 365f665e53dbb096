"""What `wxp-lint apply` tells of a run that sent: what happened, what is known, what to do."""

from collections.abc import Iterator, Set

from wxp_lint.ledger.states import FAILED, MOVED, UNKNOWN, Transfer
from wxp_lint.lint.secret import masked
from wxp_lint.report.applied import held
from wxp_lint.report.style import Style, plural, visible
from wxp_lint.transfer.claims import is_unsent
from wxp_lint.transfer.outcome import counted
from wxp_lint.transfer.sending import Sent

_NAMED = 5  # of many PCs that failed, so many are named
_TOLD = ("ready", "failed", "claimed", "sending", "in_doubt", "submitted", "reported")


def sent(result: Sent, style: Style) -> str:
    """The report."""
    return masked("".join(f"{line}\n" for line in _lines(result, style)), result.plan.inputs.secrets)


def _lines(result: Sent, style: Style) -> Iterator[str]:
    known = result.plan.known
    doubtful = {one.id for one in result.in_doubt}
    yield style.paint(_headline(result, doubtful), "bold" if doubtful or not result.sent else "good")
    for name in dict.fromkeys([*result.sent, *result.asked]):
        if name not in doubtful:
            yield from _outcome(known[name], result, style)
    for one in result.in_doubt:
        yield style.paint(f"  {one.id}: in doubt: {_what(one)}", "error")
        since = f" (since {one.steps[-1].at:%Y-%m-%d %H:%M} UTC)" if one.id not in result.sent else ""
        yield f"    {visible(result.untold.get(one.id) or _last(one))}{since}"
        yield "    It may have been taken or not, and it is not sent again by itself. Look into the target's PCs, then"
        yield f"    wxp-lint reconcile EXPORT, or wxp-lint resolve {one.id} --outcome moved --evidence 'what you saw';"
        yield "    --outcome failed says that none moved, and opens the file again"
    for name, why in result.unsent.items():
        yield style.paint(f"  {name}: nothing was sent: {visible(why)}", "error")
    for one in result.busy:
        yield f"  {one.id}: somebody else is at work on it ({visible(one.holder or '')}): leave it to them"
    for one in known.values():
        if one.state == "prepared" and not one.recorded:
            yield f"  {one.id}: prepared for a person, so it is not sent; next: wxp-lint take {one.id} --by NAME"
    if result.stopped:
        yield style.paint(f"stopped before the end: {visible(result.stopped)}", "error")
    yield from held([one for one in result.plan.transfers if one.state not in _TOLD], style)
    if result.unsent or result.stopped:
        yield "Next: wxp-lint apply again once that is mended; what was sent is not sent again"


def _headline(result: Sent, doubtful: Set[str]) -> str:
    """What certainly was taken; what may have been, and what was refused, is counted apart."""
    refused = [name for name in result.sent if name not in doubtful and result.plan.known[name].state == "failed"]
    count = len(result.sent) - len(refused) - len(doubtful & set(result.sent))
    taken = f"{plural(count, 'file')} sent to {result.remote}" if count else f"Nothing was sent to {result.remote}"
    if result.sent and not count:
        taken = f"No file is known to have been taken by {result.remote}"
    apart = [f"{len(doubtful):,} in doubt"] if doubtful else []
    apart += [f"{len(refused):,} refused or failed"] if refused else []
    return f"{', '.join([taken, *apart])}."


def _outcome(one: Transfer, result: Sent, style: Style) -> Iterator[str]:
    counts = counted(one)
    words = visible(result.words.get(one.id, ""))
    if one.state == "confirmed":
        yield f"  {one.id}: {style.paint('confirmed', 'good')}: {_what(one)}"
    elif one.state in ("failed", "partly_failed"):
        if is_unsent(one):
            return
        yield style.paint(f"  {one.id}: {one.state.replace('_', ' ')}: {_what(one)}", "error")
        yield f"    {_counts(counts)}; {visible(_last(one))}"
        failed = [serial for serial, said in one.outcome.items() if said == FAILED]
        more = f" and {len(failed) - _NAMED:,} more" if len(failed) > _NAMED else ""
        yield f"    not moved: {', '.join(map(visible, failed[:_NAMED]))}{more}"
        if one.state == "failed":
            yield "    the file is open again: mend what is wrong, then apply"
    else:
        yield f"  {one.id}: {one.state.replace('_', ' ')}: {_what(one)}" + (f"; {words}" if words else "")
        why = result.asked.get(one.id)
        told = f"; {visible(why)}" if why else ""
        again = "wxp-lint apply asks again, or " if one.state == "submitted" else ""
        yield f"    {_counts(counts)}{told}. Next: {again}wxp-lint reconcile EXPORT, with an export of the target's PCs"


def _what(one: Transfer) -> str:
    count = plural(len(one.serials), "PC")
    return f"{count}, {visible(one.source.name)} -> {visible(one.target.name)} ({visible(one.path)})"


def _counts(counts: dict[str, int]) -> str:
    words = {MOVED: "moved", FAILED: "failed", UNKNOWN: "not known yet"}
    return ", ".join(f"{counts[name]:,} {word}" for name, word in words.items() if counts[name]) or "no PC"


def _last(one: Transfer) -> str:
    return str(one.steps[-1].data.get("evidence") or "nobody says why")
