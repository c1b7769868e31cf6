"""The server described for programs, as OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import hornbook
from hornbook.columns.base import Column
from hornbook.recognizer import Recognizer

_JSON = "application/json"


def openapi(models: Mapping[str, Recognizer]) -> dict[str, Any]:
    """Return the description of a server of these models."""
    first = next(iter(models.values()))
    row = {
        "type": "object",
        "required": [c.source or n for n, c in first.inputs.items()],
        "properties": {c.source or n: _schema(c) for n, c in first.inputs.items()},
    }
    bodies: dict[str, Any] = {
        _JSON: {"schema": {"oneOf": [row, {"type": "array", "items": row, "maxItems": 1000}]}}
    }
    if len(first.inputs) == 1:
        column = next(iter(first.inputs.values()))
        if column.medium:
            bodies["application/octet-stream"] = {"schema": {"type": "string", "format": "binary"}}
        elif column.is_text:
            bodies["text/plain"] = {"schema": {"type": "string"}}
    answer = {
        "type": "object",
        "properties": {
            "input": {"type": "string"},
            **({"novelty": {"type": "number", "minimum": 0, "maximum": 1}} if first.novel else {}),
            **{name: _prediction() for name in first.targets},
            "remarks": {"type": "array", "items": {"type": "string"}},
            "faces": {"type": "array", "items": {"type": "object"}},
        },
    }
    parameters = [
        {"name": "top", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 100}},
        {"name": "abstain", "in": "query", "schema": {"type": "number", "minimum": 0, "maximum": 1}},
        {"name": "faces", "in": "query", "schema": {"type": "integer", "enum": [0, 1]}},
        {"name": "model", "in": "query", "schema": {"type": "string", "enum": list(models)}},
    ]
    predict = {
        "summary": "Say what something is",
        "parameters": parameters,
        "requestBody": {"required": True, "content": bodies},
        "responses": {
            "200": _response(
                "the answer, or a list of them", {"oneOf": [answer, {"type": "array", "items": answer}]}
            ),
            **{str(status): _response(said, _error()) for status, said in _ERRORS.items()},
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "hornbook", "version": hornbook.__version__},
        "paths": {
            "/predict": {"post": predict},
            **{path: {"get": _plain(said)} for path, said in _OTHERS.items()},
        },
    }


_ERRORS = {
    400: "a parameter cannot be",
    413: "too large, or too many rows",
    415: "a form",
    422: "the input cannot be read",
    503: "too many ask at once",
}

_OTHERS = {
    "/about": "What the models take and give, and the limits",
    "/health": "Whether the server lives and is ready",
    "/metrics": "Numbers for a monitor, as text",
    "/v2": "The Open Inference Protocol",
}


def _schema(column: Column) -> dict[str, Any]:
    if column.medium:
        return {"type": "string", "contentEncoding": "base64"}
    if column.is_window:
        return {"type": "array"}
    about = column.about_value()
    if column.numeric:
        return {"type": ["number", "string", "null"]}
    choices = about.get("choices") or [about["example"]] * ("example" in about)
    return {"type": ["string", "number", "boolean", "null"], **({"examples": choices[:5]} if choices else {})}


def _prediction() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"value": {}, "confidence": {"type": ["number", "null"]}, "top": {"type": "array"}},
    }


def _error() -> dict[str, Any]:
    return {"type": "object", "properties": {"error": {"type": "string"}}}


def _response(said: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": said, "content": {_JSON: {"schema": schema}}}


def _plain(said: str) -> dict[str, Any]:
    return {"summary": said, "responses": {"200": {"description": said}}}
