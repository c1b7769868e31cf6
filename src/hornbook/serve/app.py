"""The server's addresses: the page, ``/predict`` and what tells of the server; v2 is in `serve/inference.py`."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

import hornbook
from hornbook.common.endings import begins_like_a_picture, begins_like_a_sound
from hornbook.common.markup import data_uri
from hornbook.errors import DataError, HornbookError, RecognizerError, UsageError, did_you_mean, one_of
from hornbook.recognizer import Recognizer
from hornbook.recognizer.faces.each import each_face
from hornbook.recognizer.request import MOST_ROWS, TooMany, answers_to, asked_of_bytes, asked_of_json
from hornbook.serve.about import about_model
from hornbook.serve.guard import BODY_SECONDS, MOST_BYTES, Guard, Refused
from hornbook.serve.inference import routes as inference_routes
from hornbook.serve.openapi import openapi
from hornbook.serve.page import icon, manifest, page
from hornbook.serve.work import ANSWER_SECONDS, MOST_PIXELS, Busy, Work

FORM, URL_FORM = "multipart/form-data", "application/x-www-form-urlencoded"

NO_FORM = (
    "a form is not read: send the file itself, curl --data-binary @photo.jpg -H 'Content-Type: image/jpeg'"
)

PARAMETERS = ("model", "top", "abstain", "seen", "faces")

MOST_TOP = 100

STATUS = ((TooMany, 413), (DataError, 422), (RecognizerError, 500))
"""What an error is to a program; others are 400."""


def application(work: Work, names: tuple[str, ...], origins: tuple[str, ...], token: str) -> Guard:
    """Return the ASGI application of a server."""
    found: list[Guard] = []

    async def show(_: Request) -> Response:
        html, policy = page()
        return Response(html, media_type="text/html", headers={"content-security-policy": policy})

    async def drawn(_: Request) -> Response:
        return Response(icon(), media_type="image/svg+xml")

    async def installed(_: Request) -> Response:
        return JSONResponse(manifest(), media_type="application/manifest+json")

    async def predict(request: Request) -> Response:
        return JSONResponse(await _answer(request, work))

    async def about(_: Request) -> Response:
        return JSONResponse(_about(work))

    async def health(_: Request) -> Response:
        return JSONResponse({"live": True, "ready": True})

    async def metrics(_: Request) -> Response:
        return PlainTextResponse(_metrics(work, found[0]))

    async def described(_: Request) -> Response:
        return JSONResponse(openapi(work.models))

    @contextlib.asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        yield
        work.close()

    routes = [
        Route("/", show),
        Route("/icon.svg", drawn),
        Route("/manifest.webmanifest", installed),
        Route("/predict", predict, methods=["POST"]),
        Route("/about", about),
        Route("/health", health),
        Route("/metrics", metrics),
        Route("/openapi.json", described),
        *inference_routes(work),
    ]
    said: dict[Any, Callable[[Request, Exception], Response]] = {
        HTTPException: _http_error,
        HornbookError: _error,
        Busy: _busy,
        TimeoutError: _late,
        Refused: _refused,
    }
    app = Starlette(routes=routes, exception_handlers=said, lifespan=life)
    app.router.redirect_slashes = False
    found.append(Guard(app, names, origins, token))
    return found[0]


async def _answer(request: Request, work: Work) -> Any:
    """Return the answer of ``/predict``: an object, or a list of them where a list was asked."""
    reader = work.models[work.first]
    for key in request.query_params:
        if key not in PARAMETERS:
            near = did_you_mean(key, PARAMETERS)
            raise UsageError(f"there is no parameter {key!r}{near}; there are {one_of(PARAMETERS)}")
    if (name := request.query_params.get("model")) is not None:
        if name not in work.models:
            raise UsageError(f"there is no model {name!r}{did_you_mean(name, work.models)}")
        reader = work.models[name]
    top = _number(request, "top", 3, int)
    abstain = _number(request, "abstain", 0.0, float)
    if not 0 <= top <= MOST_TOP:
        raise UsageError(f"top is {top}, but it is 0 to {MOST_TOP}")
    seen, faces = (request.query_params.get(name) == "1" for name in ("seen", "faces"))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == FORM:
        raise HTTPException(415, NO_FORM)
    body = await request.body()
    # What curl calls everything that it is not told of.
    if kind == URL_FORM and not (begins_like_a_picture(body[:16]) or begins_like_a_sound(body[:16])):
        raise HTTPException(415, NO_FORM)
    shown = Shown(seen, faces)
    return await work.do(_predicted, reader, body, kind == "application/json", top, abstain, shown)


class Shown(NamedTuple):
    """What stands beside an answer: what the network was given, and every face of the picture."""

    seen: bool
    faces: bool


def _predicted(reader: Recognizer, body: bytes, as_json: bool, top: int, abstain: float, shown: Shown) -> Any:
    """Return what `_answer` does; it runs in a thread."""
    values, many = asked_of_json(reader, body) if as_json else ([asked_of_bytes(reader, body)], False)
    beside: dict[str, Any] = {}
    if shown.faces:
        if many:
            raise UsageError("faces are looked for in one picture at a time: send one, and no list")
        # The one that is meant is looked for once more, at the sizes at which it was looked for in training.
        found = each_face(reader, values[0], top, abstain).to_json()
        beside = {name: found[name] for name in ("size", "faces")}
    out = []
    for answer in answers_to(reader, values, many, top, abstain):
        said = beside | answer.to_json()
        if shown.seen and answer.picture is not None:
            said["seen"] = data_uri(answer.picture)
        out.append(said)
    return out if many else out[0]


def _number(request: Request, name: str, default: Any, kind: Callable[[str], Any]) -> Any:
    said = request.query_params.get(name)
    if said is None:
        return default
    try:
        return kind(said)
    except ValueError:
        raise UsageError(f"{name} is {said!r}, but it is a number") from None


def _about(work: Work) -> dict[str, Any]:
    """Return what the models take and give, and the limits of the server."""
    models = {name: about_model(reader) for name, reader in work.models.items()}
    limits = {
        "bytes": MOST_BYTES,
        "pixels": MOST_PIXELS,
        "rows": MOST_ROWS,
        "top": MOST_TOP,
        "body_seconds": BODY_SECONDS,
        "answer_seconds": ANSWER_SECONDS,
    }
    return {"hornbook": hornbook.__version__, **models[work.first], "models": models, "limits": limits}


def _metrics(work: Work, guard: Guard) -> str:
    """Return numbers for a monitor, in the text form that Prometheus reads."""
    lines = ["# TYPE hornbook_answers_total counter"]
    lines += [
        f'hornbook_answers_total{{status="{status}"}} {n}' for status, n in sorted(guard.answers.items())
    ]
    lines += ["# TYPE hornbook_seconds_total counter", f"hornbook_seconds_total {guard.seconds:.6f}"]
    lines += ["# TYPE hornbook_under_way gauge", f"hornbook_under_way {work.under_way}"]
    return "\n".join(lines) + "\n"


def _json_error(status: int, said: str, **headers: str) -> Response:
    return JSONResponse({"error": said}, status, {name.replace("_", "-"): v for name, v in headers.items()})


def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said = {
        404: "there is nothing at this address; /openapi.json lists what is",
        405: "this address takes another method",
    }
    return JSONResponse(
        {"error": said.get(error.status_code, error.detail)}, error.status_code, dict(error.headers or {})
    )


def _error(_: Request, error: Exception) -> Response:
    status = next((s for kind, s in STATUS if isinstance(error, kind)), 400)
    return _json_error(status, str(error))


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    headers = {name.decode(): value.decode() for name, value in error.headers}
    return JSONResponse({"error": error.said}, error.status, {"connection": "close", **headers})


def _busy(_: Request, __: Exception) -> Response:
    return _json_error(503, "too many ask at once: try again", retry_after="1")


def _late(_: Request, __: Exception) -> Response:
    return _json_error(504, f"there was no answer in {ANSWER_SECONDS:g} s")
