"""Requests to send a message, and their refusals."""

import pytest

from sandbox.twilio.call import Fetch
from sandbox.twilio.messages.params import parse_message
from sandbox.twilio.params import TwilioError

OWN = "+12025550199"

PERSON = "+12025550100"

FORM = {"To": [PERSON], "From": [OWN], "Body": ["Hi"]}


def test_a_request_is_read_as_it_was_sent() -> None:
    request = parse_message(
        FORM | {"Body": [" Hi "], "MediaUrl": ["https://a.example/1.png", "https://a.example/2"],
                "StatusCallback": ["https://b.example/s#rc=2"]},
        [OWN],
    )  # fmt: skip
    assert request.body == " Hi "
    assert request.media == ("https://a.example/1.png", "https://a.example/2")
    assert request.status_callback == Fetch("https://b.example/s#rc=2", "POST")


@pytest.mark.parametrize(
    ("name", "values", "code"),
    [
        ("To", [], 21604),
        ("To", ["12"], 21211),
        ("From", [], 21603),
        ("From", ["+12025550198"], 21606),
        ("Body", [" "], 21602),
        ("Body", ["x" * 1601], 21617),
        ("StatusCallback", ["http://under_score.example/"], 21609),
        ("MediaUrl", ["picture.png"], 21620),
        ("MediaUrl", ["https://a.example/1.png"] * 11, 21623),
    ],
)
def test_a_bad_field_is_refused_with_its_code(name: str, values: list[str], code: int) -> None:
    with pytest.raises(TwilioError) as refused:
        parse_message(FORM | {name: values}, [OWN])
    assert (refused.value.status, refused.value.code) == (400, code)
