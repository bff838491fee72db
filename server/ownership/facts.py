"""What the carrier reports about a call, as an event, and the name under which it counts once.

Field shapes follow Twilio's "Call resource" and "Answering Machine Detection" pages. What we want
of a call, wherever it runs, goes the same way. Pure.
"""

import datetime as dt
import email.utils
import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias, get_args

import msgspec
from msgspec import Meta

from db.cluster.inbox import Fact
from media.events import (
    AmdVerdict,
    AnsweredBy,
    CarrierState,
    CarrierStatus,
    HangUpAsked,
    NodeStopping,
)
from server.calls.unwritten import wish_key
from server.core.errors import AppError
from server.vendors.twilio.forms import whole

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
Sid: TypeAlias = Annotated[str, Meta(pattern=r"^CA[0-9a-f]{32}$")]


# What we want ourselves: an end with a goodbye, and one without.
WISHES: dict[str, NodeStopping | HangUpAsked] = {
    "goodbye": NodeStopping(),
    "hangup": HangUpAsked("operator"),
}
Told: TypeAlias = CarrierStatus | AmdVerdict | NodeStopping | HangUpAsked


class _Status(msgspec.Struct, frozen=True, rename="pascal"):
    call_sid: Sid
    call_status: CarrierState
    timestamp: str | None = None
    sequence_number: str | None = None
    call_duration: str | None = None


class _Amd(msgspec.Struct, frozen=True, rename="pascal"):
    call_sid: Sid
    answered_by: AnsweredBy
    machine_detection_duration: str | None = None


Attestation: TypeAlias = Literal["failed", "none", "C", "B", "A"]
"""How far a network vouches for a number that calls (ATIS-1000074, "attestation"): A, its customer
may use it; B, it knows the customer; C, it knows from where the call came to it."""
ATTESTATIONS: tuple[Attestation, ...] = get_args(Attestation)  # the weakest first
_PASSED = re.compile(r"TN-Validation-Passed-([ABC])(?:-Diverted|-Passthrough)?")
# What the carrier has for a number that is withheld: ANONYMOUS, BLOCKED, RESTRICTED (one digit is
# written in two ways), UNAVAILABLE and UNKNOWN on a telephone's keys. None of them is a number.
_WITHHELD = frozenset(
    {"+266696687", "+2562533", "+7378742833", "+7378742883", "+86282452253", "+8656696"}
)


class Ring(msgspec.Struct, frozen=True):
    """A call that comes in: the carrier's name for it, the number that calls, "" where it is
    withheld, and how far the caller's network vouches for that."""

    sid: str
    number: str
    attestation: Attestation

    def is_vouched_for(self, least: Attestation) -> bool:
        """Whether at least so far."""
        return ATTESTATIONS.index(self.attestation) >= ATTESTATIONS.index(least)


class _Arrival(msgspec.Struct, frozen=True, rename="pascal"):
    call_sid: Sid
    from_: str = msgspec.field(name="From", default="")
    stir_verstat: str = ""


def ring_of(form: Mapping[str, str]) -> Ring:
    """The call that Twilio's request for instructions is about; how far its number can be trusted
    is in `StirVerstat` ("Trusted Calling with SHAKEN/STIR"). Raises AppError("bad_request")."""
    try:
        arrival = msgspec.convert(form, _Arrival)
    except msgspec.ValidationError as error:
        raise AppError("bad_request", str(error)) from None
    is_number = _NUMBER.fullmatch(arrival.from_) and arrival.from_ not in _WITHHELD
    number = arrival.from_ if is_number else ""
    return Ring(arrival.call_sid, number, attestation_of(arrival.stir_verstat))


def attestation_of(stir_verstat: str) -> Attestation:
    """What `StirVerstat` says: "failed" for a signature that does not hold, "none" where nobody
    signed, it was not looked at, or in words that we do not know."""
    if stir_verstat.startswith("TN-Validation-Failed"):
        return "failed"
    passed = _PASSED.fullmatch(stir_verstat)
    return "none" if passed is None else msgspec.convert(passed[1], Attestation)


def event_of(kind: str, form: Mapping[str, str]) -> tuple[str, Told]:
    """The natural key and the event of a webhook of kind "status" or "amd", or of a wish.

    Raises AppError("bad_request").
    """
    if kind in WISHES:
        return wish_key(form["call_id"], kind), WISHES[kind]
    try:
        if kind == "amd":
            amd = msgspec.convert(form, _Amd)
            took_ms = whole(amd.machine_detection_duration)
            return f"{amd.call_sid}:amd", AmdVerdict(amd.answered_by, took_ms)
        status = msgspec.convert(form, _Status)
    except msgspec.ValidationError as error:
        raise AppError("bad_request", str(error)) from None
    event = CarrierStatus(
        status=status.call_status,
        sid=status.call_sid,
        at=_epoch(status.timestamp),
        duration_seconds=whole(status.call_duration),
        sequence=whole(status.sequence_number),
    )
    return f"{status.call_sid}:status:{status.call_status}", event


def recorded(fact: Fact) -> Told:
    """The event of a webhook or a wish that was recorded, which has passed `event_of` before."""
    return event_of(fact.kind, fact.payload)[1]


def _epoch(text: str | None) -> float | None:
    """Seconds of an RFC 2822 time; None when it is missing or no time."""
    if text is None:
        return None
    try:
        return email.utils.parsedate_to_datetime(text).astimezone(dt.UTC).timestamp()
    except ValueError:
        return None
