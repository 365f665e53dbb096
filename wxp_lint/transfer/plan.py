"""What would move: from where, to whom, what holds it up. Pure over the inputs and the ledger's log."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from wxp_lint.ledger import states
from wxp_lint.ledger.events import Log
from wxp_lint.lint.secret import masked
from wxp_lint.transfer import policy
from wxp_lint.transfer.inputs import Inputs, Party, Sheet
from wxp_lint.transfer.policy import MOST, Remark, Waived
from wxp_lint.transfer.where import Where, whereabouts

READY, WAITING, BLOCKED = "ready", "waiting", "blocked"
PLANNED = (READY, WAITING, BLOCKED)  # the states that a plan tells; all others are the ledger's
VERSION = 1


@dataclass(frozen=True, slots=True)
class Planned:
    """One open transfer. `id` and `digest` are None where it has no one target or no serials.

    `serials` are keys, in the order of the sheet. `users` is how many of its PCs have a last user in the exports.
    `missing` is how many are in no export. `details` is what the sidecar says besides, for the ledger.
    """

    id: str | None
    path: str
    digest: str | None
    sheet: str
    source: Party | None
    target: Party | None
    serials: Sequence[str]
    state: str
    merged: bool
    blockers: Sequence[Remark] = ()
    warnings: Sequence[Remark] = ()
    waived: Sequence[Waived] = ()
    users: int = 0
    missing: int = 0
    wait_until: str | None = None
    ticket: str | None = None
    reason: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_reversible(self) -> bool:
        """Whether a transfer file can take its PCs back: that needs the Customer ID of where they are now."""
        return self.source is not None and self.source.customer_id is not None

    @property
    def is_handed_over_next(self) -> bool:
        """Whether `apply` would hand it over now."""
        return self.state == READY and self.merged


@dataclass(frozen=True, slots=True)
class Plan:
    """All open transfers, by path. `parts` are hashes of what the digest binds, to tell what has changed."""

    digest: str
    parts: Mapping[str, str]
    transfers: Sequence[Planned]
    inputs: Inputs
    ledger: str
    known: states.Transfers
    log: Log | None

    def count(self, state: str) -> int:
        """How many transfers are in this state."""
        return sum(one.state == state for one in self.transfers)


def make_plan(inputs: Inputs, log: Log | None, ledger: str, spent: int = 0) -> Plan:
    """The plan for these inputs and this state of the ledger that messages call `ledger`.

    `spent` is how many PCs this run has handed over before. Raises UsageError for a waiver of no rule.
    """
    policy.check_waivers(inputs)
    everything = states.of_log(log)
    known = {name: one for name, one in everything.items() if not one.released}
    where = whereabouts(inputs, known)
    large = policy.too_large(inputs, inputs.sheets)
    owners = _owners(inputs.sheets, known)
    found: list[Planned] = []
    for sheet in inputs.sheets:
        if _is_done(sheet, known):
            continue
        one = _known(sheet, inputs, known, owners) or _new(sheet, inputs, known, where, large, owners)
        if one.state == READY:
            one, spent = _within(one, sheet, inputs, spent)
        found.append(one)
    parts = {
        "commit": inputs.standing.head,
        "policy": inputs.policy,
        "files": _hash([[one.path, one.sheet] for one in found]),
        "ledger": "none" if log is None else log.head.hash,
        "transfers": _hash([values(one) for one in found]),
    }
    return Plan(_hash([VERSION, parts]), parts, found, inputs, ledger, everything, log)


def document(plan: Plan) -> dict[str, Any]:
    """The plan as plain JSON values (DESIGN 9, "Shapes"), secrets masked. The same plan gives the same values."""
    standing = plan.inputs.standing
    found = {
        "version": VERSION,
        "digest": plan.digest,
        "commit": standing.head,
        "branch": standing.tip_name,
        "ledger": {"name": plan.ledger, "exists": plan.log is not None},
        "transfers": [values(one) for one in plan.transfers],
    }
    return {name: _masked(value, plan.inputs.secrets) for name, value in found.items()}


def values(one: Planned) -> dict[str, Any]:
    """A transfer of the plan as plain JSON values."""
    return {
        "id": one.id,
        "path": one.path,
        "source": _party(one.source),
        "target": _party(one.target),
        "devices": len(one.serials),
        "state": one.state,
        "merged": one.merged,
        "blockers": [remark._asdict() for remark in one.blockers],
        "warnings": [remark._asdict() for remark in one.warnings],
        "waivers": [waived._asdict() for waived in one.waived],
        "last_users": one.users,
        "not_visible": one.missing,
        "wait_until": one.wait_until,
        "reversal": _reversal(one),
        "digest": one.digest,
        "sha256": one.sheet,
        "ticket": one.ticket,
        "reason": one.reason,
    }


def _masked(value: Any, secrets: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: _masked(each, secrets) for name, each in value.items()}
    if isinstance(value, list):
        return [_masked(each, secrets) for each in value]
    return masked(value, secrets) if isinstance(value, str) else value


def _reversal(one: Planned) -> dict[str, Any] | None:
    """The transfer that would undo this one; not `possible` where an ID is missing that it needs."""
    if one.source is None or one.target is None:
        return None
    return {
        "source": _party(one.target),
        "target": _party(one.source),
        "devices": len(one.serials),
        "possible": one.is_reversible,
    }


def _party(party: Party | None) -> dict[str, str | None]:
    return {"name": party.name if party else None, "customer_id": party.customer_id if party else None}


def _hash(plain: object) -> str:
    return sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _owners(sheets: Sequence[Sheet], known: states.Transfers) -> dict[str, str]:
    """Digest -> the file that stands for the transfer: where the ledger knows it, else the first by path."""
    paths = {sheet.path: sheet.digest for sheet in sheets}
    found = {one.digest: one.path for one in known.values() if not one.settled and paths.get(one.path) == one.digest}
    for sheet in sheets:
        if sheet.digest:
            found.setdefault(sheet.digest, sheet.path)
    return found


def _is_done(sheet: Sheet, known: states.Transfers) -> bool:
    """Whether the ledger came to know that the transfer is done after the inputs were gathered."""
    last = states.newest(known, sheet.path)
    return last is not None and last.done and last.digest == sheet.digest


def _known(sheet: Sheet, inputs: Inputs, known: states.Transfers, owners: Mapping[str, str]) -> Planned | None:
    """The transfer as the ledger knows it, if it is on its way."""
    if sheet.digest is None or owners[sheet.digest] != sheet.path:
        return None
    one = known.get(states.id_for(known, sheet.digest))
    if one is None:
        return None
    registry = inputs.registry
    return Planned(
        id=one.id,
        path=sheet.path,
        digest=sheet.digest,
        sheet=sheet.sha256,
        source=registry.party(one.source.customer_id, one.source.name),
        target=sheet.target,
        serials=sheet.serials,
        state=one.state,
        merged=sheet.merged,
        warnings=tuple(policy.summed(sheet, lambda level: level == "error")),
        ticket=one.ticket,
        reason=one.reason,
    )


def _new(
    sheet: Sheet,
    inputs: Inputs,
    known: states.Transfers,
    where: Mapping[str, Where],
    large: Mapping[str, Remark],
    owners: Mapping[str, str],
) -> Planned:
    is_own = sheet.digest is not None and owners[sheet.digest] == sheet.path
    more = [*_copy(sheet, known, owners), *_edited(sheet, known, inputs.sheets)]
    more += policy.under_way(sheet, known, None) if is_own else []
    more += _repeated(sheet, inputs.sheets) if is_own else []
    if sheet.target and sheet.target.key and sheet.target.key in large:
        more.append(large[sheet.target.key])
    verdict = policy.judge(sheet, inputs, where, more)
    state = BLOCKED if verdict.blockers else WAITING if verdict.waiting else READY
    said = sheet.sidecar
    return Planned(
        id=states.id_for(known, sheet.digest) if sheet.digest and is_own else None,
        path=sheet.path,
        digest=sheet.digest,
        sheet=sheet.sha256,
        source=verdict.source,
        target=sheet.target,
        serials=sheet.serials,
        state=state,
        merged=sheet.merged,
        blockers=verdict.blockers,
        warnings=verdict.warnings,
        waived=verdict.waived,
        users=sum(serial in inputs.spots and inputs.spots[serial].has_user for serial in sheet.serials),
        missing=0 if inputs.uninformed else sum(serial not in where for serial in sheet.serials),
        wait_until=said.wait_until.isoformat() if said and said.wait_until else None,
        ticket=said and said.ticket,
        reason=said and said.reason,
        details={**_details(sheet), **_there(sheet, where)},
    )


def _there(sheet: Sheet, where: Mapping[str, Where]) -> dict[str, list[str]]:
    """The PCs that are in the target already, of which a list of the same day proves no move."""
    key = sheet.target.key if sheet.target else None
    found = [serial for serial in sheet.serials if (here := where.get(serial)) and here.party and here.party.key == key]
    return {"there": found} if found else {}


def _within(one: Planned, sheet: Sheet, inputs: Inputs, spent: int) -> tuple[Planned, int]:
    """The transfer, blocked if it does not fit into this run any more, and how many PCs the run has then."""
    from dataclasses import replace

    limit = inputs.settings.apply.max_devices
    count = len(one.serials)
    if spent + count <= limit:
        return one, spent + count
    if count > limit:
        words = (
            f"{count:,} PCs, more than max-devices ({limit:,}): split it, raise [apply] max-devices, or add a waiver"
        )
    else:
        words = (
            f"with it this run would hand over {spent + count:,} PCs, more than max-devices ({limit:,}): "
            "it is next in the run after this one"
        )
    remark = Remark(MOST, words)
    waived = policy.lift(sheet, inputs, remark)
    if waived:
        return replace(one, waived=(*one.waived, waived)), spent
    # What comes later by path waits too, so that nobody is surprised by which files were taken.
    return replace(one, state=BLOCKED, blockers=(remark,)), spent if count > limit else limit


def _copy(sheet: Sheet, known: states.Transfers, owners: Mapping[str, str]) -> list[Remark]:
    """Another file is the same transfer."""
    if sheet.digest is None or owners[sheet.digest] == sheet.path:
        return []
    other = owners[sheet.digest]
    way = next((one for one in known.values() if one.digest == sheet.digest and not one.settled), None)
    how = f", which is {way.state.replace('_', ' ')} as {way.id}" if way else ""
    return [Remark("WXP404", f"the same PCs and target as {other}{how}: delete one of the two files")]


def _edited(sheet: Sheet, known: states.Transfers, sheets: Sequence[Sheet]) -> list[Remark]:
    """The ledger has this file under way with other serials or another target."""
    last = states.newest(known, sheet.path)
    if last is None or last.settled or last.digest == sheet.digest:
        return []
    if any(other.digest == last.digest for other in sheets):  # renamed, and something new lies in its place
        return []
    state = last.state.replace("_", " ")
    return [
        Remark(
            "WXP701",
            f"its serials or target changed after {last.id} was {state}: undo the edit, and put new PCs into a file "
            "of their own",
        )
    ]


def _repeated(sheet: Sheet, sheets: Sequence[Sheet]) -> list[Remark]:
    """A file before this one moves some of its PCs to the same target: they would be handed over twice."""
    own = set(sheet.serials)
    for other in sheets:
        if other.path >= sheet.path or not sheet.target or not other.target or other.target.key != sheet.target.key:
            continue
        shared = [serial for serial in other.serials if serial in own]
        if shared:
            more = f" (and {len(shared) - 1:,} more)" if len(shared) > 1 else ""
            return [Remark("WXP403", f"{shared[0]}{more} is in {other.path} too: take it out of one of the two files")]
    return []


def _details(sheet: Sheet) -> dict[str, Any]:
    """What the sidecar says besides, for the ledger."""
    said = sheet.sidecar
    if said is None:
        return {}
    found = {
        "possession": {
            "by": said.possession_by,
            "on": said.possession_on.isoformat() if said.possession_on else None,
            "evidence": said.evidence,
        }
        if said.possession_by
        else None,
        "replaces": dict(said.replaces) or None,
    }
    return {name: value for name, value in found.items() if value}
