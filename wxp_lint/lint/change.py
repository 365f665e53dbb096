"""What a change does: the PCs of the transfer files in the working tree against those at the base of a branch."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from wxp_lint.config.settings import Settings
from wxp_lint.database import Connection
from wxp_lint.errors import UsageError
from wxp_lint.facts.build import Facts, Inputs, build
from wxp_lint.facts.customers import read_customers
from wxp_lint.facts.places import UNASSIGNED
from wxp_lint.facts.transfers import Loaded
from wxp_lint.files.header import words
from wxp_lint.files.model import Source
from wxp_lint.files.read import read
from wxp_lint.keys import key
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.check import Request, parameters
from wxp_lint.lint.policy import Policy
from wxp_lint.repo import git
from wxp_lint.repo.blobs import blobs
from wxp_lint.repo.glob import matcher
from wxp_lint.repo.tree import is_lock
from wxp_lint.repo.typed import in_utf8

KINDS = ("added", "changed", "removed", "archived")
SEVERAL = "several places"

_PATHS = "select unnest($paths::varchar[])"
# Where a row moves its PC, as the table `again` has it: its own Customer ID if that is one, else the file's target.
_ROWS = f"""
select
    r.path, r.serial_key, coalesce(if(t.good, t.customer_key, m.customer_key), ''),
    if(t.good, t.customer_id, if(m.good, m.customer_id, null))
from _named_row r
left join target t on t.path = r.path and t.customer_key = r.customer_key
left join target m on m.path = r.path and m.main
where r.serial_key <> '' and r.path in ({_PATHS})
order by r.path, r.line
"""
_PLACES = f"""
select serial_key, if(max(places) > 1, $several, any_value(place)) from device
where serial_key in (select serial_key from _named_row where path in ({_PATHS}))
group by serial_key
"""


class Move(NamedTuple):
    """PCs of one file to which the same happens: `kind` is one of `KINDS`, `pcs` how many they are.

    `source` is the place where the inventory has PCs that are added, None if it does not know; for those whose target
    is changed, the old target. `target` is the customer's name, or the Customer ID where the registry does not know it;
    None where there is no Customer ID.
    """

    path: str
    kind: str
    pcs: int
    source: str | None
    target: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What has changed since the base of HEAD and `ref`; `untold` says why that cannot be told.

    `files` is the number of transfer files that differ. `unread` are those that cannot be read now: what they do to
    their PCs is not known.
    """

    ref: str
    moves: Sequence[Move] = ()
    files: int = 0
    unread: Sequence[str] = ()
    untold: str | None = None


class _Rows(NamedTuple):
    """For each serial key, the file that each of its targets stands in first; what targets are called."""

    found: Mapping[str, Mapping[str, str]]
    names: Mapping[str, str]


