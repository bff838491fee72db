"""What the carrier's forms mean, and that the same form always counts as the same fact."""

from uuid import uuid4

import pytest

from db.cluster.inbox import Fact
from media.events import AmdVerdict, CarrierStatus
from server.core.errors import AppError
from server.ownership.facts import ATTESTATIONS, Attestation, Ring, event_of, recorded, ring_of

SID = "CA" + "0" * 32
STATUS = {
    "CallSid": SID, "CallStatus": "completed", "Timestamp": "Thu, 01 Jan 2026 00:00:09 +0000",
    "SequenceNumber": "3", "CallDuration": "8", "Unknown": "field",
}  # fmt: skip
AMD = {"CallSid": SID, "AnsweredBy": "human", "MachineDetectionDuration": "1500"}


def test_a_status_has_its_time_and_place() -> None:
    key, event = event_of("status", STATUS)
    assert key == f"{SID}:status:completed"
    assert event == CarrierStatus("completed", SID, 1767225609.0, 8, 3)


def test_a_verdict_counts_once_a_call() -> None:
    assert event_of("amd", AMD) == (f"{SID}:amd", AmdVerdict("human", 1500))


@pytest.mark.parametrize("timestamp", ["", "yesterday", "Thu, 99 Jan 2026 00:00:09 +0000"])
def test_a_time_that_is_none_is_left_out(timestamp: str) -> None:
    _, event = event_of("status", {**STATUS, "Timestamp": timestamp, "CallDuration": "-1"})
    assert event == CarrierStatus("completed", SID, None, None, 3)


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("status", {}),
        ("status", {**STATUS, "CallSid": "MZ" + "0" * 32}),
        ("status", {**STATUS, "CallStatus": "dancing"}),
        ("amd", {**AMD, "AnsweredBy": "a dog"}),
    ],
)
def test_a_form_that_is_none_is_refused(kind: str, form: dict[str, str]) -> None:
    with pytest.raises(AppError) as refused:
        event_of(kind, form)
    assert refused.value.code == "bad_request"


def test_what_was_recorded_is_the_same_event() -> None:
    for kind, form in (("status", STATUS), ("amd", AMD)):
        key, event = event_of(kind, form)
        assert recorded(Fact(uuid4(), key, kind, form)) == event


CALLER = "+12025550150"


@pytest.mark.parametrize(
    ("sender", "told", "number", "attestation"),
    [
        (CALLER, "TN-Validation-Passed-A", CALLER, "A"),
        (CALLER, "TN-Validation-Passed-A-Diverted", CALLER, "A"),
        (CALLER, "TN-Validation-Passed-A-Passthrough", CALLER, "A"),
        (CALLER, "TN-Validation-Passed-A-Other", CALLER, "none"),
        (CALLER, "TN-Validation-Passed-B", CALLER, "B"),
        (CALLER, "TN-Validation-Passed-C", CALLER, "C"),
        (CALLER, "TN-Validation-Passed-AA", CALLER, "none"),
        (CALLER, "TN-Validation-Passed", CALLER, "none"),
        (CALLER, "No-TN-Validation", CALLER, "none"),
        (CALLER, "", CALLER, "none"),
        (CALLER, "TN-Validation-Failed-A", CALLER, "failed"),
        (CALLER, "TN-Validation-Failed", CALLER, "failed"),
        ("anonymous", "TN-Validation-Passed-A", "", "A"),
        ("+266696687", "", "", "none"),  # ANONYMOUS
        ("+86282452253", "", "", "none"),  # UNAVAILABLE
        ("", "", "", "none"),
        ("sip:someone@example.com", "", "", "none"),
    ],
)
def test_who_calls_and_how_far_their_network_vouches(
    sender: str, told: str, number: str, attestation: Attestation
) -> None:
    form = {"CallSid": SID, "From": sender, "StirVerstat": told}
    assert ring_of(form) == Ring(SID, number, attestation)


def test_nothing_less_than_what_is_wanted_is_believed_and_a_failed_signature_never() -> None:
    believed = {
        least: [one for one in ATTESTATIONS if Ring(SID, CALLER, one).is_vouched_for(least)]
        for least in ATTESTATIONS[1:]
    }
    assert believed == {
        "none": ["none", "C", "B", "A"], "C": ["C", "B", "A"], "B": ["B", "A"], "A": ["A"]
    }  # fmt: skip


def test_a_call_without_a_name_is_refused() -> None:
    with pytest.raises(AppError) as refused:
        ring_of({"From": CALLER})
    assert refused.value.code == "bad_request"
