"""The REST interface described by itself: OpenAPI 3.1, from the route table.

Shapes come from the same Structs that requests are checked with, so the two cannot disagree.
"""

import re
from typing import Any

import msgspec
from quart import Blueprint, Response

from server.http import scopes
from server.http.credentials import PREFIX
from server.http.routing import BYTES, Route

_PARAMETER = re.compile(r"<(uuid:)?(?:path:)?(\w+)>")


class Problem(msgspec.Struct, frozen=True):
    """Why a request was refused (RFC 9457); `code` is stable, more members may follow."""

    type: str
    title: str
    status: int
    detail: str
    code: str


def document(routes: tuple[Route, ...], url: str) -> dict[str, Any]:
    """The OpenAPI document of a server at this address. Raises ValueError when two shapes have the
    same name, by which nobody could tell them apart."""
    kinds = [route.reply for route in routes] + [route.body for route in routes if route.body]
    schemas, components = msgspec.json.schema_components(
        [*kinds, Problem], ref_template="#/components/schemas/{name}"
    )
    if doubled := [name for name in components if "." in name]:
        raise ValueError(f"names of several shapes: {doubled}")
    by_kind = dict(zip([*kinds, Problem], schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(braced(route.path), {})[route.method.lower()] = _operation(route, by_kind)
    problem = {
        "description": "Refused: see `code`",
        "content": {"application/problem+json": {"schema": by_kind[Problem]}},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Talking App",
            "version": "1",
            "description": "Phones, texts and mails its users about a topic.",
        },
        "servers": [{"url": url}],
        "tags": [{"name": name} for name in dict.fromkeys(_tag(route) for route in routes)],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {"Problem": problem},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "api_key": {"type": "http", "scheme": "bearer", "bearerFormat": f"{PREFIX}..."},
            },
        },
    }


def braced(path: str) -> str:
    """A route's path with `{name}` for each parameter."""
    return _PARAMETER.sub(r"{\2}", path)


# What may be answered to any request that is described, as a problem document.
_REFUSALS = (400, 401, 403, 404, 409, 429, 500, 503)
_REFUSALS_OF_WRITES = (402, 413, 415, 422)


def _operation(route: Route, by_kind: dict[Any, Any]) -> dict[str, Any]:
    path = _PARAMETER.sub(r"\2", route.path)
    refusals = _REFUSALS if route.method == "GET" else (*_REFUSALS, *_REFUSALS_OF_WRITES)
    operation: dict[str, Any] = {
        "summary": route.summary,
        "tags": [_tag(route)],
        "security": _security(route),
        "operationId": re.sub(r"[^a-z0-9]+", "_", f"{route.method.lower()} {path}").strip("_"),
        "parameters": [*_path_parameters(route), *_query_parameters(route), *_key(route)],
        "responses": {
            str(route.status): {
                "description": "Done",
                "content": (
                    {route.media: {}, BYTES: {}}  # a file
                    if route.reply is bytes
                    else {route.media: {"schema": by_kind[route.reply]}}
                ),
            },
            **{
                str(status): {"$ref": "#/components/responses/Problem"}
                for status in sorted(refusals)
            },
            "431": {"description": "The request's head is larger than is read"},
        },
    }
    if route.body is not None:
        content: dict[str, Any] = {"schema": by_kind[route.body]}
        if example := _example(route.body):
            content["example"] = example
        operation["requestBody"] = {
            "required": any(field.required for field in msgspec.structs.fields(route.body)),
            "content": {"application/json": content},
        }
    return operation


def _security(route: Route) -> list[dict[str, list[str]]]:
    """A session's token, or a key with the scope where there is one."""
    scope = scopes.of_route(route.method, route.path)
    if route.path == "/v1/commands":  # the scope is the command's
        return [{"bearer": []}, {"api_key": []}]
    by_token: dict[str, list[str]] = {"bearer": []}
    return [by_token] if scope is None else [by_token, {"api_key": [scope]}]


def _tag(route: Route) -> str:
    return route.path.split("/")[2]


def _example(body: type[msgspec.Struct]) -> dict[str, Any]:
    """Of each field the first example that its type gives."""
    _, components = msgspec.json.schema_components([body])
    properties = components[body.__name__].get("properties", {})
    return {
        name: schema["examples"][0] for name, schema in properties.items() if "examples" in schema
    }


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    text = {"type": "string", "minLength": 1, "pattern": "^[a-z0-9_-]+$"}
    return [
        {"name": name, "in": "path", "required": True,
         "schema": {"type": "string", "format": "uuid"} if is_id else text}
        for is_id, name in _PARAMETER.findall(route.path)
    ]  # fmt: skip


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    _, components = msgspec.json.schema_components([route.query])
    properties = components[route.query.__name__]["properties"]
    return [
        {"name": name, "in": "query", "required": False, "schema": _in_a_query(schema)}
        for name, schema in properties.items()
    ]


def _in_a_query(schema: dict[str, Any]) -> dict[str, Any]:
    """What may be left out is not there, rather than null."""
    if "anyOf" not in schema:
        return schema
    (one,) = [kind for kind in schema["anyOf"] if kind != {"type": "null"}]
    return dict(one)


def _key(route: Route) -> list[dict[str, Any]]:
    if route.method == "GET" or route.act is None:
        return []
    schema = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}
    return [{"name": "Idempotency-Key", "in": "header", "required": False, "schema": schema}]


def routes(table: tuple[Route, ...], url: str) -> Blueprint:
    """`/openapi.json`."""
    blueprint = Blueprint("openapi", __name__)
    encoded = msgspec.json.encode(document(table, url))

    @blueprint.get("/openapi.json")
    async def openapi() -> Response:
        return Response(encoded, content_type="application/json")

    return blueprint
