"""Answers to a text, read into messages."""

import pytest

from sandbox.twilio.messages.twiml import parse_answer
from sandbox.twilio.voice.twiml import ApplicationError

OWN = "+12025550199"

PERSON = "+12025550100"

URL = "https://product.example/sms?a=b"


def test_an_answer_becomes_the_fields_of_requests() -> None:
    answer = parse_answer(
        b"<Response><Message> Hi &amp; bye </Message><Message to='+12025550101' from='+12025550198'"
        b" statusCallback='/status'><Body>Look</Body><Media>https://a.example/1.png</Media>"
        b"</Message></Response>",
        "text/xml; charset=utf-8", URL, PERSON, OWN,
    )  # fmt: skip
    assert answer.messages == (
        {"To": [PERSON], "From": [OWN], "Body": ["Hi & bye"], "MediaUrl": []},
        {
            "To": ["+12025550101"],
            "From": ["+12025550198"],
            "Body": ["Look"],
            "MediaUrl": ["https://a.example/1.png"],
            "StatusCallback": ["https://product.example/status"],
        },
    )
    assert answer.warnings == ()


def test_plain_text_is_a_message_and_an_empty_answer_none() -> None:
    plain = parse_answer("Grüße".encode(), "text/plain; charset=utf-8", URL, PERSON, OWN)
    assert [fields["Body"] for fields in plain.messages] == [["Grüße"]]
    assert parse_answer(b"", "text/plain", URL, PERSON, OWN).messages == ()
    assert parse_answer(b"<Response/>", "application/xml", URL, PERSON, OWN).messages == ()


def test_what_is_unknown_in_an_answer_is_only_warned_about() -> None:
    twiml = b"<Response><Say>Hi</Say><Message color='red'>Hi<Emoji/></Message></Response>"
    answer = parse_answer(twiml, "text/xml", URL, PERSON, OWN)
    assert [fields["Body"] for fields in answer.messages] == [["Hi"]]
    assert answer.warnings == (
        "unknown verb Say",
        "unknown attribute color of Message",
        "unknown element Emoji in Message",
    )


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"<Response>", "text/xml", 12100),
        (b"<Answer/>", "text/xml", 12100),
        (b"", "text/xml", 12100),
        (b"{}", "application/json", 12300),
    ],
)
def test_an_answer_that_makes_no_sense_is_an_application_error(
    body: bytes, content_type: str, code: int
) -> None:
    with pytest.raises(ApplicationError) as failed:
        parse_answer(body, content_type, URL, PERSON, OWN)
    assert failed.value.code == code
