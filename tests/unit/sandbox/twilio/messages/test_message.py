"""What may be done to a message, and when."""

import pytest

from sandbox.twilio.messages.message import Message
from sandbox.twilio.messages.params import parse_message
from sandbox.twilio.messages.rest import change
from sandbox.twilio.params import TwilioError

OWN = "+12025550199"

PERSON = "+12025550100"

FORM = {"To": [PERSON], "From": [OWN], "Body": ["Hi"]}


def test_a_text_can_only_be_redacted_once_it_has_left() -> None:
    message = Message("AC1", parse_message(FORM, [OWN]), "outbound-api")
    for status in ("queued", "sending"):
        message.set_status(status)
        with pytest.raises(TwilioError) as refused:
            change(message, {"Body": [""]})
        assert refused.value.code == 20009
    message.set_status("sent")
    assert change(message, {"Body": [""]})["body"] == ""
