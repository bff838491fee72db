-- Who may be reached how often; and what the service may no longer rewrite.

alter table app.consents drop constraint consents_channel_check;
alter table app.consents add constraint consents_channel_check
    check (channel in ('texts', 'calls'));

-- Count one more under each key, unless one of them has had its number within its seconds; then
-- nothing is counted, and the seconds until it may be tried again are returned. A key is locked
-- until the transaction ends, in an order of their own, so that counting and noting are one step.
create function app.pace(keys text[], most integer[], seconds integer[]) returns integer
language plpgsql set search_path = '' as $$
declare
    one record;
    taken integer;
    wait integer;
begin
    for one in
        select key from unnest(keys) as given (key) group by key order by key
    loop
        perform pg_advisory_xact_lock(hashtextextended('velocity:' || one.key, 0));
    end loop;
    for one in
        select * from unnest(keys, most, seconds) as given (key, most, seconds)
    loop
        select count(*) into taken from app.velocity v
        where v.key = one.key and v.at > clock_timestamp() - make_interval(secs => one.seconds);
        if taken >= one.most then
            select ceil(one.seconds - extract(epoch from clock_timestamp() - v.at)) into wait
            from app.velocity v where v.key = one.key
            order by v.at desc offset greatest(one.most - 1, 0) limit 1;
            return greatest(coalesce(wait, one.seconds), 1);
        end if;
    end loop;
    insert into app.velocity (key, at)
    select key, clock_timestamp() from unnest(keys) as given (key) group by key;
    return null;
end
$$;

-- Spam complaints about a user's e-mails: too many of them lately, and no more are sent.
create table app.complaints (
    user_id uuid not null references public.users (id),
    email_id uuid not null,
    at timestamptz not null default now(),
    primary key (user_id, email_id)
);
create index complaints_at_idx on app.complaints (user_id, at);

-- The one way to take back what an address asked for; a bounce stays.
create function app.opt_in(wish text) returns setof text
language sql security definer set search_path = '' as $$
    delete from app.opt_outs where (because_of = wish or address = wish) and reason <> 'bounce'
    returning address
$$;

-- An operator acts on what is others', and so must see it; an administrator only sees.
do $$
declare
    name text;
    owner_column text;
begin
    for name in
        select tablename from pg_policies where schemaname = 'public' and policyname = 'own_or_admin'
    loop
        owner_column := case name when 'users' then 'id' else 'user_id' end;
        execute format('alter policy own_or_admin on public.%I using ('
            '(select auth.uid()) = %I or '
            '((select auth.jwt()) -> ''app_metadata'' ->> ''role'') in (''admin'', ''operator''))',
            name, owner_column);
    end loop;
end
$$;

-- Consents and opt-outs are only ever added to; what happened is not deleted, and of a person's row
-- only what billing writes is changed.
revoke update on app.consents, app.own_addresses, app.strangers from talking_service;
grant update (withdrawn_at) on app.consents to talking_service;
grant update (seen_at) on app.own_addresses to talking_service;
grant update (answered_at) on app.strangers to talking_service;
revoke update, delete on app.opt_outs from talking_service;
revoke delete on public.calls, public.emails, public.sms_conversations, public.sms_messages,
    public.usage_tracking from talking_service;
revoke update on public.users from talking_service;
grant update (subscription_plan_id, subscription_status, billing_interval, billing_cycle_start,
    billing_cycle_end, stripe_customer_id) on public.users to talking_service;
grant select, insert on app.complaints to talking_service;
revoke execute on function app.pace, app.opt_in from public;
grant execute on function app.pace, app.opt_in to talking_service;
