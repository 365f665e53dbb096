"""What a plan is made of: the open transfers at HEAD, what a check says of them, where their PCs are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from wxp_lint import __version__
from wxp_lint.config.settings import Settings
from wxp_lint.config.text import masked
from wxp_lint.facts.build import Facts
from wxp_lint.facts.places import UNASSIGNED
from wxp_lint.facts.sidecars import Sidecar, read_sidecars
from wxp_lint.facts.transfers import Loaded
from wxp_lint.keys import key
from wxp_lint.ledger import states
from wxp_lint.ledger.identity import digest
from wxp_lint.lint.base import Base
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.check import Request, examine
from wxp_lint.lint.engine import Hit
from wxp_lint.lint.finding import Finding, NotRun, Result
from wxp_lint.lint.policy import Policy
from wxp_lint.repo import git
from wxp_lint.repo.glob import matcher
from wxp_lint.repo.select import Selected, Selection
from wxp_lint.repo.standing import Standing
from wxp_lint.repo.tree import is_lock
from wxp_lint.repo.typed import in_utf8
from wxp_lint.transfer.uncommitted import sidecars_of, uncommitted

LARGE = "WXP605"


class Party(NamedTuple):
    """A customer or Unassigned, as source or target. `key` is what Customer IDs are compared with.

    Unassigned has neither ID nor key unless the config gives it one.
    """

    name: str
    customer_id: str | None
    key: str | None


class Row(NamedTuple):
    """A device row of a sheet: the keys, and what kinds of cells hold them ("text" for what may be sent)."""

    line: int
    serial: str
    customer: str
    serial_kind: str
    customer_kind: str


class Spot(NamedTuple):
    """Where an export says that a PC is; `places`: in how many places, equally fresh, it is said to be."""

    party: Party
    as_of: date | None
    places: int
    has_user: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """An open transfer file at HEAD. `digest` is None without a target or serials."""

    path: str
    sha256: str
    merged: bool
    rows: Sequence[Row]
    target: Party | None
    digest: str | None
    findings: Sequence[Finding]
    hits: Sequence[Hit]
    sidecar: Sidecar | None
    source: Party | None

    @property
    def serials(self) -> list[str]:
        """The distinct serial keys, in the order of the sheet."""
        return list(dict.fromkeys(row.serial for row in self.rows if row.serial))


class Registry(NamedTuple):
    """Who can be a source or target: Unassigned, and the customers by the key of their ID."""

    unassigned: Party
    customers: Mapping[str, Party]

    def party(self, customer_id: str | None, name: str | None = None) -> Party:
        """The customer with this ID; Unassigned without one. `name` is for whom the registry does not know."""
        if customer_id is None:
            return self.unassigned if name in (None, UNASSIGNED) else Party(name or "", None, None)
        mark = key(customer_id)
        if mark == self.unassigned.key:
            return self.unassigned
        return self.customers.get(mark) or Party(name or customer_id, customer_id, mark)

    def at(self, name: str, customer_key: str | None) -> Party:
        """The place that the facts call `name`, Unassigned where they know no customer's key."""
        if customer_key is None:
            return self.unassigned
        return self.customers.get(customer_key) or Party(name, name, customer_key)


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a plan needs but the ledger.

    `spots` has the PCs that the inventory knows, by serial key; `uninformed` says why there is no inventory, None if
    there is one; `resting` on which lists of devices all of it rests. `unable` are the rules that must run and could
    not. `per_customer` is the limit of PCs to one customer, None if that rule is off. `codes` maps each rule's names,
    in lower case, to its code. `policy` is a hash of all settings and rules. `drafts` are files that are not committed,
    `settled` those that are done with. `uncommitted` are sidecars of the open files, the ignore file, the baseline,
    the config, the registry and rule files where they count although git does not track them.
    """

    settings: Settings
    standing: Standing
    today: date
    sheets: Sequence[Sheet]
    spots: Mapping[str, Spot]
    uninformed: str | None
    registry: Registry
    unable: Sequence[NotRun]
    per_customer: int | None
    codes: Mapping[str, str]
    policy: str
    secrets: frozenset[str]
    drafts: Sequence[str]
    settled: Sequence[str]
    uncommitted: Sequence[str]
    resting: str | None
    notes: Sequence[str]


def gather(
    settings: Settings,
    catalogue: Catalogue,
    standing: Standing,
    known: states.Transfers,
    today: date,
    base: Base | None = None,
    look: Callable[[Facts], None] = lambda facts: None,
) -> Inputs:
    """Reads and checks the open transfers at HEAD. Raises UsageError as `check` does.

    `known` are the ledger's transfers: a file whose newest transfer is done is not open. Without a ledger the rules
    that read it find it empty, since `apply` is going to create it. `look` is called with the facts, as in `examine`.
    """
    files, contents, drafts = _at_head(settings, standing)
    settled = {path for path in files if _is_done(known, path, _sha(settings.root / files[path], contents.get(path)))}
    while True:
        paths = sorted(files.keys() - settled)
        selected = tuple(Selected(path, settings.root / files[path], True, True, True) for path in paths)
        request = Request(
            Selection(selected, True, ()),
            today,
            contents=contents,
            ledger=states.rows(known),
            moves=states.moves(known),
        )
        if base:
            request = base.judging(request)
        seen = _Seen()

        def take(facts: Facts, seen: _Seen = seen) -> None:
            seen.take(facts)
            look(facts)

        result, sifted = examine(settings, catalogue, request, take)
        registry = _registry(settings, seen)
        sheets = _sheets(settings, standing, registry, result, (*sifted.left, *sifted.hidden), seen)
        # The same sheet saved in another way has other bytes, but the same digest.
        again = {one.path for one in sheets if _is_done(known, one.path, None, one.digest)}
        if not again:
            break
        settled |= again
    policy = Policy(settings, catalogue)
    large = next((rule for rule in catalogue.rules if rule.code == LARGE), None)
    is_limited = large is not None and policy.level(large, None, None) is not None
    return Inputs(
        settings=settings,
        standing=standing,
        today=today,
        sheets=sheets,
        spots={
            serial: Spot(registry.at(name, customer), as_of, places or 1, has_user)
            for serial, name, customer, as_of, places, has_user in seen.spots
        },
        uninformed=seen.uninformed,
        registry=registry,
        unable=result.must_run_failed,
        per_customer=policy.options(large)["per_customer"] if large and is_limited else None,
        codes={name.lower(): rule.code for rule in catalogue.rules for name in rule.names},
        policy=_policy(settings, catalogue, request),
        secrets=result.secrets,
        drafts=drafts,
        settled=sorted(settled),
        uncommitted=uncommitted(settings, standing.top, [sheet.path for sheet in sheets], is_own=base is None),
        resting=result.inventory,
        notes=(*result.notes, *(base.notes if base else ())),
    )


def _at_head(settings: Settings, standing: Standing) -> tuple[dict[str, str], dict[str, bytes], list[str]]:
    """The open transfer files at HEAD, their paths as the facts have them -> as git does; the content of those that
    the working tree has otherwise; drafts.
    """
    is_transfer, is_archived = matcher(settings.transfers), matcher(settings.archive)

    def is_open(path: str) -> bool:
        return is_transfer(path) and not is_archived(path) and not is_lock(path)

    files = {in_utf8(path): path for path in filter(is_open, git.files_at(settings.root, standing.head))}
    edited = {path: own for path, own in files.items() if own in standing.edited}
    contents = {path: git.show(settings.root, standing.head, own) or b"" for path, own in edited.items()}
    drafts = [path for path in (*standing.untracked, *standing.edited) if is_open(path) and in_utf8(path) not in files]
    return files, contents, sorted(drafts)


def _sha(place: Path, content: bytes | None) -> Callable[[], str | None]:
    def read() -> str | None:
        try:
            data = place.read_bytes() if content is None else content
        except OSError:
            return None
        return sha256(data).hexdigest()

    return read


def _is_done(known: states.Transfers, path: str, sha: Callable[[], str | None] | None, mark: str | None = None) -> bool:
    """Whether the newest transfer of the file at `path` is done, and was of these bytes or of this digest."""
    last = states.newest(known, path)
    if last is None or not last.done:
        return False
    return (mark is not None and mark == last.digest) or (
        sha is not None and last.sheet is not None and sha() == last.sheet
    )


class _Seen:
    """What is taken from the facts before they are gone."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {}
        self.targets: dict[str, tuple[str, str]] = {}
        self.spots: list[tuple[Any, ...]] = []
        self.sources: dict[str, tuple[str, str | None]] = {}
        self.customers: list[tuple[str, str, str]] = []
        self.uninformed: str | None = None

    def take(self, facts: Facts) -> None:
        ask = facts.con.execute
        for path, *row in ask(
            "select path, line, serial_key, customer_key, serial_kind, customer_kind from row order by path, line"
        ).fetchall():
            self.rows.setdefault(path, []).append(Row(*row))
        for path, *target in ask("select path, customer_key, customer_id from target where main").fetchall():
            self.targets[path] = (target[0], target[1])
        self.customers = ask("select customer_key, name, customer_id from customer").fetchall()
        self.sources = {
            path: (place, source_key)
            for path, place, source_key in ask(
                "select path, source_place, source_key from sidecar where source_place is not null"
            ).fetchall()
        }
        self.uninformed = facts.absent.get("device")
        self.spots = ask(
            "select serial_key, place, customer_key, as_of, places, last_user is not null from device"
        ).fetchall()


