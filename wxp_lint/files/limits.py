"""How a reader says that a limit was passed."""

from wxp_lint.config.limits import Limits

__all__ = ["Limits", "or_raise", "without_raise"]

_RAISE = ", or raise limits."


def or_raise(name: str) -> str:
    """How to raise the limit `name`; goes behind any other way to mend it."""
    return f"{_RAISE}{name} in the config"


def without_raise(detail: str) -> str:
    """A fault's `detail` where the limit is not one of the config's."""
    return detail.partition(_RAISE)[0]
