"""The world the acceptance tests share: sandbox and node with real ears, voice and mind."""

from collections.abc import Iterator

import pytest

from tests.support.node import World, running_world


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    """Both processes, ready. Faults are for worlds of one's own, so that nobody else meets them."""
    with running_world() as started:
        yield started
