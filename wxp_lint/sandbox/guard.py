"""What every request passes: the name it was sent to, the size of its body, and headers of every answer."""

import ipaddress
from collections.abc import Callable, Collection

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wxp_lint.sandbox.upload import MOST_BYTES

MOST_BODY = 4 * MOST_BYTES  # a snapshot of the largest world fits
MOST_DRAINED = 16 * MOST_BODY
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}

Refuse = Callable[[Request, int, str, str], Response]  # a status, what is wrong, how to mend it
LARGE, SMALLER = f"the body is larger than {MOST_BODY:,} bytes", "send a smaller file"
_STRANGE = {"error": "this host name is not the sandbox's", "mend": "open the address that it printed"}


class TooLarge(Exception):
    """The body of a request is larger than MOST_BODY."""


class Guard:
    """Refuses requests for names that are not this computer's: a page of another site may not reach the sandbox."""

    def __init__(self, app: ASGIApp, names: Collection[str], refuse: Refuse) -> None:
        self._app = app
        self._refuse = refuse
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MOST_BODY:
                raise TooLarge
            return message

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name for name, _ in message["headers"]}
                more = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message["headers"], *(pair for pair in more if pair[0] not in there)]
            await send(message)

        length = headers.get(b"content-length", b"0")
        response: Response
        if not is_own(headers.get(b"host", b"").decode("latin-1"), self._names):
            response = JSONResponse(_STRANGE, 421)
        elif length.isdigit() and int(length) > MOST_BODY:
            response = self._refuse(Request(scope), 413, LARGE, SMALLER)
        else:
            await self._app(scope, counted, with_headers)
            return
        response.headers["connection"] = "close"
        await _drain(receive)
        await response(scope, receive, with_headers)


async def _drain(receive: Receive) -> None:
    """Takes in what is being sent, within reason: who is cut off while sending may never read the answer."""
    left, more = MOST_DRAINED, True
    while more and left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        more = message.get("more_body", False)


def is_own(host: str, names: Collection[str]) -> bool:
    """Whether a Host header is one of `names` or an address: a name of another site never is one."""
    name = host.strip().lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    if name in names:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
