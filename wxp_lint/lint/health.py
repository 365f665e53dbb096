"""What `wxp-lint doctor` says: whether all is there that a check needs, and what to do where it is not."""

import platform
import shlex
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import NamedTuple

from wxp_lint import __version__
from wxp_lint.config import cache
from wxp_lint.config.advice import REGISTRY, put
from wxp_lint.config.load import FILE, SHARED, has_table
from wxp_lint.config.settings import InventorySource, Settings
from wxp_lint.config.text import as_key, as_toml, masked
from wxp_lint.errors import UsageError
from wxp_lint.facts.customers import lost_successors, read_customers
from wxp_lint.files.header import GUID
from wxp_lint.inventory.database import Database
from wxp_lint.inventory.exports import EXPORTS, expand
from wxp_lint.inventory.snapshot import Snapshot, load
from wxp_lint.inventory.survey import answers, people, survey
from wxp_lint.keys import key
from wxp_lint.ledger.open import open_ledger
from wxp_lint.ledger.peek import in_time, peek
from wxp_lint.ledger.protocol import Damaged, Foreign, Lost, RolledBack
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.check import Request, check
from wxp_lint.lint.finding import NotRun
from wxp_lint.lint.handed import handed_over
from wxp_lint.lint.policy import Policy
from wxp_lint.repo import git
from wxp_lint.repo.glob import matcher
from wxp_lint.repo.hooks import CONFIG, hooks
from wxp_lint.repo.select import select
from wxp_lint.repo.tree import is_lock, listing

# What makes the facts be there that rules need: a key of the config, and its value.
_SETTINGS = {
    "customer": ("customers", REGISTRY),
    "device": ("inventory.sources", '[{ path = "inventory/unassigned.csv", place = "unassigned" }]'),
}
_REFUSED = "until then wxp-lint apply is refused"


class Remark(NamedTuple):
    """`level` is ok, note (worth knowing) or mend (something is wrong); `text` says what, and what to do."""

    level: str
    text: str


def wrong(about: str, error: UsageError) -> Iterator[Remark]:
    """An error as remarks, one for each of its lines, after what it is about."""
    for line in str(error).splitlines():
        yield Remark("mend", f"{about}{line}")


def program() -> Iterator[Remark]:
    """The versions of what runs."""
    import duckdb

    here = f"Python {platform.python_version()}, {platform.platform(terse=True)}"
    yield Remark("ok", f"wxp-lint {__version__}, {here}")
    try:
        from _duckdb import connect

        connect(":memory:").close()
    except Exception as error:  # whatever it is: the public name stands in for the private one
        slow = f"its quick import fails ({type(error).__name__}), so a run starts some 40 ms later"
        yield Remark("note", f"duckdb {duckdb.__version__}: {slow}; install another version if that matters")
    else:
        yield Remark("ok", f"duckdb {duckdb.__version__}, with its quick import")


def remembering(root: Path) -> Remark:
    """Whether what takes long to find out can be remembered."""
    if why := cache.trouble(root):
        return Remark("note", f"no cache, so runs are slower: {why}")
    return Remark("ok", f"cache: {cache.folder(root)}")


def config(settings: Settings) -> Iterator[Remark]:
    """Which config is in force."""
    file, root = settings.file, settings.root
    if file is None:
        yield Remark("note", f"config: none, so the defaults hold; to change them, wxp-lint init writes {root / FILE}")
        return
    yield Remark("ok", f"config: {file}")
    shared = root / SHARED
    if file.name == FILE and shared.is_file() and has_table(shared.read_bytes()):
        yield Remark("mend", f"config: {SHARED} has a table [tool.wxp-lint] too, which does not count: delete it")
    if git.root(root) and file.name not in git.tracked(root, [file.name]):
        yield Remark("note", f"config: it is not in git, so nobody else has it: git add {file.name}")


def rules(settings: Settings, catalogue: Catalogue) -> Iterator[Remark]:
    """How many rules there are, and which do not speak. Raises UsageError for names that no rule has."""
    policy = Policy(settings, catalogue)
    custom = sum(rule.is_custom for rule in catalogue.rules)
    silent = [rule for rule in catalogue.rules if policy.level(rule, None, None) is None]
    off = [rule.name for rule in silent if rule.status != "preview"]
    waiting = len(silent) - len(off)
    parts = [f"{len(catalogue.rules) - custom} rules built in", f"{custom} of your own"]
    parts += [f"{waiting} in preview"] if waiting else []
    parts += [f"{len(off)} switched off{f' ({_some(off)})' if off else ''}"]
    yield Remark("ok", ", ".join(parts))
    for rule in silent:
        if rule.code in policy.must_run:
            yield Remark("mend", f"{rule.name} must run, but is switched off: take it out of must-run, or of ignore")


