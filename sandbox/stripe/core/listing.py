"""Pages of a list, newest first, as every list endpoint answers them.

Knows no kinds; filters of a kind's own come from its module.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.stripe.core.errors import invalid, missing
from sandbox.stripe.core.params import Params

Object = dict[str, Any]

_TESTS: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda value, limit: value > limit,
    "gte": lambda value, limit: value >= limit,
    "lt": lambda value, limit: value < limit,
    "lte": lambda value, limit: value <= limit,
}


def page(params: Params, rows: Iterable[Object], url: str) -> Object:
    """One page of rows that come oldest first. Raises StripeError for an unknown cursor or a limit
    outside 1..100 (Stripe, "Pagination")."""
    limit = params.integer("limit") if "limit" in params else 10
    if limit is None or not 1 <= limit <= 100:
        raise invalid("Invalid limit: must be between 1 and 100", params.path("limit"))
    keep = _created(params)
    chosen = [row for row in rows if keep(row.get("created", 0))][::-1]
    after, before = params.text("starting_after"), params.text("ending_before")
    if after:
        chosen = chosen[_place(chosen, after, "starting_after") + 1 :]
        data, more = chosen[:limit], len(chosen) > limit
    elif before:
        chosen = chosen[: _place(chosen, before, "ending_before")]
        data, more = chosen[-limit:], len(chosen) > limit
    else:
        data, more = chosen[:limit], len(chosen) > limit
    return {"object": "list", "data": data, "has_more": more, "url": url}


def matching(params: Params, rows: Iterable[Object], *names: str) -> list[Object]:
    """Rows whose fields are what the parameters of the same names say; flags compare as such."""
    wanted = {name: params.text(name) for name in names if name in params}
    return [
        row for row in rows if all(_text(row.get(name)) == value for name, value in wanted.items())
    ]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value or "")


def _place(rows: list[Object], cursor: str, param: str) -> int:
    for place, row in enumerate(rows):
        if row["id"] == cursor:
            return place
    raise missing("object", cursor, param)


def _created(params: Params) -> Callable[[int], bool]:
    given = params.tree.get("created")
    if isinstance(given, str):
        exact = params.integer("created")
        return lambda created: exact is None or created == exact
    if (range_ := params.below("created")) is None:
        return lambda _: True
    limits = {name: range_.integer(name) for name in _TESTS if name in range_}
    return lambda created: all(
        limit is None or _TESTS[name](created, limit) for name, limit in limits.items()
    )
