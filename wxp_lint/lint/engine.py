"""Runs the rules: each is one query over the facts. Nothing here knows a rule by name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from typing import Any, NamedTuple

from wxp_lint.database import Connection
from wxp_lint.errors import UsageError
from wxp_lint.facts.build import Facts
from wxp_lint.lint.finding import NotRun
from wxp_lint.lint.message import columns
from wxp_lint.lint.policy import Policy
from wxp_lint.lint.rule import LEVELS, Rule

FIELDS = ("serial", "customer_id", None)
MOST = 200_000  # rows of one rule that a run takes in
LONGEST = 1 << 20  # characters of a text that a user's own rule returns; a cell as it stands may be longer
_PARAMETER = re.compile(r"\$([a-z_]+)")
_NEEDED = {"path", "line", "field"}
_OTHER_PATHS = """
select sidecar_path from sidecar union all select source from place
union all select source from suppression union all select source from baseline
"""


class Hit(NamedTuple):
    """A row that a rule returned: where it stands, and all columns for the message."""

    rule: Rule
    path: str | None
    line: int | None
    field: str | None
    values: Mapping[str, Any]


class Outcome(NamedTuple):
    """All hits, before anybody silences one; the rules that could not run."""

    hits: Sequence[Hit]
    not_run: Sequence[NotRun]


def run(
    facts: Facts, rules: Iterable[Rule], policy: Policy, paths: frozenset[str], today: date, *, repo_wide: bool
) -> Outcome:
    """The hits of `rules` in `paths` (the checked files) and, if `repo_wide`, of the repo as a whole.

    Rules that are switched off run as well, since others yield to them; those in preview that nobody asked for do not.
    Raises UsageError for a rule that fails.
    """
    rules = [rule for rule in rules if policy.is_known(rule)]
    hits: list[Hit] = []
    not_run: list[NotRun] = []
    filled = _filled(facts.con, {rule.subject for rule in rules})
    known = _known_paths(facts.con)
    facts.con.execute("begin transaction read only")
    for rule in rules:
        missing = [facts.absent[need] for need in rule.needs if need in facts.absent]
        if missing:
            if policy.is_active(rule):
                not_run.append(NotRun(rule.code, rule.name, missing[0]))
        elif rule.subject in filled:
            found = _hits(facts.con, rule, policy, paths, known, {"today": today, "repo_wide": repo_wide})
            if len(found) > MOST:
                not_run.append(NotRun(rule.code, rule.name, f"stopped after {MOST:,} findings"))
            hits += found[:MOST]
    facts.con.execute("rollback")
    return Outcome(hits, not_run)


def _hits(
    con: Connection,
    rule: Rule,
    policy: Policy,
    paths: frozenset[str],
    known: frozenset[str],
    always: Mapping[str, Any],
) -> list[Hit]:
    """What the rule finds in the checked files, with the options that hold for each; `always` are more parameters."""
    return [
        hit
        for values, group in policy.variants(rule, paths)
        if _may_find(con, rule, {**values, **always})
        for hit in _query(con, rule, {**values, **always}, known)
        if (hit.path not in known or hit.path in paths) and (group is None or _file(hit, paths) in group)
    ]


def _may_find(con: Connection, rule: Rule, parameters: Mapping[str, Any]) -> bool:
    """Whether the rule's query is worth planning."""
    if not rule.when:
        return True
    named = {name: parameters[name] for name in _PARAMETER.findall(rule.when)}
    return con.execute(rule.when, named).fetchone() is not None


def _file(hit: Hit, paths: frozenset[str]) -> str | None:
    """The checked file that a hit is about; None for what belongs to no such file."""
    return hit.path if hit.path in paths else None


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
    except Exception as error:
        from wxp_lint.lint.query import failed

        raise failed(rule, error) from None
    if not (_NEEDED | columns(rule.message)).issubset(names):
        from wxp_lint.lint.query import check_columns

        check_columns(rule, names)
    hits = [_hit(rule, dict(zip(names, row)), known) for row in rows]
    if rule.is_custom:
        _check_own(con, rule, hits, known)
    return hits


def _fetch(con: Connection, rule: Rule, parameters: Mapping[str, Any]) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns and at most MOST + 1 rows; under the bounds for foreign queries if the rule is a user's own."""
    with ExitStack() as stack:
        if rule.is_custom:
            from wxp_lint.lint.bounds import bounded

            stack.enter_context(bounded(con, rule))
        found = con.execute(rule.query, dict(parameters))
        return [column[0] for column in found.description or ()], found.fetchmany(MOST + 1)


def _hit(rule: Rule, values: Mapping[str, Any], known: frozenset[str]) -> Hit:
    path, line, field = values["path"], values["line"], values["field"]
    if path is not None and not isinstance(path, str):
        raise _wrong(rule, f"path must be a text or null, not {path!r}")
    if line is not None and path not in known:
        raise _wrong(rule, f"path must be that of a file of this run where there is a line, not {path!r}")
    if line is not None and (type(line) is not int or line < 1):
        shown = repr(line) if isinstance(line, str) else line
        raise _wrong(rule, f"line must be a whole number from 1 on, not {shown}")
    if field not in FIELDS:
        raise _wrong(rule, f"field must be 'serial', 'customer_id' or null, not {field!r}")
    if values.get("level") not in (None, *LEVELS):
        raise _wrong(rule, f"level must be error, warning, note or null, not {values['level']!r}")
    if not isinstance(values.get("serial", ""), str | None):
        raise _wrong(rule, f"serial must be the cell's text or null, not {values['serial']!r}")
    return Hit(rule, path, line, field, values)


def _check_own(con: Connection, rule: Rule, hits: Sequence[Hit], known: frozenset[str]) -> None:
    """Raises UsageError where a user's own rule says more than anybody can read, or of what is not there."""
    if len(hits) > MOST:
        raise _wrong(rule, f"it returns more than {MOST:,} rows: name the bad rows alone")
    others = {hit.path for hit in hits} - known - {None}
    if others and (strange := others - {path for (path,) in con.execute(_OTHER_PATHS).fetchall()}):
        raise _wrong(rule, f"path must be that of a file of this run or null, not {min(map(repr, strange))}")
    for hit in hits:
        for name, value in hit.values.items():
            if isinstance(value, str) and len(value) > LONGEST and name != "serial":
                raise _wrong(rule, f"{name} is a text of {len(value):,} characters: cut it to what a person can read")


def _wrong(rule: Rule, words: str) -> UsageError:
    from wxp_lint.lint.query import wrong

    return wrong(rule, words)
