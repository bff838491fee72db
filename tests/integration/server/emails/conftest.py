"""The world these tests share: nobody phones in it, and nobody waits long for the mail company."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.integration.server.emails.post import Post
from tests.support.client import clients_of
from tests.support.node import World, running_world


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    """Both processes, ready."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANDBOX_MAIL_PACE", "0.1")
        with running_world(
            SPEECH__RECOGNISER="scripted", SPEECH__VOICE="scripted", THINKER__ENGINE="offline",
            SENDGRID__TIMEOUT_SECONDS="2", JOBS__POLL_SECONDS="0.3",
            SENDGRID__MAX_WEBHOOK_BYTES="300000", SENDGRID__MAX_INBOUND_BYTES="400000",
            JOBS__FIRST_RETRY_SECONDS="0.1", LIMITS__REQUESTS_PER_MINUTE="100000",
        ) as started:  # fmt: skip
            yield started


@pytest.fixture
async def post(world: World) -> AsyncIterator[Post]:
    """Clients of that world, and its mail."""
    async with clients_of(world) as clients:
        yield Post(clients)