def places(settings: Settings) -> Iterator[Remark]:
    """Which IDs of places do not look like Customer IDs. HP documents no form of them, so none is refused."""
    for name, customer_id in settings.places.items():
        if not GUID.fullmatch(key(customer_id)):
            at = settings.origins.get(f"places.{name}.customer-id", "config")
            yield Remark(
                "note",
                f"{at}: [places.{as_key(name)}] customer-id = {as_toml(customer_id)} is no GUID, as Customer IDs are "
                "where they have been seen; moves back are made with it, so make sure of it with HP support",
            )


def registry(settings: Settings) -> Iterator[Remark]:
    """What is odd in the registry, though it can be used; what makes it unusable is told by a check."""
    if settings.customers is None:
        return
    with suppress(UsageError):
        data = read_customers(settings.root, settings.customers)
        for told in lost_successors(data, settings.customers):
            yield Remark("note", told)


def transfers(settings: Settings) -> Iterator[Remark]:
    """How many transfer files there are of each kind."""
    there = listing(settings.root, [""], drafts=True)
    is_transfer, is_archived = matcher(settings.transfers), matcher(settings.archive)
    found = list(filter(is_transfer, there.tracked))
    archived = sum(map(is_archived, found))
    drafts = [path for path in there.drafts if is_transfer(path) and not is_archived(path)]
    counts = f"transfers: {len(found) - archived} open, {archived} archived, {len(drafts)} untracked"
    if drafts:
        yield Remark("note", f"{counts} ({_some(drafts)}): checked only when named, until you git add them")
    elif found:
        yield Remark("ok", counts)
    else:
        yield Remark("note", f"{counts}: nothing matches {', '.join(settings.transfers)}")


def inventory(settings: Settings, today: date) -> Iterator[Remark]:
    """How old the lists of each source are."""
    for source in settings.inventory.sources:
        try:
            yield _aged(source, settings, today) if source.path else _asked(source, settings)
        except UsageError as error:
            yield from wrong("", error)
    if settings.inventory.sources and (gathered := load(settings.root)):
        yield _gathered(gathered, settings.inventory.max_age_days, today)


def _asked(source: InventorySource, settings: Settings) -> Remark:
    database = Database(source, settings.root)
    if why := database.missing():
        return Remark("mend" if database.file else "note", why)
    name = f"inventory {masked(source.url or '')}"
    if answers(database):
        return Remark("ok", f"{name}: a database, which answers")
    return Remark("mend", f"{name}: the database answers, and has no device: look at the query")


def _gathered(snapshot: Snapshot, most: int, today: date) -> Remark:
    days = (today - snapshot.day).days
    old = "today" if days == 0 else f"{days:,} day{'' if days == 1 else 's'} old"
    devices = f"{snapshot.devices:,} device{'' if snapshot.devices == 1 else 's'}"
    told = f"inventory: the snapshot of {snapshot.day} ({old}), {devices}, answers for lists that are still the same"
    if days > most:
        return Remark("note", f"{told}: older than max-age-days = {most}, so renew it: wxp-lint inventory sync")
    return Remark("ok", told)


def _aged(source: InventorySource, settings: Settings, today: date) -> Remark:
    found = survey(source, settings.root, settings.limits)
    name = f"inventory {source.path}"
    if not found.lists:
        return Remark("mend", f"{name}: there is no such file: export the list, or mend [inventory] sources")
    held = f"{found.devices:,} PC{'' if found.devices == 1 else 's'}" + (
        f" in {found.lists} lists" if found.lists > 1 else ""
    )
    if found.day is None:
        how = "put the day into its name (unassigned-2026-11-03.csv)"
        how += ", or commit it" if _may_commit(source, settings.root) else ""
        return Remark("mend", f"{name}: {held}, nobody knows how old: {how}")
    days, most = (today - found.day).days, settings.inventory.max_age_days
    old = f"{days:,} day{'' if days == 1 else 's'} old"
    if days > most:
        return Remark("mend", f"{name}: {held}, {old}, more than max-age-days = {most}: export it again")
    return Remark("ok", f"{name}: {held}, {old} (max-age-days = {most})")


def _may_commit(source: InventorySource, root: Path) -> bool:
    """Whether all lists of a source are where git takes them, and none names people, who do not belong there."""
    if git.root(root) is None:
        return False
    paths = expand(source, root)
    names = [path.relative_to(root).as_posix() for path in paths if path.is_relative_to(root)]
    if len(names) < len(paths) or git.ignored(root, names):
        return False
    return not any(people(path, name, root) for path, name in zip(paths, names))


