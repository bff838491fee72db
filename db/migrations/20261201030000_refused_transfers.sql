-- An attempt that names the use of the plan it belongs to is given back with it: a transfer that was
-- refused. An attempt to call names none, as it counts whatever became of it. Only what was counted
-- for this very use is taken back, so that no limit is passed by it.
alter table app.velocity add column use uuid;
create index velocity_use_idx on app.velocity (use) where use is not null;

drop function app.pace(text[], integer[], integer[]);
create function app.pace(keys text[], most integer[], seconds integer[], given_use uuid default null) returns integer
    language plpgsql
    set search_path to ''
    as $$
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
    insert into app.velocity (key, at, use)
    select key, clock_timestamp(), given_use from unnest(keys) as given (key) group by key;
    return null;
end
$$;
revoke execute on function app.pace from public;
grant execute on function app.pace to talking_service;

create or replace function app.settle_usage(settled text, subject uuid, is_used boolean) returns boolean
    language plpgsql security definer
    set search_path to ''
    as $$
declare
    found_one app.reservations;
begin
    select * into found_one from app.reservations where metric = settled and subject_id = subject;
    -- The same lock as reserve_usage, and taken first, so that the two cannot deadlock.
    perform from public.usage_tracking
    where user_id = found_one.user_id and month_year = found_one.month_year for update;
    update app.reservations
    set state = case when is_used then 'committed' else 'released' end, settled_at = now()
    where id = found_one.id and state = 'reserved';
    if not found then
        return false;
    end if;
    update public.usage_tracking
    set calls_used = calls_used + (is_used and settled = 'calls')::integer,
        texts_used = texts_used + (is_used and settled = 'texts')::integer,
        emails_used = emails_used + (is_used and settled = 'emails')::integer
    where user_id = found_one.user_id and month_year = found_one.month_year;
    if is_used then
        insert into public.subscription_events (user_id, event_type, effective_date, metadata)
        values (
            found_one.user_id,
            case settled when 'calls' then 'call.completed' when 'texts' then 'text.started'
                else 'email.sent' end,
            current_date, jsonb_build_object('id', subject)
        );
    else
        delete from app.velocity where use = subject;
    end if;
    return true;
end
$$;
