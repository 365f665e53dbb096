"""All rule files of a run, held against each other and against the facts."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from wxp_lint.database import Connection, connect
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.lint import query
from wxp_lint.lint.bounds import bounded
from wxp_lint.lint.order import in_order
from wxp_lint.lint.rule import Rule
from wxp_lint.lint.rulefile import named, place, to_rule

LOOK = 2.0  # seconds for planning a query over empty tables

_In = TypeVar("_In")
_Out = TypeVar("_Out")


def read_rules(files: Iterable[Path], schema: str, builtin: Sequence[Rule] | None = None) -> list[Rule]:
    """The rules in `files`, sorted by code: a user's own if the `builtin` ones are given.

    `schema` is that of rule files. Raises UsageError with all that is wrong with files, names and codes, or else with
    all that is wrong with queries.
    """
    spec = json.loads(schema)
    rules = _all(lambda file: to_rule(file, spec, custom=builtin is not None), files)
    rules.sort(key=lambda rule: rule.code)
    everything = [*(builtin or ()), *rules]
    wrong = [*_taken(everything), *_unknown(everything)]
    if wrong:
        raise UsageError("\n".join(wrong))
    in_order(everything)
    con = connect() if builtin is None else _facts()
    try:
        return _all(lambda rule: _asked(con, rule), rules)
    finally:
        con.close()


def _all(take: Callable[[_In], _Out], items: Iterable[_In]) -> list[_Out]:
    """What `take` makes of each item. Raises UsageError with the messages of all that it refuses."""
    found, wrong = [], []
    for item in items:
        try:
            found.append(take(item))
        except UsageError as error:
            wrong.append(str(error))
    if wrong:
        raise UsageError("\n".join(wrong))
    return found


def _taken(rules: Sequence[Rule]) -> Iterator[str]:
    """Codes and names that two rules have; of two, a user's own is told to change."""
    first: dict[str, Rule] = {}
    for rule in sorted(rules, key=lambda rule: rule.is_custom):
        for key, names in (("code", [rule.code]), ("name", [rule.name]), ("aliases", rule.aliases)):
            for name in names:
                other = first.setdefault(name.lower(), rule)
                if other is not rule:
                    yield f"{place(rule.file, key)}: '{name}' is taken by {named(other.file)}: choose another {key}"


def _unknown(rules: Sequence[Rule]) -> Iterator[str]:
    """Codes in `yields` that no rule has."""
    codes = {rule.code for rule in rules}
    for rule in rules:
        for number, code in enumerate(rule.yields):
            if code not in codes:
                words = f"no rule has the code '{code}'{did_you_mean(code, codes)}"
                yield f"{place(rule.file, 'yields', number)}: yields: {words}"


def _asked(con: Connection, rule: Rule) -> Rule:
    """`rule` with its query's parameters. A user's own query is looked at more closely, and under the bounds."""
    if not rule.is_custom:
        return rule._replace(parameters=query.parameters(con, rule))
    with bounded(con, rule, LOOK):
        rule = rule._replace(parameters=query.parameters(con, rule))
        query.look(con, rule)
    return rule


def _facts() -> Connection:
    """The tables that rules read, empty."""
    from wxp_lint.facts.build import Inputs, build
    from wxp_lint.files.header import words

    return build(Inputs([], words((), ()), Path())).con
