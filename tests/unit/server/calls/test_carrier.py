"""How long a transferred call may go on."""

import msgspec
import pytest

from media.call import begin
from media.events import Requested
from server.calls.carrier import seconds_left
from server.core.config import load


@pytest.mark.parametrize(
    ("answered", "now", "most", "left"),
    [
        (10.0, 40.0, 1800, 150),
        (10.0, 40.0, 60, 60),
        (10.0, 189.5, 1800, 1),
        (10.0, 500.0, 1800, 1),
        (None, 40.0, 1800, 140),
    ],
)
def test_a_transfer_ends_when_the_call_would_have(
    answered: float | None, now: float, most: int, left: int
) -> None:
    config = load(
        None,
        {
            "TALKING_TWILIO__AUTH_TOKEN": "a" * 32,
            "TALKING_CALLS__TRANSFER_LIMIT_SECONDS": str(most),
        },
    )
    call, _ = begin(config.call_settings, Requested("moss"), 0.0)
    facts = msgspec.structs.replace(call.facts, seen_answered_at=answered)
    assert seconds_left(config, msgspec.structs.replace(call, facts=facts), now) == left
