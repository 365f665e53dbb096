"""What a change does to which PCs, as Markdown: in sum, then file by file."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from wxp_lint.lint.change import KINDS, Change, Move
from wxp_lint.report.inert import code, cut_path, prose
from wxp_lint.report.style import plural

Pairs = Counter[tuple[str | None, str | None]]  # (source or old target, target) -> PCs

FILES = 40  # files that are listed
ROOM = 12_000  # bytes that their lines may take
PARTS = 12  # customers and places that one sentence tells one by one
_NAME = 80  # characters of a customer's name
_PATH = 160  # characters of a path


def told(change: Change) -> Iterator[str]:
    """The lines, headed; no line starts with a text that others wrote."""
    yield f"#### What this changes, against {code(change.ref, 80)}"
    yield ""
    if change.untold:
        yield f"This could not be told: {prose(change.untold)}"
        return
    if change.moves:
        yield f"**In all: {'; '.join(_parts(change.moves))}**"
    else:
        yield "Nothing: the same PCs go to the same customers."
    files: dict[str, list[Move]] = {}
    for move in change.moves:
        files.setdefault(move.path, []).append(move)
    ranked = sorted(files.items(), key=lambda item: (-sum(move.pcs for move in item[1]), item[0]))
    lines = [f"- {_file(path)}: {'; '.join(_parts(moves, 4))}" for path, moves in ranked if len(ranked) > 1][:FILES]
    shown = _within(lines, ROOM)
    rest = [move for _, moves in ranked[len(shown) :] for move in moves if len(ranked) > 1]
    if rest:
        shown.append(f"- and {plural(len(ranked) - len(shown), 'more file')}: {'; '.join(_parts(rest, 4))}")
    unread = [
        f"- {_file(path)}: cannot be read, so what becomes of its PCs is not known" for path in change.unread[:FILES]
    ]
    shown += _within(unread, ROOM // 4)
    hidden = len(change.unread) - sum(line in unread for line in shown)
    if hidden:
        shown.append(f"- and {plural(hidden, 'more file')} that cannot be read")
    if shown:
        yield ""
        yield from shown


def _within(lines: Sequence[str], room: int) -> list[str]:
    """The first of `lines` that fit into `room` bytes."""
    shown = []
    for line in lines:
        room -= len(line.encode()) + 1
        if room < 0:
            break
        shown.append(line)
    return shown


def _file(path: str) -> str:
    return code(cut_path(path, _PATH), _PATH)


def _parts(moves: Sequence[Move], most: int = PARTS) -> Iterator[str]:
    """`+40 PCs to Acme from Unassigned`, `2 removed`, `1 target changed`."""
    counts = {kind: _counted(moves, kind) for kind in KINDS}
    yield from _added(counts["added"], most)
    if counts["removed"]:
        total = counts["removed"].total()
        whose = {target for _, target in counts["removed"]}
        where = f" ({'was' if total == 1 else 'were'} to go to {_customer(whose.pop())})" if len(whose) == 1 else ""
        yield f"{total:,} removed{where}"
    if counts["changed"]:
        total = counts["changed"].total()
        yield f"{plural(total, 'target')} changed ({_turns(counts['changed'], most)})"
    if counts["archived"]:
        yield f"{plural(counts['archived'].total(), 'PC')} archived"


def _counted(moves: Iterable[Move], kind: str) -> Pairs:
    counts: Pairs = Counter()
    for move in moves:
        if move.kind == kind:
            counts[move.source, move.target] += move.pcs
    return counts


def _added(counts: Pairs, most: int) -> Iterator[str]:
    for (source, target), count in counts.most_common(most):
        place = f" from {_name(source)}" if source else ", from: unknown"
        place = ", already there" if source and source == target else place
        yield f"+{plural(count, 'PC')} to {_customer(target)}{place}"
    rest = counts.most_common()[most:]
    if rest:
        yield f"+{plural(sum(count for _, count in rest), 'PC')} in {plural(len(rest), 'other move')}"


def _turns(counts: Pairs, most: int) -> str:
    pairs = counts.most_common()
    named = [
        f"{_customer(old)} → {_customer(new)}{f' {count:,}' if len(pairs) > 1 else ''}"
        for (old, new), count in pairs[:most]
    ]
    rest = sum(count for _, count in pairs[most:])
    return ", ".join([*named, *([f"others {rest:,}"] if rest else [])])


def _customer(name: str | None) -> str:
    return _name(name) if name else "no valid Customer ID"


def _name(name: str) -> str:
    return prose(name, _NAME)
