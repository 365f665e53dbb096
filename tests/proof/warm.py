"""Runs of wxp-lint that start at once: forked from a process in which everything is imported and nothing is open.

`Warm` is the tests' end of it; the other end is this file as a program, that takes one request a line.
"""

import fcntl
import json
import os
import pkgutil
import resource
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).parents[2]
KILLED = -signal.SIGKILL


class Run(NamedTuple):
    """A run that has ended: `code` is negative for the signal that ended it, `took` in seconds."""

    code: int
    out: str
    err: str
    took: float


class Warm:
    """Starts runs. `environment` is theirs."""

    def __init__(self, environment):
        environment = {name: value for name, value in environment.items() if not name.startswith("COV")}
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            env={**environment, "PYTHONPATH": str(CHECKOUT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._ask(do="ping")

    def start(self, scene, clone, *arguments, env=None, stop=None, limit=None):
        """Starts one in a clone; its process id, which is that of its group too.

        `stop`: the failpoint at which it stops itself. `limit`: no file may grow beyond so many bytes.
        """
        return self._ask(
            do="start",
            arguments=arguments,
            cwd=str(scene.clone(clone)),
            env={**scene.environment, **(env or {})},
            stop=stop,
            limit=limit,
        )["child"]

    def wait(self, child, kill=None, group=True):
        """Its end. `kill`: SIGKILL after so many seconds since its start, to all that it started if `group`."""
        return Run(**self._ask(do="wait", child=child, kill=kill, group=group))

    def run(self, scene, clone, *arguments, kill=None, group=True, **more):
        """Starts one and waits for its end."""
        return self.wait(self.start(scene, clone, *arguments, **more), kill, group)

    def is_stopped(self, child):
        """Waits until it has stopped itself; False if it ended instead."""
        return self._ask(do="stopped", child=child)["stopped"]

    def close(self):
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def _ask(self, **request):
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _serve():
    import wxp_lint

    for name in ("psycopg", "sqlalchemy.dialects.postgresql.psycopg"):
        import_module(name)
    for module in pkgutil.walk_packages(wxp_lint.__path__, "wxp_lint."):
        if not module.name.startswith("wxp_lint.sandbox") and not module.name.endswith("__main__"):
            import_module(module.name)
    children = {}
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(_DO[request.pop("do")](children, **request)), flush=True)


def _start(children, arguments, cwd, env, stop, limit):
    out, err = os.pipe(), os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _be(arguments, cwd, env, stop, limit, out[1], err[1])
    os.close(out[1])
    os.close(err[1])
    children[child] = (began, out[0], err[0])
    return {"child": child}


def _be(arguments, cwd, env, stop, limit, out, err):
    """What a child does, until its end."""
    try:
        os.setsid()
        for number, end in ((0, os.open(os.devnull, os.O_RDONLY)), (1, out), (2, err)):
            os.dup2(end, number)
        sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
        os.chdir(cwd)
        os.environ.update(env)
        sys.argv = ["wxp-lint", *arguments]
        if stop:
            _stop_at(stop)
        if limit is not None:
            _limit(limit)
        import_module("wxp_lint.cli").main()
    except BaseException as error:
        print(f"Traceback: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    os._exit(99)


def _limit(size):
    """A disk that is full after so many bytes of a file, for what is started too: it is told so, and not killed."""
    start = subprocess.Popen.__init__
    subprocess.Popen.__init__ = lambda process, *given, **more: start(process, *given, restore_signals=False, **more)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _stop_at(name):
    """SIGSTOP in place of SIGKILL: a runner whose machine went to sleep."""

    def stop(place):
        if place == name and not stopped:
            stopped.append(place)
            os.kill(os.getpid(), signal.SIGSTOP)

    stopped = []
    for module in [one for one in sys.modules.values() if one.__name__.startswith("wxp_lint.transfer")]:
        if hasattr(module, "failpoint") and callable(module.failpoint):
            module.failpoint = stop


def _wait(children, child, kill, group):
    began, out, err = children.pop(child)
    if kill is not None:
        time.sleep(max(0, began + kill - time.monotonic()))
        try:
            (os.killpg if group else os.kill)(child, signal.SIGKILL)
        except ProcessLookupError:  # it has no group of its own yet
            os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    took = time.monotonic() - began
    return {"code": os.waitstatus_to_exitcode(status), "out": _said(out), "err": _said(err), "took": took}


def _said(end):
    """What is in a pipe now: a process that outlived its parent may hold the other end."""
    fcntl.fcntl(end, fcntl.F_SETFL, os.O_NONBLOCK)
    text = b""
    try:
        while more := os.read(end, 1 << 16):
            text += more
    except BlockingIOError:
        pass
    os.close(end)
    return text.decode(errors="replace")


def _stopped(children, child):
    info = os.waitid(os.P_PID, child, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    return {"stopped": info.si_code == os.CLD_STOPPED}


_DO = {"ping": lambda children: {}, "start": _start, "wait": _wait, "stopped": _stopped}

if __name__ == "__main__":
    _serve()
