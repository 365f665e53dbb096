"""Runs the rules: each is one query over the facts. Nothing here knows a rule by name."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import Any

from wxp_lint.database import Connection
from wxp_lint.errors import UsageError
from wxp_lint.facts.build import Facts
from wxp_lint.lint.finding import NotRun
from wxp_lint.lint.message import columns
from wxp_lint.lint.policy import Policy
from wxp_lint.lint.rule import LEVELS, Rule

FIELDS = ("serial", "customer_id", None)
MOST = 200_000  # rows of one rule that a run takes in


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that a rule returned: where it stands, and all columns for the message."""

    rule: Rule
    path: str | None
    line: int | None
    field: str | None
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """All hits, before anybody silences one; the rules that could not run."""

    hits: Sequence[Hit]
    not_run: Sequence[NotRun]


def run(facts: Facts, rules: Iterable[Rule], policy: Policy, paths: frozenset[str], today: date) -> Outcome:
    """The hits of `rules` in `paths` (the checked files) and of the repo as a whole.

    Rules that are switched off run as well, since others yield to them. Raises UsageError for a rule that fails.
    """
    rules = list(rules)
    hits: list[Hit] = []
    not_run: list[NotRun] = []
    filled = _filled(facts.con, {rule.subject for rule in rules})
    known = _known_paths(facts.con)
    facts.con.execute("begin transaction read only")
    try:
        for rule in rules:
            missing = [facts.absent[need] for need in rule.needs if need in facts.absent]
            if missing:
                if policy.is_active(rule):
                    not_run.append(NotRun(rule.code, rule.name, missing[0]))
            elif rule.subject in filled:
                found = _hits(facts.con, rule, policy, paths, known, today)
                if len(found) > MOST:
                    not_run.append(NotRun(rule.code, rule.name, f"stopped after {MOST:,} findings"))
                hits += found[:MOST]
    finally:
        facts.con.execute("rollback")
    return Outcome(hits, not_run)


def _hits(
    con: Connection, rule: Rule, policy: Policy, paths: frozenset[str], known: frozenset[str], today: date
) -> list[Hit]:
    """What the rule finds in the checked files, with the options that hold for each."""
    return [
        hit
        for values, group in policy.variants(rule, paths)
        for hit in _query(con, rule, {**values, "today": today}, known)
        if (hit.path not in known or hit.path in paths) and (group is None or hit.path in group)
    ]


def _filled(con: Connection, tables: Iterable[str]) -> set[str]:
    """Those of `tables` that hold a row."""
    names = sorted(tables)
    if not names:
        return set()
    found = con.execute(" union all ".join(f"(select '{name}' from {name} limit 1)" for name in names)).fetchall()
    return {name for (name,) in found}


def _known_paths(con: Connection) -> frozenset[str]:
    return frozenset(path for (path,) in con.execute("select path from file").fetchall())


def _query(con: Connection, rule: Rule, parameters: Mapping[str, Any], known: frozenset[str]) -> list[Hit]:
    try:
        names, rows = _fetch(con, rule, {name: parameters[name] for name in rule.parameters})
    except Exception as error:  # duckdb's own errors, told by name so that the package need not be imported
        if not isinstance(error, MemoryError) and type(error).__module__ not in ("duckdb", "_duckdb"):
            raise
        words = str(error).splitlines()[0] if str(error) else "it takes too much memory"
        raise UsageError(f"{rule.file}: query: {words}") from None
    _check_columns(rule, names)
    if rule.is_custom and len(rows) > MOST:
        raise UsageError(f"{rule.file}: query: it returns more than {MOST:,} rows: name the bad rows alone")
    return [_hit(rule, dict(zip(names, row)), known) for row in rows]


def _fetch(con: Connection, rule: Rule, parameters: Mapping[str, Any]) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns and at most MOST + 1 rows; under the bounds for foreign queries if the rule is a user's own."""
    with ExitStack() as stack:
        if rule.is_custom:
            from wxp_lint.lint import bounds

            stack.enter_context(bounds.memory())
            stack.enter_context(bounds.time(con, rule.file))
        found = con.execute(rule.query, dict(parameters))
        return [column[0] for column in found.description or ()], found.fetchmany(MOST + 1)


def _check_columns(rule: Rule, names: Sequence[str]) -> None:
    missing = ({"path", "line", "field"} | columns(rule.message)) - set(names)
    if missing:
        raise UsageError(f"{rule.file}: query: it must return the column {', '.join(sorted(missing))}")


def _hit(rule: Rule, values: Mapping[str, Any], known: frozenset[str]) -> Hit:
    path, line, field = values["path"], values["line"], values["field"]
    if line is not None and (not isinstance(line, int) or path not in known):
        raise UsageError(f"{rule.file}: query: line must be a whole number in a file of this run, not {line!r} in {path!r}")
    if path is not None and not isinstance(path, str):
        raise UsageError(f"{rule.file}: query: path must be a text or null, not {path!r}")
    if field not in FIELDS:
        raise UsageError(f"{rule.file}: query: field must be 'serial', 'customer_id' or null, not {field!r}")
    if values.get("level") not in (None, *LEVELS):
        raise UsageError(f"{rule.file}: query: level must be error, warning, note or null, not {values['level']!r}")
    return Hit(rule, path, line, field, values)
