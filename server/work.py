"""Everything a node does by itself: which job has which handler, and which chore has which time.

Knows how nothing of it is done.
"""

from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from db import contacts, tokens
from db.cluster import event_streams, idempotency, inbox, jobs, nodes
from db.core.rows import Connection
from server import followup
from server.billing import events as billing_events
from server.billing.deps import BillingDeps
from server.calls.writing import AFTER_CALL
from server.cluster import clear_rows
from server.cluster.jobs import Work, chore, handler
from server.core.node import Node
from server.deps import Deps
from server.emails import delivery as emails_delivery
from server.emails import store as emails_store
from server.texts import delivery as texts_delivery
from server.texts import replies, stopping
from server.texts import store as texts_store

log = structlog.get_logger(__name__)

LOG_DAYS = 7
EVENT_HOURS = 72
NODE_HOURS = 72
INBOX_DAYS = 30  # the longest any provider tries is three days
PIECE = 5000  # rows deleted at a time


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
            stopping.UNANSWERED: handler(deps, stopping.UNANSWERED, stopping.unanswered),
            AFTER_CALL: handler(deps, AFTER_CALL, followup.after_call),
        },
        chores=billing.chores
        | {
            "housekeeping": ("41 4 * * *", chore(deps, "housekeeping", _keep_house)),
            "seal": ("*/10 * * * *", chore(deps, "seal", clear_rows.seal)),
            "idle": ("* * * * *", chore(deps, "idle", replies.end_idle)),
        },
    )


def billing_work(deps: BillingDeps) -> Work:
    """What Stripe gives to do; nothing where nothing can be bought."""
    if deps.stripe is None:
        return Work({}, {})
    hour, minute = deps.config.stripe.reconcile_at.split(":")
    daily = f"{int(minute)} {int(hour)} * * *"
    return Work(
        handlers={billing_events.JOB: handler(deps, billing_events.JOB, billing_events.attend)},
        chores={
            "graces": ("* * * * *", chore(deps, "graces", billing_events.end_graces)),
            "reconcile": (daily, chore(deps, "reconcile", _reconcile)),
        },
    )


async def _keep_house(node: Node) -> None:
    async with node.pools.as_service() as connection:
        await jobs.forget(connection, older_than_days=LOG_DAYS)
        await idempotency.purge(connection)
        await tokens.purge(connection)
        await contacts.forget_pace(connection)
        await nodes.forget(connection, older_than_hours=NODE_HOURS)
    await in_pieces(node, partial(inbox.forget, older_than_days=INBOX_DAYS, limit=PIECE))
    await in_pieces(node, partial(event_streams.forget, older_than_hours=EVENT_HOURS, limit=PIECE))


async def in_pieces(node: Node, forget: Callable[[Connection], Awaitable[int]]) -> None:
    """Delete until nothing is left to delete, each piece in a transaction of its own, so that
    nobody waits for long and what is done stays done."""
    deleted = 1
    while deleted:
        async with node.pools.as_service() as connection:
            deleted = await forget(connection)


async def _reconcile(deps: BillingDeps) -> None:
    done = await billing_events.reconcile(deps)
    log.info("reconciled", customers=done.customers, repaired=done.repaired, failed=done.failed)
