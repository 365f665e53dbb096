"""Globs on paths with "/", any case: `**` for folders at any depth, `*`, `?`, `[a-z]`, `[!a]`, `{a,b}`."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from wxp_lint.errors import UsageError

# A config can come from a pull request, so what one glob may ask for has bounds.
_MOST_BRACES = 50
_MOST_PATTERNS = 250


def matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """A function that tells whether a path matches one of `patterns`.

    Paths are relative to the root, with "/", and so are the patterns: `*.csv` means the root's own
    files. `a/**` means all below `a`, `**` also no folder at all, "a/" is short for `a/**`. A backslash
    is a separator. What is not closed (`[a`, `{a`) stands for itself.

    Raises UsageError for a pattern whose braces stand for too many patterns.
    """
    regexes = [_regex(plain) for pattern in patterns for plain in _expand(pattern)]
    if not regexes:
        return lambda path: False
    match = re.compile("|".join(regexes), re.IGNORECASE | re.DOTALL).fullmatch
    return lambda path: match(path) is not None


def fixed_prefix(pattern: str) -> str:
    """The folders before the first wildcard: "transfers" of `transfers/**/*.csv`, "" of `*.csv`."""
    segments = _segments(pattern)
    wild = next((n for n, segment in enumerate(segments) if any(c in segment for c in "*?[{")), -1)
    return "/".join(segments[:wild])


def _segments(pattern: str) -> list[str]:
    pattern = pattern.replace("\\", "/")
    segments = [segment for segment in pattern.split("/") if segment not in ("", ".")]
    return [*segments, "**"] if pattern.endswith("/") else segments


def _expand(pattern: str) -> list[str]:
    """The patterns without braces that `pattern` stands for."""
    if pattern.count("{") > _MOST_BRACES:
        raise UsageError(f"the glob '{pattern[:60]}...' has more than {_MOST_BRACES} braces; split it up")
    return _alternatives(pattern, pattern)


def _alternatives(part: str, whole: str) -> list[str]:
    group = _first_group(part)
    if group is None:
        return [part]
    start, commas, end = group
    bounds = [start, *commas, end]
    options = [text for a, b in pairwise(bounds) for text in _alternatives(part[a + 1 : b], whole)]
    rests = _alternatives(part[end + 1 :], whole)
    if len(options) * len(rests) > _MOST_PATTERNS:
        raise UsageError(f"the glob '{whole}' stands for more than {_MOST_PATTERNS} patterns; split it up")
    return [part[:start] + option + rest for option in options for rest in rests]


def _first_group(part: str) -> tuple[int, list[int], int] | None:
    """Where the first closed `{...}` begins, its own commas, where it ends."""
    opened: list[tuple[int, list[int]]] = []
    closed: list[tuple[int, list[int], int]] = []
    at = 0
    while at < len(part):
        char = part[at]
        if char == "[":
            at = _class_end(part, at) or at
        elif char == "{":
            opened.append((at, []))
        elif char == "," and opened:
            opened[-1][1].append(at)
        elif char == "}" and opened:
            closed.append((*opened.pop(), at))
            if not opened:
                break
        at += 1
    return min(closed, default=None)


def _class_end(text: str, start: int) -> int | None:
    """Where the `]` stands that closes the `[` at `start`; a class does not reach over a "/"."""
    at = start + 1
    if text[at : at + 1] in ("!", "^"):
        at += 1
    end = text.find("]", at + 1)
    return None if end < 0 or "/" in text[start:end] else end


def _regex(pattern: str) -> str:
    """A regex for a pattern without braces.

    Every `*` and `**` but the last takes the shortest text that lets the part after it match, and is
    atomic: the next one can take whatever was left over, so trying longer texts would only cost time.
    """
    blocks: list[list[str]] = [[]]
    for segment in _segments(pattern):
        if segment != "**":
            blocks[-1].append(_segment(segment))
        elif blocks[-1] or len(blocks) == 1:
            blocks.append([])
    first, *others = blocks
    if not others:
        return "/".join(first) or "(?!)"
    *middle, last = others
    regex = "".join(f"{segment}/" for segment in first)
    for block in middle:
        regex += f"(?>(?:[^/]+/)*?{'/'.join(block)}/)"
    return regex + (f"(?:[^/]+/)*{'/'.join(last)}" if last else ".+")


def _segment(segment: str) -> str:
    if not segment.strip("*"):
        return "[^/]+"
    first, *others = _between_stars(segment)
    if not others:
        return first
    *middle, last = others
    return first + "".join(f"(?>[^/]*?{part})" for part in middle) + f"[^/]*{last}"


def _between_stars(segment: str) -> Iterator[str]:
    part = ""
    at = 0
    while at < len(segment):
        char = segment[at]
        end = _class_end(segment, at) if char == "[" else None
        if char == "*":
            yield part
            part = ""
        elif char == "?":
            part += "[^/]"
        elif end:
            part += _class(segment[at + 1 : end])
            at = end
        else:
            part += re.escape(char)
        at += 1
    yield part


def _class(body: str) -> str:
    negated = body[0] in "!^"
    body = body[1:] if negated else body
    parts = []
    at = 0
    while at < len(body):
        low, high = body[at], body[at]
        if body[at + 1 : at + 2] == "-" and at + 2 < len(body):
            high = body[at + 2]
            at += 2
        if low <= high:
            parts.append(f"{re.escape(low)}-{re.escape(high)}")
        at += 1
    if negated:
        return f"[^/{''.join(parts)}]"
    return f"(?!/)[{''.join(parts)}]" if parts else "(?!)"
