"""Links to a copy of one's data: whoever made none has none."""

import uuid

import pytest

from server.core.settings.loading import Secret
from server.privacy.export_links import mint, read

OURS, OLD, OTHER = Secret("a" * 32), Secret("b" * 32), Secret("c" * 32)
EXPORT = uuid.uuid4()


def test_a_link_is_good_until_its_time_and_while_its_secret_is_known() -> None:
    token = mint(OLD, EXPORT, 1000.0)
    assert read([OURS, OLD], token, 999.0) == EXPORT
    assert read([OURS, OLD], token, 1000.0) is None
    assert read([OURS], token, 999.0) is None
    assert mint(OLD, EXPORT, 1000.0) == token, "asked again it is the same link"


@pytest.mark.parametrize("token", ["", "x", "é", "a" * 43, "-" * 76, "%00", "=" * 8])
def test_what_nobody_made_is_none(token: str) -> None:
    assert read([OURS], token, 0.0) is None


def test_no_letter_of_it_can_be_another() -> None:
    token = mint(OURS, EXPORT, 1000.0)
    for place in range(len(token) - 1):  # the last one may stand for the same bits
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert read([OURS], changed, 0.0) is None
