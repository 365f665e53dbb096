"""How old a list of devices is, where none of its columns says so (DESIGN 9)."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from threading import Thread

from wxp_lint.repo.history import committed

_DAY = re.compile(r"(?<![0-9])(20[0-9]{2})([-_.]?)(0[1-9]|1[0-2])\2([0-3][0-9])(?![0-9])")


def day_in(name: str) -> date | None:
    """The last day that a file's name holds: 2026-11-03, 20261103, 2026_11_03 or 2026.11.03."""
    found = None
    for year, _, month, day in _DAY.findall(name):
        try:
            found = date(int(year), int(month), int(day))
        except ValueError:
            continue
    return found


def ask_git(root: Path, paths: Sequence[str], revision: str | None) -> Callable[[], Mapping[str, date]]:
    """Starts asking for the days of the last commits of `paths`; the call that comes back waits for the answer.

    The processes of git take as long as reading a small list, and need not be waited for before that.
    """
    found: dict[str, date] = {}
    if not paths:
        return lambda: found
    thread = Thread(target=lambda: found.update(committed(root, paths, revision)), daemon=True)
    thread.start()

    def wait() -> Mapping[str, date]:
        thread.join()
        return found

    return wait
