-- Texts and e-mails: what the map's tables have no column for, and the rights of whom we write to.

-- One row per conversation: its number, which the carrier's webhooks name, and how it goes. Its row
-- lock orders everything that happens to the conversation. last_out is the seq of our newest message.
create table app.conversation_details (
    conversation_id uuid primary key references public.sms_conversations (id) on delete cascade,
    user_id uuid not null references public.users (id),
    phone_number text not null,
    is_own boolean not null,
    is_open boolean not null default true,
    idempotency_key text,
    end_reason text,
    last_out bigint not null default 0,
    rev integer not null default 0,
    last_at timestamptz not null default now()
);
create unique index conversation_details_idempotency_key
    on app.conversation_details (user_id, idempotency_key);
create index conversation_details_number_idx on app.conversation_details (phone_number, last_out)
    where is_open;
create index conversation_details_last_at_idx on app.conversation_details (last_at) where is_open;

-- One row per message. Outgoing ones are their own outbox: queued, then sending, then what became of
-- it; unknown ones are looked up at the carrier before anything is sent again. answered_by: our
-- message that answers this one; no text is answered twice.
create table app.message_details (
    message_id uuid primary key references public.sms_messages (id) on delete cascade,
    conversation_id uuid not null references public.sms_conversations (id) on delete cascade,
    seq bigint generated always as identity,
    state text not null check (state in
        ('received', 'queued', 'sending', 'unknown', 'accepted', 'refused', 'dropped')),
    state_at timestamptz not null default now(),
    answered_by uuid references public.sms_messages (id) on delete set null,
    idempotency_key text,
    carrier_status text,
    error_code integer,
    segments integer not null default 1 check (segments > 0),
    media integer not null default 0 check (media >= 0),
    failures integer not null default 0
);
create unique index message_details_seq_key on app.message_details (conversation_id, seq);
create unique index message_details_idempotency_key
    on app.message_details (conversation_id, idempotency_key);
create index message_details_answered_by_idx on app.message_details (answered_by);
create index message_details_unsent_idx on app.message_details (conversation_id, seq)
    where state in ('queued', 'sending', 'unknown');
create index message_details_unanswered_idx on app.message_details (conversation_id, seq)
    where state = 'received' and answered_by is null;

-- One row per e-mail, ours or a reply to one of ours. variables fill a template; html and content are
-- written once, before it is queued. reply_token is in the address that answers go to.
create table app.email_details (
    email_id uuid primary key references public.emails (id) on delete cascade,
    user_id uuid not null references public.users (id),
    state text not null check (state in
        ('received', 'writing', 'queued', 'sending', 'unknown', 'accepted', 'refused', 'dropped')),
    state_at timestamptz not null default now(),
    idempotency_key text,
    template text,
    variables jsonb not null default '{}',
    html text,
    unsubscribe_token text,
    reply_token text,
    in_reply_to uuid references public.emails (id) on delete set null,
    delivery text,
    error text,
    failures integer not null default 0,
    rev integer not null default 0
);
create unique index email_details_idempotency_key on app.email_details (user_id, idempotency_key);
create unique index email_details_unsubscribe_token_key on app.email_details (unsubscribe_token);
create unique index email_details_reply_token_key on app.email_details (reply_token);
create index email_details_in_reply_to_idx on app.email_details (in_reply_to);

-- Addresses (numbers and e-mail addresses) that a signed-in person proved to be theirs: who asks one of
-- them to stop asks all of them.
create table app.own_addresses (
    user_id uuid not null references public.users (id),
    address text not null,
    seen_at timestamptz not null default now(),
    primary key (user_id, address)
);
create index own_addresses_address_idx on app.own_addresses (address);

-- Who agreed to be texted where, in which words. Withdrawn, it stays as history.
create table app.consents (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id),
    channel text not null check (channel in ('texts')),
    address text not null,
    wording text not null,
    source text not null,
    given_at timestamptz not null default now(),
    withdrawn_at timestamptz
);
create index consents_user_id_idx on app.consents (user_id);
create unique index consents_in_force_key on app.consents (user_id, channel, address)
    where withdrawn_at is null;

-- Addresses nothing may be sent to. because_of is the address that asked; lifting its wish lifts all
-- that follows from it. A bounce concerns that mailbox alone.
create table app.opt_outs (
    address text primary key,
    reason text not null
        check (reason in ('stop', 'asked', 'unsubscribe', 'complaint', 'bounce')),
    because_of text not null,
    at timestamptz not null default now()
);
create index opt_outs_because_of_idx on app.opt_outs (because_of);

-- How much went to a number, or to a block of numbers, lately; and strangers already answered.
create table app.velocity (
    key text not null,
    at timestamptz not null default now()
);
create index velocity_key_at_idx on app.velocity (key, at);
create table app.strangers (
    phone_number text primary key,
    answered_at timestamptz not null default now()
);

grant select, insert, update on app.conversation_details, app.message_details, app.email_details,
    app.own_addresses, app.consents, app.strangers to talking_service;
grant select, insert, update, delete on app.opt_outs to talking_service;
grant select, insert, delete on app.velocity to talking_service;

create function app.is_opted_out(addresses text[]) returns boolean
language sql stable set search_path = '' as $$
    select exists (select from app.opt_outs where address = any(addresses))
$$;
revoke execute on function app.is_opted_out from public;
grant execute on function app.is_opted_out to talking_service;
