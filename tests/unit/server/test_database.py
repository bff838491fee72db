"""Where a node keeps its data."""

from pathlib import Path

from server.database import _closed_to_others


def test_a_new_data_folder_cannot_be_read_by_others_and_an_old_one_is_left_alone(
    tmp_path: Path,
) -> None:
    new, old = tmp_path / "new" / "data", tmp_path / "old"
    old.mkdir(mode=0o755)
    assert _closed_to_others(new).stat().st_mode & 0o066 == 0
    assert _closed_to_others(old).stat().st_mode & 0o777 == 0o755
