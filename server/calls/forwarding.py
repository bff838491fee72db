"""What people ask of a live call is done at the node that runs it, wherever they asked.

Who asks was checked there; the node that runs the call trusts the bus, and rows say what is theirs,
as ever. A request that is doubled, or repeated because its answer got lost, is done once.
Knows no verb by name.
"""

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import msgspec

from server.audit import acts
from server.audit.acts import Origin
from server.calls import actions
from server.calls.actions import TERMINAL
from server.calls.deps import CallDeps
from server.core.bus import Answerer, NoBus
from server.core.errors import AppError
from server.core.identity.auth import Identity

ASK = "calls.ask"
ANSWER_SECONDS = 1.0
PATIENCE_SECONDS = 2.5  # while the call moves, or its node does not answer
AGAIN_SECONDS = 0.1
MOST_REMEMBERED = 1000


class Asked(msgspec.Struct, frozen=True):
    """`given` are the arguments; `id` is the same however often it is asked; `origin` is where it
    came in."""

    id: str
    name: str
    call_id: uuid.UUID
    who: Identity
    given: dict[str, Any]
    cause: str | None
    origin: Origin = Origin()


class _Answer(msgspec.Struct, frozen=True):
    """What came of it: `data`, or a refusal's code. `is_here`: the call runs there."""

    is_here: bool = True
    data: Any = None
    code: str = ""
    detail: str = ""
    extra: dict[str, Any] = {}


Do: TypeAlias = Callable[[Asked], Awaitable[Any]]

_decode_asked = msgspec.json.Decoder(Asked).decode
_decode_answer = msgspec.json.Decoder(_Answer).decode


async def at_owner(deps: CallDeps, asked: Asked, do: Do) -> tuple[bool, Any]:
    """Do it here if the call runs here, is over, or nobody else can be asked; otherwise where it
    runs. Returns whether it was elsewhere, where the result is plain data, and the result.

    Raises AppError: unavailable, and whatever `do` raises.
    """
    give_up = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        if deps.live.get(asked.call_id) is not None or isinstance(deps.bus, NoBus):
            return False, await do(asked)
        row = await actions.read(deps, asked.who, asked.call_id)
        if row.status in TERMINAL:
            return False, await do(asked)
        if row.owner_node is not None and row.owner_node != deps.node:
            body = msgspec.json.encode(asked)
            reply = await deps.bus.request(row.owner_node, ASK, body, seconds=ANSWER_SECONDS)
            answer = _Answer(is_here=False) if reply is None else _decode_answer(reply)
            if answer.code:
                raise AppError(answer.code, answer.detail, **answer.extra)
            if answer.is_here:
                return True, answer.data
        if asyncio.get_running_loop().time() > give_up or not deps.bus.is_connected:
            raise AppError("unavailable", "The call cannot be reached just now.", retry_after=1)
        await asyncio.sleep(AGAIN_SECONDS)  # its next owner is a matter of the database


def answerer(deps: CallDeps, do: Do) -> Answerer:
    """How this node answers for the calls that it runs."""
    done: OrderedDict[str, asyncio.Future[bytes]] = OrderedDict()

    async def answer(body: bytes) -> bytes:
        asked = _decode_asked(body)
        known = done.get(asked.id)
        if known is not None:
            return await asyncio.shield(known)
        known = done[asked.id] = asyncio.get_running_loop().create_future()
        if len(done) > MOST_REMEMBERED:
            done.popitem(last=False)
        found = None
        try:
            found = await _answer(deps, asked, do)
            known.set_result(msgspec.json.encode(found))
        finally:
            if found is None or found.code or not found.is_here:
                done.pop(asked.id, None)  # nothing was done, so it may be tried again
                known.cancel()  # without effect on one that has a result
        return known.result()

    return answer


async def _answer(deps: CallDeps, asked: Asked, do: Do) -> _Answer:
    live = deps.live.get(asked.call_id)
    if live is None:
        return _Answer(is_here=False)
    acts.begin(asked.origin)
    try:
        return _Answer(data=await do(asked))
    except AppError as error:
        if error.code == "wrong_state" and (live.runner.is_leaving or live.over.is_set()):
            return _Answer(is_here=False)
        return _Answer(code=error.code, detail=error.detail, extra=error.extra)