class Comparison:
    """Takes from the facts of a run, as `examine`'s `look`, what the files have now; then tells the change."""

    def __init__(self, settings: Settings, catalogue: Catalogue, request: Request, ref: str) -> None:
        self._settings, self._catalogue, self._request, self._ref = settings, catalogue, request, ref
        self._now = _Rows({}, {})
        self._places: Mapping[str, str] = {}
        self._unread: list[str] = []
        self._former: dict[str, str] = {}
        self._untold: str | None = None
        self._base, self._before, self._after, self._archived = "", set[str](), set[str](), set[str]()
        try:
            self._base, changes = git.changed_since(settings.root, ref)
        except UsageError as error:
            self._untold = str(error)
        else:
            self._sort(changes)

    def _sort(self, changes: Iterable[git.Change]) -> None:
        """Which of the changed files are to be compared."""
        is_transfer, is_archived = matcher(self._settings.transfers), matcher(self._settings.archive)
        loaded = {file.path for file in self._request.selection.files if file.open}
        for now, before in changes:
            # A draft counts as little as in other runs, and what was handed over is not taken back by an edit.
            if now is not None and is_transfer(now) and not is_archived(now) and not is_lock(now):
                if now not in loaded:
                    continue
                self._after.add(now)
            elif now is not None and is_archived(now) and is_transfer(now):
                self._archived.add(now)
            if before is not None and is_transfer(before) and not is_archived(before) and not is_lock(before):
                self._before.add(before)
                self._former[in_utf8(now or before)] = in_utf8(before)

    def __call__(self, facts: Facts) -> None:
        """Looks at the facts of the run."""
        paths = sorted(map(in_utf8, self._after))
        self._now = _rows(facts.con, paths, self._settings)
        query = facts.con.execute(_PLACES, {"paths": paths, "several": SEVERAL})
        self._places = dict(query.fetchall())
        self._unread = [
            path
            for (path,) in facts.con.execute(
                f"select path from file where fault is not null and path in ({_PATHS}) order by 1", {"paths": paths}
            ).fetchall()
        ]

    def change(self) -> Change:
        """What it comes to. Raises UsageError where git refuses to show the base."""
        if self._untold:
            return Change(self._ref, untold=self._untold)
        contents = blobs(self._settings.root, self._base, self._before)
        before, archived = self._at_base(contents)
        unread = frozenset(self._former.get(path, path) for path in self._unread)
        moves = _moves(before, self._now, archived, self._places, unread)
        return Change(self._ref, moves, len(self._before | self._after), self._unread)

    def _at_base(self, contents: Mapping[str, bytes]) -> tuple[_Rows, frozenset[str]]:
        """The rows of the files that were open; the serial keys that stand in the archive by now."""
        settings = self._settings
        known = words(settings.columns.serial, settings.columns.customer)
        sources = [Source(in_utf8(path), settings.root / path, data) for path, data in contents.items()]
        sources += [Source(in_utf8(path), settings.root / path) for path in self._archived - contents.keys()]
        name = settings.customers
        data = self._request.customers
        if name is not None and data is None:
            data = read_customers(settings.root, name)
        files = [Loaded(read(source, known, settings.limits, settings.root), True, True, True) for source in sources]
        fed = parameters(self._catalogue, Policy(settings, self._catalogue))
        facts = build(
            Inputs(
                loaded=files,
                words=known,
                root=settings.root,
                parameters={**fed, "all_suspect": False},
                customers=None if name is None or data is None else (name, data),
            )
        )
        try:
            before = _rows(facts.con, sorted(map(in_utf8, contents)), settings)
            archived = _rows(facts.con, sorted(map(in_utf8, self._archived - contents.keys())), settings)
        finally:
            facts.con.close()
        return before, frozenset(archived.found)


def _rows(con: Connection, paths: Sequence[str], settings: Settings) -> _Rows:
    found: dict[str, dict[str, str]] = {}
    names: dict[str, str] = {}
    for path, serial, target, customer_id in con.execute(_ROWS, {"paths": paths}).fetchall():
        found.setdefault(serial, {}).setdefault(target, path)
        if customer_id is not None:
            names.setdefault(target, customer_id.strip())
    names |= {key(customer_id): name for name, customer_id in settings.places.items()}
    names |= {
        key(customer_id): UNASSIGNED for name, customer_id in settings.places.items() if key(name) == "UNASSIGNED"
    }
    names |= dict(con.execute("select customer_key, name from customer").fetchall())
    return _Rows(found, names)


def _moves(
    before: _Rows, now: _Rows, archived: frozenset[str], places: Mapping[str, str], unread: frozenset[str]
) -> list[Move]:
    """A PC that stands in another file, with the same target, has not changed."""
    counts: Counter[tuple[str, str, str | None, str | None]] = Counter()
    names = {**before.names, **now.names}
    for serial, targets in now.found.items():
        old = before.found.get(serial, {})
        fresh = {target: path for target, path in targets.items() if target not in old}
        gone = [target for target in old if target not in targets]
        for target, path in fresh.items():
            if gone:
                counts[path, "changed", names.get(gone.pop()), names.get(target)] += 1
            else:
                counts[path, "added", places.get(serial), names.get(target)] += 1
        for target in gone:
            counts[old[target], "removed", None, names.get(target)] += 1
    for serial, targets in before.found.items():
        if serial in now.found:
            continue
        kind = "archived" if serial in archived else "removed"
        for target, path in targets.items():
            if path not in unread:
                counts[path, kind, None, names.get(target)] += 1
    found = [Move(path, kind, count, source, target) for (path, kind, source, target), count in counts.items()]
    return sorted(
        found, key=lambda move: (move.path, KINDS.index(move.kind), -move.pcs, move.source or "", move.target or "")
    )
