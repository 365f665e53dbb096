"""Any text as Markdown that stays text: no link, mention, reference, image, HTML or emoji comes of it.

Hosts look for mentions (@team), references (#12, !3, owner/repo#4, commits) and addresses in what Markdown renders, so
a backslash does not stop them. They leave code alone; so whatever is more than a plain word becomes code.
Sources: https://github.github.com/gfm/ and https://docs.gitlab.com/user/markdown/#gitlab-specific-references
"""

import re

from wxp_lint.report.style import visible

MOST = 500  # characters of a message
# What stands between blanks; a quoted text counts as one. Pieces never touch, or two code spans would become one.
_PIECE = re.compile(r"\(?'[^']+'\S*|\S+")
_QUOTED = re.compile(r"(\(?)'([^']+)'([),.;:?]*)")
# A plain word, a number or a day, with the marks of a sentence around it; or a sign that stands alone.
_PLAIN = re.compile(
    r"\(?(?:[^\W\d_]+(?:['\u2019-][^\W\d_]+)*|\d{1,6}|\d{1,3}(?:,\d{3})+|\d{4}-\d\d-\d\d)\)?[,.;:?]{0,2}\)?|[&+/-]"
)
_COMMIT = re.compile(r"[0-9a-f]{7,}", re.IGNORECASE)
_AROUND = re.compile(r"(\(?)(.*?)([),.;:?]*)", re.DOTALL)


def code(text: str, most: int = MOST) -> str:
    """`text` as a code span, on one line; a long one is cut."""
    shown = cut(visible(text), most)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    # A blank at each end would be dropped, and a backtick there would be taken for the fence's.
    pad = " " if shown[:1] in ("`", " ") or shown[-1:] in ("`", " ") else ""
    return f"{fence}{pad}{shown or ' '}{pad}{fence}"


def prose(text: str, most: int = MOST) -> str:
    """`text` as a sentence in which quoted texts, and all that is more than a plain word, are code."""
    shown = cut(visible(text), most)
    return _PIECE.sub(lambda found: _piece(found[0]), shown)


def cut(text: str, most: int) -> str:
    """The first `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def cut_path(path: str, most: int) -> str:
    """A path, of which the beginning and the end are left."""
    shown = visible(path)
    half = (most - 1) // 2
    return shown if len(shown) <= most else f"{shown[:half]}…{shown[-half:]}"


def _piece(text: str) -> str:
    quoted = _QUOTED.fullmatch(text)
    if quoted:
        before, inner, after = quoted.groups()
        shown = inner if inner == inner.strip() else f"'{inner}'"
        return f"{before}{code(shown)}{after}"
    if _PLAIN.fullmatch(text) and not _COMMIT.search(text):
        return text
    found = _AROUND.fullmatch(text)
    before, middle, after = found.groups() if found else ("", "", "")
    return f"{before}{code(middle)}{after}" if middle else code(text)
