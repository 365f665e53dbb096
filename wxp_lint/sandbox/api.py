"""The console over HTTP, as openapi.json says. It claims to be nobody's real API."""

import json
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from hmac import compare_digest
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from wxp_lint.sandbox import tables
from wxp_lint.sandbox.console import Console, Report, file_name, moment
from wxp_lint.sandbox.intake import Oversized, Struck, take
from wxp_lint.sandbox.state import world_from_json, world_to_json
from wxp_lint.sandbox.upload import MOST_BYTES, Refused
from wxp_lint.sandbox.world import Contradiction, Place, World

_OPENAPI = Path(__file__).with_name("openapi.json")
_MEND_SNAPSHOT = "send what GET /api/snapshot gave"
_RAW = ("text/csv", tables.XLSX, "application/octet-stream")

Handler = Callable[[Console, Request], Awaitable[Response]]


class ApiError(Exception):
    """An answer with a status above 399: `what` is wrong, and how to `mend` it."""

    def __init__(self, status: int, what: str, mend: str) -> None:
        super().__init__(what)
        self.status = status
        self.what = what
        self.mend = mend


def problem(status: int, what: str, mend: str, **headers: str) -> JSONResponse:
    """The JSON of an error."""
    return JSONResponse({"error": what, "mend": mend}, status, headers=headers or None)


def routes(console: Console, token: str) -> list[Route]:
    """All of them below /api, and /openapi.json."""

    def route(path: str, **handlers: Handler) -> Route:
        return Route(path, partial(_answer, console, token, handlers), methods=[*handlers])

    return [
        Route("/openapi.json", _openapi, methods=["GET"]),
        route("/api/uploads", GET=_uploads, POST=_upload),
        route("/api/uploads/{id}", GET=_one),
        route("/api/uploads/{id}/summary.{format}", GET=_summary),
        route("/api/places", GET=_places),
        route("/api/places/{place:path}/devices", GET=_devices),
        route("/api/places/{place:path}/export.{format}", GET=_export),
        route("/api/sample.{format}", GET=_sample),
        route("/api/events", GET=_events),
        route("/api/snapshot", GET=_snapshot, PUT=_restore),
        route("/api/reset", POST=_reset),
    ]


async def _openapi(request: Request) -> Response:
    return Response(_OPENAPI.read_bytes(), media_type="application/json")


async def _answer(console: Console, token: str, handlers: Mapping[str, Handler], request: Request) -> Response:
    given = request.headers.get("authorization", "")
    if not compare_digest(given.encode("latin-1", "replace"), f"Bearer {token}".encode()):
        mend = "send the header 'Authorization: Bearer TOKEN' with the token that the sandbox was started with"
        return problem(401, "the token is missing or wrong", mend, **{"WWW-Authenticate": "Bearer"})
    try:
        return await handlers["GET" if request.method == "HEAD" else request.method](console, request)
    except ApiError as error:
        return problem(error.status, error.what, error.mend)
    except Refused as refused:
        return problem(422, refused.what, refused.mend)
    except Oversized:
        return problem(413, f"the file is larger than {MOST_BYTES:,} bytes", "split it into several files")
    except Struck as struck:
        return problem(struck.status or 503, struck.said, "it is a fault that the sandbox was started with")


async def _upload(console: Console, request: Request) -> Response:
    place = request.query_params.get("place", "").strip()
    if not place:
        raise ApiError(400, "nobody knows from where the PCs are to go", "add ?place=unassigned, or a Customer ID")
    found = _known(console, place)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        name, data = await _form(request)
    elif kind in _RAW:
        name, data = request.query_params.get("name", "upload"), await request.body()
    else:
        known = ", ".join((*_RAW, "multipart/form-data"))
        raise ApiError(415, f"the content type '{kind[:100]}' is none of a transfer file", f"send one of {known}")
    upload = await take(console, request, found, name, data)
    report = console.report(upload.id)
    assert report is not None
    return JSONResponse(_told(report), 202, headers={"Location": f"/api/uploads/{upload.id}"})


