"""Form parameters: nesting, kinds, and that nothing unknown passes."""

from typing import Any

import pytest

from sandbox.stripe.core.errors import StripeError
from sandbox.stripe.core.params import Params, parse_form


def read(*pairs: tuple[str, str]) -> Params:
    return Params(parse_form(pairs))


def refusal(error: pytest.ExceptionInfo[StripeError]) -> dict[str, Any]:
    body: dict[str, Any] = error.value.body("req_1")["error"]
    return body


def test_nested_keys_become_objects_and_lists() -> None:
    params = read(
        ("items[0][price]", "price_1"),
        ("items[0][quantity]", "2"),
        ("items[1][price]", "price_2"),
        ("expand[]", "a"),
        ("expand[]", "b"),
    )
    first, second = params.each("items")
    assert (first.text("price"), first.integer("quantity")) == ("price_1", 2)
    assert second.text("price") == "price_2"
    assert params.texts("expand") == ["a", "b"]
    params.check_all_read()


def test_what_nobody_read_is_unknown_at_any_depth() -> None:
    params = read(("items[0][price]", "p"), ("items[0][colour]", "red"))
    for item in params.each("items"):
        item.text("price")
    with pytest.raises(StripeError) as error:
        params.check_all_read()
    told = refusal(error)
    assert (error.value.status, told["code"]) == (400, "parameter_unknown")
    assert told["param"] == "items[0][colour]"


def test_metadata_is_merged_and_emptied_by_empty_values() -> None:
    current = {"a": "1", "b": "2"}
    params = read(("metadata[b]", ""), ("metadata[c]", "3"))
    assert params.metadata(current) == {"a": "1", "c": "3"}
    assert read(("metadata", "")).metadata(current) == {}
    assert read().metadata(current) == current


@pytest.mark.parametrize(
    ("method", "value", "code"),
    [("integer", "ten", "parameter_invalid_integer"), ("flag", "maybe", None)],
)
def test_a_value_of_the_wrong_kind_is_refused(method: str, value: str, code: str | None) -> None:
    with pytest.raises(StripeError) as error:
        getattr(read(("x", value)), method)("x")
    assert refusal(error).get("code") == code
    assert refusal(error)["param"] == "x"


def test_a_key_cannot_be_both_a_value_and_a_parent() -> None:
    with pytest.raises(StripeError, match="Invalid hash"):
        read(("a", "1"), ("a[b]", "2"))
    with pytest.raises(StripeError, match="Invalid string"):
        read(("a[b]", "1")).text("a")
    with pytest.raises(StripeError, match="Invalid object"):
        read(("a", "1")).below("a")
