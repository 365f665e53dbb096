"""A PC's life for somebody who reads it in a terminal."""

from collections.abc import Iterator

from wxp_lint.report.history import words
from wxp_lint.report.style import Style, visible
from wxp_lint.transfer.history import History


def render(history: History, style: Style) -> str:
    """All that is known, oldest first, then what is not."""
    return "".join(f"{line}\n" for line in _lines(history, style))


def _lines(history: History, style: Style) -> Iterator[str]:
    yield style.paint(f"{visible(history.serial)}: {visible(words.headline(history))}", "bold")
    for line in words.lines(history):
        yield f"{words.day(line.at)}  {visible(line.what)}"
        yield from (f"{'':<22}{visible(each)}" for each in line.about)
    yield from map(visible, words.replaced(history))
    for gap in history.gaps:
        yield f"{style.paint('not known:', 'warning')} {visible(gap)}"
