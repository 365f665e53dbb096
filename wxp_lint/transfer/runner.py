"""The process that holds a claim, and whether it is still there."""

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

_PROC = Path("/proc")


class Runner(NamedTuple):
    """A process: where it runs (`host`, `boot`, `space`: the same numbers mean the same processes), and which it is.

    `boot` and `space` (of process ids) are empty, `started` is None where the system does not tell.
    """

    host: str
    boot: str
    space: str
    pid: int
    started: str | None

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"{self.host}, process {self.pid}"


def this_runner() -> Runner:
    """The process that runs this."""
    pid = os.getpid()
    return Runner(platform.node() or "unknown host", _boot(), _space(), pid, _started(pid))


def runner_of(data: Mapping[str, Any]) -> Runner | None:
    """The runner that an event of a claim names; None if it names none."""
    found = data.get("runner")
    try:
        return Runner(**found) if isinstance(found, Mapping) else None
    except TypeError:
        return None


def is_gone(runner: Runner | None) -> bool:
    """Whether it is known that the process has ended: it ran here, and is no more."""
    if runner is None:
        return False
    here = this_runner()
    if runner[:3] != here[:3] or type(runner.pid) is not int or runner.pid <= 0:
        return False
    if _PROC.joinpath("self/stat").exists():
        return _started(runner.pid) != runner.started
    if os.name != "posix":
        return False
    try:
        os.kill(runner.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _boot() -> str:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _space() -> str:
    try:
        return str((_PROC / "self/ns/pid").readlink())
    except (OSError, NotImplementedError):
        return ""


def _started(pid: int) -> str | None:
    """When a process began, in clock ticks since the boot; None if there is none, or it is dead and not yet buried."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return fields[19] if len(fields) > 19 and fields[0] not in ("Z", "X") else None
