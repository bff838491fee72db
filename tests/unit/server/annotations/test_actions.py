"""What a tag may hold."""

import pytest

from server.annotations.actions import MOST_TAG_CHARACTERS, checked_tag
from server.core.errors import AppError


@pytest.mark.parametrize("given", ["VIP", "  call   back ", "späte Rückfrage", "v1.2_b-3", "予約"])
def test_a_tag_is_words_with_single_spaces(given: str) -> None:
    assert checked_tag(given) == " ".join(given.split())


@pytest.mark.parametrize(
    "given", ["", " ", "a/b", "a,b", "<b>", "a\u202e", "x" * (MOST_TAG_CHARACTERS + 1)]
)
def test_what_is_no_tag_is_refused_by_name(given: str) -> None:
    with pytest.raises(AppError) as refused:
        checked_tag(given)
    assert refused.value.code == "bad_request"
    assert refused.value.detail.startswith("`tag` ")
