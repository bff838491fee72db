"""`/v1/realtime`, and `/world/realtime`, which shows each session as it is.

A session ends when its time is over, with the service's words for it.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from quart import Blueprint, abort, websocket

from sandbox.core.faults import RealtimeFaults
from sandbox.providers.faults import VendorFaults
from sandbox.providers.realtime.session import Session
from sandbox.providers.sockets import FaultyCloseError, Socket
from sandbox.providers.speech import Speech

_KEPT = 200  # sessions that are shown


def realtime_blueprint(
    speech: Speech, faults: VendorFaults, realtime: Callable[[], RealtimeFaults]
) -> Blueprint:
    """Routes under OpenAI's address; any key will do."""
    blueprint = Blueprint("realtime", __name__)
    sessions: deque[Session] = deque(maxlen=_KEPT)

    @blueprint.websocket("/providers/openai/v1/realtime")
    async def serve() -> None:
        if not websocket.headers.get("Authorization", "").startswith("Bearer "):
            abort(401)
        model = websocket.args.get("model")
        if not model or websocket.headers.get("OpenAI-Beta"):
            abort(400)
        socket = Socket(faults, await faults.at_door())
        with suppress(FaultyCloseError):
            await _served(socket, model, speech, realtime, sessions)

    @blueprint.get("/world/realtime")
    async def world() -> list[dict[str, Any]]:
        return [_shown(session) for session in sessions]

    return blueprint


async def _served(
    socket: Socket,
    model: str,
    speech: Speech,
    realtime: Callable[[], RealtimeFaults],
    sessions: deque[Session],
) -> None:
    """One session, until its client leaves, its time is over, or it breaks as was asked for."""
    sending = asyncio.Lock()

    async def send(event: dict[str, Any]) -> None:
        async with sending:
            await socket.send(event)

    broken: FaultyCloseError | None = None
    try:
        async with asyncio.TaskGroup() as group:
            session = Session(model, speech, send, realtime, group)
            sessions.append(session)
            await session.created()
            try:
                async with asyncio.timeout(session.seconds):
                    async for event in socket.messages():
                        await session.take(event)
            except TimeoutError:
                reason = "Your session hit the maximum duration of 60 minutes."
                await websocket.close(1001, reason)
                raise FaultyCloseError from None
            finally:
                session.is_open = False
    except* FaultyCloseError as failures:
        broken = FaultyCloseError(*failures.args)
    if broken is not None:
        raise broken


def _shown(session: Session) -> dict[str, Any]:
    """What the model has before it; sound by its length and the words that are really in it."""
    return {
        "id": session.id, "is_open": session.is_open, "settings": session.settings,
        "items": [
            {**item.body(), "audio_ms": item.audio_ms if item.sound is not None else None,
             "words": item.words}
            for item in session.conversation.items
        ],
    }  # fmt: skip
