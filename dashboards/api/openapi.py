"""The OpenAPI 3.1 document, made from the table of routes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic.json_schema import models_json_schema

from dashboards.api.routing import Route
from dashboards.api.schemas import ErrorAnswer
from suar import __version__

_REFERENCES = "#/components/schemas/{model}"


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """Return the document of ``routes``."""
    models = {model for route in routes for model in (route.takes, route.gives) if model} | {ErrorAnswer}
    references, schemas = models_json_schema(
        [(model, "validation") for model in sorted(models, key=lambda model: model.__name__)],
        ref_template=_REFERENCES,
    )
    paths: dict[str, Any] = {}
    for route in routes:
        operation: dict[str, Any] = {
            "summary": route.summary,
            "operationId": route.handler.__name__,
            "parameters": _parameters(route),
            "security": [{"controller": []}] if isinstance(route.allowed, str) else [{"session": []}],
            "responses": {
                "200": _response(route, references),
                "default": {
                    "description": "An error",
                    "content": {"application/json": {"schema": references[ErrorAnswer, "validation"]}},
                },
            },
        }
        if route.takes:
            schema = references[route.takes, "validation"]
            operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Suar 112", "version": __version__, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "suar_session"},
                "controller": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _parameters(route: Route) -> list[dict[str, Any]]:
    text = {"type": "string"}
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": text}
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]
    in_query = [
        {"name": name, "in": "query", "description": meaning, "schema": text}
        for name, meaning in route.query.items()
    ]
    return [*in_path, *in_query]


def _response(route: Route, references: Any) -> dict[str, Any]:
    if route.gives is None:
        return {"description": "Sound", "content": {"audio/wav": {"schema": {}}}}
    schema = references[route.gives, "validation"]
    return {"description": "Done", "content": {"application/json": {"schema": schema}}}
