"""A world whose language model is the sandbox's, which calls a tool when its name is said; as are
the ears that stand by, which tell a language."""

from collections.abc import Iterator

import pytest

from tests.support.node import SCRIPTED, TOLD_SOON, World, running_world


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    """Both processes, ready."""
    with running_world(
        **{**SCRIPTED, **TOLD_SOON, "THINKER__ENGINE": "openai", "THINKER__API_KEY": "k",
           "SPEECH__RECOGNISER": "scripted,deepgram", "DEEPGRAM__API_KEY": "k",
           "SPEECH__RECOGNISE_TIMEOUT_SECONDS": "20"},
        WEBHOOKS__ALLOW_PRIVATE="true", TOOLS__ALLOWED_HOSTS="127.0.0.1",
    ) as started:  # fmt: skip
        yield started
