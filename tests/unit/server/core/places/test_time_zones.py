"""The newer of two tz databases counts."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest
import tzdata

from server.core.places import time_zones
from server.core.places.time_zones import Source, newer, system, zone

PACKAGE = Source("2026f", None)


@pytest.mark.parametrize(
    ("name", "hours"),
    [("Vancouver", -7), ("Edmonton", -6), ("Winnipeg", -5), ("Yellowknife", -6)],
)
def test_what_changed_in_canada_is_known(name: str, hours: int) -> None:
    noon = dt.datetime(2026, 12, 15, 12, tzinfo=zone(f"America/{name}"))
    assert noon.utcoffset() == dt.timedelta(hours=hours)


@pytest.mark.parametrize(
    ("version", "counts"), [("2025b", False), ("2026e", False), ("2026g", True), ("", False)]
)
def test_the_newer_one_counts(version: str, counts: bool) -> None:
    here = Source(version, Path("/usr/share/zoneinfo"))
    assert newer(here, PACKAGE) == (here if counts else PACKAGE)


def test_without_a_system_s_the_package_counts() -> None:
    assert newer(None, PACKAGE) == PACKAGE


@pytest.mark.parametrize(
    ("file", "text"), [("tzdata.zi", "# version 2025b\n# more"), ("+VERSION", "2025b\n")]
)
def test_a_system_tells_its_version(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / "UTC").write_bytes(b"")
    (tmp_path / file).write_text(text)
    assert system(("/nowhere", str(tmp_path))) == Source("2025b", tmp_path)


def test_a_system_may_have_none(tmp_path: Path) -> None:
    assert system((str(tmp_path),)) is None


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../zone.tab", "America", "No/Such", "a\0b"])
def test_what_is_no_zone_is_none(name: str) -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        zone(name)


def test_people_are_told_which_counts() -> None:
    assert tzdata.IANA_VERSION in time_zones.described()
