"""When a node takes no more calls: refused before anything is asked or written, and clearly."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from server.calls import actions
from server.calls.actions import CallRequest
from server.calls.recorder import MOST_BACKLOG
from server.core.errors import AppError
from server.core.identity.auth import Identity


async def refusal(*, draining: bool = False, live: int = 0, backlog: int = 0) -> AppError:
    """What a request for a call is told by a node in this state; it has no database."""

    class Calls(list[None]):
        pass

    calls = Calls([None] * live)
    calls.draining = draining  # type: ignore[attr-defined]
    deps = SimpleNamespace(
        live=calls, recorder=SimpleNamespace(backlog=backlog),
        config=SimpleNamespace(calls=SimpleNamespace(max_live=3)),
    )  # fmt: skip
    with pytest.raises(AppError) as raised:
        await actions.start(cast("Any", deps), cast("Identity", None), CallRequest("bread"))
    return raised.value


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"draining": True}, "draining"),
        ({"live": 3}, "at_capacity"),
        ({"backlog": MOST_BACKLOG}, "unavailable"),
    ],
)
async def test_a_node_that_takes_no_more_says_why_and_when(state: Any, code: str) -> None:
    error = await refusal(**state)
    assert (error.code, error.kind.status, error.kind.retry) == (code, 503, True)
    assert error.extra["retry_after"] >= 1
