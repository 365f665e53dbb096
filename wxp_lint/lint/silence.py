"""One defect, one finding: which hits are silent because another rule speaks (DESIGN 6, `yields`)."""

from collections.abc import Sequence

from wxp_lint.lint.engine import Hit
from wxp_lint.lint.order import in_order


def speaking(hits: Sequence[Hit]) -> list[Hit]:
    """The hits that are left when each yields to those of the rules it names.

    A hit that is silent itself silences nobody, so rules are gone through from those that yield to none.
    """
    if not hits:
        return []
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
