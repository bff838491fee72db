"""REST for operators in a live call: parse, act, reply. What follows comes as events."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from server.calls.deps import CallDeps
from server.calls.routes import Done
from server.core.auth import Identity
from server.http.routing import Nothing, Route
from server.operators import actions
from server.operators.actions import AudioTicket, Standing


class Dtmf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Keys to press: 0-9 * # A-D, and w for half a second's pause."""

    digits: Annotated[str, Meta(min_length=1, max_length=32)]


class Transfer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to connect the caller to."""

    to: Annotated[str, Meta(min_length=1, max_length=40)]


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who picked up."""

    answered_by: Literal["human", "machine"]


async def _standing(deps: CallDeps, who: Identity, call_id: uuid.UUID) -> Standing:
    return await actions.standing(deps, who, call_id)


def _doing(
    act: Callable[[CallDeps, Identity, uuid.UUID, str | None], Awaitable[None]],
) -> Callable[..., Awaitable[Done]]:
    async def handle(deps: CallDeps, who: Identity, call_id: uuid.UUID, body: Nothing) -> Done:  # noqa: ARG001
        await act(deps, who, call_id, None)
        return Done()

    return handle


async def _take_over(
    deps: CallDeps,
    who: Identity,
    call_id: uuid.UUID,
    body: Nothing,  # noqa: ARG001
) -> AudioTicket:
    return await actions.take_over(deps, who, call_id, None)


async def _listen(deps: CallDeps, who: Identity, call_id: uuid.UUID, body: Nothing) -> AudioTicket:  # noqa: ARG001
    return await actions.listen(deps, who, call_id)


async def _unlisten(deps: CallDeps, who: Identity, call_id: uuid.UUID, body: Nothing) -> Done:  # noqa: ARG001
    await actions.unlisten(deps, who, call_id)
    return Done()


async def _dtmf(deps: CallDeps, who: Identity, call_id: uuid.UUID, body: Dtmf) -> Done:
    await actions.dtmf(deps, who, call_id, body.digits, None)
    return Done()


async def _transfer(deps: CallDeps, who: Identity, call_id: uuid.UUID, body: Transfer) -> Done:
    await actions.transfer(deps, who, call_id, body.to, None)
    return Done()


async def _verdict(deps: CallDeps, who: Identity, call_id: uuid.UUID, body: Verdict) -> Done:
    await actions.verdict(deps, who, call_id, body.answered_by)
    return Done()


_ONE = "/v1/calls/<uuid:call_id>"

ROUTES = (
    Route("GET", f"{_ONE}/operators", _standing, Standing, "How it stands towards operators"),
    Route("POST", f"{_ONE}/mute", _doing(actions.mute), Done, "Hush the agent", Nothing),
    Route("POST", f"{_ONE}/unmute", _doing(actions.unmute), Done, "Let it go on", Nothing),
    Route("POST", f"{_ONE}/takeover", _take_over, AudioTicket,
          "Speak in the agent's place: a ticket for /audio", Nothing),
    Route("POST", f"{_ONE}/release", _doing(actions.release), Done,
          "Give the call back to the agent", Nothing),
    Route("POST", f"{_ONE}/listen", _listen, AudioTicket,
          "Hear the call: a ticket for /audio", Nothing),
    Route("POST", f"{_ONE}/unlisten", _unlisten, Done, "End all listening", Nothing),
    Route("POST", f"{_ONE}/dtmf", _dtmf, Done, "Press keys", Dtmf),
    Route("POST", f"{_ONE}/transfer", _transfer, Done,
          "Connect the caller to a number instead", Transfer),
    Route("POST", f"{_ONE}/verdict", _verdict, Done,
          "Say who picked up, in the waiting room", Verdict),
)  # fmt: skip
