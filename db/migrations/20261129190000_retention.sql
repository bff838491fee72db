-- What is old is deleted by one function, which belongs to a role that may do that and nothing else.
-- The service calls it and may delete from none of these tables itself. How long something is kept
-- says whoever calls; nothing goes before its floor.

-- Nothing that is a person's record is deleted while one of these is in force. Rows stay, lifted or not.
create table app.legal_holds (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id),
    reason text not null,
    set_by uuid references public.users (id),  -- null: from the command line
    set_at timestamptz not null default now(),
    lifted_by uuid references public.users (id),
    lifted_because text,
    lifted_at timestamptz
);
create unique index legal_holds_in_force_key on app.legal_holds (user_id) where lifted_at is null;
create index legal_holds_user_id_idx on app.legal_holds (user_id);
create index legal_holds_set_by_idx on app.legal_holds (set_by);
create index legal_holds_lifted_by_idx on app.legal_holds (lifted_by);
grant select, insert, update (lifted_by, lifted_because, lifted_at) on app.legal_holds
    to talking_service;

create function app.keep_holds() returns trigger language plpgsql set search_path = '' as $$
begin
    if old.lifted_at is not null then
        raise exception 'a hold is lifted once' using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;
create trigger keep_holds before update on app.legal_holds
    for each row execute function app.keep_holds();

-- One run at a time; whoever was silent for a minute is dead. `kinds` is what it counted so far.
create table app.retention_runs (
    id uuid primary key default gen_random_uuid(),
    node text not null,
    started_at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    ended_at timestamptz,
    kinds jsonb not null default '{}'
);
create unique index retention_runs_one_key on app.retention_runs ((true)) where ended_at is null;
create index retention_runs_started_at_idx on app.retention_runs (started_at);
grant select, insert, update (seen_at, ended_at, kinds) on app.retention_runs to talking_service;

-- A row of `relation` (t) is old by `at_column`, and due if the `condition` holds. A kind with records
-- has an id and a user, whose hold keeps it; `with_them` is deleted before them ($1: their ids, which is
-- quicker than by cascade, row by row). In a condition $1 is the time before which rows are old.
create table app.retention_kinds (
    kind text primary key,
    relation text not null,
    at_column text not null,
    floor interval not null,
    is_record boolean not null default false,
    condition text not null default 'true',
    with_them text[] not null default '{}'
);

