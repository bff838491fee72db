-- Registration and metering: each is several rows under one lock, so each is one function. They run
-- with their owner's rights because nobody else may insert users or touch a counter.

create function app.register_user(new_id uuid, new_email text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
    today timestamp := now() at time zone 'utc';
    month_start timestamp := date_trunc('month', today);
begin
    -- Whoever comes second waits here for the first to commit, and then finds nothing to do.
    insert into public.users (id, email, billing_cycle_start, billing_cycle_end)
    values (new_id, new_email, month_start at time zone 'utc',
        (month_start + interval '1 month') at time zone 'utc')
    on conflict (id) do nothing;
    if not found then
        return false;
    end if;
    insert into public.subscriptions (user_id) values (new_id);
    insert into public.usage_tracking (user_id, month_year)
    values (new_id, to_char(today, 'YYYY-MM'));
    insert into public.subscription_events (user_id, event_type, to_plan, effective_date)
    values (new_id, 'registration', 'free', today::date);
    return true;
end
$$;

-- Whether the user may use one more of `wanted` in a month, and if so, holds it for the subject.
-- Asked again for the same subject it answers as before, except that a released one stays refused.
create function app.reserve_usage(who uuid, wanted text, subject uuid, month text)
returns table (accepted boolean, "limit" integer, used integer, reserved integer)
language plpgsql security definer set search_path = '' as $$
declare
    allowed integer;
    used_count integer;
    reserved_count integer;
    known app.reservations;
    answer boolean;
begin
    insert into public.usage_tracking (user_id, month_year) values (who, month)
    on conflict (user_id, month_year) do nothing;
    select case wanted when 'calls' then calls_used when 'texts' then texts_used
        when 'emails' then emails_used end
    into used_count from public.usage_tracking
    where user_id = who and month_year = month for update;

    -- Everything below is read after the lock was taken, by statements with a snapshot of their own.
    select case wanted when 'calls' then p.phone_calls_limit when 'texts' then p.text_chains_limit
        when 'emails' then p.emails_limit end
    into allowed from public.users u
    join public.subscription_plans p on p.id = u.subscription_plan_id where u.id = who;
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
    return query select answer, allowed, used_count, reserved_count;
end
$$;

-- Ends a reservation: counted, or given back. True only for the call that did it.
create function app.settle_usage(settled text, subject uuid, is_used boolean) returns boolean
language plpgsql security definer set search_path = '' as $$
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
    return true;
end
$$;

create function app.on_auth_user_created() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
    perform app.register_user(new.id, new.email);
    return new;
end
$$;

revoke execute on all functions in schema app from public;
grant execute on function app.register_user, app.reserve_usage, app.settle_usage,
    app.call_status_rank to talking_service;

-- Without rights on auth.users the first request of a new user registers them just as well.
do $$
begin
    create trigger talking_register after insert on auth.users
        for each row execute function app.on_auth_user_created();
exception when insufficient_privilege or undefined_table then
    raise notice 'no trigger on auth.users: %', sqlerrm;
end
$$;
