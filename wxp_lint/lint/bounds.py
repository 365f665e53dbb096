"""Bounds on queries that we did not write: a user's own rules may be wrong, or come from a pull request.

DuckDB's memory_limit does not bound scalar functions, and its interrupt() is not heard inside one long function call
(both measured), so the process itself gets a ceiling, and a last resort.

The headroom was measured with rules that group, sort, join and number a million rows: 128 MB do for two threads, 512 MB
for 64, whose memory pools reserve more than they use. 2 GB leaves room, and still stops what grows without end.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

from wxp_lint.database import Connection
from wxp_lint.errors import UsageError
from wxp_lint.lint.query import wrong
from wxp_lint.lint.rule import Rule

HEADROOM = 1 << 31  # bytes of address space above what the process has when such a query starts
INTERRUPT = 10.0  # seconds until a query is interrupted
GRACE = 2.0  # seconds from there until the process is ended


@contextmanager
def bounded(con: Connection, rule: Rule, interrupt: float = INTERRUPT) -> Iterator[None]:
    """Bounds what the query of `rule` can take: memory, and `interrupt` seconds.

    Raises what DuckDB raises when it runs out of memory or is interrupted; if that is not heard, the process ends with
    exit code 2.
    """
    end = interrupt + GRACE
    words = wrong(rule, f"it ran for more than {end:.0f} seconds: make it simpler, or take the rule out")
    timers = [Timer(interrupt, con.interrupt), Timer(end, _end, [words])]
    for timer in timers:
        timer.daemon = True
        timer.start()
    try:
        with _ceiling():
            yield
    finally:
        for timer in timers:
            timer.cancel()
            timer.join()  # a thread that still holds the connection when Python ends makes its binding complain


@contextmanager
def _ceiling() -> Iterator[None]:
    """A limit on the address space, where the system has one."""
    try:
        import resource

        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):
        size = None
    if size is None:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    lowest = min([size + HEADROOM, *(limit for limit in before if limit != resource.RLIM_INFINITY)])
    resource.setrlimit(resource.RLIMIT_AS, (lowest, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _end(words: UsageError) -> None:
    sys.stderr.write(f"wxp-lint: {words}\n")
    sys.stderr.flush()
    os._exit(2)
