"""What an operator can do in a live call: mute, take over, listen, keys, transfer, record, decide.

Only the call's owner and operators may. Whether it can be done, and what follows, the call itself
decides; its refusals get their words here, and what follows comes as events.
"""

import uuid
from typing import Literal

import msgspec

from db.accounts import tokens
from db.accounts.tokens import AudioRight
from media.audio.tones import are_digits
from media.call import Refusal
from media.events import (
    AiMuted,
    AiUnmuted,
    AmdVerdict,
    DtmfAsked,
    Event,
    RecordPauseAsked,
    RecordStartAsked,
    RecordStopAsked,
    TakeoverAsked,
    TakeoverReleased,
    TransferAsked,
)
from media.phases.talking.state import Talking
from server.accounts.actions import name_of
from server.audit.acts import CallVerb, by
from server.audit.notes import note, only_operators
from server.calls import actions as calls
from server.calls.carrier import EXTENSION
from server.calls.deps import CallDeps
from server.calls.registry import LiveCall
from server.calls.writing import use_of
from server.consent import reach
from server.consent.hours import refuse_quiet
from server.core.errors import AppError
from server.core.events import of_call
from server.core.identity.auth import Identity
from server.core.phone_numbers import callable_number, without_extension
from server.core.times import utc
from server.usage import actions as usage
from server.usage import transfers

REFUSED: dict[Refusal, str] = {
    "not_waiting": "Only a call that waits for a verdict can be given one.",
    "not_talking": "That can be done only while the call is talking.",
    "muted": "The agent is muted already.",
    "not_muted": "The agent is not muted.",
    "taken_over": "Somebody has taken this call over already.",
    "not_taken_over": "Nobody has taken this call over.",
    "no_sound": "The line is gone for a moment.",
    "transferring": "The call is being transferred.",
    "recording": "It is being recorded, or they are just being asked.",
    "not_recording": "It is not being recorded.",
    "recording_declined": "Whoever was called said no to it.",
    "held": "Somebody else has taken this call over.",
    "disclosing": "The caller is just being told that a machine speaks: try again in a moment.",
}
TICKET_SECONDS = 30.0
PATH = "/audio"


class AudioTicket(msgspec.Struct, frozen=True):
    """Lets one socket at `url` in, within 30 seconds."""

    ticket: str
    url: str = PATH


class Standing(msgspec.Struct, frozen=True):
    """How a live call stands towards operators; `floor` is "" outside a conversation. `held_by` is
    who took it over, and alone acts on it; `held_by_name` is their name or address, which
    administrators are told and nobody else."""

    phase: str
    floor: str
    muted: bool
    operator: Literal["", "awaited", "present", "away"]
    transferring: bool
    listeners: int
    held_by: uuid.UUID | None = None
    held_by_name: str | None = None


async def standing(deps: CallDeps, who: Identity, call_id: uuid.UUID) -> Standing:
    """What may be done with a live call. Raises AppError: not_found, wrong_state."""
    live = await calls.running(deps, who, call_id)
    runner = live.runner
    phase = runner.call.phase
    listeners = sum(not listener.talk for listener in runner.operators.listeners())
    name = type(phase).__name__.lower()
    if not isinstance(phase, Talking):
        return Standing(name, "", False, "", False, listeners)
    floor = str(type(phase.turn_state).__struct_config__.tag)
    transferring = phase.transfer_until is not None
    holder = calls.holder(live)
    shown = await name_of(deps, holder) if who.admin and holder is not None else None
    return Standing(
        name, floor, phase.muted, phase.operator_status, transferring, listeners, holder, shown
    )


async def mute(deps: CallDeps, who: Identity, call_id: uuid.UUID, cause: str | None) -> None:
    """Mute the agent until further notice. Raises AppError: not_found, forbidden, wrong_state."""
    await _ask(deps, who, call_id, "call.ai_mute", AiMuted(cause))


async def unmute(deps: CallDeps, who: Identity, call_id: uuid.UUID, cause: str | None) -> None:
    """Let the agent go on. Raises AppError: not_found, forbidden, wrong_state."""
    await _ask(deps, who, call_id, "call.ai_unmute", AiUnmuted(cause))


