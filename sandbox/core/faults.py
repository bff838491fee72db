"""Faults that can be switched on, and the seeded random numbers that decide when they apply.

Pure values: who asks acts on the answer. The same seed, faults and order of calls give the same
faults again.
"""

import random
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sandbox.core.channel.settings import LineSettings

Probability = Annotated[float, Meta(ge=0, le=1)]
Milliseconds = Annotated[int, Meta(ge=0, le=60_000)]


class VendorFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of a speech or language service: `refuse` with an HTTP status, `hang`, `close` or send
    `garbage` after so many messages (or pieces) of an answer, or only be late.

    Each connection or request is one of `times`; without a number it is all of them.
    """

    kind: Literal["refuse", "hang", "close", "garbage", "late"]
    status: Annotated[int, Meta(ge=400, le=599)] = 429
    after_messages: Annotated[int, Meta(ge=0)] = 0
    delay_ms: Milliseconds = 0
    times: Annotated[int, Meta(ge=1)] | None = None


class RealtimeFaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of sessions of a model that hears and speaks: how long they last, how long after a turn the
    first sound comes, how many times faster than it is played the rest; `is_limited` has responses
    fail by the rate limit."""

    session_seconds: Annotated[int, Meta(ge=1, le=3600)] = 3600
    first_ms: Milliseconds = 250
    speed: Annotated[float, Meta(ge=0.1, le=100)] = 4.0
    is_limited: bool = False


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All off by default.

    `create_call` applies `create_call_times` times, then switches itself off. After
    "500_after_commit" and "timeout_after_commit" the call is really made; only the reply is lost
    ("timeout" holds it back for `create_call_hold_ms`). `create_message` is the same for texts, and
    `mail_send` for mails. `reorder_callbacks` holds a callback back long enough for later ones to
    overtake it. A media stream's socket can break, each way once a call and counted from its
    beginning, or with `from_first_sound` from that of the product: `reset_stream_after_ms` breaks
    it off, `close_stream_after_ms` closes it politely but without `stop` (after both the call goes
    on as when the product had closed it), and from
    `silence_stream_after_ms` on the carrier sends nothing on it and leaves it open. The events are
    those of the payment service and of the mail service. `providers` are faults of speech and
    language services by name, and `realtime` more of the one of that name. `line` is everybody's
    telephone line in place of their own.
    """

    seed: int = 1
    duplicate_callbacks: Probability = 0.0
    reorder_callbacks: Probability = 0.0
    callback_delay_ms: tuple[Milliseconds, Milliseconds] = (0, 0)
    drop_amd: bool = False
    amd_before_stream: bool = False
    drop_stop: bool = False
    skip_ringing: bool = False
    reset_stream_after_ms: Milliseconds | None = None
    close_stream_after_ms: Milliseconds | None = None
    silence_stream_after_ms: Milliseconds | None = None
    from_first_sound: bool = False
    line: LineSettings | None = None
    providers: dict[str, VendorFault] = {}
    realtime: RealtimeFaults = RealtimeFaults()
    create_call: Literal["", "429", "500_after_commit", "timeout_after_commit"] = ""
    create_call_times: Annotated[int, Meta(ge=1)] = 1
    create_call_hold_ms: Milliseconds = 30_000
    create_message: Literal["", "429", "500_after_commit", "timeout_after_commit"] = ""
    create_message_times: Annotated[int, Meta(ge=1)] = 1
    create_message_hold_ms: Milliseconds = 30_000
    drop_sms_callbacks: Probability = 0.0
    duplicate_events: Probability = 0.0
    reorder_events: Probability = 0.0
    event_delay_ms: tuple[Milliseconds, Milliseconds] = (0, 0)
    drop_events: Probability = 0.0
    decline_charges: bool = False
    stripe_request: Literal[
        "", "402", "409", "429", "500", "500_after_commit", "timeout_after_commit"
    ] = ""
    stripe_request_times: Annotated[int, Meta(ge=1)] = 1
    stripe_request_path: str = ""
    stripe_request_hold_ms: Milliseconds = 30_000
    mail_send: Literal["", "429", "500", "500_after_commit", "timeout_after_commit"] = ""
    mail_send_times: Annotated[int, Meta(ge=1)] = 1
    mail_send_hold_ms: Milliseconds = 30_000

    def __post_init__(self) -> None:
        for name in ("callback_delay_ms", "event_delay_ms"):
            least, most = getattr(self, name)
            if least > most:
                raise ValueError(f"{name} must be [least, most]")


Kind = Literal["call", "message"]


class CreateFault(msgspec.Struct, frozen=True):
    """A fault of requests to make something; a `name` of "" is none."""

    name: str = ""
    times: int = 1
    hold_ms: int = 0


def create_fault(faults: Faults, kind: Kind) -> CreateFault:
    """The fault of requests for a call or a message."""
    if kind == "call":
        return CreateFault(faults.create_call, faults.create_call_times, faults.create_call_hold_ms)
    return CreateFault(
        faults.create_message, faults.create_message_times, faults.create_message_hold_ms
    )


def call_rng(faults: Faults, call_number: int) -> random.Random:
    """The random numbers of the n-th call under these faults."""
    return random.Random(f"{faults.seed}/{call_number}")  # noqa: S311 # repeatable, not secret


def message_rng(faults: Faults, message_number: int) -> random.Random:
    """The random numbers of the n-th message under these faults."""
    return random.Random(f"{faults.seed}/message/{message_number}")  # noqa: S311 # the same


def delivery_delays_ms(faults: Faults, rng: random.Random) -> list[float]:
    """How long to hold back each copy of one callback; usually a single 0."""
    return _delays_ms(
        rng, faults.callback_delay_ms, faults.reorder_callbacks, faults.duplicate_callbacks
    )


def event_delays_ms(faults: Faults, rng: random.Random) -> list[float]:
    """The same for one event of the payment or the mail service; empty when it is lost."""
    if rng.random() < faults.drop_events:
        return []
    return _delays_ms(rng, faults.event_delay_ms, faults.reorder_events, faults.duplicate_events)


def _delays_ms(
    rng: random.Random, delay_ms: tuple[int, int], reorder: float, duplicate: float
) -> list[float]:
    delay = rng.uniform(*delay_ms)
    if rng.random() < reorder:
        delay += rng.uniform(300, 800)
    copies = [delay]
    if rng.random() < duplicate:
        copies.append(delay + rng.uniform(1, 200))
    return copies
