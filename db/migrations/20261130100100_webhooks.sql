-- Webhooks of people's own: where their events are sent on to, and what became of each. Addresses,
-- secrets and bodies are sealed.
create table app.webhooks (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id),
    url text not null,
    types text[] not null,  -- none: all
    secret text not null,
    former_secret text,  -- signs as well until then
    former_until timestamptz,
    created_at timestamptz not null default now(),
    failing_since timestamptz,  -- without a success since
    disabled_at timestamptz,
    disabled_reason text
);
create index webhooks_user_id_idx on app.webhooks (user_id);

-- What is about one thing ("call:<id>") goes to a webhook in its order, in a lane; a lane is there while
-- something in it waits, and has one job for as long.
create table app.webhook_lanes (
    id uuid primary key default gen_random_uuid(),
    webhook_id uuid not null references app.webhooks (id) on delete cascade,
    subject text not null,
    claimed_by uuid,
    claimed_until timestamptz,
    unique (webhook_id, subject)
);

create table app.webhook_deliveries (
    id uuid primary key default gen_random_uuid(),
    webhook_id uuid not null references app.webhooks (id) on delete cascade,
    user_id uuid not null,
    place bigint generated always as identity,
    subject text not null,
    type text not null,
    event_seq bigint,  -- of app.events, where it is kept for a shorter time; null: no event
    body text,  -- as it is sent; written when the lane is first attended to
    created_at timestamptz not null default now(),
    state text not null default 'waiting'
        check (state in ('waiting', 'delivered', 'failed', 'canceled')),
    attempts integer not null default 0,
    due_at timestamptz not null default now(),
    delivered_at timestamptz,
    log jsonb not null default '[]'  -- each attempt: at, status, error, took_ms
);
create index webhook_deliveries_waiting_idx on app.webhook_deliveries (webhook_id, subject, place)
    where state = 'waiting';
create index webhook_deliveries_page_idx on app.webhook_deliveries (webhook_id, created_at, id);
create index webhook_deliveries_created_at_idx on app.webhook_deliveries (created_at);

-- Have the lane attended to; `again`: now, whatever its job waits for.
create function app.attend_webhook_lane(hook uuid, about text, again boolean) returns void
language plpgsql security definer set search_path = '' as $$
declare
    lane uuid;
    is_new boolean;
begin
    insert into app.webhook_lanes as l (webhook_id, subject) values (hook, about)
    on conflict (webhook_id, subject) do update set subject = excluded.subject
    returning l.id, l.xmax = 0 into lane, is_new;
    if is_new or again then
        insert into app.pgqueuer (priority, entrypoint, payload, execute_after, status)
        values (0, 'webhook_deliver', convert_to(lane::text, 'UTF8'), now(), 'queued');
    end if;
end
$$;

-- An event is to be delivered exactly when it is there. Whoever has no webhook costs one look.
create function app.deliver_events() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
    if not exists (select from app.webhooks w join fresh using (user_id)
        where w.disabled_at is null) then
        return null;
    end if;
    insert into app.webhook_deliveries (webhook_id, user_id, subject, type, event_seq)
    select w.id, w.user_id, f.subject, f.type, f.seq
    from fresh f join app.webhooks w using (user_id)
    where w.disabled_at is null and f.type <> 'webhook.disabled'
        and (w.types = '{}' or f.type = any(w.types))
    order by w.id, f.seq;
    perform app.attend_webhook_lane(lane.id, lane.subject, false)
    from (
        select distinct w.id, f.subject
        from fresh f join app.webhooks w using (user_id)
        where w.disabled_at is null and f.type <> 'webhook.disabled'
            and (w.types = '{}' or f.type = any(w.types))
        order by w.id, f.subject
    ) lane;
    return null;
end
$$;
create trigger deliver after insert on app.events referencing new table as fresh
    for each statement execute function app.deliver_events();
revoke execute on function app.attend_webhook_lane, app.deliver_events from public;

insert into app.retention_kinds (kind, relation, at_column, floor, is_record, condition) values
    ('webhook_deliveries', 'app.webhook_deliveries', 'created_at', '1 day', false,
        't.state <> ''waiting''');

-- Whoever asks to be forgotten has no program that acts for them, or is told of it, from then on.
create function app.forget_programs() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
    delete from app.webhooks where user_id = new.user_id;
    delete from app.api_keys where user_id = new.user_id;
    return null;
end
$$;
create trigger forget_programs after insert on app.erasures
    for each row execute function app.forget_programs();
revoke execute on function app.forget_programs from public;
grant select, delete on app.webhook_deliveries to talking_retention;
