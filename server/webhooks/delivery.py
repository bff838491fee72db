"""Deliver what waits in a lane, one after another, each until it went well or was tried for days.

The claim is committed before anything is sent and no connection is held meanwhile. A node that died
in between leaves the claim to end by itself, and the message is sent again under the same id.
"""

import random
import uuid

import structlog

from db import webhook_deliveries as deliveries
from db import webhooks
from db.webhook_deliveries import Attempt, Head, State
from server.core.errors import NotYetError
from server.core.events import of_webhook
from server.core.settings.building import Webhooks
from server.core.times import rfc3339, utc
from server.webhooks import signing
from server.webhooks.deps import WebhookDeps
from server.webhooks.sender import Outcome
from server.webhooks.wire import WebhookDisabled, webhook_out

log = structlog.get_logger(__name__)

JOB = "webhook_deliver"
_MOST_IN_A_TURN = 20  # then others have theirs
_BUSY_SECONDS = 0.5
_CLAIM_MARGIN_SECONDS = 30.0
GONE = 410


async def deliver(deps: WebhookDeps, lane: str) -> None:
    """The job: attend to a lane until nothing in it is due. Raises NotYetError when it is to be
    looked at again."""
    lane_id, by = uuid.UUID(lane), uuid.uuid4()
    if not deps.hooks.at_once.may_have_place(lane_id):
        raise NotYetError("busy", _BUSY_SECONDS)
    claim_seconds = deps.config.webhooks.attempt_seconds + _CLAIM_MARGIN_SECONDS
    for _ in range(_MOST_IN_A_TURN):
        async with deps.pools.as_service() as connection:
            found = await deliveries.head(
                connection, lane_id, by, claim_seconds=claim_seconds, write=signing.event_body
            )
        if found is None:
            return
        if not isinstance(found, Head):
            raise NotYetError("not due", found)
        if not deps.hooks.at_once.begin(lane_id, found.webhook.user_id):
            await _release(deps, lane_id, by)
            raise NotYetError("busy", _BUSY_SECONDS)
        try:
            await _note(deps, found, await _send(deps, found))
        finally:
            deps.hooks.at_once.end(found.webhook.user_id)
    await _release(deps, lane_id, by)
    raise NotYetError("others' turn", 0.0)


async def _release(deps: WebhookDeps, lane_id: uuid.UUID, by: uuid.UUID) -> None:
    async with deps.pools.as_service() as connection:
        await deliveries.release(connection, lane_id, by)


async def _send(deps: WebhookDeps, head: Head) -> Outcome:
    hook, body = head.webhook, head.body.encode()
    signed_by = [one for one in (hook.secret, hook.former_secret) if one]
    headers = signing.headers(
        signing.message_id(head.delivery_id), int(deps.clock()), body, signed_by
    )
    return await deps.hooks.post(hook.url, headers, body)


async def _note(deps: WebhookDeps, head: Head, outcome: Outcome) -> None:
    """Write the attempt down, and what follows from it."""
    settings = deps.config.webhooks
    now = utc(deps.clock())
    state, pause = after(outcome, head.attempts, settings, random.uniform(-1, 1))  # noqa: S311
    attempt = Attempt(rfc3339(now) or "", outcome.status, outcome.error, outcome.took_ms)
    async with deps.transaction() as tx:
        failing_seconds = await deliveries.note(tx.connection, head, attempt, state, pause)
        reason = None
        if outcome.status == GONE:
            reason = "It answered 410, which asks for nothing more to be sent."
        elif failing_seconds >= settings.disable_after_hours * 3600:
            reason = f"Nothing went well for {settings.disable_after_hours:g} hours."
        row = None
        if reason is not None:
            row = await webhooks.disable(tx.connection, head.webhook.id, reason)
        if row is not None:
            tx.emit(WebhookDisabled(webhook_out(row)), of_webhook(row.user_id, row.id))
    if row is not None:
        log.warning("webhook_disabled", webhook_id=str(row.id), status=outcome.status)


def after(
    outcome: Outcome, attempts_before: int, settings: Webhooks, luck: float
) -> tuple[State, float]:
    """What a delivery is after an attempt, and the pause until the next; `luck` from -1 to 1."""
    if outcome.went_well:
        return "delivered", 0.0
    if attempts_before >= len(settings.retry_seconds):
        return "failed", 0.0
    pause = settings.retry_seconds[attempts_before] * (1 + luck * settings.jitter_percent / 100)
    return "waiting", max(pause, outcome.wait_seconds)