def ledger(settings: Settings) -> Iterator[Remark]:
    """Whether the ledger is where the config says, over the network too: a check takes what this clone knows."""
    try:
        book = open_ledger(settings)
        log = in_time(book.look, book.name)
    except UsageError as error:
        if str(error) == peek(settings).reason:
            return  # told with the rules that it keeps from running
        if isinstance(error, Lost | Foreign | RolledBack | Damaged):
            yield Remark("mend", f"ledger: {error}; {_REFUSED}")
        else:
            yield Remark("note", f"ledger: {error}")
        return
    if log:
        count = len(log.events)
        yield Remark("ok", f"ledger: {book.name}, {count:,} event{'' if count == 1 else 's'}")


def unable(settings: Settings, catalogue: Catalogue, today: date) -> Iterator[Remark]:
    """Which rules cannot run, and what makes them run: told by a check of everything."""
    seen = peek(settings)
    is_done = handed_over(settings, catalogue, seen)
    selection = select(settings, [], cwd=settings.root, force_exclude=False, settled=is_done)
    request = Request(selection, today, ledger=seen.rows, no_ledger=seen.reason, moves=seen.moves)
    try:
        result = check(settings, catalogue, request)
    except UsageError as error:
        yield from wrong("check: ", error)
        return
    groups: dict[str, list[NotRun]] = {}
    for rule in result.not_run:
        groups.setdefault(rule.reason, []).append(rule)
    for reason, group in groups.items():
        names = ", ".join(f"{rule.code} {rule.name}" for rule in group)
        is_urgent = any(rule in result.must_run_failed for rule in group)
        more = _remedy(group[0], settings, catalogue)
        if seen.is_broken and reason == seen.reason:
            is_urgent, more = True, f"; {_REFUSED}"
        yield Remark("mend" if is_urgent else "note", f"cannot run: {names} ({reason}){more}")


def _remedy(rule: NotRun, settings: Settings, catalogue: Catalogue) -> str:
    given = {"customer": settings.customers, "device": settings.inventory.sources}
    missing = [need for need in catalogue.find(rule.code).needs if need in given and not given[need]]
    return f"; {put(*_SETTINGS[missing[0]], settings)}" if missing else ""


def commits(root: Path) -> Iterator[Remark]:
    """Whether mistakes are stopped before they are committed."""
    top = git.root(root)
    if top is None:
        yield Remark("note", "git: there is no repository here, so every file counts as tracked: git init")
        return
    try:
        found = hooks(top)
    except UsageError as error:
        yield from wrong("git: ", error)
        return
    late = "so mistakes show only after the commit"
    if found.named and not found.runs:
        yield Remark("mend", f"pre-commit: its hook is not installed, {late}: pre-commit install")
    elif found.named or (found.runs and not found.has_config):
        yield Remark("ok", f"pre-commit: the hook runs wxp-lint ({found.hook})")
    else:
        why = f"{CONFIG} does not name wxp-lint" if found.has_config else f"there is no {CONFIG}"
        yield Remark("note", f"pre-commit: {why}, {late}: add the hook of wxp-lint (see its README)")


def exposed(settings: Settings) -> Iterator[Remark]:
    """What git holds that should not be there: Excel's lock files, and lists that name people."""
    root = settings.root
    if git.root(root) is None:
        return
    tracked = [path for path in git.tracked(root) if (root / path).is_file()]
    for path in filter(is_lock, tracked):
        removal = f"git rm --cached {shlex.quote(path)}"
        yield Remark("mend", f"{path} is in git: Excel left it, with a user's name: {removal}, and ~$* into .gitignore")
    for path in _lists(settings, tracked):
        columns = people(root / path, path, root)
        if columns:
            named = ", ".join(f"'{column}'" for column in columns)
            yield Remark(
                "mend",
                f"{path} is in git and has personal data (column {named}): export it without, or "
                f"git rm --cached {shlex.quote(path)} and put it into .gitignore; what was pushed stays in the history",
            )


def _lists(settings: Settings, tracked: list[str]) -> list[str]:
    """The tracked device lists: those of the sources, and what lies beside them in a folder of their own."""
    lists = {path for source in settings.inventory.sources if source.path for path in expand(source, settings.root)}
    folders = {path.parent for path in lists} - {settings.root}
    is_transfer = matcher(settings.transfers)
    return [
        path
        for path in tracked
        if path.lower().endswith(EXPORTS)
        and not is_lock(path)
        and not is_transfer(path)
        and (settings.root / path in lists or (settings.root / path).parent in folders)
    ]


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
