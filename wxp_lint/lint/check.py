"""One run of the linter: the selected files in, a result out."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from wxp_lint.config.settings import InventorySource, Settings
from wxp_lint.database import close_behind
from wxp_lint.facts.build import Facts, Inputs, build
from wxp_lint.facts.customers import Proposal, read_customers
from wxp_lint.facts.devices import Told
from wxp_lint.facts.transfers import Loaded
from wxp_lint.files.header import Words, words
from wxp_lint.files.model import Source, TransferFile
from wxp_lint.files.read import read
from wxp_lint.inventory.devices import PERSONAL
from wxp_lint.lint import suppressions
from wxp_lint.lint.accepted import Accepted, Sifted, fill, read_accepted, sift
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.engine import Hit, run
from wxp_lint.lint.finding import NotRun, Result
from wxp_lint.lint.locate import findings
from wxp_lint.lint.policy import Policy
from wxp_lint.lint.resting import aged, resting, synced, unlisted
from wxp_lint.lint.rule import Rule
from wxp_lint.lint.silence import speaking
from wxp_lint.repo.select import Selected, Selection
from wxp_lint.repo.typed import in_utf8


class Request(NamedTuple):
    """What to check besides the settings.

    The files, the day, inventory sources in place of the config's, the content of standard input by path;
    the ignore file, the baseline and the registry of customers where they are not to be read from the root;
    the rows of the ledger, or why there are none; the folder that inventory paths start from, where it is not the
    root, and the commit that it comes from; a registry that is not in force yet; files that are made rather than
    read, by path; whom to tell what the run is at; confirmed transfers that tell where PCs are; whether large
    inventories are remembered; whether nobody reads what the run rests on if there is no finding.
    """

    selection: Selection
    today: date
    inventory: Sequence[InventorySource] | None = None
    contents: Mapping[str, bytes] | None = None
    suppressions: bytes | None = None
    baseline: bytes | None = None
    ledger: Sequence[Mapping[str, object]] | None = None
    no_ledger: str = "no ledger yet"
    customers: bytes | None = None
    inventory_root: Path | None = None
    revision: str | None = None
    proposal: Proposal | None = None
    made: Mapping[str, TransferFile] | None = None
    tell: Callable[[str], None] = lambda phase: None
    moves: Sequence[Mapping[str, object]] = ()
    remember: bool = True
    brief: bool = False


def check(settings: Settings, catalogue: Catalogue, request: Request) -> Result:
    """Lints the files of `request`. Raises UsageError for wrong settings, rules or inventories."""
    return examine(settings, catalogue, request)[0]


def examine(
    settings: Settings, catalogue: Catalogue, request: Request, look: Callable[[Facts], None] | None = None
) -> tuple[Result, Sifted]:
    """As `check`; and what suppressions and baseline made of all hits, those of silent rules too.

    `look` is called with the facts once all rules have run.
    """
    policy = Policy(settings, catalogue)
    accepted = read_accepted(settings.root, catalogue, request.suppressions, request.baseline)
    known = words(settings.columns.serial, settings.columns.customer)
    request.tell("reading the files")
    loaded = _loaded(
        request, known, settings, is_all_read=bool(look) or any(rule.is_custom for rule in catalogue.rules)
    )
    sources = settings.inventory.sources if request.inventory is None else request.inventory
    fed = parameters(catalogue, policy)
    registry = _registry(settings, request.customers)
    orphans = [Source(in_utf8(one.path), one.location) for one in request.selection.orphans]
    request.tell("reading inventory and registry")
    facts = build(
        Inputs(
            loaded=loaded,
            words=known,
            root=settings.root,
            sources=sources,
            parameters=fed,
            ledger=request.ledger,
            no_ledger=request.no_ledger,
            customers=registry,
            places=settings.places,
            repo_wide=request.selection.repo_wide,
            orphans=orphans,
            inventory=request.inventory_root,
            revision=request.revision,
            proposal=request.proposal,
            own_rules=any(rule.is_custom for rule in catalogue.rules),
            moves=request.moves,
            personal=personal_fields(catalogue, policy, registry is not None),
            today=request.today,
            remember=request.remember,
            limits=settings.limits,
        )
    )
    checked = {item.file.source.path: item.file for item in loaded if item.checked}
    about = {*checked, *(one.path for one in orphans)}
    request.tell("running the rules")

    secrets: set[str] = set()

    def go(rules: Iterable[Rule]) -> tuple[list[Hit], list[NotRun]]:
        outcome = run(facts, rules, policy, frozenset(checked), request.today, repo_wide=request.selection.repo_wide)
        secrets.update(str(secret) for hit in outcome.hits if (secret := hit.values.get("secret")))
        hits = [hit for hit in speaking(outcome.hits) if hit.path in about or request.selection.repo_wide]
        return hits, list(outcome.not_run)

    first = [rule for rule in catalogue.rules if not rule.is_last]
    hits, not_run = go(first)
    sifted = sift(hits, accepted, request.today, _untold(first, facts, request))
    fill(facts, sifted)
    more, also_not_run = go(rule for rule in catalogue.rules if rule.is_last)
    not_run = sorted(not_run + also_not_run, key=lambda rule: rule.code)
    row = facts.con.execute("select coalesce(sum(rows), 0)::bigint from file where checked").fetchone()
    if look:
        look(facts)
    close_behind(facts.con)
    # A hook that is given nothing but other tables lets them pass.
    is_about_something = bool(checked) or request.selection.repo_wide
    heard = _heard([*sifted.left, *more], policy)
    is_read = bool(heard) or not request.brief
    told = aged(facts.inventory, settings.root, request.revision) if is_read else Told()
    is_unseen = any(hit.rule.subject == "unseen" for hit, _ in heard)
    result = Result(
        findings=findings(heard, checked),
        not_run=not_run,
        files=checked,
        rows=row[0] if row else 0,
        must_run_failed=[rule for rule in not_run if is_about_something and rule.code in policy.must_run],
        suppressed=len(_heard(sifted.hidden, policy)),
        secrets=frozenset(secrets),
        notes=[
            *policy.notes,
            *_former(catalogue, accepted),
            *synced(facts.inventory, request.today),
            *unlisted(facts.inventory if is_unseen else Told()),
        ],
        rules={rule.code: rule for rule in catalogue.rules},
        fail_on=settings.fail_on,
        inventory=resting(told, request.today),
    )
    return result, sifted


def _former(catalogue: Catalogue, accepted: Accepted) -> Iterator[str]:
    """What to tell of entries in the ignore file that call a rule by a former name."""
    for entry in accepted.suppressions:
        note = catalogue.note(entry.rule) if entry.rule else None
        if note:
            yield f"{suppressions.FILE}:{entry.line}: {note}"


def _heard(hits: Iterable[Hit], policy: Policy) -> list[tuple[Hit, str]]:
    """The hits of rules that are not switched off, with their levels."""
    levels = ((hit, policy.level(hit.rule, hit.path, hit.values.get("level"))) for hit in hits)
    return [(hit, level) for hit, level in levels if level is not None]


def _untold(rules: Iterable[Rule], facts: Facts, request: Request) -> Collection[str] | None:
    """The codes of `rules` that cannot run; None, for all, unless the run is about all that there is."""
    selection = request.selection
    is_whole = selection.repo_wide and not selection.partial and all(file.checked for file in selection.files)
    if not is_whole or request.inventory is not None:
        return None
    return {rule.code for rule in rules if not facts.absent.keys().isdisjoint(rule.needs)}


def personal_fields(catalogue: Catalogue, policy: Policy, has_customers: bool) -> frozenset[str]:
    """The personal columns that a rule which may speak reads; no other is looked at."""
    rules = [rule for rule in catalogue.rules if has_customers or "customer" not in rule.needs]
    queries = [rule.query for rule in rules if policy.may_speak(rule)]
    return frozenset(name for name in PERSONAL if any(name in query for query in queries))


def _registry(settings: Settings, data: bytes | None) -> tuple[str, bytes] | None:
    """The registry's name and bytes, `data` where they are given."""
    name = settings.customers
    if name is None:
        return None
    return name, read_customers(settings.root, name) if data is None else data