async def take_over(
    deps: CallDeps, who: Identity, call_id: uuid.UUID, cause: str | None
) -> AudioTicket:
    """Speak in the agent's place; one whose sound got lost may come back to their takeover.

    Raises AppError: not_found, forbidden, wrong_state.
    """
    live = await calls.actable(deps, who, call_id, "call.takeover")
    wanted = calls.signed(TakeoverAsked(cause, exclusive=True), who, live)
    back = _takeover_without_sound(live, wanted)
    if back is None:
        calls.check(live, live.runner.refuses(wanted), REFUSED)
    await calls.noted(deps, who, live, "call.takeover")
    phase = live.runner.call.phase
    number = back or (phase.takeovers if isinstance(phase, Talking) else 0) + 1
    ticket = await _mint(deps, who, call_id, number)
    calls.refuse_gone(deps, live)
    if back is None:
        _request(live, wanted)
    elif _takeover_without_sound(live, wanted) != back:
        calls.check(live, "taken_over", REFUSED)
    return ticket


async def release(
    deps: CallDeps, who: Identity, call_id: uuid.UUID, of: uuid.UUID | None, cause: str | None
) -> None:
    """Give the call back to the agent: what one took over, or `of` whom an operator names.

    Raises AppError: not_found, forbidden, wrong_state, held_by_another.
    """
    if of is None or of == who.user_id:
        await _ask(deps, who, call_id, "call.release", TakeoverReleased(cause))
        return
    await only_operators(deps, who, f"call:{call_id}")
    live = await calls.actable(deps, who, call_id, "call.release")
    named = "" if of == live.user_id else str(of)
    event = TakeoverReleased(cause, of=named)
    await _ask_live(deps, who, live, "call.release", event, {"of": str(of)})


async def dtmf(
    deps: CallDeps, who: Identity, call_id: uuid.UUID, digits: str, cause: str | None
) -> None:
    """Press keys. Raises AppError: bad_request, not_found, forbidden, wrong_state."""
    if not are_digits(digits):
        raise AppError("bad_request", "`digits` needs 1 to 32 of 0-9 * # A-D, and w for a pause.")
    await _ask(deps, who, call_id, "call.dtmf", DtmfAsked(digits, cause))


async def transfer(
    deps: CallDeps, who: Identity, call_id: uuid.UUID, to: str, cause: str | None
) -> None:
    """Connect the caller to a number without us. What became of it comes as an event.

    It counts as a call of the plan, unless it is refused. Raises AppError: invalid_number,
    country_not_allowed, opted_out, own_only, consent_required, quiet_hours, too_many_calls,
    plan_limit, not_found, forbidden, wrong_state.
    """
    typed, keys = without_extension(to)
    number = callable_number(
        typed, deps.config.calls.allowed_countries, deps.config.calls.denied_prefixes
    )
    name = uuid.uuid4().hex
    live = await calls.actable(deps, who, call_id, "call.transfer")
    dialled = f"{number}{EXTENSION}{keys}" if keys else number
    wanted = calls.signed(TransferAsked(dialled, cause, use=name), who, live)
    about, use = of_call(live.user_id, call_id, cause=cause), use_of(call_id, name)
    async with reach.turn(deps.locks, live.user_id, number):
        calls.check(live, live.runner.refuses(wanted), REFUSED)
        async with deps.transaction() as tx:  # another call by all that limits calls
            if not await reach.may_reach(tx, deps.config, live.user_id, "calls", number):
                await refuse_quiet(tx.connection, deps.config, number, tx.now)
            await reach.count_call(tx.connection, deps.config, live.user_id, number, use)
            await transfers.reserve(tx, deps.config, live.user_id, call_id, use, cause)
            note(tx, "call.transfer", by=by(who), user_id=live.user_id, subject=about.name)
        try:
            calls.refuse_gone(deps, live)
            _request(live, wanted)
        except AppError:  # what goes on from here is settled with the call's journal
            async with deps.transaction() as tx:
                await usage.settle(tx, "calls", use, about, is_used=False)
            raise


async def start_recording(
    deps: CallDeps, who: Identity, call_id: uuid.UUID, cause: str | None
) -> None:
    """Have it recorded, once they agreed. Raises AppError: not_found, forbidden, wrong_state."""
    await _ask(deps, who, call_id, "call.recording_start", RecordStartAsked(cause))


