"""The life of a PC as text, JSON or HTML: one module a format, each with `render(history, style) -> str`."""

from collections.abc import Callable
from importlib import import_module
from typing import cast

from wxp_lint.report.style import Style
from wxp_lint.transfer.history import History

FORMATS = ("text", "json", "html")


def reporter(name: str) -> Callable[[History, Style], str]:
    """The function that renders a history in the format `name`, one of `FORMATS`."""
    return cast(Callable[[History, Style], str], import_module(f"wxp_lint.report.history.{name}").render)
