"""A rule as the engine sees it, and its settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

PREFIX = "WXP"  # of the codes of built-in rules
LEVELS = ("error", "warning", "note")


class Option(NamedTuple):
    """A value that the query takes. Its default's type is its type.

    `patterns`: a text that is none of the `choices` is a regular expression.
    """

    default: Any
    description: str
    config: str | None = None
    feeds: str | None = None
    choices: tuple[Any, ...] = ()
    patterns: bool = False


class Fix(NamedTuple):
    """What the rule mends. `xlsx_safety` is "none" where a workbook cannot be mended."""

    safety: str
    action: str
    xlsx_safety: str
    xlsx_action: str

    def safety_in(self, format: str) -> str:
        """Safe | unsafe | display | none for a file of this format."""
        return self.xlsx_safety if format == "xlsx" else self.safety

    def action_in(self, format: str) -> str:
        """The action for a file of this format."""
        return self.xlsx_action if format == "xlsx" else self.action


class Rule(NamedTuple):
    """One rule file without its sources and examples (those are read by `read_rule` when asked for).

    `query_line` is the line of the file on which the query's text starts; 0 where its lines are not the file's.
    `when` is a cheap query; without a row from it the rule finds nothing, so its own is not even planned.
    """

    file: Path
    code: str
    name: str
    aliases: tuple[str, ...]
    level: str
    status: str
    since: str
    needs: tuple[str, ...]
    subject: str
    yields: tuple[str, ...]
    summary: str
    message: str
    query: str
    parameters: tuple[str, ...]
    options: Mapping[str, Option] = {}
    fix: Fix | None = None
    query_line: int = 0
    when: str = ""
    why: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All words that name this rule."""
        return (self.code, self.name, *self.aliases)

    @property
    def is_custom(self) -> bool:
        """Whether it is a user's own rule."""
        return not self.code.startswith(PREFIX)

    @property
    def is_last(self) -> bool:
        """Whether it speaks of suppressions or the baseline, so runs when their hits are known."""
        return bool({"suppression", "baseline"} & set(self.needs))
