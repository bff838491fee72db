"""What people type and paste is taken as they see it; U+0000 is refused in every text, wherever it
hides, and the refusal says where."""

import msgspec
import pytest

from server.core.errors import AppError
from server.core.validation import nul_place, one_line, readable, some_text
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


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("10\u00a0Uhr, \u202f?\u3000", "10 Uhr,  ?"),  # spaces of typesetting
        ("soft\u00adhyphen \u200bzero\ufeff", "softhyphen zero"),
        ("\u2068\u202eright to left\u202c\u2069", "right to left"),
        ("e\u0301", "\u00e9"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("\U0001f468\u200d\U0001f467 \u0939\u093f", "\U0001f468\u200d\U0001f467 \u0939\u093f"),
        ("\U0001fae8 \U00037777", "\U0001fae8 \U00037777"),  # newer than this Python's Unicode
    ],
)  # fmt: skip
def test_text_is_kept_as_people_see_it(given: str, kept: str) -> None:
    assert some_text(given, "text", 40) == kept
    assert one_line(given, "text", 40) == " ".join(kept.split())
    assert readable(given).strip() == kept
    assert some_text(kept, "text", 40) == kept


@pytest.mark.parametrize(
    "given", ["\u200d", "\u0301", " \u200e\ufe0f", "a\ufffe", "\U0001f9ea\uffff"]
)
def test_a_text_shows_something_and_holds_what_every_place_keeps(given: str) -> None:
    for check in (some_text, one_line):
        with pytest.raises(AppError):
            check(given, "text", 40)


@pytest.mark.parametrize("given", ["a\x07b", "a\ue000b", "a\ud800b", "\u200b", "\u00a0"])
def test_what_nobody_can_read_is_refused_of_ours_and_left_out_of_others(given: str) -> None:
    for check in (some_text, one_line):
        with pytest.raises(AppError) as refused:
            check(given, "text", 40)
        assert "printable" in refused.value.detail
    assert readable(given).strip() in {"ab", ""}
