"""Codes that prove a number: what limits them."""

import uuid

from server.texts.own_numbers import limits


def shared(one: str, other: str) -> list[int]:
    """How often codes go to either of two numbers that different people ask for."""
    known = {limit.key: limit.most for limit in limits(uuid.uuid4(), one, 100)}
    return [known[limit.key] for limit in limits(uuid.uuid4(), other, 100) if limit.key in known]


def test_numbers_in_a_row_asked_for_from_many_accounts_have_one_pace() -> None:
    assert shared("+12025550100", "+12025559999") == [100]
    assert shared("+12025550100", "+12025560100") == []
