"""What the carrier does when nobody takes its connection."""

import pytest

from sandbox.twilio.webhooks import Webhooks
from tests.support.processes import free_port


@pytest.mark.parametrize(
    ("overrides", "attempts"), [("", 2), ("#rc=3&rp=ct", 4), ("#rc=3&rp=rt,5xx", 1), ("#rc=0", 1)]
)
async def test_a_refused_connection_counts_as_a_connect_timeout(
    overrides: str, attempts: int
) -> None:
    webhooks = Webhooks("token")
    try:
        url = f"http://127.0.0.1:{free_port()}/voice{overrides}"
        reply = await webhooks.send(url, "POST", {})
    finally:
        await webhooks.close()
    assert (reply.status, reply.error, reply.attempts) == (0, 11205, attempts)
