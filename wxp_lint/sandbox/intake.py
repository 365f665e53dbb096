"""An upload, from the request to its record on the disk, with the faults that strike on the way."""

import asyncio
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from wxp_lint.sandbox.console import Console
from wxp_lint.sandbox.faults import SLOW
from wxp_lint.sandbox.state import Upload
from wxp_lint.sandbox.upload import MOST_BYTES
from wxp_lint.sandbox.world import Place

CUT = "wxp_lint.cut"  # in the scope: a function that cuts the connection


class Struck(Exception):
    """A fault that is to be answered: with `status`, or not at all where that is None."""

    def __init__(self, status: int | None, said: str) -> None:
        super().__init__(said)
        self.status = status
        self.said = said


class Oversized(Exception):
    """The file has more than MOST_BYTES."""


async def take(console: Console, request: Request, place: Place, name: str, data: bytes) -> Upload:
    """Takes a file. It is recorded before anything is answered. Raises Refused, Oversized or Struck."""
    faults = console.faults
    if "cut-before" in faults:
        await _cut(request)
    if "error-before" in faults:
        raise Struck(503, "the fault error-before: nothing was accepted")
    if len(data) > MOST_BYTES:
        raise Oversized
    rows = await run_in_threadpool(console.read, data)
    upload = console.accept(place, name, data, rows)
    if "slow" in faults:
        await asyncio.sleep(SLOW)
    if "cut-after" in faults:
        await _cut(request)
    if "error-after" in faults:
        raise Struck(500, "the fault error-after: nobody says whether the upload was accepted")
    return upload


async def _cut(request: Request) -> None:
    cut: Callable[[], None] = request.scope[CUT]
    cut()
    await asyncio.sleep(0.05)  # until the server has noticed
    raise Struck(None, "the connection was cut")
