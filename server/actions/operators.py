"""What an operator can do in a live call: mute, take over, listen, press keys, transfer, decide.

Only the call's owner may. What can be done is checked here against the call as it stands, so that
a refusal has a reason; what follows is decided by the call itself and comes as events.
"""

import uuid
from typing import Literal

import msgspec

from db import tokens
from db.tokens import AudioRight
from media.events import (
    AiMuted,
    AiUnmuted,
    AmdVerdict,
    DtmfAsked,
    TakeoverAsked,
    TakeoverReleased,
    TransferAsked,
)
from media.phases.conversation import Talking
from media.phases.floor import Away
from media.phases.waiting import Waiting
from media.tones import are_digits
from server.actions import calls
from server.actions.contacts import refuse_opted_out
from server.auth import Identity
from server.deps import Deps
from server.errors import AppError
from server.live import LiveCall
from server.numbers import callable_number

TICKET_SECONDS = 30.0
PATH = "/audio"


class AudioTicket(msgspec.Struct, frozen=True):
    """Lets one socket at `url` in, within 30 seconds."""

    ticket: str
    url: str = PATH


class Standing(msgspec.Struct, frozen=True):
    """How a live call stands towards operators; `floor` is "" outside a conversation."""

    phase: str
    floor: str
    muted: bool
    operator: Literal["", "awaited", "present", "away"]
    transferring: bool
    listeners: int


async def standing(deps: Deps, who: Identity, call_id: uuid.UUID) -> Standing:
    """What may be done with a live call. Raises AppError: not_found, wrong_state."""
    runner = (await calls.running(deps, who, call_id)).runner
    phase = runner.call.phase
    listeners = sum(not tap.talk for tap in runner.taps())
    name = type(phase).__name__.lower()
    if not isinstance(phase, Talking):
        return Standing(name, "", False, "", False, listeners)
    floor = str(type(phase.floor).__struct_config__.tag)
    transferring = phase.transfer_until is not None
    return Standing(name, floor, phase.muted, phase.operator, transferring, listeners)


async def mute(deps: Deps, who: Identity, call_id: uuid.UUID, cause: str | None) -> None:
    """Hush the agent until further notice. Raises AppError: not_found, forbidden, wrong_state."""
    live, phase = await _talking(deps, who, call_id)
    if phase.muted:
        raise AppError("wrong_state", "The agent is muted already.")
    live.runner.post(AiMuted(cause))


async def unmute(deps: Deps, who: Identity, call_id: uuid.UUID, cause: str | None) -> None:
    """Let the agent go on. Raises AppError: not_found, forbidden, wrong_state."""
    live, phase = await _talking(deps, who, call_id)
    if not phase.muted:
        raise AppError("wrong_state", "The agent is not muted.")
    live.runner.post(AiUnmuted(cause))


async def take_over(
    deps: Deps, who: Identity, call_id: uuid.UUID, cause: str | None
) -> AudioTicket:
    """Speak in the agent's place; one whose sound got lost may come back to their takeover.

    Raises AppError: not_found, forbidden, wrong_state.
    """
    _, phase = await _talking(deps, who, call_id)
    again = phase.operator == "away"
    number = phase.takeovers if again else phase.takeovers + 1
    ticket = await _mint(deps, AudioRight(call_id, who.user_id, number))
    live, phase = await _talking(deps, who, call_id)
    if phase.operator == ("away" if again else "") and phase.transfer_until is None:
        if not again:
            live.runner.post(TakeoverAsked(cause))
        return ticket
    raise AppError("wrong_state", "Somebody has taken this call over already.")


async def release(deps: Deps, who: Identity, call_id: uuid.UUID, cause: str | None) -> None:
    """Give the call back to the agent. Raises AppError: not_found, forbidden, wrong_state."""
    live, phase = await _talking(deps, who, call_id)
    if not phase.operator:
        raise AppError("wrong_state", "Nobody has taken this call over.")
    live.runner.post(TakeoverReleased(cause))


