"""Worlds as hurried as in earnest, and more demos."""

from collections.abc import Iterator

import pytest

from tests.acceptance.conftest import Command, doomed, running_demos
from tests.support.node import World, running_world

__all__ = ["demos", "doomed", "world"]


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    """Both processes with the times that hold in earnest."""
    with running_world() as started:
        yield started


@pytest.fixture(scope="package")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Command]]:
    """Demos of several people; they take most of a minute."""
    chosen = {
        "talker": ["--json", "--topic", "sourdough"],
        "nobody": ["--person", "nobody"],
        "no-wav": ["--caller", "no-such-file.wav"],
    }
    with running_demos(chosen, tmp_path_factory) as started:
        yield started
