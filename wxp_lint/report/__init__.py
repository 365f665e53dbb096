"""One module a format: each has `render(result, style) -> str`, and stands in `FORMATS`."""

from collections.abc import Callable
from importlib import import_module
from typing import cast

from wxp_lint.lint.finding import Result
from wxp_lint.report.style import Style

Render = Callable[[Result, Style], str]

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


def reporter(name: str) -> Render:
    """The function that renders a result in the format `name`, one of `FORMATS`.

    What must not be shown is masked in the result before a format escapes anything; what a format takes from
    the files themselves, as excerpts, it masks itself.
    """
    render = cast(Render, import_module(f"wxp_lint.report.{name}").render)

    def report(result: Result, style: Style) -> str:
        if result.secrets:
            from wxp_lint.report.secret import without_secrets

            result = without_secrets(result)
        return render(result, style)

    return report
