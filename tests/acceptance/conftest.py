"""What the acceptance tests share: a world with real ears, voice and mind, and demos beside it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.support.node import World, running_world
from tests.support.processes import free_port, start

Command: TypeAlias = "subprocess.Popen[str]"


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    """Both processes, ready. Faults are for worlds of one's own, so that nobody else meets them."""
    with running_world() as started:
        yield started


@pytest.fixture(scope="package")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Command]]:
    """Demos of several people, each with ports and data of its own; they take most of a minute.

    Whoever asks for them early has them run meanwhile.
    """
    started = {
        "talker": demo(tmp_path_factory.mktemp("talker"), "--json", "--topic", "sourdough"),
        "busy": demo(tmp_path_factory.mktemp("busy"), "--json", "--person", "busy"),
        "nobody": demo(tmp_path_factory.mktemp("nobody"), "--person", "nobody"),
        "no-wav": demo(tmp_path_factory.mktemp("no-wav"), "--caller", "no-such-file.wav"),
    }
    yield started
    for process in started.values():
        if process.poll() is None:
            process.terminate()
        process.wait(60)
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def demo(data: Path, *arguments: str) -> Command:
    places = ["--port", str(free_port()), "--sandbox-port", str(free_port()), "--data", str(data)]
    pipe = subprocess.PIPE
    return start(["-m", "server", "demo", *places, *arguments], stdout=pipe, stderr=pipe)
