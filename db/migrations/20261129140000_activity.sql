-- What a user did is one line of the trail, written as its use is counted: once, whoever settles it.
create or replace function app.settle_usage(settled text, subject uuid, is_used boolean)
returns boolean
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
    if is_used then
        insert into public.subscription_events (user_id, event_type, effective_date, metadata)
        values (
            found_one.user_id,
            case settled when 'calls' then 'call.completed' when 'texts' then 'text.started'
                else 'email.sent' end,
            current_date, jsonb_build_object('id', subject)
        );
    end if;
    return true;
end
$$;
