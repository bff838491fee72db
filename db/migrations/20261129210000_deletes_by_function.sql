-- What is deleted or taken back goes by these functions, which hold its conditions: the service may
-- delete from no table of ours, and change no consent. What it asks for cannot be younger than said here.

create function app.forget_secrets() returns void
language sql security definer set search_path = '' as $$
    delete from app.media_tokens where expires_at < now() - interval '1 day';
    delete from app.tickets where expires_at < now() - interval '1 day';
    delete from app.audio_tickets where expires_at < now() - interval '1 day'
$$;

create function app.forget_answers() returns void
language sql security definer set search_path = '' as $$
    delete from app.idempotency where created_at < now() - interval '24 hours'
$$;

-- A key whose request came to nothing; one that has its answer stays.
create function app.give_back_key(whose uuid, given text) returns void
language sql security definer set search_path = '' as $$
    delete from app.idempotency where user_id = whose and key = given and status is null
$$;

create function app.give_back_turn(customer text, by_holder uuid) returns void
language sql security definer set search_path = '' as $$
    delete from app.billing_turns where customer_id = customer and holder = by_holder
$$;

create function app.forget_pace() returns void
language sql security definer set search_path = '' as $$
    delete from app.velocity where at < now() - interval '1 day';
    delete from app.stop_questions where asked_at < now() - interval '30 days'
$$;

create function app.forget_nodes(hours integer) returns void
language sql security definer set search_path = '' as $$
    delete from app.nodes where seen_at < now() - make_interval(hours => greatest(hours, 1))
$$;

create function app.forget_job_log(days integer) returns void
language sql security definer set search_path = '' as $$
    delete from app.pgqueuer_log
    where aggregated and created < now() - make_interval(days => greatest(days, 1))
$$;

-- No provider brings a webhook again after three days.
create function app.forget_inbox(days integer, piece integer) returns bigint
language sql security definer set search_path = '' as $$
    with old as (
        delete from app.inbox where (provider, key) in (
            select provider, key from app.inbox
            where received_at < now() - make_interval(days => greatest(days, 3))
            order by received_at limit piece
        ) returning 1
    )
    select count(*) from old
$$;

-- Places were given in the order of time, nearly: whatever is old is in front. A group that alone is
-- more than a piece is one.
create function app.forget_events(hours integer, piece integer) returns bigint
language sql security definer set search_path = '' as $$
    with front as (
        select *, sum(last_seq - first_seq + 1) over (order by gseq) as events from (
            select * from app.event_groups where gseq is not null order by gseq limit piece
        ) g
    ), old as (
        delete from app.event_groups g using front f
        where g.gseq = f.gseq and f.at < now() - make_interval(hours => greatest(hours, 24))
            and (f.events <= piece or f.events = f.last_seq - f.first_seq + 1)
        returning g.user_id, g.first_seq, g.last_seq
    ), gone as (
        delete from app.events e using old o
        where e.user_id = o.user_id and e.seq between o.first_seq and o.last_seq
    )
    select count(*) from old
$$;

-- A consent that is taken back stays, with the time of it.
create function app.withdraw_consent(consent uuid) returns void
language sql security definer set search_path = '' as $$
    update app.consents set withdrawn_at = now() where id = consent and withdrawn_at is null
$$;

revoke execute on function app.forget_secrets, app.forget_answers, app.give_back_key,
    app.give_back_turn, app.forget_pace, app.forget_nodes, app.forget_job_log, app.forget_inbox,
    app.forget_events, app.withdraw_consent from public;
grant execute on function app.forget_secrets, app.forget_answers, app.give_back_key,
    app.give_back_turn, app.forget_pace, app.forget_nodes, app.forget_job_log, app.forget_inbox,
    app.forget_events, app.withdraw_consent to talking_service;
