"""The Open Inference Protocol, version 2, as KServe and Triton speak it: tensors in, tensors out.

https://github.com/kserve/open-inference-protocol; a row is a place in each tensor. A picture or a sound is base64 of
datatype ``BYTES``, a text and a name ``BYTES``, a number ``FP64``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import hornbook
from hornbook.errors import DataError
from hornbook.recognizer import Recognizer
from hornbook.recognizer.request import MOST_ROWS, TooMany, answers_to, asked_of_rows, parse_json
from hornbook.serve.work import Work


def routes(work: Work) -> list[Route]:
    """Return the addresses of the protocol."""

    def model(request: Request) -> Recognizer:
        name = request.path_params["name"]
        if name not in work.models:
            raise HTTPException(404)
        return work.models[name]

    async def server(_: Request) -> Response:
        return JSONResponse({"name": "hornbook", "version": hornbook.__version__, "extensions": []})

    async def live(_: Request) -> Response:
        return JSONResponse({"live": True})

    async def ready(_: Request) -> Response:
        return JSONResponse({"ready": True})

    async def described(request: Request) -> Response:
        reader = model(request)
        return JSONResponse(
            {
                "name": request.path_params["name"],
                "versions": [],
                "platform": "hornbook",
                "inputs": [_tensor(n, _is_number(reader, n)) for n in reader.inputs],
                "outputs": [_tensor(n, c.numeric) for n, c in reader.targets.items()],
            }
        )

    async def model_ready(request: Request) -> Response:
        model(request)
        return JSONResponse({"name": request.path_params["name"], "ready": True})

    async def infer(request: Request) -> Response:
        reader, body = model(request), await request.body()
        return JSONResponse(await work.do(_inferred, reader, request.path_params["name"], body))

    return [
        Route("/v2", server),
        Route("/v2/health/live", live),
        Route("/v2/health/ready", ready),
        Route("/v2/models/{name}", described),
        Route("/v2/models/{name}/ready", model_ready),
        Route("/v2/models/{name}/infer", infer, methods=["POST"]),
    ]


def _is_number(reader: Recognizer, name: str) -> bool:
    return reader.inputs[name].numeric


def _tensor(name: str, number: bool) -> dict[str, Any]:
    return {"name": name, "datatype": "FP64" if number else "BYTES", "shape": [-1]}


def _inferred(reader: Recognizer, name: str, body: bytes) -> dict[str, Any]:
    """Return the answer to a request; it runs in a thread."""
    request = parse_json(body)
    answers = answers_to(reader, asked_of_rows(reader, _rows(request)), True, 1, 0.0)
    outputs = []
    for target, column in reader.targets.items():
        said = [answer.predictions[target] for answer in answers]
        outputs.append(
            {**_tensor(target, column.numeric), "shape": [len(said)], "data": _values(said, column.numeric)}
        )
        if all(p.confidence is not None for p in said):
            sure = [p.confidence for p in said]
            outputs.append(
                {"name": f"{target}.confidence", "datatype": "FP64", "shape": [len(said)], "data": sure}
            )
    known = {"id": request["id"]} if isinstance(request.get("id"), str) else {}
    return {"model_name": name, **known, "outputs": outputs}


def _values(said: Sequence[Any], number: bool) -> list[Any]:
    return [p.value if number or isinstance(p.value, str) else str(p.value) for p in said]


def _rows(request: Any) -> list[dict[str, Any]]:
    """Return the rows that the tensors of a request hold."""
    given = request.get("inputs") if isinstance(request, Mapping) else None
    if not isinstance(given, list) or not given:
        raise DataError(
            'there are no inputs: send {"inputs": [{"name": ..., "shape": [1], "datatype": ..., "data": []}]}'
        )
    columns: dict[str, list[Any]] = {}
    for tensor in given:
        if not isinstance(tensor, Mapping) or not isinstance(tensor.get("name"), str):
            raise DataError("an input has no name")
        data = tensor.get("data")
        if not isinstance(data, list) or not data:
            raise DataError(f"the input {tensor['name']!r} has no data")
        if len(data) > MOST_ROWS:
            raise TooMany(
                f"there are {len(data):,} rows, and {MOST_ROWS:,} are answered at once: send them in parts"
            )
        columns[tensor["name"]] = data
    rows = len(next(iter(columns.values())))
    if any(len(data) != rows for data in columns.values()):
        raise DataError("the inputs have different numbers of rows")
    return [{name: data[i] for name, data in columns.items()} for i in range(rows)]
