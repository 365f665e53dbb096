"""How much a reader takes in before it gives a file up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of a whole file, and of one line of a CSV."""

    file: int = 1 << 30
    line: int = 1 << 20
