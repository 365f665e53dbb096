"""Rows of lists -> the transfers that they make, and what is unresolved and why. No row gets lost on the way."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from wxp_lint.keys import key
from wxp_lint.lint.finding import Finding
from wxp_lint.prepare.judge import Bench, Line, Sheet, Spot, is_mended, is_reason, judge, locate
from wxp_lint.prepare.lists import Field, Reading, Row
from wxp_lint.prepare.targets import Target, Targets, unregistered

NOT_VISIBLE = "WXP501"


class Device(NamedTuple):
    """A row that goes into a transfer, and its serial number as it is written there."""

    row: Row
    serial: str


class Transfer(NamedTuple):
    """A transfer file to be: one target, one source (None: not known). `waiting`: its PCs are not visible yet."""

    target: Target
    source: str | None
    waiting: bool
    devices: Sequence[Device]


class Unresolved(NamedTuple):
    """A row that goes into no file, and why."""

    row: Row
    reason: str


class Resolution(NamedTuple):
    """Every row, in one of the two. `doubts` are (row, finding) of rows in transfers; a transfer's stand at its first.

    `unplaced` is why the sources are not known, in the user's terms; None where they are.
    """

    transfers: Sequence[Transfer]
    unresolved: Sequence[Unresolved]
    doubts: Sequence[tuple[Row, Finding]]
    unplaced: str | None
    secrets: frozenset[str]


class _Aim(NamedTuple):
    """Where a row wants to go: the target, or why there is none. `cell` is what stands for it when rules judge."""

    target: Target | None
    cell: Field
    problem: str | None = None


class _Group(NamedTuple):
    """Rows that are judged as one file: of one list, one target, one source; `odd` apart, since cells differ."""

    list: int
    target: str
    odd: str
    source: str | None
    waiting: bool
    again: bool


def resolve(
    readings: Sequence[Reading],
    targets: Targets,
    bench: Bench,
    name: Callable[[Reading, Target, str | None, bool], str],
    *,
    given: Target | None = None,
    part: bool = False,
) -> Resolution:
    """What the rows of `readings` come to.

    `given` is the target of all rows, else each says its own. `part`: PCs that are not visible yet go into transfers
    of their own that wait. `name` gives the path of a transfer, by which rules know it. Raises UsageError.
    """
    rows = [row for reading in readings for row in reading.rows]
    aims = [_aim(row, targets, given) for row in rows]
    keys = [key(row.serial.text) for row in rows]
    spots, unplaced = locate(sorted(set(filter(None, keys))), bench)
    problems = {at: aim.problem for at, aim in enumerate(aims) if aim.problem}
    repeats = dict(_repeats(rows, keys, aims, readings))
    groups: dict[_Group, list[int]] = defaultdict(list)
    for at, (row, aim) in enumerate(zip(rows, aims)):
        if aim.target and not aim.problem:
            waiting = part and not unplaced and keys[at] not in spots
            groups[_group(row, aim, spots.get(keys[at]), waiting, at in repeats)].append(at)
    sheets = _sheets(groups, rows, aims, readings, name)
    verdict = judge([sheet for sheet, _ in sheets], bench)
    said: list[tuple[int, Finding]] = []
    for sheet, group in sheets:
        whole = verdict.findings.get((sheet.path, None), ())
        said += [(groups[group][0], finding) for finding in whole]
        for at in groups[group]:
            own = verdict.findings.get((sheet.path, rows[at].line), ())
            said += [(at, finding) for finding in own]
            reasons = [f for f in (*own, *whole) if is_reason(f) and not (group.waiting and f.code == NOT_VISIBLE)]
            if reasons:
                problems[at] = "; ".join(dict.fromkeys(f"{f.code} {f.message}" for f in reasons))
    problems = {**repeats, **problems}
    return Resolution(
        _transfers(rows, aims, groups, keys, problems),
        [Unresolved(row, problems[at]) for at, row in enumerate(rows) if at in problems],
        [(rows[at], f) for at, f in said if at not in problems and f.level != "note" and not is_mended(f)],
        unplaced,
        verdict.secrets,
    )


def _aim(row: Row, targets: Targets, given: Target | None) -> _Aim:
    if given:
        return _Aim(given, Field(given.customer_id, "text"), _unknown_id(given))
    filled = [cell for cell in row.customers if _shows(cell)]
    if not filled:
        what = "the customer is missing" if _shows(row.serial) else "serial number and customer are missing"
        problem = f"{what}: enter the Customer ID or the customer's name, or use --customer"
        return _Aim(None, Field("", "empty"), problem)
    found = [targets.find(cell.text) if cell.kind == "text" else None for cell in filled]
    cell, target = filled[0], found[0]
    if target is None:
        return _Aim(unregistered(cell.text), cell)
    if len(found) > 1 and found[1] and found[1].key != target.key:
        return _Aim(
            target, cell, f"the Customer ID is that of {target.name}, but the name says {found[1].name}: correct one"
        )
    return _Aim(target, Field(target.customer_id, "text", cell.marks), _unknown_id(target))


def _shows(cell: Field) -> bool:
    return bool(cell.text.strip() or cell.kind not in ("text", "empty"))


def _unknown_id(target: Target) -> str | None:
    if target.customer_id:
        return None
    return f"the Customer ID of {target.name} is not known: put it under [places.unassigned] in the config"


def _repeats(
    rows: Sequence[Row], keys: Sequence[str], aims: Sequence[_Aim], readings: Sequence[Reading]
) -> Iterator[tuple[int, str]]:
    """(row, reason) of rows whose serial number stands in another row as well; with one target, the first row stays."""
    together: dict[str, list[int]] = defaultdict(list)
    for at, each in enumerate(keys):
        if each and aims[at].target:
            together[each].append(at)

    def place(at: int) -> str:
        row = rows[at]
        return f"line {row.line}" + (f" of {readings[row.list].name}" if len(readings) > 1 else "")

    for serial, members in together.items():
        ends = {target.key for at in members if (target := aims[at].target)}
        if len(ends) > 1:
            for at in members:
                own = aims[at].target
                other = next(n for n in members if own and (end := aims[n].target) and end.key != own.key)
                yield at, f"{serial} has two targets, another one on {place(other)}: keep the row that is right"
        else:
            for at in members[1:]:
                yield at, f"{serial} is already on {place(members[0])}: the first row stays"


def _group(row: Row, aim: _Aim, spot: Spot | None, waiting: bool, again: bool) -> _Group:
    source = spot.place if spot and spot.places == 1 else None
    target = aim.target
    is_plain = target is not None and target.registered and aim.cell.kind == "text"
    odd = "" if is_plain else f"{aim.cell.kind} {aim.cell.text}"
    return _Group(row.list, target.key if target else "", odd, source, waiting, again)


def _sheets(
    groups: Mapping[_Group, Sequence[int]],
    rows: Sequence[Row],
    aims: Sequence[_Aim],
    readings: Sequence[Reading],
    name: Callable[[Reading, Target, str | None, bool], str],
) -> list[tuple[Sheet, _Group]]:
    """A file for each group; each has a path of its own, that of the transfer it becomes as far as can be."""
    made: list[tuple[Sheet, _Group]] = []
    taken: set[str] = set()
    for group, members in groups.items():
        reading, target = readings[group.list], aims[members[0]].target
        if target is None:
            continue
        path = name(reading, target, group.source, group.waiting)
        while path.casefold() in taken:
            path = f"{path.removesuffix('.csv')}-again.csv"
        taken.add(path.casefold())
        lines = [Line(rows[at].line, rows[at].serial, aims[at].cell) for at in members]
        made.append((Sheet(path, reading.format, lines, not group.again), group))
    return made


def _transfers(
    rows: Sequence[Row],
    aims: Sequence[_Aim],
    groups: Mapping[_Group, Sequence[int]],
    keys: Sequence[str],
    problems: Mapping[int, str],
) -> list[Transfer]:
    """The rows that have no problem, by target, source, and whether they wait."""
    found: dict[tuple[str, str | None, bool], list[int]] = defaultdict(list)
    for group, members in groups.items():
        found[group.target, group.source, group.waiting] += [at for at in members if at not in problems]
    transfers = []
    for (_, source, waiting), members in found.items():
        members.sort()
        target = aims[members[0]].target if members else None
        if target:
            devices = [Device(rows[at], keys[at]) for at in members]
            transfers.append(Transfer(target, source, waiting, devices))
    return transfers
