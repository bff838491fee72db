-- Billing: what Stripe told us, the facts the map's tables have no column for, and a limit that
-- knows the grace of an unpaid plan and the cheapest plan that would allow what was refused.

-- Webhooks as they came, which is the queue of their work too: a row without processed_at is due at
-- next_attempt_at. Taking it moves that time on, so a worker that dies loses nothing.
create table app.stripe_events (
    event_id text primary key,
    type text not null,
    api_version text,
    created timestamptz not null,
    customer_id text,
    payload jsonb not null,
    received_at timestamptz not null default now(),
    processed_at timestamptz,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null default now(),
    error text
);
create index stripe_events_due_idx on app.stripe_events (next_attempt_at)
    where processed_at is null;
create index stripe_events_customer_id_idx on app.stripe_events (customer_id);

-- One row per user who ever had a subscription at Stripe. At entitled_until a plan whose payment
-- failed stops counting, with nobody doing anything.
create table app.billing (
    user_id uuid primary key references public.users (id),
    stripe_subscription_id text,
    past_due_since timestamptz,
    entitled_until timestamptz,
    ends_at timestamptz,
    synced_at timestamptz not null default now()
);
create index billing_entitled_until_idx on app.billing (entitled_until);

create table app.plan_change_details (
    plan_change_id uuid primary key references public.plan_changes (id) on delete cascade,
    to_interval text check (to_interval in ('monthly', 'yearly')),
    takes_effect text not null check (takes_effect in ('now', 'period_end')),
    is_sent boolean not null default false,
    by_checkout boolean not null default false,
    checkout_session_id text
);

-- What some node has to do once in a while, and when it was last begun.
create table app.chores (
    name text primary key,
    begun_at timestamptz not null default now()
);

grant select, insert, update on app.chores to talking_service;
grant select, insert on app.stripe_events to talking_service;
grant update (processed_at, attempts, next_attempt_at, error) on app.stripe_events
    to talking_service;
grant select, insert, update on app.billing, app.plan_change_details to talking_service;

-- The plan whose limits hold for a user at a moment.
create function app.plan_in_force(who uuid, at timestamptz) returns text
language sql stable set search_path = '' as $$
    select case when b.entitled_until <= at then 'free' else u.subscription_plan_id end
    from public.users u left join app.billing b on b.user_id = u.id where u.id = who
$$;

-- As before, and more: the plan in force, and for a refusal the cheapest plan that would allow it.
drop function app.reserve_usage(uuid, text, uuid, text);
create function app.reserve_usage(who uuid, wanted text, subject uuid, month text)
returns table (
    accepted boolean, "limit" integer, used integer, reserved integer, plan text, cheapest text,
    is_new boolean
)
language plpgsql security definer set search_path = '' as $$
declare
    in_force text;
    allowed integer;
    used_count integer;
    reserved_count integer;
    known app.reservations;
    answer boolean;
    enough text;
begin
    insert into public.usage_tracking (user_id, month_year) values (who, month)
    on conflict (user_id, month_year) do nothing;
    select case wanted when 'calls' then calls_used when 'texts' then texts_used
        when 'emails' then emails_used end
    into used_count from public.usage_tracking
    where user_id = who and month_year = month for update;

    -- Everything below is read after the lock was taken, by statements with a snapshot of their own.
    select p.id, case wanted when 'calls' then p.phone_calls_limit
        when 'texts' then p.text_chains_limit when 'emails' then p.emails_limit end
    into in_force, allowed from public.subscription_plans p
    where p.id = app.plan_in_force(who, now());
    select count(*) into reserved_count from app.reservations r
    where r.user_id = who and r.metric = wanted and r.month_year = month and r.state = 'reserved';

    select * into known from app.reservations r where r.metric = wanted and r.subject_id = subject;
    if known.id is null then
        answer := allowed = -1 or used_count + reserved_count < allowed;
        if answer then
            insert into app.reservations (user_id, metric, month_year, subject_id)
            values (who, wanted, month, subject);
            reserved_count := reserved_count + 1;
        end if;
    elsif known.user_id <> who then
        raise exception 'the subject belongs to another user' using errcode = 'unique_violation';
    else
        answer := known.state <> 'released';
    end if;
    if not answer then
        select o.id into enough from (
            select p.id, p.price_monthly, case wanted when 'calls' then p.phone_calls_limit
                when 'texts' then p.text_chains_limit when 'emails' then p.emails_limit end as most
            from public.subscription_plans p where p.is_active
        ) o
        where o.most = -1 or o.most > used_count + reserved_count
        order by o.price_monthly, o.id limit 1;
    end if;
    return query select answer, allowed, used_count, reserved_count, in_force, enough,
        answer and known.id is null;
end
$$;

revoke execute on function app.plan_in_force, app.reserve_usage from public;
grant execute on function app.plan_in_force, app.reserve_usage to talking_service;
