"""The lines and rows that findings stand on."""

from collections.abc import Callable

from wxp_lint.files.excerpt import Excerpt, excerpts
from wxp_lint.lint.finding import Finding, Result

Lookup = Callable[[Finding], Excerpt | None]


def lines(result: Result) -> Lookup:
    """A look-up of the line or row that a finding stands on; None where there is none."""
    looked_up: dict[str, Callable[[int], Excerpt | None]] = {}

    def look_up(finding: Finding) -> Excerpt | None:
        path, line = finding.path, finding.line
        if path is None or line is None or path not in result.files:
            return None
        if path not in looked_up:
            looked_up[path] = excerpts(result.files[path])
        return looked_up[path](line)

    return look_up
