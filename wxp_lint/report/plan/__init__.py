"""A plan as text, JSON, Markdown or HTML: one module a format, each with `render(plan, style) -> str`."""

from collections.abc import Callable
from importlib import import_module
from typing import cast

from wxp_lint.report.style import Style
from wxp_lint.transfer.plan import Plan

# Format -> whether it is read by machines, so that nothing else may stand on its output.
FORMATS = {"text": False, "json": True, "markdown": True, "html": True}


def reporter(name: str) -> Callable[[Plan, Style], str]:
    """The function that renders a plan in the format `name`, one of `FORMATS`."""
    return cast(Callable[[Plan, Style], str], import_module(f"wxp_lint.report.plan.{name}").render)
