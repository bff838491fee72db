"""What a call did as spans of one trace, whose id is the call's own, so that every node adds to it.

Made of what is committed anyway, and of requests about the call; no frame passes by here. Nothing
that was said, dialled or written is in a span. Pure; knows no tracing library.
"""

import hashlib
import itertools
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

import msgspec

from db.cluster.event_streams import EventRow
from media.published import AmdResult, EngineFailed, TransferFailed, TurnMetrics
from server.calls.wire import CallData, CallOut

OVER = frozenset({"call.ended", "call.lost"})
_TURN_PARTS = ("endpointing", "recognising", "thinking", "speaking")
_STRETCHES = (
    ("dialling", "initiated_time", "ringing_time"),
    ("ringing", "ringing_time", "answered_time"),
    ("answered", "answered_time", "ended_time"),
)

Value: TypeAlias = str | int | float | bool
NOTHING: Mapping[str, Value] = {}


class Span(msgspec.Struct, frozen=True):
    """A stretch of time of a call, epoch seconds; `parent` is None for the call itself."""

    name: str
    trace: int  # 128 bits
    id: int  # 64 bits, the same for the same thing whoever tells it
    parent: int | None
    began_at: float
    ended_at: float
    attributes: Mapping[str, Value] = {}
    failed: str = ""


def is_sampled(call_id: uuid.UUID, share: float) -> bool:
    """Whether the call is among this share of all, at every node alike."""
    return int.from_bytes(hashlib.sha256(call_id.bytes).digest()[:4], "big") < share * 2**32


def of_event(row: EventRow, call_id: uuid.UUID, now: float) -> list[Span]:
    """What an event tells, committed at `now`: itself with the time until it was committed, and
    what is known by it to have ended."""
    at, of = row.ts.timestamp(), _Spans(call_id, str(row.id))
    found = [of.span(f"commit {row.type}", at, now, {"talking.rev": row.rev})]
    match row.data:
        case CallData(call=call) if row.type in OVER:
            found += of.call(call, at)
        case AmdResult(took_ms=int(took_ms)) as verdict:
            heard = str(verdict.verdict or verdict.answered_by)
            told = {"talking.verdict": heard, "talking.by": str(verdict.by or "nobody")}
            found.append(of.span("who picked up", at - took_ms / 1000, at, told))
        case TurnMetrics() as turn:
            found += of.turn(turn, at)
        case EngineFailed(engine=engine):
            told = {"talking.engine": engine}
            found.append(of.span("engine failed", at, at, told, failed=engine))
        case TransferFailed(code=code):
            told = {"talking.code": str(code)}
            found.append(of.span("transfer failed", at, at, told, failed=str(code)))
        case _:
            pass
    return found


def of_request(
    call_id: uuid.UUID, method: str, route: str, status: int, began_at: float, ended_at: float,
    request_id: str,
) -> Span:  # fmt: skip
    """A request about the call: a carrier's webhook, or somebody's over REST."""
    told: dict[str, Value] = {
        "http.request.method": method, "http.route": route, "http.response.status_code": status,
        "talking.request_id": request_id,
    }  # fmt: skip
    failed = str(status) if status >= 500 else ""
    of = _Spans(call_id, f"{request_id} {began_at}")
    return of.span(f"{method} {route}", began_at, ended_at, told, failed=failed)


class _Spans:
    """Those that one thing makes, each with an id of its own."""

    def __init__(self, call_id: uuid.UUID, source: str) -> None:
        self._trace = call_id.int
        self._call = call_id
        self._source = source

    def span(
        self, name: str, began_at: float, ended_at: float, told: Mapping[str, Value] = NOTHING, *,
        parent: int | None = None, failed: str = "",
    ) -> Span:  # fmt: skip
        inside = _call_span(self._call) if parent is None else parent
        attributes = {"talking.call_id": str(self._call), **told}
        own = _id(f"{self._source} {name}")
        return Span(name, self._trace, own, inside, began_at, ended_at, attributes, failed)

    def call(self, call: CallOut, at: float) -> Iterator[Span]:
        """The whole call, and its stretches as far as it came."""
        told: dict[str, Value] = {"talking.call_id": str(call.id), "talking.status": call.status}
        for name in ("end_reason", "answered_by", "twilio_call_sid", "duration_seconds"):
            if (value := getattr(call, name)) is not None:
                told[f"talking.{name}"] = value
        began_at = _time(call.initiated_time or call.created_at) or at
        failed = "lost" if call.status == "lost" else ""
        own = _call_span(call.id)
        yield Span("call", self._trace, own, None, began_at, at, told, failed)
        for name, since, until in _STRETCHES:
            start, end = _time(getattr(call, since)), _time(getattr(call, until))
            if start is not None:
                yield self.span(name, start, at if end is None else end)
                if end is None:
                    return

    def turn(self, turn: TurnMetrics, at: float) -> Iterator[Span]:
        """One answer, from the caller's last sound to our first, and where its time went."""
        began_at = at - turn.total_ms / 1000
        whole = self.span(f"turn {turn.turn}", began_at, at, {"talking.turn": turn.turn})
        yield whole
        lengths = [getattr(turn, f"{part}_ms") / 1000 for part in _TURN_PARTS]
        times = itertools.accumulate(lengths, initial=began_at)
        for part, (start, end) in zip(_TURN_PARTS, itertools.pairwise(times), strict=True):
            yield self.span(part, start, end, parent=whole.id)


def _call_span(call_id: uuid.UUID) -> int:
    return _id(call_id.hex)


def _id(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") or 1


def _time(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).timestamp()
