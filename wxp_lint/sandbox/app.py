"""All routes behind one guard."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from wxp_lint.sandbox import api
from wxp_lint.sandbox.console import Console
from wxp_lint.sandbox.guard import Guard

_MENDS = {404: "see /openapi.json for what there is", 405: "see /openapi.json for the methods of each address"}


def application(console: Console, token: str, names: list[str]) -> ASGIApp:
    """The pages and the API of `console`. `names` are the host names under which it may be asked for."""
    app = Starlette(
        routes=[*api.routes(console, token)],
        exception_handlers={HTTPException: _no_such, 500: _broken},
    )
    return Guard(app, names)


async def _no_such(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    mend = _MENDS.get(error.status_code, "see /openapi.json")
    return api.problem(error.status_code, error.detail.lower(), mend, **(error.headers or {}))


async def _broken(request: Request, error: Exception) -> Response:
    return api.problem(500, "this is a bug of the sandbox", "its log on standard error says more: please report it")
