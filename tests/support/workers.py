"""A pytest plugin: what several workers (pytest-xdist) take at a time.

Tests that share fixtures of a folder stay together, because these start processes; else a worker
takes a file. Work is handed out in the order of collection, which begins with what takes longest.
"""

from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TESTS = Path(__file__).parent.parent
LONGEST = str(TESTS / "integration" / "server")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the order of collection."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest and is one worker's alone."""
    items.sort(key=lambda item: taken_together(item.nodeid) != LONGEST)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The scheduler of a run with workers. (The library ships no types, so it is no subclass.)"""
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = taken_together
    return scheduler


def taken_together(nodeid: str) -> str:
    """The folder with a conftest.py that a test is in, or its file."""
    file = TESTS.parent / nodeid.split("::", 1)[0]
    folders = [folder for folder in file.parents if TESTS in folder.parents]
    shared = (folder for folder in folders if (folder / "conftest.py").exists())
    return str(next(shared, file))
