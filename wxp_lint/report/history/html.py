"""A PC's life as a page of its own, which asks for nothing from anywhere."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from wxp_lint.report.history import words
from wxp_lint.report.style import Style, visible
from wxp_lint.transfer.history import History

_OWN = """
ul.about { padding-left: 1.2rem; margin-top: .3rem; }
.when { color: var(--soft); font: .875rem var(--mono); margin: 0; }
"""


def render(history: History, style: Style) -> str:
    """The whole page. The same history gives the same bytes."""
    return "".join(f"{line}\n" for line in _lines(history))


def _lines(history: History) -> Iterator[str]:
    css = Path(__file__).parents[1].joinpath("page/page.css").read_text("utf-8")
    serial = _shown(history.serial)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<title>History of {serial}</title>\n<style>\n{css}{_OWN}</style>\n</head>\n<body>"
    yield f'<header>\n<p class="product">wxp-lint: history of a PC</p>\n<h1>{serial}</h1>'
    yield f'<p class="lead">{_shown(words.headline(history).capitalize())}</p>\n</header>\n<main>'
    for line in words.lines(history):
        yield f'<section>\n<p class="when">{words.day(line.at)}</p>\n<h2>{_shown(line.what)}</h2>'
        yield from _list(line.about)
        yield "</section>"
    more = [("Replacement", list(words.replaced(history))), ("Not known", list(history.gaps))]
    for title, texts in more:
        if texts:
            yield f"<section>\n<h2>{title}</h2>"
            yield from _list(texts)
            yield "</section>"
    yield "</main>\n</body>\n</html>"


def _list(texts: list[str] | tuple[str, ...]) -> Iterator[str]:
    if texts:
        yield '<ul class="about">'
        yield from (f"<li>{_shown(text)}</li>" for text in texts)
        yield "</ul>"


def _shown(text: str) -> str:
    return escape(visible(text).replace("->", "→"))
