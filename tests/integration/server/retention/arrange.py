"""A person with one row of every kind that has a period, as old as one likes, written by the owner.

Knows the tables; the product's own code writes nothing that is years old.
"""

import uuid

import asyncpg

_CALL = """
insert into public.calls (id, user_id, user_phone_number, topic, status, created_at)
values ($1, $2, '+12025550100', 'gardens', $4, now() - $3::text::interval)
"""
_OF_CALL = """
with d as (
    insert into app.call_details (call_id, user_id) values ($1, $2) returning call_id
), j as (
    insert into app.call_journal (call_id, seq, at, event)
    select call_id, seq, now() - $3::text::interval, '{}' from d, generate_series(0, 4) seq
), t as (
    insert into app.call_tags (call_id, user_id, tag, tag_hash) values ($1, $2, 'roses', '')
), n as (
    insert into app.call_notes (call_id, user_id, author_id, text) values ($1, $2, $2, 'roses')
), a as (
    insert into app.audio_tickets (token_hash, call_id, user_id, expires_at)
    select $1::text::bytea, call_id, $2, now() + interval '1 day' from d
)
insert into app.media_tokens (token_hash, call_id, expires_at)
select $1::text::bytea, call_id, now() + interval '1 day' from d
"""
_RECORDING = """
with r as (
    insert into app.recordings (call_id, user_id, agreed_at, words, wording_id, wording_version,
        language)
    select id, user_id, created_at, 'May I?', '', 0, '' from public.calls where id = $1
    returning call_id, agreed_at
)
insert into app.recording_pieces (call_id, lease_epoch, number, at, length, sound)
select call_id, 1, number, agreed_at, 1, '00' from r, generate_series(0, 2) number
"""
_EMAIL = """
with e as (
    insert into public.emails (id, user_id, recipient_email, from_email, subject, content, type,
        status, created_at)
    values ($1, $2, 'a@example.org', 'b@example.org', 's', 'c', 'custom', 'sent',
        now() - $3::text::interval)
), d as (
    insert into app.email_details (email_id, user_id, state) values ($1, $2, $4)
)
insert into app.complaints (user_id, email_id) values ($2, $1)
"""
_CONVERSATION = """
with c as (
    insert into public.sms_conversations (id, user_id, phone_number, topic, status, created_at)
    values ($1, $2, '+12025550100', 'gardens', case when $4 then 'active' else 'ended' end,
        now() - $3::text::interval)
)
insert into app.conversation_details (conversation_id, user_id, phone_number, is_own, is_open,
    last_at)
values ($1, $2, '+12025550100', true, $4, now() - $3::text::interval)
"""
_MESSAGE = """
with m as (
    insert into public.sms_messages (id, conversation_id, user_id, phone_number, direction,
        message_text, type, status, created_at)
    values ($1, $2, $3, '+12025550100', 'outbound', 'hello', 'ai', 'sent',
        now() - $4::text::interval)
), d as (
    insert into app.message_details (message_id, conversation_id, state) values ($1, $2, $5)
)
update app.conversation_details set last_at = greatest(last_at, now() - $4::text::interval)
where conversation_id = $2
"""
_MONTH = """
with month as (
    select to_char((now() - $2::text::interval) at time zone 'utc', 'YYYY-MM') as name
), u as (
    insert into public.usage_tracking (user_id, month_year, calls_used)
    select $1, name, 2 from month
    on conflict (user_id, month_year) do update set calls_used = 2
)
insert into app.reservations (user_id, metric, month_year, subject_id, state)
select $1, 'calls', name, gen_random_uuid(), 'committed' from month, generate_series(1, 2)
"""

