"""Where a clone keeps what it has seen of its ledger."""

from pathlib import Path
from typing import NamedTuple

from wxp_lint.repo import program

_FILE = "ledger.json"


class Trace(NamedTuple):
    """Where the mark lies: a file, and the entry in it (a repository may hold several configs)."""

    file: Path
    entry: str


def trace(root: Path) -> Trace:
    """The place for the config whose root is `root`: in `.git/wxp-lint`, without git in `.wxp-lint`."""
    top = program.root(root)
    if top is None:
        return Trace(root / ".wxp-lint" / _FILE, ".")
    return Trace(program.shared_home(top) / "wxp-lint" / _FILE, root.absolute().relative_to(top).as_posix())
