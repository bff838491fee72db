"""The world these tests share: scripted engines, high limits, beacons that come often."""

from collections.abc import Iterator

import pytest

from tests.support.node import SCRIPTED, World, running_world


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    """Both processes, ready."""
    with running_world(
        **SCRIPTED,
        LIMITS__REQUESTS_PER_MINUTE="100000", LIMITS__LIVE_COMMANDS_PER_SECOND="1000",
        LIMITS__LIVE_COMMANDS_BURST="1000", LIMITS__LIVE_BEACON_SECONDS="0.3",
        LIMITS__LIVE_COMMENT_SECONDS="0.3",
        SMS__QUIET_GAP_SECONDS="0.2", SMS__FIRST_HOUR="0", SMS__LAST_HOUR="24",
        SMS__SUNDAY_FIRST_HOUR="0", SMS__PER_BLOCK_PER_HOUR="100000",
        SMS__PER_NUMBER_PER_HOUR="100000", SERVER__DRAIN_SECONDS="1",
    ) as started:  # fmt: skip
        yield started
