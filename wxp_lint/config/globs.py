"""What can be said of a glob before any path is held against it."""

import re

_CLASS = re.compile(r"\[[!^]?[^/][^]/]*\]")  # [a-z]
_PAIRS = (("[", "]"), ("{", "}"))


def unclosed(glob: str) -> str | None:
    """What is wrong with the brackets of `glob`, None if each is closed; one that is not would stand for itself."""
    rest = _CLASS.sub("", glob)
    for opening, closing in _PAIRS:
        if rest.count(opening) > rest.count(closing):
            return f"has a '{opening}' that is not closed (write [{opening}] for the character itself)"
    return None
