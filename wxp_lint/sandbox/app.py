"""All routes behind one guard."""

import sqlite3
from collections.abc import Collection
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from wxp_lint.sandbox import api
from wxp_lint.sandbox.console import Console
from wxp_lint.sandbox.frame import Frame
from wxp_lint.sandbox.guard import LARGE, SMALLER, Guard, TooLarge
from wxp_lint.sandbox.pages import Pages

_WORDS = {404: "there is nothing at this address", 405: "this address does not take this method"}


def application(console: Console, token: str, names: Collection[str]) -> ASGIApp:
    """The pages and the API of `console`. `names` are the host names under which it may be asked for."""
    frame = Frame(console, token)
    app = Starlette(
        routes=[*api.routes(console, token), *frame.routes(), *Pages(console, frame).routes()],
        exception_handlers={
            HTTPException: partial(_refused, frame),
            TooLarge: partial(_too_large, frame),
            ClientDisconnect: _gone,
            sqlite3.Error: partial(_unkept, frame),
            500: _broken,
        },
    )
    return Guard(app, names, partial(_told, frame))


def _is_api(request: Request) -> bool:
    path: str = request.scope["path"]
    return path.startswith("/api/") or path == "/openapi.json"


def _told(frame: Frame, request: Request, status: int, what: str, mend: str) -> Response:
    """To programs JSON, to people a page, which says that it is a simulation."""
    if _is_api(request):
        return api.problem(status, what, mend)
    return frame.error(request, status, f"{what[:1].upper()}{what[1:]}", f"{mend[:1].upper()}{mend[1:]}.")


async def _refused(frame: Frame, request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if _is_api(request):
        said = _WORDS.get(error.status_code, error.detail)
        return api.problem(error.status_code, said, "see /openapi.json", **(error.headers or {}))
    response = frame.error(request, error.status_code, f"{error.detail}", "Go on from the customers.")
    response.headers.update(error.headers or {})
    return response


async def _too_large(frame: Frame, request: Request, error: Exception) -> Response:
    response = _told(frame, request, 413, LARGE, SMALLER)
    response.headers["connection"] = "close"
    return response


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=400)  # nobody is there to read it


async def _unkept(frame: Frame, request: Request, error: Exception) -> Response:
    mend = "make room on the disk, and start the sandbox again"
    return _told(frame, request, 507, f"the state cannot be written ({error})", mend)


async def _broken(request: Request, error: Exception) -> Response:
    return api.problem(500, "this is a bug of the sandbox", "please report it with what it wrote to standard error")
