"""Bounds on queries that we did not write: a user's own rules may be wrong, or come from a pull request.

DuckDB's memory_limit does not bound scalar functions, and its interrupt() is not heard inside one long function call
(both measured), so the process itself gets a ceiling, and a last resort.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

from wxp_lint.database import Connection

HEADROOM = 1 << 31  # bytes of address space above what the process has when the first such query starts
INTERRUPT = 10.0  # seconds until a query is interrupted
END = 12.0  # seconds until the process is ended


@contextmanager
def memory() -> Iterator[None]:
    """A ceiling on the address space, where the system has one."""
    try:
        import resource

        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    ceiling = size + HEADROOM
    resource.setrlimit(resource.RLIMIT_AS, (ceiling if hard == resource.RLIM_INFINITY else min(ceiling, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextmanager
def time(con: Connection, file: Path) -> Iterator[None]:
    """Interrupts the query of the rule in `file`, and ends the process (exit code 2) if that is not heard."""
    timers = [Timer(INTERRUPT, con.interrupt), Timer(END, _end, [file])]
    for timer in timers:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()


def _end(file: Path) -> None:
    sys.stderr.write(f"wxp-lint: {file}: query: it ran for more than {END:.0f} seconds: make it simpler, or take it out\n")
    sys.stderr.flush()
    os._exit(2)
