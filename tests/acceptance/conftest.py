"""What the acceptance tests share: worlds with real ears, voice and mind, and a demo beside them.

Starting a world costs ten seconds of a core, so tests that break nothing share one.
"""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.support.node import World, running_world
from tests.support.processes import free_port, start

Command: TypeAlias = "subprocess.Popen[str]"


# Nobody hears an apology, nor a gap, because the machine has other things to do as well.
UNHURRIED = {
    "SPEECH__RECOGNISE_TIMEOUT_SECONDS": "20", "SPEECH__SPEAK_TIMEOUT_SECONDS": "20",
    "SPEECH__LEAD_MS": "800",
}  # fmt: skip


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    """Both processes, ready. What harms the node is for `doomed`, so that nobody else meets it."""
    with running_world(SPEECH__THINK_TIMEOUT_SECONDS="20", **UNHURRIED) as started:
        yield started


GREETING = "Hello, this is a computer voice. You asked for a call about {topic}."


@pytest.fixture(scope="package")
def doomed() -> Iterator[World]:
    """A world where the carrier has little time, and whose node is killed and stopped at last."""
    with running_world(
        SERVER__DRAIN_SECONDS="20", TWILIO__TIMEOUT_SECONDS="1.5",
        CONVERSATION__GREETING=GREETING, SPEECH__THINK_TIMEOUT_SECONDS="20", **UNHURRIED,
    ) as started:  # fmt: skip
        yield started


@pytest.fixture(scope="package")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Command]]:
    """A demo with ports and data of its own. Whoever asks for it early has it run meanwhile."""
    with running_demos({"busy": ["--json", "--person", "busy"]}, tmp_path_factory) as started:
        yield started


@contextmanager
def running_demos(
    arguments: Mapping[str, Sequence[str]], folders: pytest.TempPathFactory
) -> Iterator[dict[str, Command]]:
    """Demos by name, all at once."""
    started = {name: _demo(folders.mktemp(name), *more) for name, more in arguments.items()}
    yield started
    for process in started.values():
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)


def _demo(data: Path, *arguments: str) -> Command:
    places = ["--port", str(free_port()), "--sandbox-port", str(free_port()), "--data", str(data)]
    pipe = subprocess.PIPE
    return start(["-m", "server", "demo", *places, *arguments], stdout=pipe, stderr=pipe)