def _registry(settings: Settings, seen: _Seen) -> Registry:
    own = {key(name): customer_id for name, customer_id in settings.places.items()}
    found = next((own[word] for word in map(key, (UNASSIGNED, f"{UNASSIGNED} Devices")) if word in own), None)
    customers = {mark: Party(name, customer_id, mark) for mark, name, customer_id in seen.customers}
    return Registry(Party(UNASSIGNED, found, found and key(found)), customers)


def _sheets(
    settings: Settings, standing: Standing, registry: Registry, result: Result, all_hits: Iterable[Hit], seen: _Seen
) -> tuple[Sheet, ...]:
    loaded = [Loaded(file, True, True, True) for file in result.files.values()]
    sidecars = {one.path: one for one in read_sidecars(loaded, settings.root)}
    findings: dict[str | None, list[Finding]] = {}
    for finding in result.findings:
        findings.setdefault(finding.path, []).append(finding)
    hits: dict[str | None, list[Hit]] = {}
    for hit in all_hits:
        hits.setdefault(hit.path, []).append(hit)
    sheets = []
    for path, file in sorted(result.files.items()):
        rows = seen.rows.get(path, [])
        mark, text = seen.targets.get(path, ("", ""))
        target = registry.customers.get(mark) or registry.party(text.strip()) if mark else None
        serials = [row.serial for row in rows if row.serial]
        source = seen.sources.get(path)
        sheets.append(
            Sheet(
                path=path,
                sha256=file.sha256,
                merged=standing.is_merged(path, *sidecars_of(path)),
                rows=rows,
                target=target,
                digest=digest(mark, serials) if target and serials else None,
                findings=findings.get(path, ()),
                hits=hits.get(path, ()),
                sidecar=sidecars.get(path),
                source=registry.at(*source) if source else None,
            )
        )
    return tuple(sheets)


def _policy(settings: Settings, catalogue: Catalogue, request: Request) -> str:
    """A hash of what a plan goes by besides the files at HEAD: settings, rules, and what a revision says in place.

    Without passwords, which a saved plan would else give a hold to guess; the ledger is told by its own id.
    """
    sources = tuple(one._replace(url=one.url and masked(one.url)) for one in settings.inventory.sources)
    plain = settings._replace(
        root=Path(),
        file=None,
        origins={},
        inventory=settings.inventory._replace(sources=sources),
        apply=settings.apply._replace(ledger=""),
    )
    rules = [(rule.code, rule.level, rule.status, rule.query, rule.when, rule.options) for rule in catalogue.rules]
    other = (request.suppressions, request.baseline, request.customers, request.revision)
    return sha256(repr((__version__, plain, rules, other)).encode("utf-8", "surrogatepass")).hexdigest()
