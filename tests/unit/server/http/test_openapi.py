"""REST describes itself."""

import re

import msgspec
import pytest

from server.accounts import routes as accounts_routes
from server.billing import routes as billing_routes
from server.calls import routes as calls_routes
from server.dashboard import sse
from server.emails import routes as emails_routes
from server.http import openapi
from server.http.routing import Route

TABLE = (
    *calls_routes.ROUTES, *accounts_routes.ROUTES, *billing_routes.ROUTES, *emails_routes.ROUTES,
    *sse.ROUTES,
)  # fmt: skip
TOLD = openapi.document(TABLE, "https://talking.example")
OPERATIONS = [one for path in TOLD["paths"].values() for one in path.values()]


def test_the_description_holds_every_route_and_every_shape_it_names() -> None:
    assert len(OPERATIONS) == len(TABLE)
    assert len({one["operationId"] for one in OPERATIONS}) == len(TABLE)
    named = set(re.findall(r'schemas/([^"]+)"', msgspec.json.encode(TOLD).decode()))
    assert named <= set(TOLD["components"]["schemas"])
    assert all(name.isidentifier() for name in named)


def test_a_description_says_where_the_server_is_and_what_each_operation_is_about() -> None:
    assert TOLD["servers"] == [{"url": "https://talking.example"}]
    tags = {tag["name"] for tag in TOLD["tags"]}
    assert {tag for one in OPERATIONS for tag in one["tags"]} == tags
    assert {"calls", "events", "commands", "subscription"} <= tags
    assert TOLD["paths"]["/v1/calls/{call_id}/hangup"]["post"]["operationId"] == (
        "post_v1_calls_call_id_hangup"
    )


def test_a_body_is_required_where_any_of_it_is_and_shown_by_an_example_that_is_taken() -> None:
    for route in TABLE:
        if route.body is None:
            continue
        path = re.sub(r"<(uuid:)?(\w+)>", r"{\2}", route.path)
        body = TOLD["paths"][path][route.method.lower()]["requestBody"]
        needed = [one for one in msgspec.structs.fields(route.body) if one.required]
        assert body["required"] == bool(needed)
        if example := body["content"]["application/json"].get("example"):
            msgspec.convert(example, route.body)
    assert not TOLD["paths"]["/v1/subscription/cancel"]["post"]["requestBody"]["required"]
    assert TOLD["paths"]["/v1/calls"]["post"]["requestBody"]["required"]


def test_a_query_is_never_null_and_a_refusal_is_always_a_problem() -> None:
    for operation in OPERATIONS:
        assert all("anyOf" not in one["schema"] for one in operation["parameters"])
        for status, reply in operation["responses"].items():
            assert status.startswith("2") == ("content" in reply)


def test_two_shapes_of_one_name_are_refused() -> None:
    shapes = [msgspec.defstruct("Doubled", [], module=module) for module in ("one", "two")]
    table = [Route("GET", f"/v1/{n}", None, kind, "") for n, kind in enumerate(shapes)]
    with pytest.raises(ValueError, match="Doubled"):
        openapi.document(tuple(table), "http://127.0.0.1")
