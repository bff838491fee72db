"""U+0000 is refused in every text, wherever it hides, and the refusal says where."""

import msgspec
import pytest

from server.core.errors import AppError
from server.core.validation import nul_place
from server.http.routing import read_json


class _Body(msgspec.Struct):
    topic: str
    to: dict[str, list[str]] = {}


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("a\x00", "$"), ({"a": "\x00"}, "$.a"), ({"a": [1, {"b": ("", "\x00")}]}, "$.a[1].b[1]"),
        ({"a": {"\x00": 1}}, "$.a"), (["\x00", "\x00"], "$[0]"), ({1: None, "a": 1.5}, None),
        ("\\u0000", None), ([], None),
    ],
)  # fmt: skip
def test_the_first_place_is_found(value: object, place: str | None) -> None:
    assert nul_place(value) == place


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (rb'{"topic": "a\u0000b"}', "`$.topic`"),
        (rb'{"topic": "a", "to": {"b": ["\u0000"]}}', "`$.to.b[0]`"),
        (rb'{"topic": "a", "more": "\u0000"}', "`$.more`"),
    ],
)
def test_a_body_is_refused_with_its_place(raw: bytes, place: str) -> None:
    with pytest.raises(AppError) as refused:
        read_json(raw, _Body)
    assert refused.value.code == "bad_request"
    assert place in refused.value.detail


def test_a_backslash_before_the_same_letters_is_text() -> None:
    assert read_json(rb'{"topic": "\\u0000"}', _Body).topic == r"\u0000"


def test_a_nul_that_is_not_escaped_is_no_json() -> None:
    with pytest.raises(AppError) as refused:
        read_json(b'{"topic": "a\x00b"}', _Body)
    assert refused.value.code == "bad_request"
