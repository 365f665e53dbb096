"""Runs of the real command line under bounds that the system keeps, not a clock."""

import atexit
import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from surroundings import surroundings

CHECKOUT = Path(__file__).parents[2]
SECONDS = 20  # of computing; a run takes less than one, but some machines are slow and some tests are traced
ADDRESSES = 8 << 30  # bytes that a process may map; the engine maps more than it uses

_MANY = """
import contextlib, io, json, os, sys, traceback
from pathlib import Path
from wxp_lint.cli import _run
os.environ["WXP_LINT_DEBUG"] = "1"
jobs = [json.loads(line) for line in sys.stdin]
for folder, arguments, files in jobs:
    os.chdir(folder)
    before = {Path(path): Path(path).read_bytes() if Path(path).exists() else None for path in files}
    for path, text in files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(text.encode("latin-1"))
    sys.argv = ["wxp-lint", *arguments]
    sys.stdin = io.TextIOWrapper(io.BytesIO())
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            code = _run()
        except Exception:
            code, _ = 3, out.write(traceback.format_exc())
    out.flush()
    for path, data in before.items():
        path.unlink(missing_ok=True) if data is None else path.write_bytes(data)
    print(json.dumps([code, out.buffer.getvalue().decode("utf-8", "replace")]), flush=True)
"""


class Ran(NamedTuple):
    """What a run left: its exit code, what it said on both streams, its most memory at a time, what it computed."""

    code: int
    said: str
    megabytes: float
    seconds: float


def environment(cache):
    """A program's environment: nothing of this machine's git and colours, and this cache folder ("": none)."""
    return surroundings(cache) | {"PYTHONPATH": str(CHECKOUT)}


def bounded(seconds=SECONDS, addresses=ADDRESSES):
    """Sets the limits in a child."""

    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (addresses, addresses))

    return limit


def as_anybody():
    """Takes from a child what lets root read and write everything: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def one(folder, *arguments, remembered="", program=("-m", "wxp_lint"), preexec_fn=None, seconds=SECONDS, env=None):
    """`wxp-lint ARGUMENTS` in `folder`, alone in a process."""
    said = folder.parent / f"{folder.name}.said"
    with said.open("wb") as out:
        run = subprocess.Popen(
            [sys.executable, *program, *map(os.fspath, arguments)],
            cwd=folder,
            env=environment(remembered) | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            preexec_fn=preexec_fn or bounded(seconds),
        )
        _, status, used = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Ran(
        run.returncode,
        said.read_bytes().decode("utf-8", "replace"),
        used.ru_maxrss / scale,
        used.ru_utime + used.ru_stime,
    )


def _ended(words, input_, timeout, **more):
    """A run that has ended; one that waits for something for so long was ended, and tells how far it came."""
    run = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    try:
        out, err = run.communicate(input_, timeout)
    except subprocess.TimeoutExpired:
        run.kill()
        out, err = run.communicate()
    return subprocess.CompletedProcess(words, run.returncode, out, err)


@cache
def _cache():
    """A cache folder for runs that need not read all rules again."""
    place = tempfile.mkdtemp(prefix="wxp-lint-")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place


class Job(NamedTuple):
    """A run in `folder`, in which `files` (path -> bytes) are there while it lasts."""

    folder: Path
    arguments: Sequence[str]
    files: Mapping[str, bytes] = {}


def many(jobs, seconds=60):
    """The (exit code, words) of each of `jobs`, all in one process, which is faster.

    Whatever would leave the program as an internal error comes back as exit code 3 with its traceback.
    """
    lines = [
        json.dumps(
            [str(job.folder), list(job.arguments), {path: data.decode("latin-1") for path, data in job.files.items()}]
        )
        for job in jobs
    ]
    run = _ended(
        [sys.executable, "-c", _MANY],
        "\n".join([*lines, ""]).encode(),
        env=environment(_cache()),
        preexec_fn=bounded(seconds),
        timeout=10 * seconds,
    )
    done = [tuple(json.loads(line)) for line in run.stdout.decode().splitlines()]
    if len(done) < len(jobs):
        words = run.stderr.decode("utf-8", "replace")[-500:]
        job = jobs[len(done)]
        raise AssertionError(f"the process ended with {run.returncode} in {job.arguments} with {[*job.files]}: {words}")
    return done
