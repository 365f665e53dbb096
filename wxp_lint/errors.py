"""The one kind of error that a user can cause."""

import difflib
from collections.abc import Iterable


class UsageError(Exception):
    """Wrong usage or configuration: ends the run with exit code 2 and this message, never a traceback.

    The message says what is wrong, where (a path, a line, an option) and how to mend it.
    """


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`"; did you mean 'x'?"` for the known word nearest to `word`, or an empty string.

    The first word that goes on where `word` stops comes before one that is spelt alike.
    """
    by_lower = {name.lower(): name for name in known}
    begun = [name for name in by_lower if len(word) > 2 and name.startswith(word.lower())]
    near = begun or difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f"; did you mean '{by_lower[near[0]]}'?" if near else ""