# Passing kinds: what of each is there, as old as $2; $1 is the user where there is one.
PASSING = {
    "waiting_room": """
        insert into public.amd_waiting_room (user_id, call_id, created_at)
        select $1, id, now() - $2::text::interval from public.calls c where c.user_id = $1
            and not exists (select from public.amd_waiting_room w where w.call_id = c.id) limit 1
    """,
    "events": """
        with s as (
            insert into app.streams (user_id, top) values ($1, 3)
            on conflict (user_id) do update set top = streams.top + 3 returning top
        ), e as (
            insert into app.events (user_id, seq, id, type, ts, subject, rev, data)
            select $1, top - n, gen_random_uuid(), 't', now(), 'call:1', 1, '{}'
            from s, generate_series(0, 2) n
        )
        insert into app.event_groups (user_id, first_seq, last_seq, at, gseq)
        select $1, top - 2, top, now() - $2::text::interval, top from s
    """,
    "inbox": """
        insert into app.inbox (provider, key, kind, payload, received_at)
        values ('p', $1::uuid::text || $2, 'k', '{}', now() - $2::text::interval)
    """,
    "idempotency": """
        insert into app.idempotency (user_id, key, fingerprint, created_at)
        values ($1, $2::text, 'f', now() - $2::text::interval)
    """,
    "tickets": """
        insert into app.tickets (token_hash, claims, expires_at)
        values (($1::uuid::text || $2)::bytea, '{}', now() - $2::text::interval)
    """,
    "number_proofs": """
        insert into app.number_proofs (user_id, number, code_hash, expires_at)
        values ($1, '+12025550100', '', now() - $2::text::interval)
        on conflict (user_id) do update set expires_at = excluded.expires_at
    """,
    "velocity": """
        insert into app.velocity (key, at) values ($1::uuid::text, now() - $2::text::interval)
    """,
    "strangers": """
        insert into app.strangers (phone_number, answered_at)
        values ($1::uuid::text || $2, now() - $2::text::interval)
    """,
    "stop_questions": """
        insert into app.stop_questions (address, asked_at, answered_at)
        values ($1::uuid::text, now() - $2::text::interval, now())
    """,
    "job_log": """
        insert into app.pgqueuer_log (created, job_id, status, priority, entrypoint, aggregated)
        select now() - $2::text::interval, 1, 'successful', 0, $1::uuid::text, true
    """,
    "job_statistics": """
        insert into app.pgqueuer_statistics (created, count, priority, status, entrypoint)
        select now() - $2::text::interval, 1, 0, 'successful', $1::uuid::text
    """,
    "stripe_events": """
        insert into app.stripe_events (event_id, type, created, payload, received_at, processed_at)
        values ($1::uuid::text || $2, 't', now(), '{}', now() - $2::text::interval, now())
    """,
    "api_keys": """
        insert into app.api_keys (user_id, key_hash, hint, name, scopes, requests_per_minute,
            created_at, revoked_at)
        values ($1, ($1::uuid::text || $2)::bytea, 'h', 'n', '{}', 1,
            now() - $2::text::interval, now() - $2::text::interval)
    """,
    "webhook_deliveries": """
        with w as (
            insert into app.webhooks (user_id, url, types, secret, disabled_at)
            values ($1, 'https://example.com/', '{}', 's', now()) returning id
        )
        insert into app.webhook_deliveries (webhook_id, user_id, subject, type, state, created_at)
        select id, $1, 's', 't', 'failed', now() - $2::text::interval from w
    """,
    "costs": """
        insert into app.costs (subject, user_id, month, channel, what, unit, quantity, currency,
            created_at)
        values ('call:' || gen_random_uuid(), $1, '2026-11-01', 'calls', 'twilio.call', 'seconds',
            60, 'usd', now() - $2::text::interval)""",
    "scheduled_calls": """
        insert into app.scheduled_calls (user_id, phone_number, topic, starts_at, next_at, status,
            created_at)
        values ($1, '+12025550100', 'gardens', now(), now(), 'done', now() - $2::text::interval)
    """,
    "admin_views": """
        insert into app.admin_views (admin_id, user_id, what, created_at)
        values ($1, $1, 'calls', now() - $2::text::interval)
    """,
    "retention_runs": """
        insert into app.retention_runs (node, started_at, ended_at)
        values ($1::uuid::text, now() - $2::text::interval, now())
    """,
    "nodes": """
        insert into app.nodes (node, started_at, seen_at)
        values ($1::uuid::text || $2, now(), now() - $2::text::interval)
    """,
    "billing_turns": """
        insert into app.billing_turns (customer_id, holder, until)
        values ($1::uuid::text || $2, $1, now() - $2::text::interval)
    """,
}
TABLES = {
    "waiting_room": "public.amd_waiting_room", "events": "app.events", "inbox": "app.inbox",
    "idempotency": "app.idempotency", "tickets": "app.tickets",
    "number_proofs": "app.number_proofs", "velocity": "app.velocity",
    "strangers": "app.strangers", "stop_questions": "app.stop_questions",
    "job_log": "app.pgqueuer_log", "job_statistics": "app.pgqueuer_statistics",
    "stripe_events": "app.stripe_events", "admin_views": "app.admin_views",
    "retention_runs": "app.retention_runs", "api_keys": "app.api_keys",
    "webhook_deliveries": "app.webhook_deliveries", "scheduled_calls": "app.scheduled_calls",
    "nodes": "app.nodes", "costs": "app.costs",
    "billing_turns": "app.billing_turns",
}  # fmt: skip


class Past:
    """Writes rows that are as old as an interval of PostgreSQL says ("3 days")."""

    def __init__(self, owner: asyncpg.Connection) -> None:
        self._owner = owner

    async def user(self) -> uuid.UUID:
        user_id = uuid.uuid4()
        await self._owner.execute("select app.register_user($1, null)", user_id)
        return user_id

    async def call(self, user_id: uuid.UUID, age: str, status: str = "ended") -> uuid.UUID:
        """A call with its details, journal, and tokens that are not expired."""
        call_id = uuid.uuid4()
        await self._owner.execute(_CALL, call_id, user_id, age, status)
        await self._owner.execute(_OF_CALL, call_id, user_id, age)
        return call_id

    async def recorded_call(self, user_id: uuid.UUID, age: str, status: str = "ended") -> uuid.UUID:
        """A call with three pieces of its sound."""
        call_id = await self.call(user_id, age, status)
        await self._owner.execute(_RECORDING, call_id)
        return call_id

    async def email(self, user_id: uuid.UUID, age: str, state: str = "accepted") -> uuid.UUID:
        email_id = uuid.uuid4()
        await self._owner.execute(_EMAIL, email_id, user_id, age, state)
        return email_id

    async def conversation(
        self, user_id: uuid.UUID, age: str, *, is_open: bool = False
    ) -> uuid.UUID:
        conversation_id = uuid.uuid4()
        await self._owner.execute(_CONVERSATION, conversation_id, user_id, age, is_open)
        return conversation_id

    async def message(
        self, conversation_id: uuid.UUID, user_id: uuid.UUID, age: str, state: str = "accepted"
    ) -> uuid.UUID:
        message_id = uuid.uuid4()
        await self._owner.execute(_MESSAGE, message_id, conversation_id, user_id, age, state)
        return message_id

    async def month(self, user_id: uuid.UUID, age: str) -> None:
        """A month of usage with the two reservations that it counts."""
        await self._owner.execute(_MONTH, user_id, age)

    async def passing(self, kind: str, user_id: uuid.UUID, age: str) -> None:
        await self._owner.execute(PASSING[kind], user_id, age)

    async def rows(self, table: str) -> int:
        count: int = await self._owner.fetchval(f"select count(*) from {table}")
        return count

    async def ids(self, table: str) -> set[uuid.UUID]:
        return {row["id"] for row in await self._owner.fetch(f"select id from {table}")}
