"""A world whose language model is the sandbox's, which calls a tool when its name is said."""

from collections.abc import Iterator

import pytest

from tests.support.node import SCRIPTED, TOLD_SOON, World, running_world


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    """Both processes, ready."""
    with running_world(
        **{**SCRIPTED, **TOLD_SOON, "THINKER__ENGINE": "openai", "THINKER__API_KEY": "k"},
        WEBHOOKS__ALLOW_PRIVATE="true", TOOLS__ALLOWED_HOSTS="127.0.0.1",
    ) as started:  # fmt: skip
        yield started
