"""What holds a transfer up: findings, what no config may allow, limits, and the waivers that lift some of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.ledger import states
from wxp_lint.lint.message import render
from wxp_lint.transfer.inputs import LARGE, Inputs, Party, Sheet
from wxp_lint.transfer.where import Where

EMPTY = "WXP108"
NOT_VISIBLE = "WXP501"
FIRST = "WXP604"
MOST = "max-devices"
NO_SOURCE = "source-unknown"
UNDER_WAY = "under-way"
UNFIT = "unfit-text"
# What this module says itself, beside the rules' codes.
OWN = (MOST, NO_SOURCE, UNDER_WAY, UNFIT)
_NAMED = 3  # of many PCs, so many are named
# These count even where the config ignores them or a suppression hides them: only a waiver is consent to a move.
_ALWAYS = ("WXP309", "WXP310", "WXP402", "WXP601")
# Nobody can consent to these: there would be no one target, no one source, or no true serial number to hand over.
_NEVER_WAIVED = frozenset(
    f"WXP{n}" for n in (101, 108, 113, 116, 117, 201, 205, 206, 301, 302, 307, 308, 401, 404, 502, 503, 702)
) | {NO_SOURCE, UNDER_WAY, UNFIT}


class Remark(NamedTuple):
    """Something about a transfer, with the code of the rule or a word of `OWN`."""

    code: str
    message: str


class Waived(NamedTuple):
    """A blocker that a waiver lifts; goes into the ledger."""

    rule: str
    reason: str
    until: str


class Verdict(NamedTuple):
    """What holds a transfer up, what is lifted, what is worth knowing; `source` is where its PCs are.

    `waiting`: its PCs are expected to become visible, and nothing else holds it up.
    """

    blockers: tuple[Remark, ...]
    waived: tuple[Waived, ...]
    warnings: tuple[Remark, ...]
    source: Party | None
    waiting: bool


def judge(sheet: Sheet, inputs: Inputs, where: Mapping[str, Where], more: Iterable[Remark]) -> Verdict:
    """What is to say of one new transfer; `more` holds it up as well, for what the other files and the ledger hold."""
    waiting = is_waiting(sheet, inputs)
    source, about_source = _source(sheet, inputs, where, waiting)
    own = [*_content(sheet, inputs), *about_source, *more, *_always(sheet), *_unable(inputs)]
    blockers = list(summed(sheet, lambda level: level == "error"))
    said = {remark.code for remark in blockers}
    for remark in own:
        # Where nothing could be read, the reason stands there already.
        if remark.code not in said and not (remark.code == EMPTY and said):
            said.add(remark.code)
            blockers.append(remark)
    kept, waived, expired = _waive(sheet, inputs, blockers)
    if not waiting and not {NOT_VISIBLE, NO_SOURCE} & {remark.code for remark in kept}:
        kept += _unseen(sheet)
    warnings = (*summed(sheet, lambda level: level == "warning"), *_first(sheet), *expired)
    left = tuple(remark for remark in warnings if remark.code not in {one.code for one in kept})
    return Verdict(tuple(kept), waived, left, source, waiting and not kept)


def check_waivers(inputs: Inputs) -> None:
    """Raises UsageError for a waiver whose rule does not exist."""
    for n, waiver in enumerate(inputs.settings.apply.waivers):
        if waiver.rule.lower() not in inputs.codes and waiver.rule not in OWN:
            origins = inputs.settings.origins
            at = origins.get(f"apply.waivers.{n}.rule") or origins.get(f"apply.waivers.{n}")
            hint = did_you_mean(waiver.rule, [*inputs.codes, MOST])
            raise UsageError(f"{f'{at}: ' if at else ''}waiver: there is no rule '{waiver.rule}'{hint}")


def summed(sheet: Sheet, wanted: Callable[[str], bool]) -> Iterator[Remark]:
    """The findings of some levels, one remark a rule."""
    by_code: dict[str, list[str]] = {}
    for finding in sheet.findings:
        if wanted(finding.level):
            line = f"line {finding.line}: " if finding.line is not None else ""
            by_code.setdefault(finding.code, []).append(f"{line}{finding.message}")
    for code, messages in by_code.items():
        yield Remark(code, f"{messages[0]}{_and_more(len(messages) - 1)}")


def is_waiting(sheet: Sheet, inputs: Inputs) -> bool:
    """Whether PCs of the file are not visible yet, and its sidecar says until when to wait."""
    until = sheet.sidecar and sheet.sidecar.wait_until
    return bool(until and until >= inputs.today and any(hit.rule.code == NOT_VISIBLE for hit in sheet.hits))


def too_large(inputs: Inputs, sheets: Sequence[Sheet]) -> dict[str, Remark]:
    """What holds up the files of each customer, by key, to whom more PCs go than its limit allows."""
    if inputs.per_customer is None:
        return {}
    devices: Counter[str] = Counter()
    files: Counter[str] = Counter()
    names: dict[str, str] = {}
    for sheet in sheets:
        if sheet.target and sheet.target.key:
            devices[sheet.target.key] += len(sheet.serials)
            files[sheet.target.key] += 1
            names[sheet.target.key] = sheet.target.name
    limit = inputs.per_customer
    return {
        mark: Remark(
            LARGE,
            f"{count:,} PCs go to {names[mark]} in {files[mark]} open file{'s' if files[mark] > 1 else ''}, more than "
            f"{limit:,}: raise per-customer under [rules.large-transfer] if that is meant, or add a waiver",
        )
        for mark, count in devices.items()
        if count > limit
    }


def _content(sheet: Sheet, inputs: Inputs) -> Iterator[Remark]:
    """What no config may allow, seen in the rows themselves."""
    if not sheet.rows:
        yield Remark(EMPTY, "no device can be read from it: see wxp-lint check")
        return
    for row in sheet.rows:
        if not row.serial:
            yield Remark("WXP201", f"line {row.line}: no serial number")
        elif row.serial_kind != "text":
            yield Remark("WXP205", f"line {row.line}: the serial number is a {row.serial_kind} cell, not text")
        if not row.customer:
            yield Remark("WXP301", f"line {row.line}: no Customer ID")
        elif row.customer_kind != "text":
            yield Remark("WXP308", f"line {row.line}: the Customer ID is a {row.customer_kind} cell, not text")
    targets = Counter(row.customer for row in sheet.rows if row.customer)
    if len(targets) > 1:
        yield Remark("WXP302", f"{len(targets)} Customer IDs in one file: wxp-lint prepare makes one file for each")
    twice = [serial for serial, count in Counter(row.serial for row in sheet.rows).items() if count > 1 and serial]
    if twice:
        yield Remark("WXP401", f"{twice[0]} stands there twice{_and_more(len(twice) - 1)}")
    if any(hit.values.get("secret") for hit in sheet.hits):
        yield Remark("WXP307", "it holds what looks like a company PIN")
    texts = [*sheet.serials, *([sheet.target.customer_id] if sheet.target and sheet.target.customer_id else [])]
    bad = [text for text in texts if not text.isprintable() or any(mark in text for mark in ',"')]
    if bad:
        yield Remark(UNFIT, f"{bad[0]!r} cannot stand in an upload file, which has no quotes: mend it")


def _source(
    sheet: Sheet, inputs: Inputs, where: Mapping[str, Where], waiting: bool
) -> tuple[Party | None, list[Remark]]:
    """The one place where its PCs are, those left out that are in the target already."""
    serials = sheet.serials
    found = [here for serial in serials if (here := where.get(serial))]
    there = [here for here in found if here.party and sheet.target and here.party.key == sheet.target.key]
    elsewhere = Counter(here.party for here in found if here.party and here not in there)
    if serials and len(there) == len(serials):
        by = sorted({here.transfer for here in there if here.transfer})
        name = sheet.target.name if sheet.target else ""
        how = f" (moved by {by[0]})" if by else ""
        return sheet.source, [Remark("WXP503", f"all its PCs are in {name} already{how}: nothing is to be moved")]
    if len(elsewhere) > 1:
        places = ", ".join(f"{count:,} in {party.name}" for party, count in elsewhere.most_common())
        return None, [
            Remark("WXP502", f"its PCs are in several places ({places}): wxp-lint prepare makes one file for each")
        ]
    if elsewhere:
        return next(iter(elsewhere)), []
    if sheet.source or waiting or not serials:
        return sheet.source, []
    why = f" ({inputs.uninformed})" if inputs.uninformed else ""
    return None, [
        Remark(
            NO_SOURCE,
            f"nobody knows where its PCs are now{why}: list them under [inventory] sources, or write "
            f'source = "unassigned" (or a customer) into {sheet.path}.toml',
        )
    ]


def _always(sheet: Sheet) -> Iterator[Remark]:
    """Findings that count although the config ignores them or a suppression hides them."""
    for code in _ALWAYS:
        hits = [hit for hit in sheet.hits if hit.rule.code == code]
        if hits:
            first = hits[0]
            line = f"line {first.line}: " if first.line is not None else ""
            yield Remark(code, f"{line}{render(first.rule.message, first.values)}{_and_more(len(hits) - 1)}")


def _unseen(sheet: Sheet) -> Iterator[Remark]:
    """The PCs that the inventory does not know, whatever hides or lifts that: nobody can say what moves."""
    found = list(dict.fromkeys(str(hit.values.get("serial")) for hit in sheet.hits if hit.rule.code == NOT_VISIBLE))
    if found:
        named = ", ".join(found[:_NAMED]) + _and_more(len(found) - _NAMED)
        yield Remark(
            NO_SOURCE,
            f"nobody knows where {len(found):,} of its {len(sheet.serials):,} PCs are, no list has them: {named}. Take "
            f"them out, or write until when to wait for them into {sheet.path}.toml ([wait] until)",
        )


def _unable(inputs: Inputs) -> Iterator[Remark]:
    for rule in inputs.unable:
        yield Remark(rule.code, f"{rule.name} must run, but could not: {rule.reason}")


def _first(sheet: Sheet) -> Iterator[Remark]:
    """A first transfer is a note of `check`, and here worth a look."""
    for finding in sheet.findings:
        if finding.code == FIRST and finding.level == "note":
            yield Remark(FIRST, finding.message)


def _waive(
    sheet: Sheet, inputs: Inputs, blockers: Sequence[Remark]
) -> tuple[list[Remark], tuple[Waived, ...], list[Remark]]:
    """What is left, the waivers that lift the rest, remarks on those that have expired."""
    lifted: dict[str, Waived] = {}
    expired = []
    held = {remark.code for remark in blockers}
    for waiver in inputs.settings.apply.waivers:
        code = inputs.codes.get(waiver.rule.lower(), waiver.rule)
        if waiver.path != sheet.path or code not in held or code in _NEVER_WAIVED:
            continue
        if waiver.until < inputs.today:
            expired.append(Remark("waiver", f"the waiver of {waiver.rule} ended on {waiver.until}"))
        else:
            lifted[code] = Waived(code, waiver.reason, waiver.until.isoformat())
    kept = [remark for remark in blockers if remark.code not in lifted]
    return kept, tuple(lifted.values()), expired


def lift(sheet: Sheet, inputs: Inputs, remark: Remark) -> Waived | None:
    """The waiver that lifts one more blocker of the file, if there is one."""
    waived = _waive(sheet, inputs, [remark])[1]
    return waived[0] if waived else None


def under_way(sheet: Sheet, known: states.Transfers, own: str | None) -> Iterator[Remark]:
    """PCs that another open transfer of the ledger moves."""
    for one in known.values():
        if one.settled or one.id == own:
            continue
        shared = [serial for serial in sheet.serials if serial in one.outcome]
        if shared:
            is_here = one.state in ("prepared", "taken")  # nobody has said that it was uploaded
            otherwise = (
                f", or if it is not to be uploaded, wxp-lint resolve {one.id} --outcome failed" if is_here else ""
            )
            yield Remark(
                UNDER_WAY,
                f"{shared[0]}{_and_more(len(shared) - 1)} is under way to {one.target.name} as {one.id} "
                f"({one.state.replace('_', ' ')}, {one.path}): let that end first{otherwise}",
            )
            return


def _and_more(count: int) -> str:
    return f" (and {count:,} more)" if count > 0 else ""
