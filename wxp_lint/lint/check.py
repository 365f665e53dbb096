"""One run of the linter: the selected files in, a result out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from wxp_lint.config.settings import InventorySource, Settings
from wxp_lint.facts.build import Inputs, build
from wxp_lint.facts.transfers import Loaded
from wxp_lint.files.header import Words, words
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Source
from wxp_lint.files.read import read
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.engine import run
from wxp_lint.lint.finding import Result
from wxp_lint.lint.locate import findings
from wxp_lint.lint.policy import Policy
from wxp_lint.lint.silence import speaking
from wxp_lint.repo.select import Selected, Selection


@dataclass(frozen=True, slots=True)
class Request:
    """What to check besides the settings: the files, the content of standard input by path, the day."""

    selection: Selection
    today: date
    inventory: Sequence[InventorySource] | None = None
    contents: Mapping[str, bytes] | None = None


def check(settings: Settings, catalogue: Catalogue, request: Request) -> Result:
    """Lints the files of `request`. Raises UsageError for wrong settings, rules or inventories."""
    policy = Policy(settings, catalogue)
    known = words(settings.columns.serial, settings.columns.customer)
    loaded = [_load(item, known, settings.root, request.contents or {}) for item in request.selection.files]
    sources = settings.inventory.sources if request.inventory is None else request.inventory
    facts = build(Inputs(loaded, known, settings.root, sources, _parameters(catalogue, policy)))
    checked = {item.file.source.path: item.file for item in loaded if item.checked}
    rules = [rule for rule in catalogue.rules if not rule.is_last]
    outcome = run(facts, rules, policy, frozenset(checked), request.today)
    heard = [
        (hit, level)
        for hit in speaking(outcome.hits)
        if (level := policy.level(hit.rule, hit.path, hit.values.get("level"))) is not None
        and (hit.path in checked or request.selection.repo_wide)
    ]
    row = facts.con.execute("select coalesce(sum(rows), 0)::bigint from file where checked").fetchone()
    facts.con.close()
    return Result(
        findings=findings(heard, checked),
        not_run=sorted(outcome.not_run, key=lambda rule: rule.code),
        files=checked,
        rows=row[0] if row else 0,
        must_run_failed=[rule for rule in outcome.not_run if rule.code in policy.must_run],
    )


def _load(item: Selected, known: Words, root: Path, contents: Mapping[str, bytes]) -> Loaded:
    source = Source(item.path, item.location, contents.get(item.path))
    return Loaded(read(source, known, Limits(), root), item.checked, item.open, item.tracked)


def _parameters(catalogue: Catalogue, policy: Policy) -> dict[str, Any]:
    """What options feed to the facts, and whether cell rules may speak of any row since their options differ."""
    fed = {
        option.feeds: policy.options(rule)[name]
        for rule in catalogue.rules
        for name, option in rule.options.items()
        if option.feeds
    }
    return {**fed, "all_suspect": any(policy.differs(rule) for rule in catalogue.rules if rule.subject == "suspect")}
