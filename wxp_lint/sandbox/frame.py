"""What all pages have in common: the frame around them, signing in, and forms that only they can send."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from hmac import compare_digest
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from wxp_lint import HOME, __version__
from wxp_lint.sandbox.console import Console, moment
from wxp_lint.sandbox.sessions import Forged, Session, Sessions, check_form

_HERE = Path(__file__).parent
_WRONG = 0.5  # seconds that a wrong token takes

Handler = Callable[[Request, Session], Awaitable[Response]]
FormHandler = Callable[[Request, Session, FormData], Awaitable[Response]]


class Frame:
    """Renders pages, and lets in who has the token."""

    def __init__(self, console: Console, token: str) -> None:
        self._console = console
        self._token = token
        self._sessions = Sessions()
        self._seen: set[str] = set()  # uploads whose notification was opened
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["moment"] = lambda at: moment(at)[:19].replace("T", " ") + " UTC"
        self._templates.filters["segment"] = partial(quote, safe="")

    def routes(self) -> list[Route | Mount]:
        """Signing in and out, and what pages are made of."""
        return [
            Mount("/static", StaticFiles(directory=_HERE / "static")),
            Route("/sign-in", self._sign_in_page, methods=["GET"]),
            Route("/sign-in", self._sign_in, methods=["POST"]),
            self.post("/sign-out", self._sign_out),
        ]

    def unread(self) -> set[str]:
        """The uploads whose Summary is ready and whose notification nobody has opened."""
        return {report.upload.id for report in self._console.reports() if report.ready} - self._seen

    def open_news(self) -> set[str]:
        """As `unread`, and from here on they are not."""
        new = self.unread()
        self._seen |= new
        return new

    def get(self, path: str, handler: Handler) -> Route:
        """A page for who is signed in."""

        async def answer(request: Request) -> Response:
            session = self._sessions.find(request)
            if session is None or not session.signed_in:
                return RedirectResponse("/sign-in", 303)
            return await handler(request, session)

        return Route(path, answer, methods=["GET"])

    def post(self, path: str, handler: FormHandler) -> Route:
        """What a form of such a page does."""

        async def answer(request: Request) -> Response:
            session = self._sessions.find(request)
            if session is None or not session.signed_in:
                return RedirectResponse("/sign-in", 303)
            try:
                async with request.form(max_files=1, max_fields=10) as form:
                    return await handler(request, check_form(request, session, form.get("csrf")), form)
            except Forged:
                return self._forged(request)

        return Route(path, answer, methods=["POST"])

    def render(
        self, request: Request, name: str, session: Session | None, status: int = 200, **values: Any
    ) -> Response:
        """A page; what all of them show is filled in here."""
        text = self._templates.get_template(name).render(
            path=request.url.path,
            session=session,
            notes=session.taken_notes() if session else [],
            unread=len(self.unread()),
            home=HOME,
            version=__version__,
            **values,
        )
        return Response(text, status, media_type="text/html; charset=utf-8")

    def error(self, request: Request, status: int, what: str, mend: str) -> Response:
        """A page that says what is wrong and how to mend it."""
        session = self._sessions.find(request)
        known = session if session and session.signed_in else None
        return self.render(request, "error.html", known, status, what=what, mend=mend)

    def _forged(self, request: Request) -> Response:
        return self.error(
            request, 403, "This form is from another session", "Go back, reload the page and send it again."
        )

    async def _sign_in_page(self, request: Request) -> Response:
        session = self._sessions.find(request)
        if session and session.signed_in:
            return RedirectResponse("/customers", 303)
        session = self._sessions.begin(request)
        page = self.render(request, "sign_in.html", None, csrf=session.csrf, wrong=False)
        self._sessions.hand_out(request, page, session)
        return page

    async def _sign_in(self, request: Request) -> Response:
        async with request.form(max_files=0, max_fields=10) as form:
            try:
                session = check_form(request, self._sessions.find(request), form.get("csrf"))
            except Forged:
                return self._forged(request)
            given = str(form.get("token", "")).strip()
        if not compare_digest(given.encode(), self._token.encode()):
            await asyncio.sleep(_WRONG)
            return self.render(request, "sign_in.html", None, 401, csrf=session.csrf, wrong=True)
        response = RedirectResponse("/customers", 303)
        self._sessions.hand_out(request, response, self._sessions.begin(request, signed_in=True))
        return response

    async def _sign_out(self, request: Request, session: Session, form: FormData) -> Response:
        self._sessions.end(request)
        return RedirectResponse("/sign-in", 303)
