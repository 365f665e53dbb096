"""How texts are shown to a person: colours, and nothing that could command a terminal."""

import os
import re
from typing import IO, NamedTuple

_CODES = {"error": "31;1", "warning": "33;1", "note": "36;1", "bold": "1", "dim": "2", "good": "32;1"}
# Characters beyond ASCII that show nothing or move others: controls, separators, bidi, zero width, lone surrogates.
INVISIBLE = "\x7f-\x9f\u00a0\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
_HIDDEN = re.compile(f"[\x00-\x1f{INVISIBLE}]")
# What a log of GitHub or Azure takes for a command: `::x::` where a line starts, `##[x]` and `##vso[x]` anywhere.
_COMMAND = re.compile(r"^\s*::|##(?:vso)?\[")
_NAMES = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


class Style(NamedTuple):
    """Whether to use ANSI colours."""

    color: bool = False

    def paint(self, text: str, name: str) -> str:
        """`text` in the colour of a level, or bold, dim, good."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.color else text


def style_for(stream: IO[str]) -> Style:
    """NO_COLOR turns colours off, FORCE_COLOR on; else a terminal has them."""
    if os.environ.get("NO_COLOR"):
        return Style(False)
    forced = os.environ.get("FORCE_COLOR")
    if forced:
        return Style(forced != "0")
    return Style(stream.isatty() and os.environ.get("TERM") != "dumb")


def visible(text: str) -> str:
    """`text` on one line, with every character that shows nothing or moves others written as an escape.

    Nor does it command the log of a build, even at the start of a line.
    """
    text = _HIDDEN.sub(lambda found: _NAMES.get(found[0], f"\\u{ord(found[0]):04x}"), text)
    if "##" not in text and "::" not in text:
        return text
    return _COMMAND.sub(lambda found: found[0].replace("#", "\\u0023").replace(":", "\\u003a"), text)


def typed(text: str) -> str:
    """`text` as one word of a command to paste: in double quotes, which every shell knows, where these suffice."""
    text = visible(text)
    if os.name == "nt":
        from subprocess import list2cmdline

        return list2cmdline([text])
    if set(text).isdisjoint('"$`\\!'):
        return f'"{text}"'
    import shlex

    return shlex.quote(text)


def plural(count: int, word: str, more: str | None = None) -> str:
    """`1 file`, `2 files`, `1,200 PCs`."""
    return f"{count:,} {word if count == 1 else more or word + 's'}"
