"""Who is signed in: a random cookie a browser, and with it the word that its forms must repeat."""

import secrets
from dataclasses import dataclass, field
from hmac import compare_digest

from starlette.requests import Request
from starlette.responses import Response

_MOST = 1_000  # sessions; the oldest is forgotten


class Forged(Exception):
    """A form that no page of this session can have sent."""


@dataclass
class Session:
    """One browser. `notes` are (kind, text) to be shown once; kinds are "good" and "bad"."""

    id: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    signed_in: bool = False
    notes: list[tuple[str, str]] = field(default_factory=list)

    def taken_notes(self) -> list[tuple[str, str]]:
        """The notes, which are gone afterwards."""
        notes, self.notes = self.notes, []
        return notes


class Sessions:
    """All browsers, as long as the sandbox runs."""

    def __init__(self) -> None:
        self._by_id: dict[str, Session] = {}

    def find(self, request: Request) -> Session | None:
        """The session that a request belongs to."""
        return self._by_id.get(request.cookies.get(_cookie(request), ""))

    def begin(self, request: Request, *, signed_in: bool = False) -> Session:
        """A new session in place of the one that the browser had; `hand_out` tells the browser."""
        self.end(request)
        session = Session(signed_in=signed_in)
        self._by_id[session.id] = session
        while len(self._by_id) > _MOST:
            del self._by_id[next(iter(self._by_id))]
        return session

    def hand_out(self, request: Request, response: Response, session: Session) -> None:
        """Gives the browser its cookie: no script reads it, no other site sends it along."""
        response.set_cookie(_cookie(request), session.id, httponly=True, samesite="strict", path="/")

    def end(self, request: Request) -> None:
        """Forgets the session of a request."""
        self._by_id.pop(request.cookies.get(_cookie(request), ""), None)


def check_form(request: Request, session: Session | None, given: object) -> Session:
    """The session of a form that repeats its word and comes from a page of ours. Raises Forged."""
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if origin is not None and origin != own:
        raise Forged
    if session is None or not isinstance(given, str) or not compare_digest(given.encode(), session.csrf.encode()):
        raise Forged
    return session


def _cookie(request: Request) -> str:
    """Browsers keep cookies apart by host but not by port, and several sandboxes may run."""
    return f"wxp_lint_sandbox_{request.url.port or 80}"