async def dtmf(
    deps: Deps, who: Identity, call_id: uuid.UUID, digits: str, cause: str | None
) -> None:
    """Press keys. Raises AppError: bad_request, not_found, forbidden, wrong_state."""
    if not are_digits(digits):
        raise AppError("bad_request", "`digits` needs 1 to 32 of 0-9 * # A-D, and w for a pause.")
    live, phase = await _talking(deps, who, call_id)
    _need_sound(live, phase)
    live.runner.post(DtmfAsked(digits, cause))


async def transfer(
    deps: Deps, who: Identity, call_id: uuid.UUID, to: str, cause: str | None
) -> None:
    """Connect the caller to a number without us. What became of it comes as an event.

    Raises AppError: invalid_number, country_not_allowed, opted_out, not_found, forbidden,
    wrong_state.
    """
    number = callable_number(to, deps.config.calls.allowed_countries)
    await _talking(deps, who, call_id)
    async with deps.pools.as_service() as connection:
        await refuse_opted_out(connection, [number])
    live, phase = await _talking(deps, who, call_id)
    _need_sound(live, phase)
    live.runner.post(TransferAsked(number, cause))


async def verdict(
    deps: Deps, who: Identity, call_id: uuid.UUID, answered_by: Literal["human", "machine"]
) -> None:
    """Say who picked up, in the waiting room. Raises AppError: not_found, forbidden, wrong_state.

    A machine is taken to be at its greeting, which is heard out.
    """
    call = (live := await _own(deps, who, call_id)).runner.call
    if not isinstance(call.phase, Waiting) or call.about.answered_by is not None:
        raise AppError("wrong_state", "Only a call that waits for a verdict can be given one.")
    kind: Literal["human", "machine_start"] = "human" if answered_by == "human" else "machine_start"
    live.runner.post(AmdVerdict(kind, by="operator"))


async def listen(deps: Deps, who: Identity, call_id: uuid.UUID) -> AudioTicket:
    """Hear the call. Raises AppError: not_found, forbidden, wrong_state."""
    await _own(deps, who, call_id)
    return await _mint(deps, AudioRight(call_id, who.user_id, None))


async def unlisten(deps: Deps, who: Identity, call_id: uuid.UUID) -> None:
    """End all listening to the call. Raises AppError: not_found, forbidden, wrong_state."""
    live = await _own(deps, who, call_id)
    for tap in live.runner.taps():
        if not tap.talk:
            live.runner.unlisten(tap)
            tap.end("released")


async def redeem(deps: Deps, ticket: str) -> AudioRight:
    """What a ticket allows, once. Raises AppError("unauthenticated")."""
    async with deps.pools.as_service() as connection:
        right = await tokens.burn_audio_ticket(connection, ticket)
    if right is None:
        raise AppError("unauthenticated", "The ticket is unknown, used or too old.")
    return right


async def _mint(deps: Deps, right: AudioRight) -> AudioTicket:
    async with deps.pools.as_service() as connection:
        text = await tokens.mint_audio_ticket(connection, right, lifetime_seconds=TICKET_SECONDS)
    return AudioTicket(text)


async def _own(deps: Deps, who: Identity, call_id: uuid.UUID) -> LiveCall:
    live = await calls.running(deps, who, call_id)
    if live.user_id != who.user_id:
        raise AppError("forbidden", "Only the call's owner takes part in it.")
    return live


async def _talking(deps: Deps, who: Identity, call_id: uuid.UUID) -> tuple[LiveCall, Talking]:
    live = await _own(deps, who, call_id)
    phase = live.runner.call.phase
    if not isinstance(phase, Talking):
        raise AppError("wrong_state", "That can be done only while the call is talking.")
    return live, phase


def _need_sound(live: LiveCall, phase: Talking) -> None:
    if not live.runner.call.about.streaming or isinstance(phase.floor, Away):
        raise AppError("wrong_state", "The line is gone for a moment.")
    if phase.transfer_until is not None:
        raise AppError("wrong_state", "The call is being transferred.")
