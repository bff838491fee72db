"""Arguments of tools against their schemas, and schemas of more than is checked."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.tool_arguments import beyond, fault

NAMES = st.sampled_from(["a", "b", "c"])
ORDER = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "minimum": 1, "maximum": 999},
        "size": {"enum": ["small", "large"]},
        "name": {"type": "string", "minLength": 1, "maxLength": 5, "description": "Whose"},
        "gift": {"type": ["boolean", "null"]},
        "items": {"type": "array", "items": {"type": "number"}, "minItems": 1, "maxItems": 2},
        "place": {"type": "object", "properties": {"zip": {"const": "04109"}}},
    },
    "required": ["id"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "value",
    [
        {"id": 7}, {"id": 7.0, "size": "large", "name": "Ann", "gift": None},
        {"id": 1, "items": [1, 2.5], "gift": True, "place": {"zip": "04109", "more": 1}},
    ],
)  # fmt: skip
def test_what_is_as_the_schema_says_is_let_through(value: Any) -> None:
    assert fault(ORDER, value) is None


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({}, "`id` is missing"),
        ({"id": "7"}, "`id` must be of type integer"),
        ({"id": True}, "`id` must be of type integer"),
        ({"id": 7.5}, "`id` must be of type integer"),
        ({"id": 0}, "`id` must be 1 at least"),
        ({"id": 1000}, "`id` must be 999 at most"),
        ({"id": 7, "size": "huge"}, "`size` must be one of small, large"),
        ({"id": 7, "name": ""}, "`name` must have a length of 1 at least"),
        ({"id": 7, "name": "Joanna"}, "`name` must have a length of 5 at most"),
        ({"id": 7, "gift": "yes"}, "`gift` must be of type boolean or null"),
        ({"id": 7, "items": [1, "2"]}, "`items[1]` must be of type number"),
        ({"id": 7, "items": []}, "`items` must have a length of 1 at least"),
        ({"id": 7, "place": {"zip": 4109}}, "`place.zip` must be 04109"),
        ({"id": 7, "colour": "red"}, "`colour` is unknown; there are id, size,"),
        ([], "the arguments must be of type object"),
    ],
)
def test_what_is_wrong_is_said(value: Any, why: str) -> None:
    assert (fault(ORDER, value) or "").startswith(why)


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "object", "properties": {"a": {"$ref": "#"}}}, "`$ref` is not checked here"),
        ({"anyOf": [{}]}, "`anyOf`"),
        ({"type": "uuid"}, "`type`"),
        ({"properties": []}, "`properties`"),
        ({"required": "id"}, "`required`"),
        ({"enum": []}, "`enum`"),
        ({"minLength": -1}, "`minLength`"),
        ({"minimum": True}, "`minimum`"),
        ({"items": [1]}, "a schema must be an object"),
        ([], "a schema must be an object"),
    ],
)
def test_a_schema_of_more_than_is_checked_is_refused(schema: Any, why: str) -> None:
    assert (beyond(schema) or "").startswith(why)


def test_a_schema_that_never_ends_is_refused_and_ours_is_not() -> None:
    deep: dict[str, Any] = {}
    for _ in range(20):
        deep = {"items": deep}
    assert "deep" in (beyond(deep) or "")
    assert beyond(ORDER) is None


def test_a_schema_may_be_yes_or_no() -> None:
    known = {"properties": {"any": True, "none": False}, "additionalProperties": True}
    assert beyond(known) is None
    assert fault(known, {"any": 1, "more": 2}) is None
    assert fault(known, {"none": 1}) == "`none` must not be there"
    assert fault({"type": "array", "items": False}, [1]) == "`[0]` must not be there"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
LEAVES = st.booleans() | st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["object", "array", "string", "integer", "null", "date"]),
        "enum": st.lists(ANYTHING, max_size=3), "const": ANYTHING, "minimum": ANYTHING,
        "maxLength": ANYTHING, "minItems": ANYTHING, "required": ANYTHING,
    },
)  # fmt: skip
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": ANYTHING, "items": inner, "additionalProperties": inner,
            "properties": st.dictionaries(NAMES, inner, max_size=3),
        },
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(SCHEMAS, ANYTHING)
def test_whatever_schema_is_taken_any_arguments_are_judged_by_it(schema: Any, value: Any) -> None:
    if beyond(schema) is None:
        told = fault(schema, value)
        assert told is None or told
