"""`GET /v1/calls/{id}/recording`: the sound of a call as a WAV, for whoever may read its words.

A running call's is as long as it is by now. Browsers seek by `Range`, in one range at a time.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable

from quart import Blueprint, Response, request

from server.accounts import actions as accounts
from server.calls import actions as calls
from server.calls.verbs import ONE
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.times import rfc3339
from server.http import scopes
from server.http.routing import Route, file_type
from server.recordings import sound, wav
from server.recordings.deps import RecordingDeps

PATH = f"{ONE}/recording"
BEGAN = "X-Recording-Began"
WRITTEN_SECONDS = 1.0
SignedIn = Callable[[RecordingDeps], Awaitable[Identity]]
ROUTES = (
    Route("GET", PATH, None, bytes, "The sound of the call, the caller left and the agent right",
          media="audio/wav"),
)  # fmt: skip


def routes(deps: RecordingDeps, signed_in: SignedIn) -> Blueprint:
    """The one address."""
    blueprint = Blueprint("recordings", __name__)

    @blueprint.get(PATH)
    async def recording(call_id: uuid.UUID) -> Response:
        who = await signed_in(deps)
        await accounts.admit(deps, who)
        scopes.require(who, scopes.of_route("GET", PATH))
        await calls.read(deps, who, call_id)
        with contextlib.suppress(TimeoutError):  # of a call that ended here just now
            async with asyncio.timeout(WRITTEN_SECONDS):
                await deps.recordings.written()
        async with deps.pools.as_service() as connection:
            found = await sound.find(connection, call_id)
        if found is None:
            raise AppError("not_found", "There is no recording of this call, or none any more.")
        asked = request.headers.get("Range")
        if request.headers.get("If-Range", found.tag) != found.tag or request.method != "GET":
            asked = None
        part = wav.wanted(asked, found.size)
        first, end = part or (0, found.size)
        reply = Response(sound.part(deps, found, first, end), content_type=file_type("audio/wav"))
        reply.timeout = None
        reply.headers["Accept-Ranges"] = "bytes"
        reply.headers[BEGAN] = rfc3339(found.row.agreed_at) or ""
        reply.headers["ETag"] = found.tag
        reply.headers["Content-Length"] = str(end - first)
        reply.headers["Content-Disposition"] = f'attachment; filename="call-{call_id}.wav"'
        if part is not None:
            reply.status_code = 206
            reply.headers["Content-Range"] = f"bytes {first}-{end - 1}/{found.size}"
        return reply

    return blueprint