insert into app.retention_kinds (kind, relation, at_column, floor, is_record, condition, with_them)
values
    -- A call that is not over is never old.
    ('calls', 'public.calls', 'created_at', '30 days', true,
        'app.call_status_rank(t.status) >= 5',
        array['delete from app.call_journal where call_id = any($1)',
            'delete from app.call_details where call_id = any($1)']),
    -- Nor is an e-mail or a text whose fate is not known.
    ('emails', 'public.emails', 'created_at', '30 days', true,
        'not exists (select from app.email_details d where d.email_id = t.id'
            ' and d.state in (''writing'', ''queued'', ''sending'', ''unknown''))',
        array['delete from app.complaints c using public.emails e where e.id = any($1)'
                ' and c.user_id = e.user_id and c.email_id = e.id',
            'delete from app.email_details where email_id = any($1)']),
    ('messages', 'public.sms_messages', 'created_at', '30 days', true,
        'not exists (select from app.message_details d where d.message_id = t.id'
            ' and d.state in (''queued'', ''sending'', ''unknown''))',
        array['delete from app.message_details where message_id = any($1)']),
    -- A conversation goes by when something was last written in it, and after its messages.
    ('conversations', 'public.sms_conversations', 'created_at', '30 days', true,
        'not exists (select from app.conversation_details d where d.conversation_id = t.id'
            ' and (d.is_open or d.last_at >= $1::timestamptz))'
            ' and not exists (select from public.sms_messages m'
            ' left join app.message_details d on d.message_id = m.id'
            ' where m.conversation_id = t.id and (m.created_at >= $1::timestamptz'
            ' or d.state in (''queued'', ''sending'', ''unknown'')))',
        array['delete from app.conversation_details where conversation_id = any($1)']),
    -- The ledger is what a month's counters count, so it goes with them: a month as a whole.
    ('usage', 'public.usage_tracking', 'month_year', '92 days', true, 'true',
        array['delete from app.reservations r using public.usage_tracking u where u.id = any($1)'
            ' and r.user_id = u.user_id and r.month_year = u.month_year']),
    ('admin_views', 'app.admin_views', 'created_at', '90 days', true, 'true', '{}'),
    ('waiting_room', 'public.amd_waiting_room', 'created_at', '1 hour', false,
        'not exists (select from public.calls c where c.id = t.call_id'
            ' and app.call_status_rank(c.status) < 5)', '{}'),
    ('events', 'app.event_groups', 'at', '1 hour', false, 'true', '{}'),
    ('inbox', 'app.inbox', 'received_at', '4 days', false, 'true', '{}'),
    ('idempotency', 'app.idempotency', 'created_at', '24 hours', false, 'true', '{}'),
    ('tickets', 'app.tickets', 'expires_at', '1 hour', false, 'true', '{}'),
    ('audio_tickets', 'app.audio_tickets', 'expires_at', '1 hour', false, 'true', '{}'),
    ('media_tokens', 'app.media_tokens', 'expires_at', '1 hour', false, 'true', '{}'),
    ('number_proofs', 'app.number_proofs', 'expires_at', '1 hour', false, 'true', '{}'),
    ('velocity', 'app.velocity', 'at', '24 hours', false, 'true', '{}'),
    ('strangers', 'app.strangers', 'answered_at', '24 hours', false, 'true', '{}'),
    ('stop_questions', 'app.stop_questions', 'asked_at', '3 days', false,
        't.answered_at is not null', '{}'),
    ('job_log', 'app.pgqueuer_log', 'created', '1 day', false, 't.aggregated', '{}'),
    ('job_statistics', 'app.pgqueuer_statistics', 'created', '1 day', false, 'true', '{}'),
    -- Longer than Stripe can list an event again.
    ('stripe_events', 'app.stripe_events', 'received_at', '31 days', false,
        '(t.processed_at is not null or t.set_aside_at is not null)'
            ' and not exists (select from app.legal_holds h join public.users u on u.id = h.user_id'
            ' where h.lifted_at is null and u.stripe_customer_id = t.customer_id)', '{}'),
    ('retention_runs', 'app.retention_runs', 'started_at', '90 days', false,
        't.ended_at is not null', '{}'),
    ('nodes', 'app.nodes', 'seen_at', '1 hour', false, 'true', '{}'),
    ('billing_turns', 'app.billing_turns', 'until', '1 hour', false, 'true', '{}');
grant select on app.retention_kinds to talking_service;

-- Deletes some of what is old, `most` rows at most, and says how many it looked at, how many of these
-- a hold keeps, and how many it deleted (`only_count`: would have). Records are gone through in order:
-- `last` is where the next piece goes on `after`. Nothing looked at: the kind is done. A place in the
-- table that somebody else holds is not waited for long.
create function app.delete_expired(
    kind text, older_than interval, most integer, after text[], only_count boolean,
    out seen integer, out held integer, out deleted integer, out last text[]
) language plpgsql security definer set search_path = '' set lock_timeout = '100ms' as $$
declare
    known app.retention_kinds;
    before text;
    type text := 'timestamptz';
    ids uuid[];
    statement text;
