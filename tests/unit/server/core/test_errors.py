"""Errors say what to do."""

import pytest

from server.core.errors import KINDS, AppError, problem


@pytest.mark.parametrize("code", KINDS)
def test_every_error_says_what_to_do(code: str) -> None:
    told = problem(AppError(code))
    assert told["code"] == code
    assert told["type"] == f"/errors/{code}"
    assert 400 <= told["status"] < 600
    assert told["title"]
    assert told["detail"].endswith(".")


def test_extra_members_stand_in_the_problem() -> None:
    told = problem(AppError("plan_limit", "All used.", metric="calls", limit=1))
    assert (told["metric"], told["limit"], told["detail"]) == ("calls", 1, "All used.")
