"""One call's way to the phone company: what the runner asks, in the carrier's terms.

It writes "sent" before it dials, and what led to the end of a call before it ends it, so that a
crash in between leaves a trace. It asks for nothing where the call's row is no longer ours. Knows
nothing of phases or sound.
"""

import asyncio
import datetime as dt
import uuid
from typing import Any

import msgspec
import structlog

from db import calls
from db.calls import CallRow
from db.core.failures import DATABASE_ERRORS, is_away
from media.call import Call
from media.effects import Transfer
from media.events import (
    CarrierSilent,
    CarrierState,
    CarrierStatus,
    Dialled,
    DialRefused,
    DialUnknown,
    Transferred,
    TransferRefused,
    TransferUnknown,
)
from media.phases.facts import answered_at
from media.phases.talking.state import Talking
from media.ports import CarriersRecord
from server.audit.notes import note
from server.calls import stream_tokens
from server.calls.deps import CallDeps
from server.calls.writing import use_of
from server.core.config import Config
from server.core.errors import AppError
from server.usage import transfers
from server.vendors.twilio import twiml
from server.vendors.twilio.calls import RefusedError, UnknownOutcomeError
from server.vendors.twilio.forms import whole

log = structlog.get_logger(__name__)

RETRY_SECONDS = 0.5
LOOK_SECONDS = 1.0
FROZEN_SECONDS = 1.0  # over that, which no busy loop takes, whoever asks has not run
COUNT_SECONDS = 3.0  # after which the call waits long enough for the carrier's answer
EXTENSION = ";ext="  # between the number of a transfer and the keys that are pressed there
_CLOCK_SLACK = dt.timedelta(seconds=5)  # carrier times have whole seconds, clocks differ a little
_UNSURE = dt.timedelta(minutes=2)  # longer than it takes to know whether a call was placed
_LOOK_AGAIN_SECONDS = (1.0, 3.0, 6.0)  # while somebody waits who may have been handed on
# Tried again on failed connections, read timeouts and 5xx, and soon, as one node may be frozen and
# others are not; Twilio's own switches ("Webhooks: Connection Overrides"), times in ms.
_RETRIES = "#ct=1500&rt=4000&rc=3&rp=ct,rt,5xx"


def connection(deps: CallDeps, call_id: uuid.UUID) -> str:
    """Instructions that connect the call's sound to whichever node takes it; when that has ended
    the carrier asks what to do."""
    lifetime = deps.config.calls.media_token_seconds
    token = stream_tokens.mint(deps.config.twilio.auth_token, call_id, deps.clock() + lifetime)
    origin = deps.config.server.public_url.rstrip("/")
    action = f"{origin}/webhooks/twilio/connect/{call_id}{_RETRIES}"
    return twiml.connect(f"{origin.replace('http', 'ws', 1)}/media", token, action)


def seconds_left(config: Config, call: Call, now: float) -> int:
    """How long a call may go on once it is transferred: no longer than it could have without."""
    answered = answered_at(call.facts) or call.facts.begun_at
    left = answered + call.settings.conversation.limit_seconds - now
    return max(1, min(config.calls.transfer_limit_seconds, int(left)))


def _is_transferring(call: Call) -> bool:
    return isinstance(call.phase, Talking) and call.phase.transfer_until is not None


