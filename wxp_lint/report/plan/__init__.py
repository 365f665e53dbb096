"""A plan as text, JSON, Markdown or HTML: one module a format, each with `render(plan, style, mask) -> str`."""

from collections.abc import Callable
from importlib import import_module
from typing import cast

from wxp_lint.lint.secret import masked
from wxp_lint.report.style import Style
from wxp_lint.transfer.plan import Plan

Mask = Callable[[str], str]
FORMATS = ("text", "json", "markdown", "html")


def reporter(name: str) -> Callable[[Plan, Style, Mask], str]:
    """The function that renders a plan in the format `name`, one of `FORMATS`.

    `mask` hides serial numbers and users in a message; the formats that a pull request publishes call it.
    """
    render = cast(Callable[[Plan, Style, Mask], str], import_module(f"wxp_lint.report.plan.{name}").render)

    def report(plan: Plan, style: Style, mask: Mask) -> str:
        # Secrets first: once a part of one is masked as a serial number, it is not found any more.
        return render(plan, style, lambda text: mask(masked(text, plan.inputs.secrets)))

    return report
