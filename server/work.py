"""Everything a node does by itself: which job has which handler, and which chore has which time.

Knows how nothing of it is done.
"""

import structlog

from server import followup
from server.audit import keeping as audit_keeping
from server.billing import events as billing_events
from server.billing.deps import BillingDeps
from server.calls.writing import AFTER_CALL, CALL_DUE
from server.cluster import clear_rows
from server.cluster.jobs import Work, chore, handler
from server.deps import Deps
from server.emails import delivery as emails_delivery
from server.emails import store as emails_store
from server.privacy import erasure, exports
from server.retention import deletion
from server.retention.periods import of_hours, periods
from server.scheduled_calls import due
from server.texts import delivery as texts_delivery
from server.texts import missed_calls, replies, stopping
from server.texts import store as texts_store
from server.usage import transfers
from server.webhooks import delivery as webhooks_delivery

log = structlog.get_logger(__name__)


def all_work(deps: Deps) -> Work:
    """Everything a node does by itself."""
    billing = billing_work(deps)
    return Work(
        handlers=billing.handlers
        | {
            texts_store.OPEN: handler(deps, texts_store.OPEN, replies.begin),
            texts_store.REPLY: handler(deps, texts_store.REPLY, replies.reply),
            texts_store.SEND: handler(deps, texts_store.SEND, texts_delivery.send),
            emails_store.WRITE: handler(deps, emails_store.WRITE, emails_delivery.write),
            emails_store.SEND: handler(deps, emails_store.SEND, emails_delivery.send),
            missed_calls.JOB: handler(deps, missed_calls.JOB, missed_calls.send),
            stopping.UNANSWERED: handler(deps, stopping.UNANSWERED, stopping.unanswered),
            webhooks_delivery.JOB: handler(deps, webhooks_delivery.JOB, webhooks_delivery.deliver),
            CALL_DUE: handler(deps, CALL_DUE, due.attend),
            AFTER_CALL: handler(deps, AFTER_CALL, followup.after_call),
            transfers.JOB: handler(deps, transfers.JOB, transfers.look),
            exports.JOB: handler(deps, exports.JOB, exports.prepare),
            erasure.JOB: handler(deps, erasure.JOB, erasure.work),
        },
        chores=billing.chores
        | {
            "audit": ("* * * * *", chore(deps, "audit", audit_keeping.keep)),
            "seal": ("*/10 * * * *", chore(deps, "seal", clear_rows.seal)),
            "retention": (_daily(deps.config.retention.at), chore(deps, "retention", _retain)),
            "retention_of_hours": (
                _hourly_beside(deps.config.retention.at),
                chore(deps, "retention_of_hours", _retain_of_hours),
            ),
            "idle": ("* * * * *", chore(deps, "idle", replies.end_idle)),
            "forgotten": ("11 5 * * *", chore(deps, "forgotten", erasure.look_again_at_all)),
        },
    )


def billing_work(deps: BillingDeps) -> Work:
    """What Stripe gives to do; nothing where nothing can be bought."""
    if deps.stripe is None:
        return Work({}, {})
    daily = _daily(deps.config.stripe.reconcile_at)
    return Work(
        handlers={billing_events.JOB: handler(deps, billing_events.JOB, billing_events.attend)},
        chores={
            "graces": ("* * * * *", chore(deps, "graces", billing_events.end_graces)),
            "reconcile": (daily, chore(deps, "reconcile", _reconcile)),
        },
    )


def _daily(at: str) -> str:
    """HH:MM as cron has it."""
    hour, minute = at.split(":")
    return f"{int(minute)} {int(hour)} * * *"


def _hourly_beside(at: str) -> str:
    """Each hour, half an hour away from HH:MM, as cron has it."""
    return f"{(int(at.split(':')[1]) + 30) % 60} * * * *"


async def _retain(deps: Deps) -> None:
    await deletion.delete(deps, deps.node, periods(deps.config.retention))


async def _retain_of_hours(deps: Deps) -> None:
    await deletion.delete(deps, deps.node, of_hours(deps.config.retention))


async def _reconcile(deps: BillingDeps) -> None:
    done = await billing_events.reconcile(deps)
    log.info("reconciled", customers=done.customers, repaired=done.repaired, failed=done.failed)
