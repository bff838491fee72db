"""A node that has something to tell at any rate one wishes: what `fanout` measures.

It is the product's own node, with one address more: `POST /bench/flow` makes events of one user,
either committed in groups as live calls do it, or straight into the hub as fast as they go out.
"""

import asyncio
import sys
import uuid

import msgspec
from quart import Quart, Response, request

from db.cluster import event_streams
from db.cluster.event_streams import NewEvent
from server.app import create_app
from server.calls.recorder import GROUP_SECONDS
from server.core.times import rfc3339, utc
from server.deps import Deps
from server.live.messages import Event
from tests.bench.serving import serve

DATA = {"speaker": "caller", "text": "x" * 60, "heard": "x" * 60}


class Flow(msgspec.Struct, frozen=True):
    """What is wished for; no rate: as fast as it goes, without rows."""

    user_id: uuid.UUID
    seconds: float
    per_second: float = 0.0


async def _committed(deps: Deps, flow: Flow) -> int:
    """Groups of events at the rate, each committed and then told."""
    begun, made, subject = deps.clock(), 0, f"call:{uuid.uuid4()}"
    while (now := deps.clock()) < begun + flow.seconds:
        due = int((now - begun) * flow.per_second) - made
        if due > 0:
            news = [
                NewEvent(flow.user_id, "transcript.final", utc(now), subject, n, DATA)
                for n in range(due)
            ]
            async with deps.pools.as_service() as connection:
                rows = await event_streams.append(connection, news)
            deps.hub.publish_committed(rows)
            made += due
        await asyncio.sleep(GROUP_SECONDS)  # the recorder's own window
    return made


async def _flooded(deps: Deps, flow: Flow) -> int:
    """Events as fast as every queue is emptied."""
    begun, made, subject = deps.clock(), 0, f"call:{uuid.uuid4()}"
    while (now := deps.clock()) < begun + flow.seconds:
        for _ in range(20):
            made += 1
            event = Event(
                topic="me", id=uuid.uuid4(), type="transcript.final", v=1,
                ts=rfc3339(utc(now)) or "", user_id=flow.user_id, subject=subject, data=DATA,
                seq=made, epoch="bench",
            )  # fmt: skip
            deps.hub.publish(event)
        while any(listener.bytes for listener in deps.hub.listeners()):  # noqa: ASYNC110 - no event
            await asyncio.sleep(0)
    return made


def _add(app: Quart, deps: Deps) -> None:
    @app.post("/bench/flow")
    async def flow() -> Response:
        wished = msgspec.json.decode(await request.get_data(), type=Flow)
        if wished.per_second:
            made = await _committed(deps, wished)
        else:
            deps.hub.began(wished.user_id, "bench", 0)
            made = await _flooded(deps, wished)
        return Response(msgspec.json.encode({"made": made}), content_type="application/json")


def flowing(deps: Deps) -> tuple[Deps, Quart]:
    """The node with its further address."""
    app = create_app(deps)
    _add(app, deps)
    return deps, app


if __name__ == "__main__":
    sys.exit(serve(flowing))