begin
    select * into known from app.retention_kinds k where k.kind = delete_expired.kind;
    if known.kind is null then
        raise exception 'there is no kind %', kind using errcode = 'invalid_parameter_value';
    elsif older_than < known.floor then
        raise exception '% is kept for % at least', kind, known.floor
            using errcode = 'insufficient_privilege';
    end if;
    before := (now() - older_than)::text;
    if known.at_column = 'month_year' then  -- a month is over when the next one begins
        before := to_char((now() - older_than) at time zone 'utc', 'YYYY-MM');
        type := 'text';
    end if;
    held := 0;

    if known.is_record then
        perform pg_advisory_xact_lock_shared(hashtextextended('legal_holds', 0));
        execute format(
            'with picked as materialized (
                select t.id, t.%2$I as at, h.user_id is not null as is_held, (%4$s) as is_due
                from %1$s t
                left join app.legal_holds h on h.user_id = t.user_id and h.lifted_at is null
                where t.%2$I < $1::%3$s and (t.%2$I, t.id) > ($2::%3$s, $3::uuid)
                order by t.%2$I, t.id limit $4
            )
            select count(*), count(*) filter (where is_held),
                array_agg(id) filter (where is_due and not is_held),
                (select array[at::text, id::text] from picked order by at desc, id desc limit 1)
            from picked', known.relation, known.at_column, type, known.condition)
        into seen, held, ids, last
        using before, coalesce(after[1], case type when 'text' then '' else '-infinity' end),
            coalesce(after[2], '00000000-0000-0000-0000-000000000000'), most;
        deleted := coalesce(cardinality(ids), 0);
        if deleted > 0 and not only_count then
            foreach statement in array known.with_them loop
                execute statement using ids;
            end loop;
            execute format('delete from %s where id = any($1)', known.relation) using ids;
            get diagnostics deleted = row_count;
        end if;
    elsif only_count then
        execute format('select count(*) from (select from %s t where t.%I < $1::timestamptz and (%s)'
            ' limit $2) due', known.relation, known.at_column, known.condition)
        into deleted using before, most;
        seen := deleted;
    elsif kind = 'events' then
        -- Places were given in the order of time, nearly: whatever is old is in front. A group that
        -- alone is more than a piece is one.
        with front as (
            select *, sum(last_seq - first_seq + 1) over (order by gseq) as events from (
                select * from app.event_groups where gseq is not null order by gseq limit most
            ) g
        ), old as (
            delete from app.event_groups g using front f
            where g.gseq = f.gseq and f.at < now() - older_than
                and (f.events <= most or f.events = f.last_seq - f.first_seq + 1)
            returning g.user_id, g.first_seq, g.last_seq
        ), gone as (
            delete from app.events e using old o
            where e.user_id = o.user_id and e.seq between o.first_seq and o.last_seq
        )
        select count(*) into deleted from old;
        seen := deleted;
    else  -- said twice, because a row may have become another while it was waited for
        execute format('delete from %1$s t where t.%2$I < $1::timestamptz and (%3$s)'
            ' and t.ctid = any(array(select t.ctid from %1$s t where t.%2$I < $1::timestamptz'
            ' and (%3$s) limit $2))', known.relation, known.at_column, known.condition)
        using before, most;
        get diagnostics deleted = row_count;
        seen := deleted;
    end if;
end
$$;
revoke execute on function app.keep_holds, app.delete_expired from public;
grant execute on function app.delete_expired to talking_service;

-- The role's rights: to find what is old, and to delete it.
do $$
declare
    name text;
begin
    grant usage, create on schema app to talking_retention;
    grant usage on schema public to talking_retention;
    alter function app.delete_expired owner to talking_retention;
    revoke create on schema app from talking_retention;
    grant select on app.retention_kinds, app.legal_holds, public.users to talking_retention;
    grant execute on function app.call_status_rank to talking_retention;
    foreach name in array array['public.calls', 'public.emails', 'public.sms_messages',
        'public.sms_conversations', 'public.usage_tracking', 'public.amd_waiting_room',
        'app.call_details', 'app.call_journal', 'app.email_details', 'app.complaints',
        'app.message_details', 'app.conversation_details', 'app.reservations', 'app.admin_views',
        'app.events', 'app.event_groups', 'app.inbox', 'app.idempotency', 'app.tickets',
        'app.audio_tickets', 'app.media_tokens', 'app.number_proofs', 'app.velocity',
        'app.strangers', 'app.stop_questions', 'app.pgqueuer_log', 'app.pgqueuer_statistics',
        'app.stripe_events', 'app.retention_runs', 'app.nodes', 'app.billing_turns']
    loop
        execute format('grant select, delete on %s to talking_retention', name);
        if name like 'public.%' then
            execute format('create policy retention on %s to talking_retention using (true)', name);
        end if;
    end loop;
    create policy retention on public.users for select to talking_retention using (true);
end
$$;

revoke delete on public.amd_waiting_room, app.events, app.event_groups, app.inbox, app.tickets,
    app.audio_tickets, app.media_tokens, app.nodes, app.velocity, app.stop_questions
    from talking_service;

-- Its chore had another name, which nobody looks at any more.
delete from app.pgqueuer_schedules where entrypoint = 'housekeeping';
