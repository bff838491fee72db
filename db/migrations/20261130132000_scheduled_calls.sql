-- Calls to be placed later, and tried again if nobody answers. Number and topic are sealed.
create table app.scheduled_calls (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id),
    phone_number text not null,  -- as typed, with an extension if there is one
    topic text not null,
    agent text,
    starts_at timestamptz not null,  -- as asked for
    next_at timestamptz not null,  -- when it is tried next
    status text not null default 'scheduled'
        check (status in ('scheduled', 'calling', 'done', 'failed', 'canceled')),
    attempts integer not null default 0,
    reason text,
    call_id uuid,  -- of the last attempt; it may be deleted before this
    batch_id uuid,
    idempotency_key text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index scheduled_calls_idempotency_key
    on app.scheduled_calls (user_id, idempotency_key);
create index scheduled_calls_page_idx on app.scheduled_calls (user_id, created_at, id);

alter table app.call_details add column scheduled_id uuid;

insert into app.retention_kinds (kind, relation, at_column, floor, is_record, condition) values
    ('scheduled_calls', 'app.scheduled_calls', 'created_at', '30 days', true,
        't.status not in (''scheduled'', ''calling'')');
grant select, delete on app.scheduled_calls to talking_retention;

-- Whoever asks to be forgotten is called no more.
create function app.forget_scheduled_calls() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
    delete from app.scheduled_calls where user_id = new.user_id;
    return null;
end
$$;
create trigger forget_scheduled_calls after insert on app.erasures
    for each row execute function app.forget_scheduled_calls();
revoke execute on function app.forget_scheduled_calls from public;
