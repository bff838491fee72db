"""The live channel's commands of an operator in a call: arguments and action, one table.

Part of the commands' table; decides nothing itself.
"""

import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

from server.calls.deps import CallDeps
from server.core.auth import Identity
from server.operators import actions
from server.operators.actions import AudioTicket

Act: TypeAlias = Callable[[CallDeps, Identity, Any, str], Awaitable[dict[str, Any]]]


class OneCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The call it is about, and nothing else."""

    call: uuid.UUID


class DtmfArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """call.dtmf: keys to press, and w for half a second's pause."""

    call: uuid.UUID
    digits: Annotated[str, Meta(min_length=1, max_length=32)]


class TransferArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """call.transfer: the outcome comes as an event."""

    call: uuid.UUID
    to: Annotated[str, Meta(min_length=1, max_length=40)]


class VerdictArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """call.verdict: who picked up."""

    call: uuid.UUID
    answered_by: Literal["human", "machine"]


def _doing(act: Callable[[CallDeps, Identity, uuid.UUID, str | None], Awaitable[None]]) -> Act:
    async def do(deps: CallDeps, who: Identity, args: OneCall, cause: str) -> dict[str, Any]:
        await act(deps, who, args.call, cause)
        return {}

    return do


def _told(ticket: AudioTicket) -> dict[str, Any]:
    return {"ticket": ticket.ticket, "url": ticket.url}


async def _take_over(deps: CallDeps, who: Identity, args: OneCall, cause: str) -> dict[str, Any]:
    return _told(await actions.take_over(deps, who, args.call, cause))


async def _listen(deps: CallDeps, who: Identity, args: OneCall, cause: str) -> dict[str, Any]:  # noqa: ARG001
    return _told(await actions.listen(deps, who, args.call))


async def _unlisten(deps: CallDeps, who: Identity, args: OneCall, cause: str) -> dict[str, Any]:  # noqa: ARG001
    await actions.unlisten(deps, who, args.call)
    return {}


async def _dtmf(deps: CallDeps, who: Identity, args: DtmfArgs, cause: str) -> dict[str, Any]:
    await actions.dtmf(deps, who, args.call, args.digits, cause)
    return {}


async def _transfer(
    deps: CallDeps, who: Identity, args: TransferArgs, cause: str
) -> dict[str, Any]:
    await actions.transfer(deps, who, args.call, args.to, cause)
    return {}


async def _verdict(deps: CallDeps, who: Identity, args: VerdictArgs, cause: str) -> dict[str, Any]:  # noqa: ARG001
    await actions.verdict(deps, who, args.call, args.answered_by)
    return {}


COMMANDS: dict[str, tuple[type[msgspec.Struct], Act]] = {
    "call.ai_mute": (OneCall, _doing(actions.mute)),
    "call.ai_unmute": (OneCall, _doing(actions.unmute)),
    "call.takeover": (OneCall, _take_over),
    "call.release": (OneCall, _doing(actions.release)),
    "call.listen": (OneCall, _listen),
    "call.unlisten": (OneCall, _unlisten),
    "call.dtmf": (DtmfArgs, _dtmf),
    "call.transfer": (TransferArgs, _transfer),
    "call.verdict": (VerdictArgs, _verdict),
}
