"""Waiting for a remote, but not for ever: one that sends a byte now and then outwits every time-out of a socket."""

import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(job: Callable[[], T], seconds: float, every: float, meanwhile: Callable[[], None]) -> T | None:
    """What `job`, which raises nothing, gives within so many seconds, else None; it is left alone then.

    It runs in a thread of its own; `meanwhile` is called in this one, at most `every` seconds apart.
    """
    done: queue.SimpleQueue[T] = queue.SimpleQueue()
    threading.Thread(target=lambda: done.put(job()), daemon=True).start()
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        try:
            return done.get(timeout=min(every, left))
        except queue.Empty:
            meanwhile()
    return None
