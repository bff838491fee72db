"""A pytest plugin: what several workers (pytest-xdist) take at a time.

Tests that share fixtures of a folder stay together, because these start processes; else a worker
takes a file. Work is handed out in the order of collection, which begins with what takes longest.
"""

from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TESTS = Path(__file__).parent.parent


class Together(LoadScopeScheduling):
    """Hands out the tests of a file, or of a folder with a conftest.py, as one."""

    def _split_scope(self, nodeid: str) -> str:
        file = TESTS.parent / nodeid.split("::", 1)[0]
        folders = [folder for folder in file.parents if TESTS in folder.parents]
        shared = (folder for folder in folders if (folder / "conftest.py").exists())
        return str(next(shared, file))


def pytest_configure(config: pytest.Config) -> None:
    """Keep the order of collection."""
    config.option.loadscopereorder = False


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """The scheduler of a run with workers."""
    return Together(config, log)
