"""What a tag may hold."""

import pytest

from server.annotations.actions import MOST_TAG_CHARACTERS, checked_tag, new_tag
from server.core.errors import AppError
from server.http.paging import kept


@pytest.mark.parametrize(
    "given",
    ["VIP", "  call   back ", "späte Rückfrage", "v1.2_b-3", "予約", "हिन्दी", "ไทย ที่", "مُهِمّ"],
)
def test_a_tag_is_words_with_single_spaces(given: str) -> None:
    assert checked_tag(given) == " ".join(given.split())


@pytest.mark.parametrize(
    "given", ["", " ", "a/b", "a,b", "<b>", "\u202e", "x" * (MOST_TAG_CHARACTERS + 1)]
)
def test_what_is_no_tag_is_refused_by_name(given: str) -> None:
    with pytest.raises(AppError) as refused:
        checked_tag(given)
    assert refused.value.code == "bad_request"
    assert refused.value.detail.startswith("`tag` ")


def test_a_tag_is_the_same_however_it_was_typed() -> None:
    assert checked_tag("cafe\u0301\u00a0noir\u200b") == "caf\u00e9 noir" == kept("cafe\u0301  noir")


@pytest.mark.parametrize("given", ["..", "-", ". _"])
def test_a_tag_has_something_to_read_but_one_there_is_can_be_taken_off(given: str) -> None:
    assert checked_tag(given) == given
    with pytest.raises(AppError) as refused:
        new_tag(given)
    assert "a letter or a digit" in refused.value.detail
