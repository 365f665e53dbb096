"""A rule's query before it is run: whether it only reads the facts, and what DuckDB has to say against it."""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from wxp_lint.database import Connection, is_refusal
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.lint.message import columns
from wxp_lint.lint.rule import Rule
from wxp_lint.lint.rulefile import named

# Table functions that make rows of their arguments. All others reach out: for files, settings, logs or memory.
TABLE_FUNCTIONS = ("generate_series", "json_each", "json_tree", "range", "repeat", "repeat_row", "unnest")
_READING = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}

_LINE = re.compile(r"^LINE (\d+): ", re.MULTILINE)
_KIND = re.compile(r"^[A-Za-z ]+ Error: ")
_HINT = re.compile(r"^(Did you mean .*|Candidate bindings: .*)$", re.MULTILINE)
_STRANGE = re.compile(r'column named "(\w+)"$')
_DEEP = "it is nested too deeply: make it simpler"
DEEPEST = 600  # levels of a query's syntax tree as JSON: DuckDB 1.5 plans for minutes where there are many
_LONGEST = 300  # characters of DuckDB's words, which may hold the query's own


def parameters(con: Connection, rule: Rule) -> tuple[str, ...]:
    """The parameters that the query names. Raises UsageError if it does more than read, or names an unknown one."""
    try:
        statements = con.extract_statements(rule.query)
        kinds = [statement.type.name for statement in statements]
        nodes = _nodes(con, rule.query) if kinds == ["SELECT"] else None
    except UsageError as error:
        raise wrong(rule, str(error)) from None
    except Exception as error:
        raise failed(rule, error) from None
    if nodes is None:
        raise wrong(rule, f"it must be exactly one SELECT, not {' and '.join(kinds) or 'nothing'}")
    for node in nodes:
        kind = str(node.get("type"))
        if kind.endswith("_NODE") and kind not in _READING:
            raise wrong(rule, f"it must only read, so it takes no {kind.partition('_')[0]}")
        function = node["function"]["function_name"] if kind == "TABLE_FUNCTION" else None
        if function is not None and function not in TABLE_FUNCTIONS:
            others = f"of functions in FROM it may use {', '.join(TABLE_FUNCTIONS)}"
            raise wrong(rule, f"a rule reads the facts alone, so {function}() is not for it ({others})")
    names = tuple(sorted(statements[0].named_parameters))
    known = ("today", *rule.options)
    for name in names:
        if name not in known:
            used = re.search(rf"\${re.escape(name)}\b", rule.query)
            line = rule.query.count("\n", 0, used.start()) + 1 if used else 1
            raise wrong(rule, f"${name} is no option of this rule{did_you_mean(name, known)}", line)
    return names


def look(con: Connection, rule: Rule) -> None:
    """Raises UsageError if the query does not fit the facts, or lacks a column; `con` holds them, empty."""
    values = {name: option.default for name, option in rule.options.items()} | {"today": date.min}
    try:
        found = con.execute(f"describe\n{rule.query}", {name: values[name] for name in rule.parameters}).fetchall()
    except Exception as error:
        known = con.execute("select distinct column_name from duckdb_columns() where not internal").fetchall()
        raise failed(rule, error, above=1, known=[name for (name,) in known]) from None
    check_columns(rule, [str(row[0]) for row in found])


def check_columns(rule: Rule, names: Sequence[str]) -> None:
    """Raises UsageError if a query with these columns lacks one that is needed."""
    missing = sorted(({"path", "line", "field"} | columns(rule.message)) - set(names))
    if missing:
        lacks = f"it must return the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
        hint = did_you_mean(missing[0], names) if missing[0] in columns(rule.message) else ""
        raise wrong(rule, f"{lacks}{hint}")


def wrong(rule: Rule, words: str, line: int = 1) -> UsageError:
    """The error that `words` describe, with the place of the query's 1-based `line`."""
    if rule.query_line:
        return UsageError(f"{named(rule.file)}:{rule.query_line + line - 1}: query: {words}")
    return UsageError(f"{named(rule.file)}: query, line {line}: {words}")


def failed(rule: Rule, error: Exception, above: int = 0, known: Iterable[str] = ()) -> UsageError:
    """What DuckDB raised, in a user's terms. Raises other errors.

    `above`: how many lines stood above the query. `known`: columns to suggest where DuckDB does not.
    """
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException":
        return wrong(rule, "it takes too much memory: make it simpler, or take the rule out")
    if not is_refusal(error):
        raise error
    if type(error).__name__ == "InterruptException":
        return wrong(rule, "it runs for too long: make it simpler, or take the rule out")
    text = str(error)
    at = _LINE.search(text)
    hint = _HINT.search(text, 0, at.start() if at else len(text))
    words = _KIND.sub("", text.partition("\n")[0]).rstrip("!")
    if hint:
        words += f"; {hint[0][0].lower()}{hint[0][1:].replace(': :', ':')}"
    elif strange := _STRANGE.search(words):
        words += did_you_mean(strange[1], known)
    if "disabled by configuration" in words or "has been locked" in words:
        words += ": a rule reads the facts alone"
    plain = "".join(c if c.isprintable() else " " for c in words)
    return wrong(rule, plain[:_LONGEST], max(int(at[1]) - above, 1) if at else 1)


def _nodes(con: Connection, query: str) -> list[dict[str, Any]] | None:
    """The nodes of the query's syntax tree, None where it is no query. Raises UsageError if it is too deep."""
    found = con.execute("select json_serialize_sql($query)", {"query": query}).fetchone()
    try:
        tree = json.loads(found[0]) if found else {"error": True}
    except RecursionError:  # of Python 3.11; later ones read on
        raise UsageError(_DEEP) from None
    if tree["error"]:
        return None
    nodes = []
    waiting = [(0, tree["statements"])]
    while waiting:
        depth, here = waiting.pop()
        if depth > DEEPEST:
            raise UsageError(_DEEP)
        if isinstance(here, dict):
            nodes.append(here)
        inner = here.values() if isinstance(here, dict) else here if isinstance(here, list) else ()
        waiting += [(depth + 1, one) for one in inner]
    return nodes
