"""What every test has: an embedded PostgreSQL, a database of its own, and nothing left running."""

import os

import pytest
from hypothesis import settings

from tests.support.database import database, owner, pools, postgres
from tests.support.processes import memory, tell_watcher

__all__ = ["database", "owner", "pools", "postgres"]

# A machine under load is slow, not wrong.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# Tests' own folders hold whole database clusters, and files that are written through to a disk.
if (_folder := memory()) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_folder))


@pytest.fixture(scope="session", autouse=True)
def _no_server_stays_behind(tmp_path_factory: pytest.TempPathFactory) -> None:
    tell_watcher("folder", tmp_path_factory.getbasetemp())
