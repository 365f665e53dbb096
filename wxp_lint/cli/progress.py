"""What a long run is at, for somebody who waits before a terminal."""

import os
import sys
from types import TracebackType
from typing import IO

AFTER = 1.0  # seconds
EVERY = 0.25
_CLEAR = "\r\x1b[K"


class Progress:
    """As a context: past a second, one line on `stream` that goes away again. It tells nothing but to a terminal."""

    def __init__(self, *, quiet: bool = False, stream: IO[str] | None = None) -> None:
        self._stream = stream or sys.stderr
        self._wanted = not quiet and self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._phase = ""

    def tell(self, phase: str) -> None:
        """What is done from now on."""
        self._phase = phase

    def __enter__(self) -> "Progress":
        if self._wanted:
            from threading import Event, Thread

            self._end = Event()
            self._thread = Thread(target=self._show, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._wanted:
            self._end.set()
            self._thread.join()

    def _show(self) -> None:
        from time import monotonic

        start = monotonic()
        if self._end.wait(AFTER):
            return
        while True:
            self._stream.write(f"{_CLEAR}{self._phase} ... {monotonic() - start:.0f} s")
            self._stream.flush()
            if self._end.wait(EVERY):
                break
        self._stream.write(_CLEAR)
        self._stream.flush()
