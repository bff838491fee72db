"""One call's way to the phone company: what the runner asks, in the carrier's terms.

It writes "sent" before it dials, so that a crash in between leaves a trace, and never dials a
call whose row is no longer ours. Knows nothing of phases or sound.
"""

import datetime as dt
from typing import Any

import structlog

from db import calls
from db.calls import CallRow
from db.core.pool import Pools
from media.call import Call
from media.events import (
    CarrierSilent,
    CarrierStatus,
    Dialled,
    DialRefused,
    DialUnknown,
    Transferred,
    TransferRefused,
    TransferUnknown,
)
from server.core.config import Config
from server.vendors.twilio.calls import RefusedError, TwilioCalls, UnknownOutcomeError

log = structlog.get_logger(__name__)

_CLOCK_SLACK = dt.timedelta(seconds=5)  # carrier times have whole seconds, clocks differ a little
# Retried on connection failures, read timeouts and 5xx; "rc" and "rp" are Twilio's own switches.
_RETRIES = "#rc=3&rp=ct,rt,5xx"


class CallCarrier:
    """Implements `media.ports.Carrier` for the call of one row."""

    def __init__(self, twilio: TwilioCalls, pools: Pools, config: Config, row: CallRow) -> None:
        self._twilio = twilio
        self._pools = pools
        self._config = config
        self._row = row

    async def dial(self) -> Dialled | DialRefused | DialUnknown:
        """Place the call once."""
        row = self._row
        async with self._pools.as_service() as connection:
            is_ours = await calls.set_dial_state(connection, row.id, "sent", row.lease_epoch)
        if not is_ours:
            return DialRefused(0, "fenced")
        try:
            sid = await self._twilio.create(**self._request())
        except RefusedError as refused:
            log.warning("dial_refused", call_id=str(row.id), code=refused.code)
            return DialRefused(refused.code, "refused")
        except UnknownOutcomeError:
            log.warning("dial_outcome_unknown", call_id=str(row.id))
            return DialUnknown()
        return Dialled(sid)

    def _request(self) -> dict[str, Any]:
        """The create request (Twilio, "Call resource")."""
        chosen = self._config.calls
        hooks = f"{self._config.server.public_url.rstrip('/')}/webhooks/twilio"
        call_id = self._row.id
        return {
            "to": self._row.user_phone_number,
            "from_": self._config.twilio.from_number,
            "url": f"{hooks}/voice/{call_id}{_RETRIES}",
            "status_callback": f"{hooks}/status/{call_id}{_RETRIES}",
            "status_callback_event": ["initiated", "ringing", "answered", "completed"],
            "timeout": chosen.ring_timeout_seconds,
            "machine_detection": chosen.machine_detection,
            "machine_detection_timeout": chosen.machine_detection_timeout_seconds,
            "machine_detection_speech_threshold": chosen.machine_detection_speech_ms,
            "machine_detection_speech_end_threshold": chosen.machine_detection_speech_end_ms,
            "async_amd": "true",
            "async_amd_status_callback": f"{hooks}/amd/{call_id}{_RETRIES}",
        }

    async def look_up(self, call: Call) -> CarrierStatus | Dialled | CarrierSilent:
        """The carrier's record of the call, found by sid, or by number and time without one."""
        try:
            if call.facts.sid is None:
                return await self._find(call)
            found = await self._twilio.fetch(call.facts.sid)
        except UnknownOutcomeError:
            return CarrierSilent(answered=False)
        if found is None:
            return CarrierSilent(answered=True)
        at = found.end_time or found.start_time
        return CarrierStatus(
            status=str(found.status),  # type: ignore[arg-type] # checked by the journal's codec
            sid=str(found.sid),
            at=None if at is None else at.timestamp(),
            duration_seconds=None if found.duration is None else int(found.duration),
        )

    async def _find(self, call: Call) -> Dialled | CarrierSilent:
        since = dt.datetime.fromtimestamp(call.facts.begun_at, dt.UTC) - _CLOCK_SLACK
        placed = await self._twilio.placed_since(self._row.user_phone_number, since)
        sids = [str(found.sid) for found in placed]
        async with self._pools.as_service() as connection:
            free = [sid for sid in sids if sid not in await calls.known_sids(connection, sids)]
        if len(free) == 1:
            return Dialled(free[0])
        return CarrierSilent(answered=not free)  # of several, a callback will say which is ours

    async def hang_up(self, call: Call) -> None:
        """End the call; when the carrier gives no answer the phase asks again."""
        if call.facts.sid is None:
            return
        try:
            await self._twilio.complete(call.facts.sid)
        except UnknownOutcomeError:
            log.warning("hang_up_unanswered", call_id=str(self._row.id))

    async def transfer(
        self, call: Call, to: str
    ) -> Transferred | TransferRefused | TransferUnknown:
        """Connect the caller to `to`; the carrier ends our sound as it does so."""
        if call.facts.sid is None:
            return TransferRefused(0)
        try:
            await self._twilio.dial_on(
                call.facts.sid, to, self._config.twilio.from_number,
                self._config.calls.transfer_limit_seconds,
            )  # fmt: skip
        except RefusedError as refused:
            log.warning("transfer_refused", call_id=str(self._row.id), code=refused.code)
            return TransferRefused(refused.code)
        except UnknownOutcomeError:
            log.warning("transfer_outcome_unknown", call_id=str(self._row.id))
            return TransferUnknown()
        return Transferred()
