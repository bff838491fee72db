"""Search results, by Stripe's query language (docs.stripe.com/search): clauses joined by AND or OR.

Pure; a clause is a field, metadata too, with : (is), ~ (holds), or < > <= >= for numbers.
"""

import re
from typing import Any

from sandbox.stripe.core.errors import invalid
from sandbox.stripe.core.params import Params

Object = dict[str, Any]
_CLAUSE = re.compile(
    r"""\s*(?P<not>-)?(?P<field>\w+)(?:\[["'](?P<key>[^"']+)["']\])?\s*(?P<op>:|~|<=|>=|<|>)\s*"""
    r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[\w.-]+))\s*"""
)
_JOIN = re.compile(r"(AND|OR)\b", re.IGNORECASE)
MOST_LIMIT = 100


def search(params: Params, rows: list[Object], url: str) -> Object:
    """One page of what matches, newest first. Raises StripeError for a query of another kind."""
    limit = params.integer("limit") if "limit" in params else 10
    if limit is None or not 1 <= limit <= MOST_LIMIT:
        raise invalid("Invalid limit: must be between 1 and 100", params.path("limit"))
    clauses, is_any = _read(params.text("query"))
    holds = any if is_any else all
    found = [row for row in reversed(rows) if holds(_is(row, one) for one in clauses)]
    page = params.text("page")
    start = int(page) if page.isdecimal() else 0
    more = len(found) > start + limit
    return {
        "object": "search_result",
        "data": found[start : start + limit],
        "has_more": more,
        "next_page": str(start + limit) if more else None,
        "url": url,
    }


def _read(query: str) -> tuple[list[re.Match[str]], bool]:
    clauses, joins, place = [], set(), 0
    while True:
        clause = _CLAUSE.match(query, place)
        if clause is None:
            raise invalid("We were unable to parse your search query.", "query")
        clauses.append(clause)
        place = clause.end()
        if place == len(query):
            break
        join = _JOIN.match(query, place)
        if join is not None:
            place = join.end()
        joins.add("AND" if join is None else join[1].upper())
    if len(joins) > 1:
        raise invalid("AND and OR cannot be combined in a search query.", "query")
    return clauses, joins == {"OR"}


def _is(row: Object, clause: re.Match[str]) -> bool:
    held = row.get(clause["field"])
    if clause["key"] is not None:
        held = held.get(clause["key"]) if isinstance(held, dict) else None
    wanted = next(one for one in clause.group("double", "single", "bare") if one is not None)
    return _compares(held, clause["op"], wanted) != bool(clause["not"])


def _compares(held: Any, operator: str, wanted: str) -> bool:
    if held is None:
        return wanted == "null"
    if operator == "~":
        return wanted.lower() in str(held).lower()
    if operator == ":":
        text = str(held).lower() if isinstance(held, bool) else str(held)
        return text.lower() == wanted.lower()
    if not isinstance(held, int) or not wanted.lstrip("-").isdecimal():
        return False
    number = int(wanted)
    tests = {"<": held < number, ">": held > number, "<=": held <= number, ">=": held >= number}
    return tests[operator]