def _loaded(request: Request, known: Words, settings: Settings, *, is_all_read: bool) -> list[Loaded]:
    """The files that the rules of this run can tell apart from none."""
    selection = request.selection

    def load(item: Selected) -> Loaded:
        return _load(item, known, settings, request)

    if is_all_read or selection.repo_wide or all(item.checked for item in selection.files):
        return list(map(load, selection.files))
    from wxp_lint.lint.others import Memory, related

    memory = Memory(settings.root, known, settings.limits) if request.remember else None
    return related(selection.files, load, memory, {*(request.made or ()), *(request.contents or ())})


def _load(item: Selected, known: Words, settings: Settings, request: Request) -> Loaded:
    made = (request.made or {}).get(item.path)
    if made:
        return Loaded(made, item.checked, item.open, item.tracked)
    source = Source(in_utf8(item.path), item.location, (request.contents or {}).get(item.path))
    return Loaded(read(source, known, settings.limits, settings.root), item.checked, item.open, item.tracked)


def parameters(catalogue: Catalogue, policy: Policy) -> dict[str, Any]:
    """What options feed to the facts, and whether cell rules may speak of any row since options differ."""
    fed = {
        option.feeds: policy.options(rule)[name]
        for rule in catalogue.rules
        for name, option in rule.options.items()
        if option.feeds
    }
    differs = any(policy.differs(rule) for rule in catalogue.rules if rule.subject == "suspect")
    return {**fed, "all_suspect": differs}
