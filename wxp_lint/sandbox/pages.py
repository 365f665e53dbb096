"""The console's pages, in the order of the real job (DOMAIN, "The job")."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from wxp_lint.keys import key
from wxp_lint.sandbox.api import attachment, world_of_snapshot
from wxp_lint.sandbox.behaviour import SWITCHES
from wxp_lint.sandbox.console import Console, Report, file_name
from wxp_lint.sandbox.faults import FAULTS
from wxp_lint.sandbox.frame import Frame
from wxp_lint.sandbox.intake import Oversized, Struck, take
from wxp_lint.sandbox.sessions import Session
from wxp_lint.sandbox.state import world_to_json
from wxp_lint.sandbox.tables import FORMATS
from wxp_lint.sandbox.upload import MOST_BYTES, MOST_ROWS, Refused
from wxp_lint.sandbox.world import UNASSIGNED, Place

_PAGE = 100  # PCs shown at once
_NEWS = 100  # notifications shown


class Pages:
    """What a signed-in person sees and does."""

    def __init__(self, console: Console, frame: Frame) -> None:
        self._console = console
        self._frame = frame

    def routes(self) -> list[Route]:
        """All pages."""
        get, post = self._frame.get, self._frame.post
        return [
            get("/", self._home),
            get("/customers", self._customers),
            get("/unassigned", self._unassigned),
            get("/customers/{customer:path}/devices/pcs", self._pcs),
            get("/customers/{customer:path}/settings/overview", self._overview),
            get("/export", self._export),
            get("/sample.{format}", self._sample),
            post("/transfers", self._transfer),
            get("/notifications", self._notifications),
            get("/notifications/state", self._news),
            get("/uploads/{id}/summary.{format}", self._summary),
            get("/sandbox", self._sandbox),
            get("/sandbox/snapshot.json", self._snapshot),
            post("/sandbox/reset", self._reset),
            post("/sandbox/restore", self._restore),
        ]

    async def _home(self, request: Request, session: Session) -> Response:
        return RedirectResponse("/customers", 303)

    async def _customers(self, request: Request, session: Session) -> Response:
        world = self._console.world
        rows = [(place, world.counts.get(place.key, 0)) for place in world.places[1:]]
        return self._frame.render(request, "customers.html", session, rows=rows)

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
        return self._frame.render(
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
        return self._frame.render(request, "overview.html", session, place=place)

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
            return self._frame.error(request, struck.status or 503, "Something went wrong", f"This is {struck.said}.")
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
        new = self._frame.open_news()
        return self._frame.render(
            request,
            "notifications.html",
            session,
            reports=reports[:_NEWS],
            older=len(reports[_NEWS:]),
            waiting=_waiting(reports),
            new=new,
            place=self._console.world.place,
        )

    async def _news(self, request: Request, session: Session) -> Response:
        reports = self._console.reports()
        return JSONResponse({"unread": len(self._frame.unread()), "processing": _waiting(reports)})

    async def _summary(self, request: Request, session: Session) -> Response:
        form = _form(request.path_params["format"])
        report = self._console.report(request.path_params["id"])
        if report is None or not report.ready:
            raise HTTPException(404, "There is no such Summary, or not yet")
        return attachment(self._console.summary(report, form), form, f"summary-{report.upload.id}.{form}")

    async def _sandbox(self, request: Request, session: Session) -> Response:
        console = self._console
        faults: Mapping[str, str] = {name: FAULTS[name] for name in sorted(console.faults)}
        return self._frame.render(
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


def _waiting(reports: Sequence[Report]) -> int:
    return sum(not report.ready for report in reports)


def _form(text: str) -> str:
    if text not in FORMATS:
        raise HTTPException(404, "There is no such format")
    return text


def _list_of(place: Place) -> str:
    return "/unassigned" if place.id == UNASSIGNED else f"/customers/{quote(place.id, safe='')}/devices/pcs"
