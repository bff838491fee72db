"""REST describes itself."""

import re

import msgspec

from server.accounts import routes as accounts_routes
from server.calls import routes as calls_routes
from server.http import openapi


def test_the_description_holds_every_route_and_every_shape_it_names() -> None:
    table = (*calls_routes.ROUTES, *accounts_routes.ROUTES)
    told = openapi.document(table)
    operations = [one for path in told["paths"].values() for one in path.values()]
    assert len(operations) == len(table)
    assert len({one["operationId"] for one in operations}) == len(table)
    named = set(re.findall(r'schemas/(\w+)"', msgspec.json.encode(told).decode()))
    assert named <= set(told["components"]["schemas"])
