"""What all formats say of a plan."""

from collections.abc import Iterator, Sequence

from wxp_lint.ledger.states import Transfer
from wxp_lint.report.style import plural, visible
from wxp_lint.transfer.gate import Refusal, check_standing
from wxp_lint.transfer.inputs import Party
from wxp_lint.transfer.plan import BLOCKED, PLANNED, READY, WAITING, Plan, Planned

# In which order a person wants to hear of them; all other states stand between.
_FIRST, _LAST = (READY,), (WAITING, BLOCKED)
_NAMED = 3  # of many files, so many are named


def groups(plan: Plan) -> list[tuple[str, list[Planned]]]:
    """The transfers by state."""
    states = [one.state for one in plan.transfers if one.state not in (*_FIRST, *_LAST)]
    order = [*_FIRST, *dict.fromkeys(states), *_LAST]
    found = [(state, [one for one in plan.transfers if one.state == state]) for state in order]
    return [(state, transfers) for state, transfers in found if transfers]


def headline(plan: Plan) -> str:
    """`2 transfers ready (15 PCs), 1 blocked`."""
    if not plan.transfers:
        return "nothing to transfer"
    parts: list[str] = []
    for state, transfers in groups(plan):
        devices = plural(sum(len(one.serials) for one in transfers), "PC")
        what = plural(len(transfers), "transfer") if not parts else f"{len(transfers):,}"
        parts.append(f"{what} {said(state)} ({devices})")
    return ", ".join(parts)


def said(state: str) -> str:
    """A state in words."""
    return state.replace("_", " ")


def route(one: Planned) -> str:
    """`Unassigned -> Acme`."""
    return f"{_name(one.source)} -> {_name(one.target)}"


def _name(party: Party | None) -> str:
    return visible(party.name) if party else "?"


def about(one: Planned) -> Iterator[str]:
    """What the target will get to see, and what changes for others."""
    if one.state == BLOCKED or one.target is None:
        return
    count = len(one.serials)
    to = visible(one.target.name)
    if one.users:
        yield f"{to} will see the last user of {one.users:,} of {plural(count, 'PC')}"
    if one.missing:
        until = f"; waiting until {one.wait_until}" if one.state == WAITING else ""
        yield f"{plural(one.missing, 'PC')} of {count:,} not visible yet{until}"


def undo(one: Planned) -> Iterator[str]:
    """How it would be undone."""
    if one.state in (READY, WAITING) and one.source:
        how = "with wxp-lint revert" if one.is_reversible else "by hand"
        yield f"to undo it: back to {visible(one.source.name)}, {how}"


def standing(one: Planned) -> Iterator[tuple[str, str]]:
    """How far a transfer that the ledger knows has come, and the command that is next."""
    if one.state == "prepared":
        yield "ready to upload by hand; next", f"wxp-lint take {one.id} --by NAME"
    elif one.state == "taken":
        yield "somebody is uploading it; then", f"wxp-lint uploaded {one.id} --by NAME"
    elif one.state in ("claimed", "sending"):
        yield "a run is sending it, or ended while it did; then", "wxp-lint apply"
    elif one.state in ("uploaded", "submitted", "reported", "in_doubt"):
        yield "the outcome is not known yet; next, with an export of the target's PCs", "wxp-lint reconcile EXPORT"


def left_out(plan: Plan) -> Iterator[str]:
    """What is not in the plan, and why."""
    inputs = plan.inputs
    gone = _gone(plan)
    if not (plan.transfers or inputs.drafts or inputs.settled or gone):
        yield f"no open file of the last commit matches {', '.join(map(visible, inputs.settings.transfers))}"
    if inputs.drafts:
        yield f"not committed, so not in this plan: {some(inputs.drafts)}"
    if inputs.uncommitted:
        yield f"counted here although git does not track it: {some(inputs.uncommitted)}: commit and merge it"
    edited = sorted(one.path for one in plan.transfers if one.path in inputs.standing.edited)
    if edited:
        yield f"edited since the last commit, planned as committed: {some(edited)}"
    if gone:
        named = some([f"{one.id} ({said(one.state)}, {one.path})" for one in gone])
        yield f"under way though no open file is left: {named}: wxp-lint status"
    if inputs.settled:
        count = len(inputs.settled)
        them = "it" if count == 1 else "them"
        yield f"{plural(count, 'file')} done with, left out ({some(inputs.settled)}): git mv {them} to a done/ folder"


def _gone(plan: Plan) -> list[Transfer]:
    """What was handed over and is not settled, though no open file of the last commit stands for it any more."""
    here = {one.id for one in plan.transfers}
    paths = {one.path for one in plan.transfers}
    return [
        one
        for one in plan.known.values()
        if not (one.settled or one.recorded or one.released or one.id in here or one.path in paths)
    ]


def remarks(plan: Plan) -> Iterator[str]:
    """What holds for all that would move."""
    moving = [one for one in plan.transfers if one.state in (READY, WAITING)]
    if moving:
        yield "alerts of PCs that move may reach other people from then on"
    if moving and plan.inputs.resting:
        yield visible(plan.inputs.resting)
    names = sorted({one.source.name for one in moving if one.source and not one.is_reversible})
    for name in names:
        yield (
            f"the config has no Customer ID of {visible(name)}, so moves back to it are made by hand: "
            "[places.unassigned] customer-id (ask HP for it)"
        )


def ledger(plan: Plan) -> str:
    """Where it is kept what was done."""
    if plan.log is None:
        return f"no ledger yet: apply will create it ({visible(plan.ledger)})"
    return f"ledger: {visible(plan.ledger)}, {plural(len(plan.log.events), 'event')}"


def next_step(plan: Plan) -> str:
    """What to do now."""
    ready = [one for one in plan.transfers if one.state == READY]
    if not ready:
        if plan.count("prepared"):
            return "Next: nothing new for wxp-lint apply; somebody has to upload what is prepared"
        steps = ["commit what is not committed"] if plan.inputs.drafts else []
        steps += ["mend what is blocked"] if plan.count(BLOCKED) else []
        is_under_way = _gone(plan) or any(one.state not in PLANNED for one in plan.transfers)
        steps += ["see to what is under way: wxp-lint status"] if is_under_way else []
        return f"Next: {', and '.join(steps) or 'nothing to be done'}"
    files = plural(len(ready), "upload file")
    by_http = plan.inputs.settings.apply.submitter == "http"
    try:
        check_standing(plan.inputs)
    except Refusal as refusal:
        # Where there is no branch to merge into, the refusal has the words.
        if plan.inputs.standing.tip is not None and not all(one.merged for one in ready):
            branch = visible(plan.inputs.standing.tip_name)
            return (
                f"Next: merge it into {branch}; there, wxp-lint apply {'sends' if by_http else 'prepares'} {files}"
                + ("" if by_http else " for a person")
            )
        return f"Next: wxp-lint apply, which would be refused here: {visible(str(refusal))}"
    if by_http:
        return f"Next: wxp-lint apply sends {files} to the gateway of [apply.http] url"
    return f"Next: wxp-lint apply prepares {files} for a person to upload; it sends nothing to HP"


def some(names: Sequence[str]) -> str:
    """The first few of them."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(map(visible, names[:_NAMED])) + more
