"""A runner of its own: `writer.py KIND ROOT ADDRESS [ARGUMENTS]`. The tests stop it, kill it, and let many race."""

import json
import os
import random
import resource
import signal
import statistics
import sys
import time
from pathlib import Path

from wxp_lint.config.settings import Apply, Settings
from wxp_lint.ledger.events import Actor, Context, Draft
from wxp_lint.ledger.open import open_ledger
from wxp_lint.ledger.protocol import Conflict, LedgerError, Unreachable, Unsure

WHO = Context(Actor("runner", "ci"), None, "https://ci.example.org/runs/1")
CONFLICT, REFUSED, UNSURE = 3, 4, 5


def book(root, address):
    return open_ledger(Settings(root=Path(root), apply=Apply(ledger=address)))


def prepared(name, serial="5CG8234XMV", **more):
    """A draft that begins the transfer `name`."""
    target = {"name": "Acme", "customer_id": "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"}
    data = {"path": f"transfers/{name}.csv", "digest": f"v1-{name}", "serials": [serial], "target": target}
    return Draft("prepared", f"t-{name}", {**data, **more})


def append_once(ledger, draft, patience=60):
    """Appends as `apply` does: who comes second reads again, who is unsure looks."""
    deadline = time.monotonic() + patience
    while True:
        try:
            log = ledger.read()
            if log and any(event.transfer == draft.transfer for event in log.events):
                return
            ledger.append(log and log.head, [draft], WHO)
            return
        except (Conflict, Unsure, Unreachable):
            if time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(0, 0.05))


def race(root, address, count):
    """So many runners, each in a clone of its own, append at the same moment; tells their exit codes."""
    book(root.format(0), address)  # imports what every runner needs
    start = time.monotonic() + 0.3
    runners = []
    for number in range(int(count)):
        runners.append(os.fork())
        if runners[-1] == 0:
            code = REFUSED
            try:
                ledger = book(root.format(number), address)
                time.sleep(max(0, start - time.monotonic()))
                append_once(ledger, prepared(f"r{number}"))
                code = 0
            except LedgerError as error:
                print(error, file=sys.stderr, flush=True)
            finally:
                os._exit(code)
    print(*(os.waitstatus_to_exitcode(os.waitpid(runner, 0)[1]) for runner in runners))


def many(root, address, count):
    """Appends `count` events, one at a time, and says which one is done."""
    ledger = book(root, address)
    for number in range(int(count)):
        append_once(ledger, prepared(f"m{number}"))
        print(number, flush=True)


def zombie(root, address):
    """Reads, is stopped, wakes up, and goes on with what it read."""
    ledger = book(root, address)
    log = ledger.read()
    os.kill(os.getpid(), signal.SIGSTOP)
    ledger.append(log.head, [prepared("zombie")], WHO)


def read_as_nobody(root, address):
    """Reads as an account that may write nothing."""
    ledger = book(root, address)
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    print(len(ledger.look().events))


def full(root, address, size):
    """Appends more than files may grow to."""
    ledger = book(root, address)
    log = ledger.read()
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), int(size)))
    ledger.append(log.head, [prepared("big", note=random.Random(1).randbytes(200_000).hex())], WHO)


def kills(root, address, wanted, creating):
    """Kills `wanted` appends of three events, spread over the time that one takes; tells of each as a line of JSON."""
    wanted, creating = int(wanted), creating == "creating"
    book(root, address)  # imports what every attempt needs

    def attempt(number, delay):
        """One run in a process group of its own; None for `delay` lets it finish."""
        read, write = os.pipe()
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            os.setsid()
            try:
                ledger = book(root.format(number), address.format(number))
                log = ledger.read()
                ledger.append(log and log.head, [prepared(f"k{number}{part}") for part in "abc"], WHO)
                os.write(write, str(time.monotonic() - began).encode())
            except (Conflict, Unsure):
                os._exit(CONFLICT)
            except BaseException as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
                os._exit(REFUSED)
            os._exit(0)
        os.close(write)
        if delay is not None:
            time.sleep(delay)
            try:
                os.killpg(child, signal.SIGKILL)
            except ProcessLookupError:
                os.kill(child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        took = os.read(read, 100).decode()
        os.close(read)
        return {"number": number, "code": code, "durable": bool(took), "took": float(took or 0), "delay": delay}

    runs = [attempt(number, None)["took"] for number in range(5)]
    number, killed = 5, 0
    while killed < wanted and number < 5 + 4 * wanted:
        share = (killed + random.random()) / wanted
        told = attempt(number, share * statistics.median(runs[-5:]))
        if told["code"] == 0:  # it was faster than those that were measured
            runs.append(told["took"])
        killed += told["code"] == -9
        number += 1
        if not creating:
            try:
                log = book(root, address).read()
                told["lines"] = len(log.lines)
                told["names"] = sorted(
                    event.transfer for event in log.events if f"-k{told['number']}" in event.transfer
                )
            except LedgerError as error:
                told["error"] = str(error)
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    try:
        globals()[task](*arguments)
    except Conflict:
        sys.exit(CONFLICT)
    except Unsure:
        sys.exit(UNSURE)
    except LedgerError as error:
        print(error, file=sys.stderr)
        sys.exit(REFUSED)
