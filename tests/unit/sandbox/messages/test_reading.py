"""What the carrier reads about messages: lengths, keywords, requests, answers and filters."""

from datetime import UTC, datetime

import pytest

from sandbox.twilio.api import time_matches
from sandbox.twilio.call import Fetch
from sandbox.twilio.messages.message import Message
from sandbox.twilio.messages.opt_out import OptOuts, keyword
from sandbox.twilio.messages.params import parse_message
from sandbox.twilio.messages.rest import change
from sandbox.twilio.messages.segments import count_segments
from sandbox.twilio.messages.twiml import parse_answer
from sandbox.twilio.params import TwilioError
from sandbox.twilio.voice.twiml import ApplicationError

OWN = "+12025550199"
PERSON = "+12025550100"
FORM = {"To": [PERSON], "From": [OWN], "Body": ["Hi"]}
URL = "https://product.example/sms?a=b"


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("é\n" * 80, 1),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("x" * 152 + "€" + "x" * 152, 3),  # the sign's two halves stay together
        ("’" + "x" * 69, 1),
        ("’" + "x" * 70, 2),
        ("’" + "x" * 133, 2),
        ("’" + "x" * 134, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 67, 3),  # 33 to a part, not 33.5
    ],
)
def test_segments_are_counted_as_the_air_interface_does(text: str, segments: int) -> None:
    assert count_segments(text) == segments


def test_only_a_message_that_is_nothing_but_a_keyword_counts() -> None:
    stops = ("STOP", "stopall", " Unsubscribe\n", "end", "Quit", "CANCEL", "revoke", "optout")
    assert {keyword(body) for body in stops} == {"stop"}
    assert {keyword(body) for body in ("start", "Yes", "UNSTOP")} == {"start"}
    assert {keyword(body) for body in ("help", "INFO")} == {"help"}
    assert {keyword(body) for body in ("STOP please", "stop!", "", "yes yes")} == {""}


def test_an_opt_out_holds_for_its_pair_until_it_is_undone_and_only_changes_are_confirmed() -> None:
    opt_outs = OptOuts()
    assert opt_outs.hear(OWN, PERSON, "yes") == ""
    assert "unsubscribed" in opt_outs.hear(OWN, PERSON, "stop")
    assert opt_outs.hear(OWN, PERSON, "stop") == ""
    assert opt_outs.blocks(OWN, PERSON)
    assert not opt_outs.blocks("+12025550198", PERSON)
    assert "re-subscribed" in opt_outs.hear(OWN, PERSON, "yes")
    assert not opt_outs.blocks(OWN, PERSON)


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


def test_a_text_can_only_be_redacted_once_it_has_left() -> None:
    message = Message("AC1", parse_message(FORM, [OWN]), "outbound-api")
    for status in ("queued", "sending"):
        message.set_status(status)
        with pytest.raises(TwilioError) as refused:
            change(message, {"Body": [""]})
        assert refused.value.code == 20009
    message.set_status("sent")
    assert change(message, {"Body": [""]})["body"] == ""


def test_a_time_is_filtered_by_day_or_by_limits() -> None:
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    for passing in (
        {"DateSent": "2026-11-25"},
        {"DateSent>": "2026-11-25"},
        {"DateSent<": "2026-11-26"},
        {},
    ):
        assert time_matches(passing, "DateSent", noon)
    for failing in (
        {"DateSent": "2026-11-24"},
        {"DateSent>": "2026-11-26"},
        {"DateSent<": "2026-11-25"},
    ):
        assert not time_matches(failing, "DateSent", noon)
    assert not time_matches({"DateSent": "2026-11-25"}, "DateSent", None)
