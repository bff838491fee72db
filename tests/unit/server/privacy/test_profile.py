"""What a request says of the user."""

import msgspec
import pytest

from server.core.errors import AppError
from server.privacy.profile import ChangeMe, stated


def test_what_is_left_out_is_not_said_and_null_takes_back() -> None:
    assert stated(ChangeMe()) == {}
    assert stated(ChangeMe(name=None, time_zone=None)) == {"name": None, "time_zone": None}
    assert stated(ChangeMe(name="  Ann   Lee ")) == {"name": "Ann Lee"}


@pytest.mark.parametrize("name", ["Nowhere/Else", "../etc/passwd", "EST5EDT6"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(AppError) as refused:
        stated(ChangeMe(time_zone=name))
    assert refused.value.code == "bad_request"


@pytest.mark.parametrize("name", ["\x1b[2J", " ", "\u202e"])
def test_a_name_is_one_readable_line(name: str) -> None:
    with pytest.raises(AppError):
        stated(ChangeMe(name=name))


@pytest.mark.parametrize(("language", "is_one"), [
    ("en", True), ("pt-BR", True), ("zh-Hant-TW", True), ("es-419", True), ("english", False),
    ("en_US", False), ("EN", False), ("<b>", False),
])  # fmt: skip
def test_languages_are_named_as_browsers_name_them(language: str, is_one: bool) -> None:
    body = {"language": language}
    if is_one:
        assert msgspec.convert(body, ChangeMe).language == language
    else:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(body, ChangeMe)
