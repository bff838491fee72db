"""The REST interface described by itself: OpenAPI 3.1 and a readable page, from the route table.

Shapes come from the same Structs that requests are checked with, so the two cannot disagree.
"""

import html
import re
from typing import Any

import msgspec
from quart import Blueprint, Response

from server.core.errors import KINDS
from server.http.routing import Route

_PARAMETER = re.compile(r"<(uuid:)?(\w+)>")


class Problem(msgspec.Struct, frozen=True):
    """Why a request was refused (RFC 9457); `code` is stable, more members may follow."""

    type: str
    title: str
    status: int
    detail: str
    code: str


def document(routes: tuple[Route, ...]) -> dict[str, Any]:
    """The OpenAPI document."""
    kinds = [route.reply for route in routes] + [route.body for route in routes if route.body]
    schemas, components = msgspec.json.schema_components(
        [*kinds, Problem], ref_template="#/components/schemas/{name}"
    )
    by_kind = dict(zip([*kinds, Problem], schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = _PARAMETER.sub(r"{\2}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, by_kind)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Talking App", "version": "1"},
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route, by_kind: dict[Any, Any]) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": by_kind[Problem]}}
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": f"{route.method.lower()}{re.sub(r'[^a-z]+', '_', route.path)}".strip("_"),
        "parameters": [*_path_parameters(route), *_query_parameters(route), *_key(route)],
        "responses": {
            str(route.status): {
                "description": "Done",
                "content": {"application/json": {"schema": by_kind[route.reply]}},
            },
            "default": {"description": "Refused: see `code`", "content": problem},
        },
    }
    if route.body is not None:
        schema = by_kind[route.body]
        operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return operation


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    text = {"type": "string"}
    return [
        {"name": name, "in": "path", "required": True,
         "schema": {**text, "format": "uuid"} if is_id else text}
        for is_id, name in _PARAMETER.findall(route.path)
    ]  # fmt: skip


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    _, components = msgspec.json.schema_components([route.query])
    properties = components[route.query.__name__]["properties"]
    return [{"name": name, "in": "query", "schema": schema} for name, schema in properties.items()]


def _key(route: Route) -> list[dict[str, Any]]:
    if route.method == "GET":
        return []
    schema = {"type": "string", "minLength": 1, "maxLength": 255}
    return [{"name": "Idempotency-Key", "in": "header", "required": False, "schema": schema}]


def routes(table: tuple[Route, ...]) -> Blueprint:
    """`/openapi.json` and `/docs`."""
    blueprint = Blueprint("openapi", __name__)
    encoded = msgspec.json.encode(document(table))
    page = _page(table)

    @blueprint.get("/openapi.json")
    async def openapi() -> Response:
        return Response(encoded, content_type="application/json")

    @blueprint.get("/docs")
    async def docs() -> Response:
        return Response(page, content_type="text/html; charset=utf-8")

    return blueprint


def _page(table: tuple[Route, ...]) -> str:
    def row(*cells: str) -> str:
        return "<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in cells)

    def fields(kind: type[msgspec.Struct] | None) -> str:
        return (
            "" if kind is None else ", ".join(field.name for field in msgspec.structs.fields(kind))
        )

    calls = "".join(
        row(route.method, _PARAMETER.sub(r"{\2}", route.path), fields(route.body or route.query),
            fields(route.reply), route.summary)
        for route in table
    )  # fmt: skip
    errors = "".join(
        row(code, str(kind.status), kind.title, kind.do) for code, kind in KINDS.items()
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Talking App: REST</title>'
        '<link rel="stylesheet" href="/web/console.css"><main><h1>REST</h1>'
        '<p>The whole of it, for machines: <a href="/openapi.json">/openapi.json</a></p>'
        f"<table><tr><th>Method<th>Path<th>Takes<th>Gives<th>Does{calls}</table>"
        f"<h1>Errors</h1><table><tr><th>Code<th>Status<th>Means<th>Do{errors}</table></main></html>"
    )
