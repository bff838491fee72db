"""The sandbox's stand-ins of every vendor, on a port of loopback."""

from collections.abc import AsyncIterator

import pytest

from tests.support.vendors import KEY, Sections, ToneWords, Vendors, running_vendors

__all__ = ["KEY", "Sections", "Vendors"]


@pytest.fixture
async def vendors() -> AsyncIterator[Vendors]:
    """All of them, with no faults."""
    async with running_vendors(ToneWords()) as there:
        yield there
