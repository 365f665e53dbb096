"""The console's pages, in the order of the real job (DOMAIN, "The job")."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from hmac import compare_digest
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from wxp_lint import HOME, __version__
from wxp_lint.keys import key
from wxp_lint.sandbox.api import attachment, world_of_snapshot
from wxp_lint.sandbox.behaviour import SWITCHES
from wxp_lint.sandbox.console import Console, file_name, moment
from wxp_lint.sandbox.faults import FAULTS
from wxp_lint.sandbox.intake import Oversized, Refused, Struck, take
from wxp_lint.sandbox.sessions import Forged, Session, Sessions, check_form
from wxp_lint.sandbox.state import world_to_json
from wxp_lint.sandbox.tables import FORMATS
from wxp_lint.sandbox.upload import MOST_BYTES, MOST_ROWS
from wxp_lint.sandbox.world import UNASSIGNED, Place

_HERE = Path(__file__).parent
_PAGE = 100  # PCs shown at once
_WRONG = 0.5  # seconds that a wrong token takes

Handler = Callable[[Request, Session], Awaitable[Response]]
FormHandler = Callable[[Request, Session, FormData], Awaitable[Response]]


class Pages:
    """What a signed-in person sees and does."""

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
        """All pages."""
        return [
            Mount("/static", StaticFiles(directory=_HERE / "static")),
            Route("/sign-in", self._sign_in_page, methods=["GET"]),
            Route("/sign-in", self._sign_in, methods=["POST"]),
            self._post("/sign-out", self._sign_out),
            self._get("/", self._home),
            self._get("/customers", self._customers),
            self._get("/unassigned", self._unassigned),
            self._get("/customers/{customer:path}/devices/pcs", self._pcs),
            self._get("/customers/{customer:path}/settings/overview", self._overview),
            self._get("/export", self._export),
            self._get("/sample.{format}", self._sample),
            self._post("/transfers", self._transfer),
            self._get("/notifications", self._notifications),
            self._get("/notifications/state", self._news),
            self._get("/uploads/{id}/summary.{format}", self._summary),
            self._get("/sandbox", self._sandbox),
            self._get("/sandbox/snapshot.json", self._snapshot),
            self._post("/sandbox/reset", self._reset),
            self._post("/sandbox/restore", self._restore),
        ]

    def _get(self, path: str, handler: Handler) -> Route:
        async def answer(request: Request) -> Response:
            session = self._sessions.find(request)
            if session is None or not session.signed_in:
                return RedirectResponse("/sign-in", 303)
            return await handler(request, session)

        return Route(path, answer, methods=["GET"])

    def _post(self, path: str, handler: FormHandler) -> Route:
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
            unread=len(self._unread()),
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

    async def _home(self, request: Request, session: Session) -> Response:
        return RedirectResponse("/customers", 303)

    async def _customers(self, request: Request, session: Session) -> Response:
        world = self._console.world
        rows = [(place, len(world.at(place))) for place in world.places[1:]]
        return self.render(request, "customers.html", session, rows=rows)

    async def _unassigned(self, request: Request, session: Session) -> Response:
        return self._devices(request, session, self._console.world.places[0])

    async def _pcs(self, request: Request, session: Session) -> Response:
        return self._devices(request, session, self._customer(request))

    def _devices(self, request: Request, session: Session, place: Place) -> Response:
        asked = request.query_params
        wanted = asked.get("q", "").strip()
        devices = self._console.world.at(place)
        found = [one for one in devices if key(wanted) in key(f"{one.serial}\n{one.name}")]
        pages = max(1, -(-len(found) // _PAGE))
        page = min(max(1, int(asked["page"]) if asked.get("page", "").isdecimal() else 1), pages)
        return self.render(
            request,
            "devices.html",
            session,
            place=place,
            is_unassigned=place.id == UNASSIGNED,
            total=len(devices),
            found=len(found),
            devices=found[(page - 1) * _PAGE : page * _PAGE],
            wanted=wanted,
            page=page,
            pages=pages,
            at_page=lambda n: "?" + urlencode({"q": wanted, "page": n}),
            dialog="transfer" in asked,
            most_rows=MOST_ROWS,
            most_bytes=MOST_BYTES,
        )

    async def _overview(self, request: Request, session: Session) -> Response:
        place = self._customer(request)
        return self.render(request, "overview.html", session, place=place)

    async def _export(self, request: Request, session: Session) -> Response:
        place = self._known(request.query_params.get("place", ""))
        form = _form(request.query_params.get("format", ""))
        return attachment(self._console.export(place, form), form, file_name(place, form))

    async def _sample(self, request: Request, session: Session) -> Response:
        form = _form(request.path_params["format"])
        return attachment(self._console.sample(form), form, f"sample-transfer.{form}")

    async def _transfer(self, request: Request, session: Session, form: FormData) -> Response:
        place = self._known(str(form.get("place", "")))
        file = form.get("file")
        back = _list_of(place)
        if not isinstance(file, UploadFile) or not file.filename:
            return self._again(session, back, "No file was chosen: choose the transfer file first.")
        try:
            upload = await take(self._console, request, place, file.filename, await file.read())
        except Refused as refused:
            return self._again(session, back, f"Not accepted: {refused.what}: {refused.mend}.")
        except Oversized:
            return self._again(
                session,
                back,
                f"Not accepted: the file is larger than {MOST_BYTES:,} bytes: split it into several files.",
            )
        except Struck as struck:
            return self.error(request, struck.status or 503, "Something went wrong", f"This is {struck.said}.")
        count = len(upload.rows)
        rows = f"{count:,} row{'' if count == 1 else 's'}"
        session.notes.append(
            (
                "good",
                f"{upload.name} was accepted with {rows}. The Notification Center tells when it has been processed.",
            )
        )
        return RedirectResponse(back, 303)

    def _again(self, session: Session, back: str, text: str) -> Response:
        session.notes.append(("bad", text))
        return RedirectResponse(f"{back}?transfer=1", 303)

    async def _notifications(self, request: Request, session: Session) -> Response:
        reports = self._console.reports()
        new = self._unread()
        self._seen |= new
        world = self._console.world
        names = {report.upload.id: world.place(report.upload.target) for report in reports}
        return self.render(request, "notifications.html", session, reports=reports, new=new, targets=names)

    async def _news(self, request: Request, session: Session) -> Response:
        reports = self._console.reports()
        waiting = sum(not report.ready for report in reports)
        return JSONResponse({"unread": len(self._unread()), "processing": waiting})

    def _unread(self) -> set[str]:
        return {report.upload.id for report in self._console.reports() if report.ready} - self._seen

    async def _summary(self, request: Request, session: Session) -> Response:
        form = _form(request.path_params["format"])
        report = self._console.report(request.path_params["id"])
        if report is None or not report.ready:
            raise HTTPException(404, "There is no such Summary, or not yet")
        return attachment(self._console.summary(report, form), form, f"summary-{report.upload.id}.{form}")

    async def _sandbox(self, request: Request, session: Session) -> Response:
        console = self._console
        faults: Mapping[str, str] = {name: FAULTS[name] for name in sorted(console.faults)}
        return self.render(
            request,
            "sandbox.html",
            session,
            switches=SWITCHES,
            behaviour=console.behaviour,
            faults=faults,
            unassigned=console.world.places[0],
        )

    async def _snapshot(self, request: Request, session: Session) -> Response:
        headers = {"Content-Disposition": 'attachment; filename="sandbox-snapshot.json"'}
        return JSONResponse(world_to_json(self._console.world), headers=headers)

    async def _reset(self, request: Request, session: Session, form: FormData) -> Response:
        self._console.restart()
        return self._began(session, "Everything is as it was at first.")

    async def _restore(self, request: Request, session: Session, form: FormData) -> Response:
        file = form.get("file")
        try:
            world = world_of_snapshot(await file.read() if isinstance(file, UploadFile) else b"")
        except ValueError:
            session.notes.append(("bad", "Not restored: this is no snapshot of the sandbox. Download one first."))
            return RedirectResponse("/sandbox", 303)
        self._console.restart(world)
        return self._began(session, "Every PC is where the snapshot has it.")

    def _began(self, session: Session, text: str) -> Response:
        self._seen.clear()
        session.notes.append(("good", f"{text} Uploads and notifications are gone."))
        return RedirectResponse("/sandbox", 303)

    def _customer(self, request: Request) -> Place:
        place = self._known(request.path_params["customer"])
        if place.id == UNASSIGNED:
            raise HTTPException(404, "There is no such customer")
        return place

    def _known(self, text: str) -> Place:
        place = self._console.world.place(text)
        if place is None:
            raise HTTPException(404, "There is no such place")
        return place


def _form(text: str) -> str:
    if text not in FORMATS:
        raise HTTPException(404, "There is no such format")
    return text


def _list_of(place: Place) -> str:
    return "/unassigned" if place.id == UNASSIGNED else f"/customers/{quote(place.id, safe='')}/devices/pcs"
