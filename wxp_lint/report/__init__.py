"""One module a format: each has `render(result, style)`, and stands in `FORMATS`.

It returns the report, or its parts one after the other where there may be very many findings.
"""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import cast

from wxp_lint.lint.finding import Result
from wxp_lint.report.style import Style

_Render = Callable[[Result, Style], str | Iterator[str]]

# Format -> whether it is read by machines, so that nothing else may stand on its output.
FORMATS = {
    "full": False,
    "concise": False,
    "json": True,
    "jsonl": True,
    "sarif": True,
    "github": True,
    "gitlab": True,
    "junit": True,
    "azure": True,
    "rdjson": True,
    "markdown": True,
    "html": True,
}


def reporter(name: str) -> Callable[[Result, Style], str]:
    """The function that renders a result in the format `name`, one of `FORMATS`."""
    return lambda result, style: "".join(parts(name, result, style))


def parts(name: str, result: Result, style: Style) -> Iterable[str]:
    """What `reporter` renders, in parts that are made when they are asked for.

    What must not be shown is masked in the result before a format escapes anything; what a format takes from
    the files themselves, as excerpts, it masks itself.
    """
    render = cast(_Render, import_module(f"wxp_lint.report.{name}").render)
    if result.secrets:
        from wxp_lint.report.secret import without_secrets

        result = without_secrets(result)
    text = render(result, style)
    return (text,) if isinstance(text, str) else text
