"""The status of a call."""

from sandbox.twilio.call import Call
from sandbox.twilio.params import parse_create

BASE = "https://product.example/voice/1?x=1"

FORM = {"To": ["+12025550100"], "From": ["+12025550199"], "Url": [BASE]}

OWN = ("+12025550199",)


def test_a_final_status_never_changes() -> None:
    call = Call("AC1", parse_create(FORM, OWN), None)
    call.finish("busy")
    call.set_status("ringing")
    assert call.resource()["status"] == "busy"
    assert call.resource()["duration"] == "0"
    assert call.resource()["price"] is None
