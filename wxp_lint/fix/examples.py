"""What a rule's own fix makes of the examples in its file: `fixed` in the rule files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wxp_lint.files.header import words
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Grid, Source
from wxp_lint.files.read import read
from wxp_lint.fix.mend import mend
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.examples import lay_out
from wxp_lint.lint.rule import Rule

Content = str | list[list[str]]  # a CSV's text, or the rows of a workbook's first sheet


@dataclass(frozen=True, slots=True)
class Fixed:
    """What was to come out, what came out, and why fixes of the rule were not done."""

    expected: Content
    found: Content
    withheld: tuple[str, ...]


def run_fixed(catalogue: Catalogue, rule: Rule, example: Mapping[str, Any], folder: Path) -> Fixed:
    """Lays `example`, which says what is `fixed`, out in the empty `folder`, and mends it by its rule's fix alone.

    Raises UsageError as `check` does.
    """
    scene = lay_out(rule, example, folder)
    settings = scene.settings._replace(select=(rule.code,))
    outcome = mend(settings, catalogue, scene.request, unsafe=True)
    new = {file.path: file.new for file in outcome.files}
    data = new.get(scene.path, (folder / scene.path).read_bytes())
    reasons = tuple(reason for finding, reason in outcome.withheld if finding.code == rule.code)
    if isinstance(example["fixed"], str):
        return Fixed(example["fixed"], data.decode(), reasons)
    return Fixed([[*map(str, row)] for row in example["fixed"]], _rows(data, scene.path, folder), reasons)


def _rows(data: bytes, path: str, folder: Path) -> list[list[str]]:
    table = read(Source(path, folder / path, data), words(), Limits(), folder).table
    if table is None or not isinstance(table.body, Grid):
        return []
    return [cells for _, cells in table.body.head(len(table.body.lines))]
