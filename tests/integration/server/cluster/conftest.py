"""A NATS server of the test's own."""

from collections.abc import Iterator

import pytest

from tests.support.nats import NatsServer, nats_server


@pytest.fixture
def nats() -> Iterator[NatsServer]:
    """It runs; a test may kill it and start it again."""
    with nats_server() as server:
        yield server
