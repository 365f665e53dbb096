"""The server: it listens before it says so, and can cut a connection."""

import asyncio
import copy
import logging
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from errno import EACCES, EADDRINUSE
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import LOGGING_CONFIG
from uvicorn.protocols.http.h11_impl import H11Protocol

from wxp_lint.errors import UsageError
from wxp_lint.sandbox.intake import CUT


def serve(app: ASGIApp, host: str, port: int, started: Callable[[int], None]) -> None:
    """Serves until it is told to stop. `started` is called with the port once that accepts. Raises UsageError."""
    listener = listen(host, port)
    config = uvicorn.Config(
        app,
        http=_Wire,
        loop="asyncio",
        ws="none",
        lifespan="off",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        log_config=_logging(),
    )
    server = _Server(config, lambda: started(listener.getsockname()[1]))
    with listener, suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 is any that is free. Raises UsageError."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        if sys.platform != "win32":  # there it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        mend = "choose another port" if error.errno in (EADDRINUSE, EACCES) else "choose another address"
        raise UsageError(f"--host {host} --port {port}: cannot listen there ({said}): {mend}") from None
    return listener


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._told = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._told()


class _Wire(H11Protocol):
    """Hands the application the means to cut its connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        inner = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await inner({**scope, CUT: transport.abort}, receive, send)

        self.app = app


def _logging() -> dict[str, Any]:
    """uvicorn's, with everything on standard error: the first line of standard output is for programs."""
    config = copy.deepcopy(LOGGING_CONFIG)
    for handler in config["handlers"].values():
        handler["stream"] = "ext://sys.stderr"
    config["filters"] = {"asking": {"()": _Asking}}
    config["handlers"]["access"]["filters"] = ["asking"]
    return config


class _Asking(logging.Filter):
    """Leaves out what every open page asks each second."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "/notifications/state " not in record.getMessage()