async def pause_recording(
    deps: CallDeps, who: Identity, call_id: uuid.UUID, cause: str | None
) -> None:
    """Record nothing for now. Raises AppError: not_found, forbidden, wrong_state."""
    await _ask(deps, who, call_id, "call.recording_pause", RecordPauseAsked(cause))


async def stop_recording(
    deps: CallDeps, who: Identity, call_id: uuid.UUID, cause: str | None
) -> None:
    """Record no more. Raises AppError: not_found, forbidden, wrong_state."""
    await _ask(deps, who, call_id, "call.recording_stop", RecordStopAsked(cause))


async def verdict(
    deps: CallDeps, who: Identity, call_id: uuid.UUID, answered_by: Literal["human", "machine"]
) -> None:
    """Say who picked up, in the waiting room. Raises AppError: not_found, forbidden, wrong_state.

    A machine is taken to be at its greeting, which is heard out.
    """
    kind: Literal["human", "machine_start"] = "human" if answered_by == "human" else "machine_start"
    await _ask(deps, who, call_id, "call.verdict", AmdVerdict(kind, by="operator"))


async def listen(deps: CallDeps, who: Identity, call_id: uuid.UUID) -> AudioTicket:
    """Hear the call. Raises AppError: not_found, forbidden, wrong_state."""
    live = await calls.actable(deps, who, call_id, "call.listen")
    await calls.noted(deps, who, live, "call.listen")
    return await _mint(deps, who, call_id, None)


async def unlisten(deps: CallDeps, who: Identity, call_id: uuid.UUID) -> None:
    """End one's own listening to the call, and as its owner everybody's.

    Raises AppError: not_found, forbidden, wrong_state.
    """
    live = await calls.actable(deps, who, call_id, "call.unlisten")
    await calls.noted(deps, who, live, "call.unlisten")
    for listener in live.runner.operators.listeners():
        is_theirs = live.user_id == who.user_id or listener.whose == who.user_id
        if is_theirs and not listener.talk:
            live.runner.operators.unlisten(listener)
            listener.end("released")


async def redeem(deps: CallDeps, ticket: str) -> AudioRight:
    """What a ticket allows, once. Raises AppError("unauthenticated")."""
    async with deps.pools.as_service() as connection:
        right = await tokens.burn_audio_ticket(connection, ticket)
    if right is None or deps.sign_ins.has_ended(right.session_id):
        raise AppError("unauthenticated", "The ticket is unknown, used or too old.")
    return right


async def _mint(
    deps: CallDeps, who: Identity, call_id: uuid.UUID, takeover: int | None
) -> AudioTicket:
    right = AudioRight(call_id, who.user_id, takeover, who.session_id, utc(who.expires_at))
    async with deps.pools.as_service() as connection:
        text = await tokens.mint_audio_ticket(connection, right, lifetime_seconds=TICKET_SECONDS)
    return AudioTicket(text)


async def _ask(
    deps: CallDeps, who: Identity, call_id: uuid.UUID, what: CallVerb, event: Event
) -> None:
    await _ask_live(deps, who, await calls.actable(deps, who, call_id, what), what, event)


async def _ask_live(
    deps: CallDeps, who: Identity, live: LiveCall, what: CallVerb, event: Event,
    data: dict[str, str] | None = None,
) -> None:  # fmt: skip
    """Have it happen, once it is written down that they ask for it and nothing refuses it."""
    wanted = calls.signed(event, who, live)
    calls.check(live, live.runner.refuses(wanted), REFUSED)
    await calls.noted(deps, who, live, what, data)
    _request(live, wanted)


def _request(live: LiveCall, wanted: Event) -> None:
    calls.check(live, live.runner.ask(wanted), REFUSED)


def _takeover_without_sound(live: LiveCall, wanted: TakeoverAsked) -> int | None:
    """The takeover whose operator, who asks, got lost and may come back."""
    phase = live.runner.call.phase
    if not isinstance(phase, Talking) or phase.operator_status != "away":
        return None
    if phase.held_by not in {None, wanted.operator_id or ""}:
        return None
    return None if phase.transfer_until is not None else phase.takeovers