async def _form(request: Request) -> tuple[str, bytes]:
    try:
        async with request.form(max_files=1, max_fields=10) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise ApiError(400, "there is no file in the form", "send it as the field 'file', with a file name")
            return file.filename or "upload", await file.read()
    except HTTPException as error:
        raise ApiError(400, f"the form cannot be read: {error.detail}", "send it as multipart/form-data") from None


async def _uploads(console: Console, request: Request) -> Response:
    return JSONResponse({"uploads": [_told(report) for report in console.reports()]})


async def _one(console: Console, request: Request) -> Response:
    return JSONResponse(_told(_reported(console, request)))


async def _summary(console: Console, request: Request) -> Response:
    form = _form_of(request)
    report = _reported(console, request)
    if not report.ready:
        raise ApiError(409, "the upload is still being processed", "ask again until its status is done")
    return attachment(console.summary(report, form), form, f"summary-{report.upload.id}.{form}")


async def _places(console: Console, request: Request) -> Response:
    world = console.world
    told = [
        {"id": one.id, "name": one.name, "customer_id": one.customer_id, "devices": world.counts.get(one.key, 0)}
        for one in world.places
    ]
    return JSONResponse({"places": told})


async def _devices(console: Console, request: Request) -> Response:
    place = _known(console, request.path_params["place"])
    told = [{"serial": one.serial, "name": one.name, "last_seen": one.last_seen} for one in console.world.at(place)]
    return JSONResponse({"place": place.id, "devices": told})


async def _export(console: Console, request: Request) -> Response:
    form = _form_of(request)
    place = _known(console, request.path_params["place"])
    return attachment(console.export(place, form), form, file_name(place, form))


async def _sample(console: Console, request: Request) -> Response:
    form = _form_of(request)
    return attachment(console.sample(form), form, f"sample-transfer.{form}")


async def _events(console: Console, request: Request) -> Response:
    return JSONResponse({"events": console.events()})


async def _snapshot(console: Console, request: Request) -> Response:
    return JSONResponse(world_to_json(console.world))


async def _restore(console: Console, request: Request) -> Response:
    try:
        console.restart(world_of_snapshot(await request.body()))
    except Contradiction as error:
        raise ApiError(409, f"the snapshot contradicts itself: {error}", _MEND_SNAPSHOT) from None
    except ValueError:
        raise ApiError(422, "this is no snapshot of the sandbox", _MEND_SNAPSHOT) from None
    return await _places(console, request)


async def _reset(console: Console, request: Request) -> Response:
    console.restart()
    return await _places(console, request)


def world_of_snapshot(data: bytes) -> World:
    """The world of a snapshot. Raises ValueError."""
    try:
        return world_from_json(json.loads(data))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def attachment(data: bytes, form: str, name: str) -> Response:
    """A file to download. `name` is one of ours: no text of a user is part of it."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=tables.FORMATS[form], headers=headers)


def _known(console: Console, text: str) -> Place:
    found = console.world.place(text)
    if found is None:
        raise ApiError(404, "there is no such place", "GET /api/places lists them: unassigned, and each Customer ID")
    return found


def _reported(console: Console, request: Request) -> Report:
    found = console.report(request.path_params["id"])
    if found is None:
        raise ApiError(404, "there is no such upload", "GET /api/uploads lists them")
    return found


def _form_of(request: Request) -> str:
    form: str = request.path_params["format"]
    if form not in tables.FORMATS:
        raise ApiError(404, "there is no such format", "ask for .csv or .xlsx")
    return form


def _told(report: Report) -> dict[str, Any]:
    upload = report.upload
    told: dict[str, Any] = {
        "id": upload.id,
        "status": "done" if report.ready else "processing",
        "url": f"/api/uploads/{upload.id}",
        "name": upload.name,
        "place": upload.place,
        "target": upload.target,
        "rows": len(upload.rows),
        "sha256": upload.sha256,
        "at": moment(upload.at),
        "summary": None,
    }
    if report.ready:
        told["summary"] = {form: f"/api/uploads/{upload.id}/summary.{form}" for form in tables.FORMATS}
    return told