class CallCarrier:
    """Implements `media.ports.Carrier` for the call of one row."""

    def __init__(self, deps: CallDeps, row: CallRow) -> None:
        self._deps = deps
        self._twilio = deps.twilio
        self._pools = deps.pools
        self._config = deps.config
        self._row = row

    async def dial(self, call: Call) -> Dialled | DialRefused | DialUnknown:
        """Place the call once."""
        row = self._row
        if not await self._mark_sent():
            return DialRefused(0, "fenced")
        try:
            sid = await self._twilio.create(**self._request(call.facts.keys))
        except RefusedError as refused:
            log.warning("dial_refused", call_id=str(row.id), code=refused.code)
            return DialRefused(refused.code, "refused")
        except UnknownOutcomeError:
            log.warning("dial_outcome_unknown", call_id=str(row.id))
            return DialUnknown()
        return Dialled(sid)

    async def _mark_sent(self) -> bool:
        """Write down that the carrier is being asked, once that can be; False if the call is
        another node's by now."""
        while True:
            try:
                async with self._pools.as_service() as connected:
                    epoch = self._row.lease_epoch
                    return await calls.set_dial_state(connected, self._row.id, "sent", epoch)
            except DATABASE_ERRORS as error:
                if not is_away(error):
                    raise
                log.warning("dial_waits", call_id=str(self._row.id), error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)

    def _request(self, keys: str) -> dict[str, Any]:
        """The create request (Twilio, "Call resource"). With keys to press the carrier listens for
        no machine: who picked up is then heard only."""
        chosen = self._config.calls
        hooks = f"{self._config.server.public_url.rstrip('/')}/webhooks/twilio"
        call_id = self._row.id
        asked = {
            "to": self._row.user_phone_number,
            "from_": self._config.twilio.from_number,
            "url": f"{hooks}/voice/{call_id}{_RETRIES}",
            "status_callback": f"{hooks}/status/{call_id}{_RETRIES}",
            "status_callback_event": ["initiated", "ringing", "answered", "completed"],
            "timeout": chosen.ring_timeout_seconds,
        }
        if keys:
            return asked | {"send_digits": keys}
        return asked | {
            "machine_detection": chosen.machine_detection,
            "machine_detection_timeout": chosen.machine_detection_timeout_seconds,
            "machine_detection_speech_threshold": chosen.machine_detection_speech_ms,
            "machine_detection_speech_end_threshold": chosen.machine_detection_speech_end_ms,
            "async_amd": "true",
            "async_amd_status_callback": f"{hooks}/amd/{call_id}{_RETRIES}",
        }

    async def look_up(self, call: Call) -> CarriersRecord:
        """The carrier's record of the call, found by sid, or by number and time without one; and
        whether it made the transfer that the call waits to hear of."""
        pauses = _LOOK_AGAIN_SECONDS if _is_transferring(call) else ()
        for pause in (*pauses, None):
            try:
                return await self._looked_up(call)
            except (UnknownOutcomeError, *DATABASE_ERRORS):
                if pause is not None:
                    await asyncio.sleep(pause)
        return CarrierSilent(answered=False)

    async def _looked_up(self, call: Call) -> CarriersRecord:
        if (sid := call.facts.sid) is None:
            return await self._find(call)
        found = await self._twilio.fetch(sid)
        if found is None:
            return CarrierSilent(answered=True)
        if _is_transferring(call):
            made = await self._twilio.is_dialled_on(sid)
            return Transferred() if made else TransferRefused(0)
        at = found.end_time or found.start_time
        try:
            status = msgspec.convert(found.status, CarrierState)
        except msgspec.ValidationError as error:  # no record, or of a status we know nothing of
            raise UnknownOutcomeError from error
        return CarrierStatus(
            status=status,
            sid=sid,
            at=None if at is None else at.timestamp(),
            duration_seconds=whole(None if found.duration is None else str(found.duration)),
        )

    async def _find(self, call: Call) -> Dialled | CarrierSilent:
        """The only call that can be this one. Of several, or while another call to the number may
        turn out to be the one that is found, a callback will say which is ours."""
        number = self._row.user_phone_number
        since = dt.datetime.fromtimestamp(call.facts.begun_at, dt.UTC) - _CLOCK_SLACK
        placed = await self._twilio.placed_since(number, self._config.twilio.from_number, since)
        async with self._pools.as_service() as connection:
            free, has_rivals = await calls.unclaimed(
                connection, self._row.id, number, since - _UNSURE, [str(one.sid) for one in placed]
            )
        if len(free) == 1 and not has_rivals:
            return Dialled(free[0])
        return CarrierSilent(answered=not free)

    async def reconnect(self, call: Call) -> CarriersRecord | None:
        """Have the carrier open another stream of the call, to whichever node takes it."""
        if call.facts.sid is None or not await self._is_ours():
            return None
        try:
            await self._twilio.run_twiml(call.facts.sid, connection(self._deps, self._row.id))
        except RefusedError as refused:
            log.warning("reconnect_refused", call_id=str(self._row.id), code=refused.code)
            return await self.look_up(call)
        except UnknownOutcomeError:
            log.warning("reconnect_unanswered", call_id=str(self._row.id))
        return None

    async def _is_ours(self) -> bool:
        """Whether no other node has adopted the call, as this one may have been frozen for a while.
        While the database is away nobody can have, but while this node was frozen as it asked."""
        asked_at = self._deps.clock()
        try:
            async with asyncio.timeout(LOOK_SECONDS), self._pools.as_service() as connected:
                row = await calls.get_any(connected, self._row.id)
        except DATABASE_ERRORS:
            return self._deps.clock() - asked_at < LOOK_SECONDS + FROZEN_SECONDS
        return row is not None and row.lease_epoch == self._row.lease_epoch

    async def hang_up(self, call: Call) -> None:
        """End the call; when the carrier gives no answer the phase asks again."""
        await self._deps.recorder.written()
        if call.facts.sid is None or not await self._is_ours():
            return
        try:
            await self._twilio.complete(call.facts.sid)
        except UnknownOutcomeError:
            log.warning("hang_up_unanswered", call_id=str(self._row.id))

    async def transfer(
        self, call: Call, wanted: Transfer
    ) -> Transferred | TransferRefused | TransferUnknown:
        """Connect the caller to a number; the carrier ends our sound as it does so. Whoever goes on
        with the call must know that it was asked to, so it is not unless that is written."""
        written = await self._deps.recorder.written()
        if call.facts.sid is None or not written or not await self._is_ours():
            return TransferRefused(0)
        # Whoever has it by now may have looked already whether the transfer was made.
        if wanted.by_agent and not (await self._counted(wanted.use) and await self._is_ours()):
            return TransferRefused(0)
        try:
            number, _, keys = wanted.to.partition(EXTENSION)
            await self._twilio.dial_on(
                call.facts.sid, number, keys, self._config.twilio.from_number,
                seconds_left(self._config, call, self._deps.clock()),
            )  # fmt: skip
        except RefusedError as refused:
            log.warning("transfer_refused", call_id=str(self._row.id), code=refused.code)
            return TransferRefused(refused.code)
        except UnknownOutcomeError:
            log.warning("transfer_outcome_unknown", call_id=str(self._row.id))
            return TransferUnknown()
        return Transferred()

    async def _counted(self, name: str) -> bool:
        """Another call of the plan, which a person who asks for a transfer has counted before; the
        number is one of those that operators let the agent connect to."""
        user_id, call_id = self._row.user_id, self._row.id
        try:
            async with asyncio.timeout(COUNT_SECONDS), self._deps.transaction() as tx:
                row = await calls.get_any(tx.connection, call_id)
                if row is None or row.lease_epoch != self._row.lease_epoch:
                    return False
                use = use_of(call_id, name)
                await transfers.reserve(tx, self._config, user_id, call_id, use)
                note(tx, "call.transfer", user_id=user_id, subject=f"call:{call_id}")
        except (AppError, *DATABASE_ERRORS) as error:
            log.warning(
                "transfer_not_counted", call_id=str(self._row.id), error=type(error).__name__
            )
            return False
        return True
