"""The live channel where no websocket gets through: events as SSE, commands by POST, same shapes.

`curl` speaks it too. Who asks is found out by the function it is given; what they may see, and what
is sent, is decided where the socket has it decided.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal

import msgspec
from quart import Blueprint, Response, request

from db.core.failures import DATABASE_ERRORS
from server.accounts import actions as accounts
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.validation import JSON_FAULTS
from server.dashboard import commands, subscriptions
from server.dashboard.deps import DashboardDeps
from server.dashboard.feed import Feed, TooManyError
from server.http.failures import failure
from server.http.routing import Route, read_query
from server.live.listener import Frame, Start
from server.live.messages import Ack, Command, Cursor, Sub, Subscribed, Topic


class EventsQuery(msgspec.Struct, frozen=True):
    """The topic to follow, from where the header Last-Event-ID says."""

    topic: Topic = "me"
    view: Literal["list", "full"] = "full"


ROUTES = (
    Route("GET", "/v1/events", None, str, "What happens, as it happens", query=EventsQuery,
          media="text/event-stream"),
    Route("POST", "/v1/commands", None, Ack, "A command of the live channel", Command),
)  # fmt: skip
SignedIn = Callable[[DashboardDeps], Awaitable[Identity]]
_MOST_DIGITS = 19  # of a place in a stream, which is a bigint
_BEAT = "beat"  # the key of an empty frame: still here


def routes(deps: DashboardDeps, signed_in: SignedIn) -> Blueprint:
    """`GET /v1/events` and `POST /v1/commands`."""
    blueprint = Blueprint("fallback", __name__)

    @blueprint.get("/v1/events")
    async def events() -> Response:
        if deps.live.draining:
            raise AppError("draining")
        who = await signed_in(deps)
        await accounts.admit(deps, who)
        feed, sub = Feed(deps, who, batch=False), _sub()
        if request.method == "HEAD":  # what is sent to nobody would never end
            return Response(content_type="text/event-stream")
        try:
            feed.open()
        except TooManyError:
            raise AppError("rate_limited", "Close another dashboard first.") from None
        try:
            await feed.add(sub)
            begun = await feed.begin(Start(sub.topic, sub.cursor))
        except BaseException:  # whatever it is, nobody follows
            feed.close()
            raise
        reply = Response(_stream(deps, feed, sub, begun), content_type="text/event-stream")
        reply.timeout = None
        reply.headers["X-Accel-Buffering"] = "no"
        return reply

    @blueprint.post("/v1/commands")
    async def command() -> Response:
        who = await signed_in(deps)
        await accounts.admit(deps, who)
        try:
            asked = msgspec.json.decode(await request.get_data(), type=Command)
        except JSON_FAULTS as error:
            raise AppError("bad_request", f"The body: {error}.") from None
        if asked.name in subscriptions.COMMANDS:
            raise AppError("unknown_command", f"{asked.name} needs a websocket.")
        ack = await commands.run(deps, who, asked)
        return Response(msgspec.json.encode(ack), content_type="application/json")

    return blueprint


def _sub() -> Sub:
    """The topic asked for, from the last event the client has seen."""
    query = read_query(EventsQuery)
    epoch, _, seq = request.headers.get("Last-Event-ID", "").rpartition(":")
    is_place = seq.isascii() and seq.isdigit() and len(seq) < _MOST_DIGITS
    return Sub(query.topic, Cursor(epoch, int(seq)) if is_place else None, query.view)


async def _stream(
    deps: DashboardDeps, feed: Feed, sub: Sub, begun: tuple[Subscribed, list[Frame]] | None
) -> AsyncIterator[bytes]:
    loop, limits = asyncio.get_running_loop(), deps.config.limits

    def beat() -> None:
        if not feed.listener.closed:
            feed.listener.offer(Frame("", key=_BEAT))
            loop.call_later(limits.live_comment_seconds, beat)

    loop.call_later(limits.live_comment_seconds, beat)
    ending = loop.call_later(max(0.0, feed.who.expires_at - deps.clock()), feed.listener.close)
    try:
        for frame in begun[1] if begun is not None else []:
            yield _message(feed, sub, frame)
        feed.release(sub.topic)
        async for frames in feed.frames():
            for frame in frames:
                yield _message(feed, sub, frame)
                if frame.at:
                    deps.meters.sent(deps.clock() - frame.at)
    except DATABASE_ERRORS as error:  # the client comes back by itself
        failure(error, route="GET /v1/events")
    finally:
        ending.cancel()
        feed.close()


def _message(feed: Feed, sub: Sub, frame: Frame) -> bytes:
    if not frame.text:
        return b": still here\n\n"
    place = feed.listener.topics[sub.topic]
    mark = "" if frame.seq is None else f"id: {place.epoch}:{frame.seq}\n"
    return f"{mark}data: {frame.text}\n\n".encode()
