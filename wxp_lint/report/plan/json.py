"""A plan as JSON (DESIGN 9, "Shapes"). The same plan gives the same bytes."""

import json
from collections.abc import Callable

from wxp_lint.report.style import Style
from wxp_lint.transfer.plan import Plan, document


def render(plan: Plan, style: Style, mask: Callable[[str], str]) -> str:
    """The whole plan as one JSON document."""
    text = json.dumps(document(plan), indent=1, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"
