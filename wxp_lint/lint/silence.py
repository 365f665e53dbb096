"""One defect, one finding: which hits are silent because another rule speaks (DESIGN 6, `yields`)."""

from collections.abc import Iterable, Sequence

from wxp_lint.errors import UsageError
from wxp_lint.lint.engine import Hit
from wxp_lint.lint.rule import Rule


def speaking(hits: Sequence[Hit]) -> list[Hit]:
    """The hits that are left when each yields to those of the rules it names.

    A hit that is silent itself silences nobody, so rules are gone through from those that yield to none.
    """
    by_rule: dict[str, list[Hit]] = {}
    for hit in hits:
        by_rule.setdefault(hit.rule.code, []).append(hit)
    spoken = _Spoken()
    left: list[Hit] = []
    for rule in in_order({hit.rule.code: hit.rule for hit in hits}.values()):
        heard = [hit for hit in by_rule[rule.code] if not spoken.silences(hit)]
        for hit in heard:
            spoken.add(hit)
        left += heard
    return left


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


class _Spoken:
    """What has been said: by rule about whole files, and by rule about lines and their fields."""

    def __init__(self) -> None:
        self._files: set[tuple[str, str | None]] = set()
        self._fields: dict[tuple[str, str | None], set[str | None]] = {}
        self._lines: dict[tuple[str, str | None, int], set[str | None]] = {}

    def add(self, hit: Hit) -> None:
        code, path = hit.rule.code, hit.path
        self._fields.setdefault((code, path), set()).add(hit.field)
        if hit.line is None:
            self._files.add((code, path))
        else:
            self._lines.setdefault((code, path, hit.line), set()).add(hit.field)

    def silences(self, hit: Hit) -> bool:
        for code in hit.rule.yields:
            if (code, hit.path) in self._files:
                return True
            if hit.line is None:
                fields = self._fields.get((code, hit.path), set())
            else:
                fields = self._lines.get((code, hit.path, hit.line), set())
            if fields and (hit.field is None or None in fields or hit.field in fields):
                return True
        return False
