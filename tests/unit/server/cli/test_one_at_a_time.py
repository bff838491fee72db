"""A data folder has one sandboxed pair at a time, and a second is told where the first is."""

from pathlib import Path

import pytest

from server.cli.failures import FailedError
from server.cli.one_at_a_time import alone_in


def test_a_second_is_told_where_the_first_is_and_takes_its_place_later(tmp_path: Path) -> None:
    first, second = "http://127.0.0.1:8000", "http://127.0.0.1:9000"
    with alone_in(tmp_path / "data", first):
        refused = pytest.raises(FailedError, match=f"already running at {first}")
        with refused, alone_in(tmp_path / "data", second):
            pass
        with alone_in(tmp_path / "other", second):
            pass
    with alone_in(tmp_path / "data", second):
        assert (tmp_path / "data" / "running.lock").read_text() == second
