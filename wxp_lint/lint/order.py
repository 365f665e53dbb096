"""In which order rules are asked whether they speak."""

from collections.abc import Iterable

from wxp_lint.errors import UsageError
from wxp_lint.lint.rule import Rule


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """`rules`, each after those it yields to. Raises UsageError if they yield in a circle."""
    from graphlib import CycleError, TopologicalSorter

    by_code = {rule.code: rule for rule in rules}
    graph = {code: [other for other in rule.yields if other in by_code] for code, rule in by_code.items()}
    try:
        return [by_code[code] for code in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        from wxp_lint.lint.rulefile import named

        circle = " -> ".join(f"{code} ({named(by_code[code].file)})" for code in reversed(error.args[1]))
        raise UsageError(f"rules yield to each other in a circle, so none would speak: {circle}") from None
