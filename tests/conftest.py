"""What every test has: an embedded PostgreSQL, a database of its own, and nothing left running.

With several workers, tests that share a started world run in the same one.
"""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.database import database, owner, pools, postgres
from tests.support.processes import tell_watcher

__all__ = ["database", "owner", "pools", "postgres"]

# A machine under load is slow, not wrong.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

HERE = Path(__file__).parent


@pytest.fixture(scope="session", autouse=True)
def _no_server_stays_behind(tmp_path_factory: pytest.TempPathFactory) -> None:
    tell_watcher("folder", tmp_path_factory.getbasetemp())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what shares fixtures of a folder together; else a file is what a worker takes next."""
    for item in items:
        folders = [folder for folder in item.path.parents if HERE in folder.parents]
        shared = (folder for folder in folders if (folder / "conftest.py").exists())
        item.add_marker(pytest.mark.xdist_group(str(next(shared, item.path))))
