-- What the product needs beyond the map. End users have no way into this schema.

create function app.call_status_rank(status text) returns integer
language sql immutable strict set search_path = '' as $$
    select case status
        when 'initiating' then 0 when 'ringing' then 1 when 'answered' then 2 when 'waiting' then 3
        when 'talking' then 4 when 'voicemail' then 4  -- a verdict may still move a call across
        else 5
    end
$$;

-- One row per call: how it went, and the lease. Only the holder of the current epoch may write.
create table app.call_details (
    call_id uuid primary key references public.calls (id) on delete cascade,
    user_id uuid not null references public.users (id),
    answered_by text,
    end_reason text,
    dial_state text not null default 'intent'
        check (dial_state in ('intent', 'sent', 'known', 'unknown', 'refused')),
    idempotency_key text,
    owner_node text,
    epoch integer not null default 1 check (epoch > 0),
    lease_until timestamptz
);
create unique index call_details_idempotency_key on app.call_details (user_id, idempotency_key);
create index call_details_lease_until_idx on app.call_details (lease_until);

-- Every event that reached a call's decisions; the call's state is the fold of its rows.
create table app.call_journal (
    call_id uuid not null references public.calls (id) on delete cascade,
    seq integer not null,
    at timestamptz not null,
    event jsonb not null,
    primary key (call_id, seq)
);

-- The ledger of usage: usage_tracking counts its committed rows. A subject is charged once.
create table app.reservations (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id),
    metric text not null check (metric in ('calls', 'texts', 'emails')),
    month_year text not null check (month_year ~ '^\d{4}-(0[1-9]|1[0-2])$'),
    subject_id uuid not null,
    state text not null default 'reserved' check (state in ('reserved', 'committed', 'released')),
    reserved_at timestamptz not null default now(),
    settled_at timestamptz,
    unique (metric, subject_id)
);
create index reservations_user_id_idx on app.reservations (user_id, metric, month_year);
create index reservations_open_idx on app.reservations (reserved_at) where state = 'reserved';

-- Each user's stream of events, in the order of the transactions that wrote them: seq is taken
-- under the stream's row lock, so it has no gaps and no later seq becomes visible before an earlier.
create table app.streams (
    user_id uuid primary key references public.users (id),
    epoch text not null default left(md5(gen_random_uuid()::text), 8),
    top bigint not null default 0
);
create table app.events (
    user_id uuid not null references app.streams (user_id) on delete cascade,
    seq bigint not null,
    id uuid not null default gen_random_uuid() unique,
    type text not null,
    v integer not null default 1,
    ts timestamptz not null,
    subject text not null,
    rev bigint not null,
    cause text,
    data jsonb not null,
    published_at timestamptz,
    primary key (user_id, seq)
);
create index events_unpublished_idx on app.events (ts) where published_at is null;

-- Webhooks as they came. call_id is no foreign key: a provider may speak of a call we no longer have.
create table app.inbox (
    provider text not null,
    key text not null,
    call_id uuid,
    kind text not null,
    payload jsonb not null,
    received_at timestamptz not null default now(),
    primary key (provider, key)
);
create index inbox_call_id_idx on app.inbox (call_id);

-- One-use secrets, as the SHA-256 of what was handed out.
create table app.media_tokens (
    token_hash bytea primary key,
    call_id uuid not null references public.calls (id) on delete cascade,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index media_tokens_call_id_idx on app.media_tokens (call_id);
create index media_tokens_expires_at_idx on app.media_tokens (expires_at);
create table app.tickets (
    token_hash bytea primary key,
    claims jsonb not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index tickets_expires_at_idx on app.tickets (expires_at);

-- Answers already given to an Idempotency-Key; status is null while the first request is at work.
create table app.idempotency (
    user_id uuid not null,
    key text not null,
    fingerprint text not null,
    status integer,
    body bytea,
    created_at timestamptz not null default now(),
    primary key (user_id, key)
);
create index idempotency_created_at_idx on app.idempotency (created_at);

grant select on app.schema_migrations, app.reservations to talking_service;
grant select, insert, update on app.call_details, app.streams to talking_service;
grant select, insert on app.call_journal to talking_service;
grant select, insert, delete on app.events, app.inbox to talking_service;
grant update (published_at) on app.events to talking_service;
grant select, insert, delete on app.media_tokens, app.tickets to talking_service;
grant update (used_at) on app.media_tokens, app.tickets to talking_service;
grant select, insert, update, delete on app.idempotency to talking_service;
