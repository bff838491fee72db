-- What the files of migrations/ make together: schemas public and app, functions, policies.
-- Written by `make schema` and compared with a migrated database by a test. Nothing is made from
-- it. Roles are in roles.sql, rights in grants.sql, the trigger that registers users on auth.users.

CREATE SCHEMA app;

CREATE SCHEMA public;

COMMENT ON SCHEMA public IS 'standard public schema';

CREATE TYPE app.pgqueuer_status AS ENUM (
    'queued',
    'picked',
    'successful',
    'exception',
    'canceled',
    'deleted',
    'failed'
);

CREATE FUNCTION app.attend_webhook_lane(hook uuid, about text, again boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION app.call_status_rank(status text) RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN CASE status WHEN 'initiating'::text THEN 0 WHEN 'ringing'::text THEN 1 WHEN 'answered'::text THEN 2 WHEN 'waiting'::text THEN 3 WHEN 'talking'::text THEN 4 WHEN 'voicemail'::text THEN 4 ELSE CASE WHEN (status IS NOT NULL) THEN 5 ELSE NULL::integer END END;

CREATE TABLE app.admin_views (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    admin_id uuid NOT NULL,
    user_id uuid,
    what text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE FUNCTION app.copy_view(seen app.admin_views) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
    with noted as (
        insert into app.audit_log (id, at, actor_kind, actor_id, action, user_id, subject)
        values (seen.id, seen.created_at, 'administrator', seen.admin_id,
            case when seen.what like 'did %' then split_part(seen.what, ' ', 2)
                else 'admin.read' end,
            seen.user_id,
            case when seen.what like 'did call.%' then 'call:' || split_part(seen.what, ' ', 3)
                when seen.what like 'did %' then 'conv:' || split_part(seen.what, ' ', 3)
                else seen.what end)
        returning id
    )
    insert into app.audit_pending (log_id) select id from noted
$$;

CREATE FUNCTION app.copy_views() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    perform app.copy_view(new);
    return null;
end
$$;

CREATE FUNCTION app.delete_expired(kind text, older_than interval, most integer, after text[], only_count boolean, OUT seen integer, OUT held integer, OUT deleted integer, OUT last text[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET lock_timeout TO '100ms'
    AS $_$
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
$_$;

CREATE FUNCTION app.delete_with_calls() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    ids uuid[] := (select array_agg(call_id) from deleted);
begin
    delete from app.call_journal where call_id = any(ids);
    delete from app.media_tokens where call_id = any(ids);
    delete from app.audio_tickets where call_id = any(ids);
    return null;
end
$$;

CREATE FUNCTION app.deliver_events() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION app.erase_person(who uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
    kept constant text[] := array['id', 'object', 'status', 'billing_reason', 'attempt_count',
        'reason', 'payment_status'];
begin
    if not exists (select from app.erasures e where e.user_id = who) then
        raise exception 'nobody asked for this' using errcode = 'insufficient_privilege';
    end if;
    perform set_config('app.erasing', who::text, true);
    update public.subscription_events e set metadata = (
        select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(e.metadata)
        where key = any(kept) and jsonb_typeof(value) in ('string', 'number')
            and value::text ~ '^"?[A-Za-z0-9_.:-]{1,80}"?$'
    )
    where e.user_id = who and e.metadata <> '{}';
    perform set_config('app.erasing', '', true);
    update public.plan_changes set notes = null where user_id = who and notes is not null;
    update app.stripe_events set payload = '{}', error = null
    where payload <> '{}' and processed_at is not null
        and customer_id in (select customer_id from app.former_customers where user_id = who);
    update public.subscriptions set status = 'canceled', tier = 'free'
    where user_id = who and status not in ('canceled', 'incomplete_expired');
    update public.users set email = who || '@erased.invalid', subscription_plan_id = 'free',
        subscription_status = 'canceled', billing_cycle_start = null, billing_cycle_end = null,
        billing_interval = null
    where id = who;
    insert into public.subscription_events (user_id, event_type, to_plan, effective_date)
    select who, 'account.erased', 'free', current_date
    where not exists (
        select from public.subscription_events where user_id = who and event_type = 'account.erased');
end
$_$;

CREATE FUNCTION app.erase_rows(who uuid, most integer, own text[], digests bytea[], hidden text[], paces text[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    ids uuid[];
    names text[];
    gone integer := 0;
    more integer;
begin
    if not exists (select from app.erasures e where e.user_id = who) then
        raise exception 'nobody asked for this' using errcode = 'insufficient_privilege';
    end if;
    -- A hold waits for the piece that is being deleted, and none is deleted after it.
    perform pg_advisory_xact_lock_shared(hashtextextended('legal_holds', 0));
    if exists (select from app.legal_holds h where h.user_id = who and h.lifted_at is null) then
        raise exception 'a legal hold keeps this' using errcode = 'insufficient_privilege';
    end if;

    -- With a call go its details, journal, tokens and place in the waiting room.
    select array_agg(c.id) into ids
    from (select id from public.calls where user_id = who order by id limit greatest(most / 20, 1)) c;
    if ids is not null then
        delete from app.inbox i where i.call_id = any(ids);
        delete from app.pgqueuer q where q.status = 'queued'
            and q.payload = any(select convert_to(id::text, 'UTF8') from unnest(ids) as known (id));
        delete from public.calls c where c.id = any(ids);
        return cardinality(ids);
    end if;

    select array_agg(m.id), array_agg(m.twilio_message_sid) into ids, names
    from (select id, twilio_message_sid from public.sms_messages where user_id = who
        order by id limit most) m;
    if ids is not null then
        delete from app.inbox i where i.provider = 'twilio' and i.key = any(names);
        delete from public.sms_messages m where m.id = any(ids);
        return cardinality(ids);
    end if;

    select array_agg(c.id) into ids
    from (select id from public.sms_conversations where user_id = who order by id limit most) c;
    if ids is not null then
        delete from app.pgqueuer q where q.status = 'queued'
            and q.payload = any(select convert_to(id::text, 'UTF8') from unnest(ids) as known (id));
        delete from public.sms_conversations c where c.id = any(ids);
        return cardinality(ids);
    end if;

    select array_agg(e.id) into ids
    from (select id from public.emails where user_id = who order by id limit most) e;
    if ids is not null then
        delete from app.inbox i where i.provider = 'sendgrid'
            and i.payload ->> 'email_id' = any(ids::text[]);
        delete from app.pgqueuer q where q.status = 'queued'
            and q.payload = any(select convert_to(id::text, 'UTF8') from unnest(ids) as known (id));
        delete from public.emails e where e.id = any(ids);
        return cardinality(ids);
    end if;

    delete from app.events e where e.user_id = who
        and e.seq in (select seq from app.events where user_id = who order by seq limit most);
    get diagnostics gone = row_count;
    if gone > 0 then
        return gone;
    end if;

    delete from app.idempotency i where i.user_id = who
        and i.key in (select key from app.idempotency where user_id = who limit most);
    get diagnostics gone = row_count;
    if gone > 0 then
        return gone;
    end if;

    -- What is left is little.
    delete from app.event_groups where user_id = who;
    delete from app.reservations where user_id = who;
    get diagnostics more = row_count; gone := gone + more;
    delete from public.usage_tracking where user_id = who;
    get diagnostics more = row_count; gone := gone + more;
    delete from app.consents where user_id = who;
    get diagnostics more = row_count; gone := gone + more;
    delete from app.complaints where user_id = who;
    delete from app.number_proofs where user_id = who;
    delete from app.audio_tickets where user_id = who;
    delete from app.tickets where claims ->> 'sub' = who::text;
    get diagnostics more = row_count; gone := gone + more;
    delete from app.velocity where key = any(paces);
    delete from app.strangers where phone_number = any(own || hidden);
    delete from app.stop_questions where address_hash = any(digests) or address = any(own);
    insert into app.opt_outs (address, reason, because_of, at)
    select known.hash, o.reason,
        coalesce((select asker.hash from unnest(own, hidden) as asker (name, hash)
            where asker.name = o.because_of), o.because_of), o.at
    from app.opt_outs o join unnest(own, hidden) as known (name, hash) on known.name = o.address
    on conflict (address) do nothing;
    delete from app.opt_outs where address = any(own);
    delete from app.exports where user_id = who;
    get diagnostics more = row_count; gone := gone + more;
    delete from app.billing where user_id = who;
    delete from app.profiles where user_id = who;
    get diagnostics more = row_count; gone := gone + more;
    delete from app.own_addresses where user_id = who;
    get diagnostics more = row_count;
    return gone + more;
end
$$;

CREATE FUNCTION app.event_data(subject text, data jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
    select case when not data ? 'call' or data -> 'call' ? 'id' then data else coalesce((
        select jsonb_build_object('call', jsonb_build_object(
            'id', c.id, 'user_id', c.user_id, 'user_phone_number', c.user_phone_number,
            'topic', c.topic, 'twilio_call_sid', null, 'answered_by', null,
            'initiated_time', app.rfc3339(c.initiated_time), 'ringing_time', null,
            'answered_time', null, 'ended_time', null, 'duration_seconds', null,
            'end_reason', null, 'created_at', app.rfc3339(c.created_at)) || (data -> 'call'))
        from public.calls c where c.id = substr(subject, 6)::uuid), data) end
$$;

CREATE FUNCTION app.fn_pgqueuer_changed() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    if tg_op <> 'UPDATE' then
        perform pg_notify('ch_pgqueuer', json_build_object(
            'channel', 'ch_pgqueuer', 'operation', lower(tg_op), 'sent_at', now(),
            'table', tg_table_name, 'type', 'table_changed_event'
        )::text);
    end if;
    return null;
end
$$;

CREATE FUNCTION app.forget_audit(before timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    last bigint;
    gone bigint;
begin
    select min(a.place) into last from app.audit_anchors a
    where a.at < before and a.place >= (select min(c.place) from app.audit_chain c);
    if last is null then
        return 0;
    end if;
    perform set_config('app.forgets_audit', 'yes', true);
    with old as (
        delete from app.audit_chain where place <= last returning log_id
    )
    delete from app.audit_log l using old where l.id = old.log_id;
    get diagnostics gone = row_count;
    perform set_config('app.forgets_audit', '', true);
    return gone;
end
$$;

CREATE FUNCTION app.forget_programs() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    delete from app.webhooks where user_id = new.user_id;
    delete from app.api_keys where user_id = new.user_id;
    return null;
end
$$;

CREATE FUNCTION app.forget_scheduled_calls() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    delete from app.scheduled_calls where user_id = new.user_id;
    return null;
end
$$;

CREATE FUNCTION app.give_back_key(whose uuid, given text, by_holder uuid DEFAULT NULL::uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    delete from app.idempotency
    where user_id = whose and key = given and status is null and holder is not distinct from by_holder
$$;

CREATE FUNCTION app.give_back_turn(customer text, by_holder uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    delete from app.billing_turns where customer_id = customer and holder = by_holder
$$;

CREATE FUNCTION app.is_sealed(value bytea) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO ''
    AS $$
    select length(value) > 0 and get_byte(value, 0) = 30
$$;

CREATE FUNCTION app.is_sealed(value jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO ''
    AS $$
    select jsonb_typeof(value) = 'string' and value #>> '{}' like E'\x1e%'
$$;

CREATE FUNCTION app.is_sealed(value text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO ''
    AS $$
    select value like E'\x1e%'
$$;

CREATE FUNCTION app.keep_audit() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'DELETE' and current_setting('app.forgets_audit', true) = 'yes'
        and current_user = (
            select pg_get_userbyid(relowner) from pg_catalog.pg_class where oid = tg_relid)
    then
        return old;
    end if;
    raise exception '% is only ever added to', tg_table_name using errcode = 'restrict_violation';
end
$$;

CREATE FUNCTION app.keep_holds() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    if old.lifted_at is not null then
        raise exception 'a hold is lifted once' using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;

CREATE FUNCTION app.keep_message_content() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    may_change text[] := array['status', 'twilio_message_sid', 'phone_number', 'message_text'];
begin
    if to_jsonb(new) - may_change is distinct from to_jsonb(old) - may_change
        or (new.phone_number <> old.phone_number
            and (old.phone_number like E'\x1e%' or new.phone_number not like E'\x1es1.%'))
        or (new.message_text <> old.message_text
            and (old.message_text like E'\x1e%' or new.message_text not like E'\x1es1.%'))
        or (old.twilio_message_sid is not null
            and new.twilio_message_sid is distinct from old.twilio_message_sid)
    then
        raise exception 'sms_messages: only status and a first twilio_message_sid may change'
            using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;

CREATE FUNCTION app.on_auth_user_created() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    perform app.register_user(new.id, new.email);
    return new;
end
$$;

CREATE FUNCTION app.opt_in(wishes text[]) RETURNS SETOF text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    delete from app.opt_outs
    where (because_of = any(wishes) or address = any(wishes)) and reason <> 'bounce'
    returning address
$$;

CREATE FUNCTION app.opt_in(wish text) RETURNS SETOF text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    delete from app.opt_outs where (because_of = wish or address = wish) and reason <> 'bounce'
    returning address
$$;

CREATE FUNCTION app.pace(keys text[], most integer[], seconds integer[], given_use uuid DEFAULT NULL::uuid) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION app.plan_in_force(who uuid, at timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
    select case when b.entitled_until <= at then 'free' else u.subscription_plan_id end
    from public.users u left join app.billing b on b.user_id = u.id where u.id = who
$$;

CREATE FUNCTION app.put_sealed(relation text, given jsonb) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
    changes text;
    types text;
    statement text;
    one jsonb;
    changed integer;
    done integer := 0;
begin
    select
        string_agg(case when s.is_beside then format('%1$I = coalesce(t.%1$I, g.%1$I)', s.name)
            else format('%1$I = case when not app.is_sealed(t.%1$I) and app.is_sealed(g.%1$I)'
                ' then g.%1$I else t.%1$I end', s.name) end, ', '),
        string_agg(format('%I %s', s.name, format_type(a.atttypid, a.atttypmod)), ', ')
    into changes, types
    from app.sealed_columns s
    join pg_attribute a on a.attrelid = put_sealed.relation::regclass and a.attname = s.name
    where s.relation = put_sealed.relation;
    if changes is null then
        raise exception 'nothing is sealed in %', put_sealed.relation
            using errcode = 'insufficient_privilege';
    end if;
    statement := format('update %s t set %s from jsonb_to_recordset($1)'
        ' as g (place tid, version xid, %s) where t.ctid = g.place and t.xmin = g.version',
        put_sealed.relation::regclass, changes, types);
    perform set_config('app.is_sealing', 'on', true);  -- what is sealed now was not changed
    begin
        execute statement using given;
        get diagnostics done = row_count;
        perform set_config('app.is_sealing', 'off', true);
        return done;
    exception when unique_violation then
        done := 0;
    end;
    for one in select * from jsonb_array_elements(given) loop
        begin
            execute statement using jsonb_build_array(one);
            get diagnostics changed = row_count;
        exception when unique_violation then
            if put_sealed.relation <> all(array['app.consents', 'app.opt_outs',
                    'app.own_addresses', 'app.stop_questions', 'app.strangers']) then
                raise;
            end if;
            execute format('delete from %s where ctid = $1 and xmin = $2',
                put_sealed.relation::regclass)
            using (one ->> 'place')::tid, (one ->> 'version')::xid;
            get diagnostics changed = row_count;
        end;
        done := done + changed;
    end loop;
    perform set_config('app.is_sealing', 'off', true);
    return done;
end
$_$;

CREATE FUNCTION app.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'UPDATE' and current_setting('app.erasing', true) <> '' then
        if to_jsonb(new) - 'metadata' = to_jsonb(old) - 'metadata'
            and to_jsonb(old) ->> 'user_id' = current_setting('app.erasing')
        then
            return new;
        end if;
    end if;
    raise exception '% rows are immutable', tg_table_name using errcode = 'restrict_violation';
end
$$;

CREATE FUNCTION app.register_user(new_id uuid, new_email text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION app.remember_prices() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    insert into app.plan_prices (price_id, plan_id, billing_interval)
    select price_id, new.id, billing_interval
    from (values (new.stripe_price_id_monthly, 'monthly'), (new.stripe_price_id_yearly, 'yearly'))
        as given (price_id, billing_interval)
    where price_id is not null
    on conflict (price_id) do nothing;
    return null;
end
$$;

CREATE FUNCTION app.reserve_usage(who uuid, wanted text, subject uuid, month text) RETURNS TABLE(accepted boolean, "limit" integer, used integer, reserved integer, plan text, cheapest text, is_new boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION app.rfc3339(at timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
    select to_char(date_trunc('milliseconds', at) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

CREATE FUNCTION app.seal_email(who uuid, clear text, sealed text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    perform set_config('app.is_sealing', 'on', true);
    update public.users set email = sealed
    where id = who and email = clear and clear not like E'\x1e%' and sealed like E'\x1es1.%';
    perform set_config('app.is_sealing', 'off', true);
end
$$;

CREATE FUNCTION app.set_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    if current_setting('app.is_sealing', true) is distinct from 'on' then
        new.updated_at = now();
    end if;
    return new;
end
$$;

CREATE FUNCTION app.settle_usage(settled text, subject uuid, is_used boolean) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION app.withdraw_once() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    if current_user = 'talking_service' then
        if old.withdrawn_at is not null then
            raise exception 'a consent is withdrawn once' using errcode = 'restrict_violation';
        end if;
        new.withdrawn_at = now();
    end if;
    return new;
end
$$;

CREATE TABLE app.agents (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    instructions text DEFAULT ''::text NOT NULL,
    greeting text,
    voice text,
    language text,
    limit_seconds integer,
    voicemail_message text,
    enabled boolean DEFAULT true NOT NULL,
    rev integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    builtin_tools text[] DEFAULT '{}'::text[] NOT NULL,
    transfer_to jsonb DEFAULT '[]'::jsonb NOT NULL,
    tools jsonb DEFAULT '[]'::jsonb NOT NULL,
    recogniser text,
    language_model text,
    call_budget text,
    follows_caller boolean DEFAULT false NOT NULL,
    CONSTRAINT agents_limit_seconds_check CHECK ((limit_seconds > 0)),
    CONSTRAINT agents_slug_check CHECK (((slug ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'::text) AND (slug <> 'default'::text)))
);

CREATE TABLE app.api_keys (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    key_hash bytea NOT NULL,
    hint text NOT NULL,
    name text NOT NULL,
    scopes text[] NOT NULL,
    requests_per_minute integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    successor_id uuid
);

CREATE TABLE app.audio_tickets (
    token_hash bytea NOT NULL,
    call_id uuid NOT NULL,
    user_id uuid NOT NULL,
    takeover integer,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    session_id text,
    ends_at timestamp with time zone
);

CREATE TABLE app.audit_anchors (
    day date NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    place bigint NOT NULL,
    hash bytea NOT NULL,
    key_id text NOT NULL,
    signature bytea
);

CREATE TABLE app.audit_chain (
    place bigint NOT NULL,
    log_id uuid NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_chain_place_check CHECK ((place > 0))
);

CREATE TABLE app.audit_head (
    singleton boolean DEFAULT true NOT NULL,
    place bigint DEFAULT 0 NOT NULL,
    hash bytea DEFAULT sha256('\x74616c6b696e672d6170702061756469742031'::bytea) NOT NULL,
    key_id text DEFAULT ''::text NOT NULL,
    signature bytea,
    CONSTRAINT audit_head_singleton_check CHECK (singleton)
);

CREATE TABLE app.audit_log (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    actor_name text DEFAULT ''::text NOT NULL,
    action text NOT NULL,
    user_id uuid,
    subject text DEFAULT ''::text NOT NULL,
    request_id text DEFAULT ''::text NOT NULL,
    address_hash bytea,
    reason text DEFAULT ''::text NOT NULL,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT audit_log_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['user'::text, 'operator'::text, 'administrator'::text, 'system'::text, 'provider'::text])))
);

CREATE TABLE app.audit_pending (
    log_id uuid NOT NULL,
    seq bigint NOT NULL
);

ALTER TABLE app.audit_pending ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.audit_pending_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE app.billing (
    user_id uuid NOT NULL,
    stripe_subscription_id text,
    past_due_since timestamp with time zone,
    entitled_until timestamp with time zone,
    ends_at timestamp with time zone,
    synced_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE app.billing_turns (
    customer_id text NOT NULL,
    holder uuid NOT NULL,
    until timestamp with time zone NOT NULL
);

CREATE TABLE app.call_details (
    call_id uuid NOT NULL,
    user_id uuid NOT NULL,
    answered_by text,
    end_reason text,
    dial_state text DEFAULT 'intent'::text NOT NULL,
    idempotency_key text,
    owner_node text,
    epoch integer DEFAULT 1 NOT NULL,
    lease_until timestamp with time zone,
    number_hash bytea,
    topic_hash bytea,
    recording text,
    direction text DEFAULT 'outbound'::text NOT NULL,
    scheduled_id uuid,
    language text,
    CONSTRAINT call_details_dial_state_check CHECK ((dial_state = ANY (ARRAY['intent'::text, 'sent'::text, 'known'::text, 'unknown'::text, 'refused'::text]))),
    CONSTRAINT call_details_direction_check CHECK ((direction = ANY (ARRAY['outbound'::text, 'inbound'::text]))),
    CONSTRAINT call_details_epoch_check CHECK ((epoch > 0)),
    CONSTRAINT call_details_recording_check CHECK ((recording = ANY (ARRAY['asking'::text, 'on'::text, 'paused'::text, 'stopped'::text, 'declined'::text])))
);

CREATE TABLE app.call_journal (
    call_id uuid NOT NULL,
    seq integer NOT NULL,
    at timestamp with time zone NOT NULL,
    event jsonb,
    last_seq integer,
    entries bytea
);

CREATE TABLE app.call_notes (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    call_id uuid NOT NULL,
    user_id uuid NOT NULL,
    author_id uuid NOT NULL,
    text text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE app.call_tags (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    call_id uuid NOT NULL,
    user_id uuid NOT NULL,
    tag text NOT NULL,
    tag_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE app.clear_rows (
    relation text NOT NULL,
    none_left_at timestamp with time zone NOT NULL
);

CREATE TABLE app.complaints (
    user_id uuid NOT NULL,
    email_id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE app.consents (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    wording text NOT NULL,
    source text NOT NULL,
    given_at timestamp with time zone DEFAULT now() NOT NULL,
    withdrawn_at timestamp with time zone,
    address_hash bytea,
    wording_id text DEFAULT ''::text NOT NULL,
    wording_version integer DEFAULT 0 NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    request_id text DEFAULT ''::text NOT NULL,
    CONSTRAINT consents_channel_check CHECK ((channel = ANY (ARRAY['texts'::text, 'calls'::text])))
);

CREATE TABLE app.conversation_details (
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    phone_number text,
    is_own boolean NOT NULL,
    is_open boolean DEFAULT true NOT NULL,
    idempotency_key text,
    end_reason text,
    last_out bigint DEFAULT 0 NOT NULL,
    rev integer DEFAULT 0 NOT NULL,
    last_at timestamp with time zone DEFAULT now() NOT NULL,
    number_hash bytea,
    topic_hash bytea,
    agent_id uuid
);

CREATE TABLE app.costs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    subject text NOT NULL,
    user_id uuid NOT NULL,
    month date NOT NULL,
    channel text NOT NULL,
    what text NOT NULL,
    unit text NOT NULL,
    quantity numeric(18,3) NOT NULL,
    amount numeric(20,9),
    currency text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT costs_channel_check CHECK ((channel = ANY (ARRAY['calls'::text, 'texts'::text, 'emails'::text]))),
    CONSTRAINT costs_unit_check CHECK ((unit = ANY (ARRAY['seconds'::text, 'characters'::text, 'tokens'::text, 'messages'::text])))
);

CREATE TABLE app.email_details (
    email_id uuid NOT NULL,
    user_id uuid NOT NULL,
    state text NOT NULL,
    state_at timestamp with time zone DEFAULT now() NOT NULL,
    idempotency_key text,
    template text,
    variables jsonb DEFAULT '{}'::jsonb NOT NULL,
    html text,
    unsubscribe_token text,
    reply_token text,
    in_reply_to uuid,
    delivery text,
    error text,
    failures integer DEFAULT 0 NOT NULL,
    rev integer DEFAULT 0 NOT NULL,
    recipient_hash bytea,
    topic_hash bytea,
    agent_id uuid,
    CONSTRAINT email_details_state_check CHECK ((state = ANY (ARRAY['received'::text, 'writing'::text, 'queued'::text, 'sending'::text, 'unknown'::text, 'accepted'::text, 'refused'::text, 'dropped'::text])))
);

CREATE TABLE app.erasures (
    user_id uuid NOT NULL,
    asked_by uuid,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    steps text[] DEFAULT '{}'::text[] NOT NULL,
    remarks text[] DEFAULT '{}'::text[] NOT NULL,
    done_at timestamp with time zone
);

CREATE TABLE app.event_groups (
    user_id uuid NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    gseq bigint
);

CREATE TABLE app.events (
    user_id uuid NOT NULL,
    seq bigint NOT NULL,
    id uuid,
    type text NOT NULL,
    v integer DEFAULT 1 NOT NULL,
    ts timestamp with time zone NOT NULL,
    subject text NOT NULL,
    rev bigint NOT NULL,
    cause text,
    data jsonb,
    body bytea
);

CREATE TABLE app.exports (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    ready_at timestamp with time zone,
    expires_at timestamp with time zone,
    counts jsonb DEFAULT '{}'::jsonb NOT NULL
);

CREATE TABLE app.former_customers (
    customer_id text NOT NULL,
    user_id uuid NOT NULL,
    forgotten_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE app.idempotency (
    user_id uuid NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    status integer,
    body bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    holder uuid,
    held_until timestamp with time zone
);

CREATE TABLE app.inbox (
    provider text NOT NULL,
    key text NOT NULL,
    call_id uuid,
    kind text NOT NULL,
    payload jsonb,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    form bytea
);

CREATE TABLE app.legal_holds (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    reason text NOT NULL,
    set_by uuid,
    set_at timestamp with time zone DEFAULT now() NOT NULL,
    lifted_by uuid,
    lifted_because text,
    lifted_at timestamp with time zone
);

CREATE TABLE app.media_tokens (
    token_hash bytea NOT NULL,
    call_id uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

CREATE TABLE app.message_details (
    message_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    state text NOT NULL,
    state_at timestamp with time zone DEFAULT now() NOT NULL,
    answered_by uuid,
    idempotency_key text,
    carrier_status text,
    error_code integer,
    segments integer DEFAULT 1 NOT NULL,
    media integer DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    CONSTRAINT message_details_media_check CHECK ((media >= 0)),
    CONSTRAINT message_details_segments_check CHECK ((segments > 0)),
    CONSTRAINT message_details_state_check CHECK ((state = ANY (ARRAY['received'::text, 'queued'::text, 'sending'::text, 'unknown'::text, 'accepted'::text, 'refused'::text, 'dropped'::text])))
);

ALTER TABLE app.message_details ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.message_details_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE app.nodes (
    node text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    state text DEFAULT 'up'::text NOT NULL,
    stats jsonb DEFAULT '{}'::jsonb NOT NULL,
    lease_until timestamp with time zone,
    CONSTRAINT nodes_state_check CHECK ((state = ANY (ARRAY['up'::text, 'draining'::text, 'stopped'::text])))
);

CREATE TABLE app.number_proofs (
    user_id uuid NOT NULL,
    number text NOT NULL,
    code_hash bytea NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    is_preferred boolean DEFAULT false NOT NULL
);

CREATE TABLE app.opt_outs (
    address text NOT NULL,
    reason text NOT NULL,
    because_of text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT opt_outs_reason_check CHECK ((reason = ANY (ARRAY['stop'::text, 'asked'::text, 'unsubscribe'::text, 'complaint'::text, 'bounce'::text])))
);

CREATE TABLE app.own_addresses (
    user_id uuid NOT NULL,
    address text NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    address_hash bytea,
    is_preferred boolean DEFAULT false NOT NULL
);

CREATE TABLE app.person_keys (
    user_id uuid NOT NULL,
    key_id text NOT NULL,
    wrapped bytea,
    master_key_id text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    destroyed_at timestamp with time zone
);

CREATE TABLE app.pgqueuer (
    id bigint NOT NULL,
    priority integer NOT NULL,
    queue_manager_id uuid,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    heartbeat timestamp with time zone DEFAULT now() NOT NULL,
    execute_after timestamp with time zone DEFAULT now() NOT NULL,
    status app.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL,
    dedupe_key text,
    payload bytea,
    headers jsonb,
    attempts integer DEFAULT 0 NOT NULL,
    slot bigint
);

CREATE SEQUENCE app.pgqueuer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE app.pgqueuer_id_seq OWNED BY app.pgqueuer.id;

CREATE TABLE app.pgqueuer_log (
    id bigint NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    job_id bigint NOT NULL,
    status app.pgqueuer_status NOT NULL,
    priority integer NOT NULL,
    entrypoint text NOT NULL,
    traceback jsonb,
    aggregated boolean DEFAULT false
);

ALTER TABLE app.pgqueuer_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME app.pgqueuer_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE app.pgqueuer_schedules (
    id bigint NOT NULL,
    expression text NOT NULL,
    entrypoint text NOT NULL,
    heartbeat timestamp with time zone DEFAULT now() NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    next_run timestamp with time zone DEFAULT now() NOT NULL,
    last_run timestamp with time zone,
    status app.pgqueuer_status DEFAULT 'queued'::app.pgqueuer_status
);

CREATE SEQUENCE app.pgqueuer_schedules_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE app.pgqueuer_schedules_id_seq OWNED BY app.pgqueuer_schedules.id;

CREATE TABLE app.pgqueuer_statistics (
    id bigint NOT NULL,
    created timestamp with time zone DEFAULT date_trunc('sec'::text, now()) NOT NULL,
    count bigint NOT NULL,
    priority integer NOT NULL,
    status app.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL
);

CREATE SEQUENCE app.pgqueuer_statistics_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE app.pgqueuer_statistics_id_seq OWNED BY app.pgqueuer_statistics.id;

CREATE TABLE app.plan_change_details (
    plan_change_id uuid NOT NULL,
    to_interval text,
    takes_effect text NOT NULL,
    is_sent boolean DEFAULT false NOT NULL,
    by_checkout boolean DEFAULT false NOT NULL,
    checkout_session_id text,
    CONSTRAINT plan_change_details_takes_effect_check CHECK ((takes_effect = ANY (ARRAY['now'::text, 'period_end'::text]))),
    CONSTRAINT plan_change_details_to_interval_check CHECK ((to_interval = ANY (ARRAY['monthly'::text, 'yearly'::text])))
);

CREATE TABLE app.plan_prices (
    price_id text NOT NULL,
    plan_id text NOT NULL,
    billing_interval text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT plan_prices_billing_interval_check CHECK ((billing_interval = ANY (ARRAY['monthly'::text, 'yearly'::text])))
);

CREATE TABLE app.profiles (
    user_id uuid NOT NULL,
    time_zone text,
    name text,
    language text
);

CREATE TABLE app.recording_pieces (
    call_id uuid NOT NULL,
    lease_epoch integer NOT NULL,
    number integer NOT NULL,
    at timestamp with time zone NOT NULL,
    length integer NOT NULL,
    sound bytea NOT NULL
);

CREATE TABLE app.recordings (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    call_id uuid NOT NULL,
    user_id uuid NOT NULL,
    agreed_at timestamp with time zone NOT NULL,
    words text NOT NULL,
    wording_id text NOT NULL,
    wording_version integer NOT NULL,
    language text NOT NULL
);

CREATE TABLE app.relay (
    singleton boolean DEFAULT true NOT NULL,
    epoch text DEFAULT "left"(md5((gen_random_uuid())::text), 8) NOT NULL,
    top bigint DEFAULT 0 NOT NULL,
    CONSTRAINT relay_singleton_check CHECK (singleton)
);

CREATE TABLE app.reservations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    metric text NOT NULL,
    month_year text NOT NULL,
    subject_id uuid NOT NULL,
    state text DEFAULT 'reserved'::text NOT NULL,
    reserved_at timestamp with time zone DEFAULT now() NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT reservations_metric_check CHECK ((metric = ANY (ARRAY['calls'::text, 'texts'::text, 'emails'::text]))),
    CONSTRAINT reservations_month_year_check CHECK ((month_year ~ '^\d{4}-(0[1-9]|1[0-2])$'::text)),
    CONSTRAINT reservations_state_check CHECK ((state = ANY (ARRAY['reserved'::text, 'committed'::text, 'released'::text])))
);

CREATE TABLE app.retention_kinds (
    kind text NOT NULL,
    relation text NOT NULL,
    at_column text NOT NULL,
    floor interval NOT NULL,
    is_record boolean DEFAULT false NOT NULL,
    condition text DEFAULT 'true'::text NOT NULL,
    with_them text[] DEFAULT '{}'::text[] NOT NULL
);

CREATE TABLE app.retention_runs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    node text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    kinds jsonb DEFAULT '{}'::jsonb NOT NULL
);

CREATE TABLE app.scheduled_calls (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    phone_number text NOT NULL,
    topic text NOT NULL,
    agent text,
    starts_at timestamp with time zone NOT NULL,
    next_at timestamp with time zone NOT NULL,
    status text DEFAULT 'scheduled'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    reason text,
    call_id uuid,
    batch_id uuid,
    idempotency_key text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT scheduled_calls_status_check CHECK ((status = ANY (ARRAY['scheduled'::text, 'calling'::text, 'done'::text, 'failed'::text, 'canceled'::text])))
);

CREATE TABLE app.schema_migrations (
    version text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE app.sealed_columns (
    relation text NOT NULL,
    name text NOT NULL,
    is_beside boolean DEFAULT false NOT NULL
);

CREATE TABLE app.stop_questions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    address text NOT NULL,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    answered_at timestamp with time zone,
    address_hash bytea
);

CREATE TABLE app.strangers (
    phone_number text NOT NULL,
    answered_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE app.streams (
    user_id uuid NOT NULL,
    epoch text DEFAULT "left"(md5((gen_random_uuid())::text), 8) NOT NULL,
    top bigint DEFAULT 0 NOT NULL
);

CREATE TABLE app.stripe_events (
    event_id text NOT NULL,
    type text NOT NULL,
    api_version text,
    created timestamp with time zone NOT NULL,
    customer_id text,
    payload jsonb NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    processed_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    error text,
    retry_at timestamp with time zone,
    set_aside_at timestamp with time zone
);

CREATE TABLE app.tickets (
    token_hash bytea NOT NULL,
    claims jsonb NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

CREATE TABLE app.velocity (
    key text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    use uuid
);

CREATE TABLE app.webhook_deliveries (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    webhook_id uuid NOT NULL,
    user_id uuid NOT NULL,
    place bigint NOT NULL,
    subject text NOT NULL,
    type text NOT NULL,
    event_seq bigint,
    body text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    delivered_at timestamp with time zone,
    log jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT webhook_deliveries_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'failed'::text, 'canceled'::text])))
);

ALTER TABLE app.webhook_deliveries ALTER COLUMN place ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.webhook_deliveries_place_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE app.webhook_lanes (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    webhook_id uuid NOT NULL,
    subject text NOT NULL,
    claimed_by uuid,
    claimed_until timestamp with time zone
);

CREATE TABLE app.webhooks (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    url text NOT NULL,
    types text[] NOT NULL,
    secret text NOT NULL,
    former_secret text,
    former_until timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    failing_since timestamp with time zone,
    disabled_at timestamp with time zone,
    disabled_reason text
);

CREATE TABLE public.amd_waiting_room (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    call_id uuid NOT NULL,
    status text DEFAULT 'waiting'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT amd_waiting_room_status_check CHECK ((status = ANY (ARRAY['waiting'::text, 'processing'::text, 'completed'::text])))
);

CREATE TABLE public.calls (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    user_phone_number text NOT NULL,
    topic text NOT NULL,
    twilio_call_sid text,
    status text DEFAULT 'initiating'::text NOT NULL,
    initiated_time timestamp with time zone DEFAULT now() NOT NULL,
    ringing_time timestamp with time zone,
    answered_time timestamp with time zone,
    ended_time timestamp with time zone,
    duration_seconds integer,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT calls_duration_seconds_check CHECK ((duration_seconds >= 0)),
    CONSTRAINT calls_status_check CHECK ((status = ANY (ARRAY['initiating'::text, 'ringing'::text, 'answered'::text, 'waiting'::text, 'talking'::text, 'voicemail'::text, 'ended'::text, 'busy'::text, 'no_answer'::text, 'failed'::text, 'canceled'::text, 'lost'::text])))
);

CREATE TABLE public.emails (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    recipient_email text NOT NULL,
    from_email text NOT NULL,
    subject text NOT NULL,
    content text NOT NULL,
    type text NOT NULL,
    topic text,
    status text DEFAULT 'pending'::text NOT NULL,
    sendgrid_message_id text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT emails_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'sent'::text, 'failed'::text]))),
    CONSTRAINT emails_type_check CHECK ((type = ANY (ARRAY['custom'::text, 'template'::text])))
);

CREATE TABLE public.plan_changes (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    from_plan_id character varying(50) NOT NULL,
    to_plan_id character varying(50) NOT NULL,
    change_type character varying(20) NOT NULL,
    requested_at timestamp with time zone DEFAULT now() NOT NULL,
    effective_date date,
    status character varying(20) DEFAULT 'pending'::character varying NOT NULL,
    stripe_subscription_id character varying(255),
    notes text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT plan_changes_change_type_check CHECK (((change_type)::text = ANY ((ARRAY['upgrade'::character varying, 'downgrade'::character varying, 'interval_change'::character varying])::text[]))),
    CONSTRAINT plan_changes_status_check CHECK (((status)::text = ANY ((ARRAY['pending'::character varying, 'completed'::character varying, 'cancelled'::character varying, 'failed'::character varying])::text[])))
);

CREATE TABLE public.sms_conversations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    phone_number text NOT NULL,
    topic text NOT NULL,
    message_count integer DEFAULT 0 NOT NULL,
    current_exchange integer DEFAULT 0 NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT sms_conversations_current_exchange_check CHECK ((current_exchange >= 0)),
    CONSTRAINT sms_conversations_message_count_check CHECK ((message_count >= 0)),
    CONSTRAINT sms_conversations_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text, 'ended'::text])))
);

CREATE TABLE public.sms_messages (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    phone_number text NOT NULL,
    twilio_message_sid text,
    direction text NOT NULL,
    message_text text NOT NULL,
    type text NOT NULL,
    status text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT sms_messages_direction_check CHECK ((direction = ANY (ARRAY['inbound'::text, 'outbound'::text]))),
    CONSTRAINT sms_messages_status_check CHECK ((status = ANY (ARRAY['sent'::text, 'delivered'::text, 'failed'::text]))),
    CONSTRAINT sms_messages_type_check CHECK ((type = ANY (ARRAY['ai'::text, 'user'::text])))
);

CREATE TABLE public.subscription_events (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    event_type text NOT NULL,
    from_plan text,
    to_plan text,
    stripe_subscription_id text,
    stripe_event_id text,
    stripe_customer_id text,
    billing_amount numeric,
    currency text DEFAULT 'usd'::text NOT NULL,
    billing_interval text,
    effective_date date,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT subscription_events_billing_interval_check CHECK ((billing_interval = ANY (ARRAY['monthly'::text, 'yearly'::text])))
);

CREATE TABLE public.subscription_plans (
    id text NOT NULL,
    name text NOT NULL,
    description text,
    stripe_price_id_monthly text,
    stripe_price_id_yearly text,
    phone_calls_limit integer NOT NULL,
    text_chains_limit integer NOT NULL,
    emails_limit integer NOT NULL,
    price_monthly numeric NOT NULL,
    price_yearly numeric NOT NULL,
    features jsonb DEFAULT '[]'::jsonb NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    sort_order integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT subscription_plans_emails_limit_check CHECK ((emails_limit >= '-1'::integer)),
    CONSTRAINT subscription_plans_features_check CHECK ((jsonb_typeof(features) = 'array'::text)),
    CONSTRAINT subscription_plans_phone_calls_limit_check CHECK ((phone_calls_limit >= '-1'::integer)),
    CONSTRAINT subscription_plans_price_monthly_check CHECK ((price_monthly >= (0)::numeric)),
    CONSTRAINT subscription_plans_price_yearly_check CHECK ((price_yearly >= (0)::numeric)),
    CONSTRAINT subscription_plans_text_chains_limit_check CHECK ((text_chains_limit >= '-1'::integer))
);

CREATE TABLE public.subscriptions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    stripe_subscription_id text,
    tier text DEFAULT 'free'::text NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    current_period_start timestamp with time zone,
    current_period_end timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT subscriptions_status_check CHECK ((status = ANY (ARRAY['active'::text, 'trialing'::text, 'past_due'::text, 'canceled'::text, 'incomplete'::text, 'incomplete_expired'::text, 'unpaid'::text, 'paused'::text]))),
    CONSTRAINT subscriptions_tier_check CHECK ((tier = ANY (ARRAY['free'::text, 'pro'::text, 'premium'::text])))
);

CREATE TABLE public.usage_tracking (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    month_year text NOT NULL,
    calls_used integer DEFAULT 0 NOT NULL,
    texts_used integer DEFAULT 0 NOT NULL,
    emails_used integer DEFAULT 0 NOT NULL,
    CONSTRAINT usage_tracking_calls_used_check CHECK ((calls_used >= 0)),
    CONSTRAINT usage_tracking_emails_used_check CHECK ((emails_used >= 0)),
    CONSTRAINT usage_tracking_month_year_check CHECK ((month_year ~ '^\d{4}-(0[1-9]|1[0-2])$'::text)),
    CONSTRAINT usage_tracking_texts_used_check CHECK ((texts_used >= 0))
);

CREATE TABLE public.users (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email text,
    subscription_plan_id text DEFAULT 'free'::text NOT NULL,
    subscription_status text DEFAULT 'active'::text NOT NULL,
    billing_cycle_start timestamp with time zone,
    billing_cycle_end timestamp with time zone,
    stripe_customer_id text,
    billing_interval text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT users_billing_interval_check CHECK ((billing_interval = ANY (ARRAY['monthly'::text, 'yearly'::text]))),
    CONSTRAINT users_subscription_status_check CHECK ((subscription_status = ANY (ARRAY['active'::text, 'trialing'::text, 'past_due'::text, 'canceled'::text, 'incomplete'::text, 'incomplete_expired'::text, 'unpaid'::text, 'paused'::text])))
);

ALTER TABLE ONLY app.pgqueuer ALTER COLUMN id SET DEFAULT nextval('app.pgqueuer_id_seq'::regclass);

ALTER TABLE ONLY app.pgqueuer_schedules ALTER COLUMN id SET DEFAULT nextval('app.pgqueuer_schedules_id_seq'::regclass);

ALTER TABLE ONLY app.pgqueuer_statistics ALTER COLUMN id SET DEFAULT nextval('app.pgqueuer_statistics_id_seq'::regclass);

ALTER TABLE ONLY app.admin_views
    ADD CONSTRAINT admin_views_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.agents
    ADD CONSTRAINT agents_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.api_keys
    ADD CONSTRAINT api_keys_key_hash_key UNIQUE (key_hash);

ALTER TABLE ONLY app.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.audio_tickets
    ADD CONSTRAINT audio_tickets_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY app.audit_anchors
    ADD CONSTRAINT audit_anchors_pkey PRIMARY KEY (day);

ALTER TABLE ONLY app.audit_chain
    ADD CONSTRAINT audit_chain_log_id_key UNIQUE (log_id);

ALTER TABLE ONLY app.audit_chain
    ADD CONSTRAINT audit_chain_pkey PRIMARY KEY (place);

ALTER TABLE ONLY app.audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY app.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.audit_pending
    ADD CONSTRAINT audit_pending_pkey PRIMARY KEY (log_id);

ALTER TABLE ONLY app.billing
    ADD CONSTRAINT billing_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY app.billing_turns
    ADD CONSTRAINT billing_turns_pkey PRIMARY KEY (customer_id);

ALTER TABLE ONLY app.call_details
    ADD CONSTRAINT call_details_pkey PRIMARY KEY (call_id);

ALTER TABLE app.call_journal
    ADD CONSTRAINT call_journal_form CHECK (((num_nonnulls(event, entries) = 1) AND ((entries IS NULL) = (last_seq IS NULL)) AND COALESCE((last_seq >= seq), true))) NOT VALID;

ALTER TABLE ONLY app.call_journal
    ADD CONSTRAINT call_journal_pkey PRIMARY KEY (call_id, seq);

ALTER TABLE ONLY app.call_notes
    ADD CONSTRAINT call_notes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.call_tags
    ADD CONSTRAINT call_tags_call_id_tag_hash_key UNIQUE (call_id, tag_hash);

ALTER TABLE ONLY app.call_tags
    ADD CONSTRAINT call_tags_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.clear_rows
    ADD CONSTRAINT clear_rows_pkey PRIMARY KEY (relation);

ALTER TABLE ONLY app.complaints
    ADD CONSTRAINT complaints_pkey PRIMARY KEY (user_id, email_id);

ALTER TABLE ONLY app.consents
    ADD CONSTRAINT consents_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.conversation_details
    ADD CONSTRAINT conversation_details_pkey PRIMARY KEY (conversation_id);

ALTER TABLE ONLY app.costs
    ADD CONSTRAINT costs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.costs
    ADD CONSTRAINT costs_subject_what_currency_key UNIQUE (subject, what, currency);

ALTER TABLE ONLY app.email_details
    ADD CONSTRAINT email_details_pkey PRIMARY KEY (email_id);

ALTER TABLE ONLY app.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (user_id);

ALTER TABLE app.events
    ADD CONSTRAINT events_form CHECK ((num_nonnulls(data, body) = 1)) NOT VALID;

ALTER TABLE ONLY app.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (user_id, seq);

ALTER TABLE ONLY app.exports
    ADD CONSTRAINT exports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.former_customers
    ADD CONSTRAINT former_customers_pkey PRIMARY KEY (customer_id);

ALTER TABLE ONLY app.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (user_id, key);

ALTER TABLE app.inbox
    ADD CONSTRAINT inbox_form CHECK ((num_nonnulls(payload, form) = 1)) NOT VALID;

ALTER TABLE ONLY app.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (provider, key);

ALTER TABLE ONLY app.legal_holds
    ADD CONSTRAINT legal_holds_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.media_tokens
    ADD CONSTRAINT media_tokens_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY app.message_details
    ADD CONSTRAINT message_details_pkey PRIMARY KEY (message_id);

ALTER TABLE ONLY app.nodes
    ADD CONSTRAINT nodes_pkey PRIMARY KEY (node);

ALTER TABLE ONLY app.number_proofs
    ADD CONSTRAINT number_proofs_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY app.opt_outs
    ADD CONSTRAINT opt_outs_pkey PRIMARY KEY (address);

ALTER TABLE ONLY app.own_addresses
    ADD CONSTRAINT own_addresses_pkey PRIMARY KEY (user_id, address);

ALTER TABLE ONLY app.person_keys
    ADD CONSTRAINT person_keys_key_id_key UNIQUE (key_id);

ALTER TABLE ONLY app.person_keys
    ADD CONSTRAINT person_keys_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY app.pgqueuer_log
    ADD CONSTRAINT pgqueuer_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.pgqueuer
    ADD CONSTRAINT pgqueuer_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.pgqueuer_schedules
    ADD CONSTRAINT pgqueuer_schedules_expression_entrypoint_key UNIQUE (expression, entrypoint);

ALTER TABLE ONLY app.pgqueuer_schedules
    ADD CONSTRAINT pgqueuer_schedules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.pgqueuer_statistics
    ADD CONSTRAINT pgqueuer_statistics_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.plan_change_details
    ADD CONSTRAINT plan_change_details_pkey PRIMARY KEY (plan_change_id);

ALTER TABLE ONLY app.plan_prices
    ADD CONSTRAINT plan_prices_pkey PRIMARY KEY (price_id);

ALTER TABLE ONLY app.profiles
    ADD CONSTRAINT profiles_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY app.recording_pieces
    ADD CONSTRAINT recording_pieces_pkey PRIMARY KEY (call_id, lease_epoch, number);

ALTER TABLE ONLY app.recordings
    ADD CONSTRAINT recordings_call_id_key UNIQUE (call_id);

ALTER TABLE ONLY app.recordings
    ADD CONSTRAINT recordings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.relay
    ADD CONSTRAINT relay_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY app.reservations
    ADD CONSTRAINT reservations_metric_subject_id_key UNIQUE (metric, subject_id);

ALTER TABLE ONLY app.reservations
    ADD CONSTRAINT reservations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.retention_kinds
    ADD CONSTRAINT retention_kinds_pkey PRIMARY KEY (kind);

ALTER TABLE ONLY app.retention_runs
    ADD CONSTRAINT retention_runs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.scheduled_calls
    ADD CONSTRAINT scheduled_calls_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY app.sealed_columns
    ADD CONSTRAINT sealed_columns_pkey PRIMARY KEY (relation, name);

ALTER TABLE ONLY app.stop_questions
    ADD CONSTRAINT stop_questions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.strangers
    ADD CONSTRAINT strangers_pkey PRIMARY KEY (phone_number);

ALTER TABLE ONLY app.streams
    ADD CONSTRAINT streams_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY app.stripe_events
    ADD CONSTRAINT stripe_events_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY app.tickets
    ADD CONSTRAINT tickets_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY app.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.webhook_lanes
    ADD CONSTRAINT webhook_lanes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.webhook_lanes
    ADD CONSTRAINT webhook_lanes_webhook_id_subject_key UNIQUE (webhook_id, subject);

ALTER TABLE ONLY app.webhooks
    ADD CONSTRAINT webhooks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.amd_waiting_room
    ADD CONSTRAINT amd_waiting_room_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.calls
    ADD CONSTRAINT calls_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.emails
    ADD CONSTRAINT emails_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.plan_changes
    ADD CONSTRAINT plan_changes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sms_conversations
    ADD CONSTRAINT sms_conversations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sms_messages
    ADD CONSTRAINT sms_messages_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.subscription_events
    ADD CONSTRAINT subscription_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.subscription_plans
    ADD CONSTRAINT subscription_plans_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT subscriptions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.usage_tracking
    ADD CONSTRAINT usage_tracking_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

CREATE INDEX admin_views_admin_id_idx ON app.admin_views USING btree (admin_id, created_at DESC);

CREATE INDEX admin_views_created_at_idx ON app.admin_views USING btree (created_at DESC, id DESC);

CREATE INDEX admin_views_user_id_idx ON app.admin_views USING btree (user_id, created_at DESC);

CREATE INDEX agents_deleted_slug_idx ON app.agents USING btree (slug, deleted_at) WHERE (deleted_at IS NOT NULL);

CREATE UNIQUE INDEX agents_slug_idx ON app.agents USING btree (slug) WHERE (deleted_at IS NULL);

CREATE INDEX api_keys_successor_id_idx ON app.api_keys USING btree (successor_id);

CREATE INDEX api_keys_user_id_idx ON app.api_keys USING btree (user_id);

CREATE INDEX audio_tickets_call_id_idx ON app.audio_tickets USING btree (call_id);

CREATE INDEX audio_tickets_expires_at_idx ON app.audio_tickets USING btree (expires_at);

CREATE INDEX audio_tickets_user_id_idx ON app.audio_tickets USING btree (user_id);

CREATE INDEX audit_log_action_idx ON app.audit_log USING btree (action, at DESC, id DESC);

CREATE INDEX audit_log_actor_id_idx ON app.audit_log USING btree (actor_id, at DESC, id DESC);

CREATE INDEX audit_log_at_idx ON app.audit_log USING btree (at DESC, id DESC);

CREATE INDEX audit_log_user_id_idx ON app.audit_log USING btree (user_id, at DESC, id DESC);

CREATE INDEX audit_pending_seq_idx ON app.audit_pending USING btree (seq);

CREATE INDEX billing_entitled_until_idx ON app.billing USING btree (entitled_until);

CREATE UNIQUE INDEX call_details_idempotency_key ON app.call_details USING btree (user_id, idempotency_key);

CREATE INDEX call_notes_author_id_idx ON app.call_notes USING btree (author_id);

CREATE INDEX call_notes_call_id_idx ON app.call_notes USING btree (call_id, created_at, id);

CREATE INDEX call_notes_user_id_idx ON app.call_notes USING btree (user_id);

CREATE INDEX call_tags_user_id_idx ON app.call_tags USING btree (user_id, tag_hash);

CREATE INDEX complaints_at_idx ON app.complaints USING btree (user_id, at);

CREATE INDEX consents_address_hash_idx ON app.consents USING btree (address_hash);

CREATE UNIQUE INDEX consents_hash_in_force_key ON app.consents USING btree (user_id, channel, address_hash) WHERE (withdrawn_at IS NULL);

CREATE UNIQUE INDEX consents_in_force_key ON app.consents USING btree (user_id, channel, address) WHERE (withdrawn_at IS NULL);

CREATE INDEX consents_user_id_idx ON app.consents USING btree (user_id);

CREATE INDEX conversation_details_agent_id_idx ON app.conversation_details USING btree (agent_id);

CREATE UNIQUE INDEX conversation_details_idempotency_key ON app.conversation_details USING btree (user_id, idempotency_key);

CREATE INDEX conversation_details_last_at_idx ON app.conversation_details USING btree (last_at) WHERE is_open;

CREATE INDEX conversation_details_number_hash_idx ON app.conversation_details USING btree (number_hash, last_out) WHERE is_open;

CREATE INDEX conversation_details_number_idx ON app.conversation_details USING btree (phone_number, last_out) WHERE is_open;

CREATE INDEX costs_created_at_idx ON app.costs USING btree (created_at);

CREATE INDEX costs_month_idx ON app.costs USING btree (month, user_id);

CREATE INDEX costs_user_id_idx ON app.costs USING btree (user_id, created_at, id);

CREATE INDEX email_details_agent_id_idx ON app.email_details USING btree (agent_id);

CREATE UNIQUE INDEX email_details_idempotency_key ON app.email_details USING btree (user_id, idempotency_key);

CREATE INDEX email_details_in_reply_to_idx ON app.email_details USING btree (in_reply_to);

CREATE UNIQUE INDEX email_details_reply_token_key ON app.email_details USING btree (reply_token);

CREATE UNIQUE INDEX email_details_unsubscribe_token_key ON app.email_details USING btree (unsubscribe_token);

CREATE INDEX erasures_asked_by_idx ON app.erasures USING btree (asked_by);

CREATE UNIQUE INDEX event_groups_gseq_idx ON app.event_groups USING btree (gseq) WHERE (gseq IS NOT NULL);

CREATE UNIQUE INDEX event_groups_new_idx ON app.event_groups USING btree (user_id, first_seq) WHERE (gseq IS NULL);

CREATE UNIQUE INDEX exports_one_under_way_key ON app.exports USING btree (user_id) WHERE (ready_at IS NULL);

CREATE INDEX exports_user_id_idx ON app.exports USING btree (user_id, asked_at DESC);

CREATE INDEX former_customers_user_id_idx ON app.former_customers USING btree (user_id);

CREATE INDEX idempotency_created_at_idx ON app.idempotency USING btree (created_at);

CREATE INDEX inbox_call_id_idx ON app.inbox USING btree (call_id);

CREATE INDEX inbox_received_at_idx ON app.inbox USING btree (received_at);

CREATE UNIQUE INDEX legal_holds_in_force_key ON app.legal_holds USING btree (user_id) WHERE (lifted_at IS NULL);

CREATE INDEX legal_holds_lifted_by_idx ON app.legal_holds USING btree (lifted_by);

CREATE INDEX legal_holds_set_by_idx ON app.legal_holds USING btree (set_by);

CREATE INDEX legal_holds_user_id_idx ON app.legal_holds USING btree (user_id);

CREATE INDEX media_tokens_call_id_idx ON app.media_tokens USING btree (call_id);

CREATE INDEX media_tokens_expires_at_idx ON app.media_tokens USING btree (expires_at);

CREATE INDEX message_details_answered_by_idx ON app.message_details USING btree (answered_by);

CREATE UNIQUE INDEX message_details_idempotency_key ON app.message_details USING btree (conversation_id, idempotency_key);

CREATE UNIQUE INDEX message_details_seq_key ON app.message_details USING btree (conversation_id, seq);

CREATE INDEX message_details_unanswered_idx ON app.message_details USING btree (conversation_id, seq) WHERE ((state = 'received'::text) AND (answered_by IS NULL));

CREATE INDEX message_details_unsent_idx ON app.message_details USING btree (conversation_id, seq) WHERE (state = ANY (ARRAY['queued'::text, 'sending'::text, 'unknown'::text]));

CREATE INDEX opt_outs_because_of_idx ON app.opt_outs USING btree (because_of);

CREATE INDEX own_addresses_address_hash_idx ON app.own_addresses USING btree (address_hash);

CREATE INDEX own_addresses_address_idx ON app.own_addresses USING btree (address);

CREATE UNIQUE INDEX own_addresses_hash_key ON app.own_addresses USING btree (user_id, address_hash);

CREATE INDEX person_keys_master_key_id_idx ON app.person_keys USING btree (master_key_id) WHERE (wrapped IS NOT NULL);

CREATE INDEX pgqueuer_ep_ea_idx ON app.pgqueuer USING btree (entrypoint, execute_after) WHERE (status = 'queued'::app.pgqueuer_status);

CREATE INDEX pgqueuer_ep_prio_id_idx ON app.pgqueuer USING btree (entrypoint, priority DESC, id) WHERE (status = 'queued'::app.pgqueuer_status);

CREATE INDEX pgqueuer_log_created ON app.pgqueuer_log USING btree (created);

CREATE INDEX pgqueuer_log_job_id_status ON app.pgqueuer_log USING btree (job_id, created DESC);

CREATE INDEX pgqueuer_log_not_aggregated ON app.pgqueuer_log USING btree ((1)) WHERE (NOT aggregated);

CREATE INDEX pgqueuer_log_status ON app.pgqueuer_log USING btree (status);

CREATE INDEX pgqueuer_picked_heartbeat_idx ON app.pgqueuer USING btree (heartbeat) WHERE (status = 'picked'::app.pgqueuer_status);

CREATE UNIQUE INDEX pgqueuer_picked_slot_idx ON app.pgqueuer USING btree (entrypoint, slot) WHERE ((status = 'picked'::app.pgqueuer_status) AND (slot IS NOT NULL));

CREATE INDEX pgqueuer_priority_id_id1_idx ON app.pgqueuer USING btree (priority, id DESC) INCLUDE (id) WHERE (status = 'queued'::app.pgqueuer_status);

CREATE INDEX pgqueuer_queue_manager_id_idx ON app.pgqueuer USING btree (queue_manager_id) WHERE (queue_manager_id IS NOT NULL);

CREATE UNIQUE INDEX pgqueuer_statistics_unique_count ON app.pgqueuer_statistics USING btree (priority, date_trunc('sec'::text, timezone('UTC'::text, created)), status, entrypoint);

CREATE UNIQUE INDEX pgqueuer_unique_dedupe_key ON app.pgqueuer USING btree (dedupe_key) WHERE ((status = ANY (ARRAY['queued'::app.pgqueuer_status, 'picked'::app.pgqueuer_status])) AND (dedupe_key IS NOT NULL));

CREATE INDEX pgqueuer_updated_id_id1_idx ON app.pgqueuer USING btree (updated, id DESC) INCLUDE (id) WHERE (status = 'picked'::app.pgqueuer_status);

CREATE INDEX plan_prices_plan_id_idx ON app.plan_prices USING btree (plan_id);

CREATE INDEX recordings_agreed_at_idx ON app.recordings USING btree (agreed_at);

CREATE INDEX recordings_user_id_idx ON app.recordings USING btree (user_id);

CREATE INDEX reservations_open_idx ON app.reservations USING btree (reserved_at) WHERE (state = 'reserved'::text);

CREATE INDEX reservations_user_id_idx ON app.reservations USING btree (user_id, metric, month_year);

CREATE UNIQUE INDEX retention_runs_one_key ON app.retention_runs USING btree ((true)) WHERE (ended_at IS NULL);

CREATE INDEX retention_runs_started_at_idx ON app.retention_runs USING btree (started_at);

CREATE UNIQUE INDEX scheduled_calls_idempotency_key ON app.scheduled_calls USING btree (user_id, idempotency_key);

CREATE INDEX scheduled_calls_page_idx ON app.scheduled_calls USING btree (user_id, created_at, id);

CREATE UNIQUE INDEX stop_questions_hash_open_key ON app.stop_questions USING btree (address_hash) WHERE (answered_at IS NULL);

CREATE UNIQUE INDEX stop_questions_open_idx ON app.stop_questions USING btree (address) WHERE (answered_at IS NULL);

CREATE INDEX stripe_events_customer_id_idx ON app.stripe_events USING btree (customer_id);

CREATE INDEX stripe_events_waiting_idx ON app.stripe_events USING btree (customer_id) WHERE (processed_at IS NULL);

CREATE INDEX tickets_expires_at_idx ON app.tickets USING btree (expires_at);

CREATE INDEX velocity_key_at_idx ON app.velocity USING btree (key, at);

CREATE INDEX velocity_use_idx ON app.velocity USING btree (use) WHERE (use IS NOT NULL);

CREATE INDEX webhook_deliveries_created_at_idx ON app.webhook_deliveries USING btree (created_at);

CREATE INDEX webhook_deliveries_page_idx ON app.webhook_deliveries USING btree (webhook_id, created_at, id);

CREATE INDEX webhook_deliveries_waiting_idx ON app.webhook_deliveries USING btree (webhook_id, subject, place) WHERE (state = 'waiting'::text);

CREATE INDEX webhooks_user_id_idx ON app.webhooks USING btree (user_id);

CREATE UNIQUE INDEX amd_waiting_room_call_id_key ON public.amd_waiting_room USING btree (call_id);

CREATE INDEX amd_waiting_room_created_at_idx ON public.amd_waiting_room USING btree (created_at);

CREATE INDEX amd_waiting_room_user_id_created_at_idx ON public.amd_waiting_room USING btree (user_id, created_at);

CREATE INDEX amd_waiting_room_user_id_idx ON public.amd_waiting_room USING btree (user_id);

CREATE INDEX amd_waiting_room_user_id_status_idx ON public.amd_waiting_room USING btree (user_id, status);

CREATE INDEX calls_created_at_idx ON public.calls USING btree (created_at);

CREATE INDEX calls_status_idx ON public.calls USING btree (status);

CREATE UNIQUE INDEX calls_twilio_call_sid_key ON public.calls USING btree (twilio_call_sid);

CREATE INDEX calls_user_id_created_at_idx ON public.calls USING btree (user_id, created_at);

CREATE INDEX calls_user_id_idx ON public.calls USING btree (user_id);

CREATE INDEX calls_user_id_status_idx ON public.calls USING btree (user_id, status);

CREATE INDEX emails_created_at_idx ON public.emails USING btree (created_at);

CREATE UNIQUE INDEX emails_sendgrid_message_id_key ON public.emails USING btree (sendgrid_message_id);

CREATE INDEX emails_status_idx ON public.emails USING btree (status);

CREATE INDEX emails_user_id_created_at_idx ON public.emails USING btree (user_id, created_at);

CREATE INDEX emails_user_id_idx ON public.emails USING btree (user_id);

CREATE INDEX emails_user_id_status_idx ON public.emails USING btree (user_id, status);

CREATE INDEX plan_changes_created_at_idx ON public.plan_changes USING btree (created_at);

CREATE UNIQUE INDEX plan_changes_one_pending_key ON public.plan_changes USING btree (user_id) WHERE ((status)::text = 'pending'::text);

CREATE INDEX plan_changes_user_id_created_at_idx ON public.plan_changes USING btree (user_id, created_at);

CREATE INDEX plan_changes_user_id_idx ON public.plan_changes USING btree (user_id);

CREATE INDEX plan_changes_user_id_status_idx ON public.plan_changes USING btree (user_id, status);

CREATE INDEX sms_conversations_created_at_idx ON public.sms_conversations USING btree (created_at);

CREATE INDEX sms_conversations_user_id_created_at_idx ON public.sms_conversations USING btree (user_id, created_at);

CREATE INDEX sms_conversations_user_id_idx ON public.sms_conversations USING btree (user_id);

CREATE INDEX sms_conversations_user_id_status_idx ON public.sms_conversations USING btree (user_id, status);

CREATE INDEX sms_messages_conversation_id_idx ON public.sms_messages USING btree (conversation_id);

CREATE INDEX sms_messages_created_at_idx ON public.sms_messages USING btree (created_at);

CREATE INDEX sms_messages_direction_idx ON public.sms_messages USING btree (direction);

CREATE UNIQUE INDEX sms_messages_twilio_message_sid_key ON public.sms_messages USING btree (twilio_message_sid);

CREATE INDEX sms_messages_user_id_created_at_idx ON public.sms_messages USING btree (user_id, created_at);

CREATE INDEX sms_messages_user_id_idx ON public.sms_messages USING btree (user_id);

CREATE INDEX sms_messages_user_id_status_idx ON public.sms_messages USING btree (user_id, status);

CREATE INDEX subscription_events_created_at_idx ON public.subscription_events USING btree (created_at);

CREATE INDEX subscription_events_event_type_idx ON public.subscription_events USING btree (event_type);

CREATE UNIQUE INDEX subscription_events_stripe_event_id_key ON public.subscription_events USING btree (stripe_event_id);

CREATE INDEX subscription_events_user_id_created_at_idx ON public.subscription_events USING btree (user_id, created_at);

CREATE INDEX subscription_events_user_id_idx ON public.subscription_events USING btree (user_id);

CREATE INDEX subscription_plans_created_at_idx ON public.subscription_plans USING btree (created_at);

CREATE INDEX subscription_plans_is_active_idx ON public.subscription_plans USING btree (is_active);

CREATE INDEX subscriptions_created_at_idx ON public.subscriptions USING btree (created_at);

CREATE UNIQUE INDEX subscriptions_one_live_key ON public.subscriptions USING btree (user_id) WHERE (status <> ALL (ARRAY['canceled'::text, 'incomplete_expired'::text]));

CREATE UNIQUE INDEX subscriptions_stripe_subscription_id_key ON public.subscriptions USING btree (stripe_subscription_id);

CREATE INDEX subscriptions_user_id_created_at_idx ON public.subscriptions USING btree (user_id, created_at);

CREATE INDEX subscriptions_user_id_idx ON public.subscriptions USING btree (user_id);

CREATE INDEX subscriptions_user_id_status_idx ON public.subscriptions USING btree (user_id, status);

CREATE INDEX usage_tracking_month_year_idx ON public.usage_tracking USING btree (month_year);

CREATE INDEX usage_tracking_user_id_idx ON public.usage_tracking USING btree (user_id);

CREATE UNIQUE INDEX usage_tracking_user_id_month_year_key ON public.usage_tracking USING btree (user_id, month_year);

CREATE INDEX users_created_at_idx ON public.users USING btree (created_at);

CREATE UNIQUE INDEX users_stripe_customer_id_key ON public.users USING btree (stripe_customer_id);

CREATE INDEX users_subscription_plan_id_idx ON public.users USING btree (subscription_plan_id);

CREATE INDEX users_unsealed_idx ON public.users USING btree (id) WHERE (email !~~ '%'::text);

CREATE TRIGGER copy_views AFTER INSERT ON app.admin_views FOR EACH ROW EXECUTE FUNCTION app.copy_views();

CREATE TRIGGER delete_with_calls AFTER DELETE ON app.call_details REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION app.delete_with_calls();

CREATE TRIGGER deliver AFTER INSERT ON app.events REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.deliver_events();

CREATE TRIGGER forget_programs AFTER INSERT ON app.erasures FOR EACH ROW EXECUTE FUNCTION app.forget_programs();

CREATE TRIGGER forget_scheduled_calls AFTER INSERT ON app.erasures FOR EACH ROW EXECUTE FUNCTION app.forget_scheduled_calls();

CREATE TRIGGER keep_audit BEFORE DELETE OR UPDATE ON app.audit_anchors FOR EACH ROW EXECUTE FUNCTION app.keep_audit();

CREATE TRIGGER keep_audit BEFORE DELETE OR UPDATE ON app.audit_chain FOR EACH ROW EXECUTE FUNCTION app.keep_audit();

CREATE TRIGGER keep_audit BEFORE DELETE OR UPDATE ON app.audit_log FOR EACH ROW EXECUTE FUNCTION app.keep_audit();

CREATE TRIGGER keep_audit_whole BEFORE TRUNCATE ON app.audit_anchors FOR EACH STATEMENT EXECUTE FUNCTION app.keep_audit();

CREATE TRIGGER keep_audit_whole BEFORE TRUNCATE ON app.audit_chain FOR EACH STATEMENT EXECUTE FUNCTION app.keep_audit();

CREATE TRIGGER keep_audit_whole BEFORE TRUNCATE ON app.audit_log FOR EACH STATEMENT EXECUTE FUNCTION app.keep_audit();

CREATE TRIGGER keep_holds BEFORE UPDATE ON app.legal_holds FOR EACH ROW EXECUTE FUNCTION app.keep_holds();

CREATE TRIGGER tg_pgqueuer_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON app.pgqueuer FOR EACH STATEMENT EXECUTE FUNCTION app.fn_pgqueuer_changed();

CREATE TRIGGER withdraw_once BEFORE UPDATE ON app.consents FOR EACH ROW EXECUTE FUNCTION app.withdraw_once();

CREATE TRIGGER keep_message_content BEFORE UPDATE ON public.sms_messages FOR EACH ROW EXECUTE FUNCTION app.keep_message_content();

CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.subscription_events FOR EACH ROW EXECUTE FUNCTION app.refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.subscription_events FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();

CREATE TRIGGER remember_prices AFTER INSERT OR UPDATE OF stripe_price_id_monthly, stripe_price_id_yearly ON public.subscription_plans FOR EACH ROW EXECUTE FUNCTION app.remember_prices();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.amd_waiting_room FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION app.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.calls FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION app.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.emails FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION app.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.plan_changes FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION app.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.sms_conversations FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION app.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.subscription_plans FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION app.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.subscriptions FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION app.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.users FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION app.set_updated_at();

ALTER TABLE ONLY app.admin_views
    ADD CONSTRAINT admin_views_admin_id_fkey FOREIGN KEY (admin_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.admin_views
    ADD CONSTRAINT admin_views_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.api_keys
    ADD CONSTRAINT api_keys_successor_id_fkey FOREIGN KEY (successor_id) REFERENCES app.api_keys(id) ON DELETE SET NULL;

ALTER TABLE ONLY app.api_keys
    ADD CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.audio_tickets
    ADD CONSTRAINT audio_tickets_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.billing
    ADD CONSTRAINT billing_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.call_details
    ADD CONSTRAINT call_details_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.call_details
    ADD CONSTRAINT call_details_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.call_notes
    ADD CONSTRAINT call_notes_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.call_notes
    ADD CONSTRAINT call_notes_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.call_notes
    ADD CONSTRAINT call_notes_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.call_tags
    ADD CONSTRAINT call_tags_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.call_tags
    ADD CONSTRAINT call_tags_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.complaints
    ADD CONSTRAINT complaints_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.consents
    ADD CONSTRAINT consents_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.conversation_details
    ADD CONSTRAINT conversation_details_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES app.agents(id);

ALTER TABLE ONLY app.conversation_details
    ADD CONSTRAINT conversation_details_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.sms_conversations(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.conversation_details
    ADD CONSTRAINT conversation_details_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.costs
    ADD CONSTRAINT costs_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.email_details
    ADD CONSTRAINT email_details_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES app.agents(id);

ALTER TABLE ONLY app.email_details
    ADD CONSTRAINT email_details_email_id_fkey FOREIGN KEY (email_id) REFERENCES public.emails(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.email_details
    ADD CONSTRAINT email_details_in_reply_to_fkey FOREIGN KEY (in_reply_to) REFERENCES public.emails(id) ON DELETE SET NULL;

ALTER TABLE ONLY app.email_details
    ADD CONSTRAINT email_details_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.erasures
    ADD CONSTRAINT erasures_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES public.users(id);

ALTER TABLE ONLY app.erasures
    ADD CONSTRAINT erasures_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.events
    ADD CONSTRAINT events_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.streams(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY app.exports
    ADD CONSTRAINT exports_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.former_customers
    ADD CONSTRAINT former_customers_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.legal_holds
    ADD CONSTRAINT legal_holds_lifted_by_fkey FOREIGN KEY (lifted_by) REFERENCES public.users(id);

ALTER TABLE ONLY app.legal_holds
    ADD CONSTRAINT legal_holds_set_by_fkey FOREIGN KEY (set_by) REFERENCES public.users(id);

ALTER TABLE ONLY app.legal_holds
    ADD CONSTRAINT legal_holds_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.message_details
    ADD CONSTRAINT message_details_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES public.sms_messages(id) ON DELETE SET NULL;

ALTER TABLE ONLY app.message_details
    ADD CONSTRAINT message_details_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.sms_conversations(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.message_details
    ADD CONSTRAINT message_details_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.sms_messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.number_proofs
    ADD CONSTRAINT number_proofs_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.own_addresses
    ADD CONSTRAINT own_addresses_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.plan_change_details
    ADD CONSTRAINT plan_change_details_plan_change_id_fkey FOREIGN KEY (plan_change_id) REFERENCES public.plan_changes(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.plan_prices
    ADD CONSTRAINT plan_prices_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES public.subscription_plans(id);

ALTER TABLE ONLY app.profiles
    ADD CONSTRAINT profiles_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.recording_pieces
    ADD CONSTRAINT recording_pieces_call_id_fkey FOREIGN KEY (call_id) REFERENCES app.recordings(call_id) ON DELETE CASCADE;

ALTER TABLE ONLY app.recordings
    ADD CONSTRAINT recordings_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.recordings
    ADD CONSTRAINT recordings_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.reservations
    ADD CONSTRAINT reservations_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.scheduled_calls
    ADD CONSTRAINT scheduled_calls_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.streams
    ADD CONSTRAINT streams_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY app.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES app.webhooks(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.webhook_lanes
    ADD CONSTRAINT webhook_lanes_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES app.webhooks(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.webhooks
    ADD CONSTRAINT webhooks_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.amd_waiting_room
    ADD CONSTRAINT amd_waiting_room_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.amd_waiting_room
    ADD CONSTRAINT amd_waiting_room_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.calls
    ADD CONSTRAINT calls_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.emails
    ADD CONSTRAINT emails_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.plan_changes
    ADD CONSTRAINT plan_changes_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.sms_conversations
    ADD CONSTRAINT sms_conversations_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.sms_messages
    ADD CONSTRAINT sms_messages_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.sms_conversations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sms_messages
    ADD CONSTRAINT sms_messages_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.subscription_events
    ADD CONSTRAINT subscription_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT subscriptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.usage_tracking
    ADD CONSTRAINT usage_tracking_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_subscription_plan_id_fkey FOREIGN KEY (subscription_plan_id) REFERENCES public.subscription_plans(id);

ALTER TABLE public.amd_waiting_room ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.calls ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.emails ENABLE ROW LEVEL SECURITY;

CREATE POLICY offered_or_admin ON public.subscription_plans FOR SELECT TO anon, authenticated USING ((is_active OR (((( SELECT auth.jwt() AS jwt) -> 'app_metadata'::text) ->> 'role'::text) = 'admin'::text)));

CREATE POLICY own_or_admin ON public.amd_waiting_room FOR SELECT TO authenticated USING (((( SELECT auth.uid() AS uid) = user_id) OR (((( SELECT auth.jwt() AS jwt) -> 'app_metadata'::text) ->> 'role'::text) = ANY (ARRAY['admin'::text, 'operator'::text]))));

CREATE POLICY own_or_admin ON public.calls FOR SELECT TO authenticated USING (((( SELECT auth.uid() AS uid) = user_id) OR (((( SELECT auth.jwt() AS jwt) -> 'app_metadata'::text) ->> 'role'::text) = ANY (ARRAY['admin'::text, 'operator'::text]))));

CREATE POLICY own_or_admin ON public.emails FOR SELECT TO authenticated USING (((( SELECT auth.uid() AS uid) = user_id) OR (((( SELECT auth.jwt() AS jwt) -> 'app_metadata'::text) ->> 'role'::text) = ANY (ARRAY['admin'::text, 'operator'::text]))));

CREATE POLICY own_or_admin ON public.plan_changes FOR SELECT TO authenticated USING (((( SELECT auth.uid() AS uid) = user_id) OR (((( SELECT auth.jwt() AS jwt) -> 'app_metadata'::text) ->> 'role'::text) = ANY (ARRAY['admin'::text, 'operator'::text]))));

CREATE POLICY own_or_admin ON public.sms_conversations FOR SELECT TO authenticated USING (((( SELECT auth.uid() AS uid) = user_id) OR (((( SELECT auth.jwt() AS jwt) -> 'app_metadata'::text) ->> 'role'::text) = ANY (ARRAY['admin'::text, 'operator'::text]))));

CREATE POLICY own_or_admin ON public.sms_messages FOR SELECT TO authenticated USING (((( SELECT auth.uid() AS uid) = user_id) OR (((( SELECT auth.jwt() AS jwt) -> 'app_metadata'::text) ->> 'role'::text) = ANY (ARRAY['admin'::text, 'operator'::text]))));

CREATE POLICY own_or_admin ON public.subscription_events FOR SELECT TO authenticated USING (((( SELECT auth.uid() AS uid) = user_id) OR (((( SELECT auth.jwt() AS jwt) -> 'app_metadata'::text) ->> 'role'::text) = ANY (ARRAY['admin'::text, 'operator'::text]))));

CREATE POLICY own_or_admin ON public.subscriptions FOR SELECT TO authenticated USING (((( SELECT auth.uid() AS uid) = user_id) OR (((( SELECT auth.jwt() AS jwt) -> 'app_metadata'::text) ->> 'role'::text) = ANY (ARRAY['admin'::text, 'operator'::text]))));

CREATE POLICY own_or_admin ON public.usage_tracking FOR SELECT TO authenticated USING (((( SELECT auth.uid() AS uid) = user_id) OR (((( SELECT auth.jwt() AS jwt) -> 'app_metadata'::text) ->> 'role'::text) = ANY (ARRAY['admin'::text, 'operator'::text]))));

CREATE POLICY own_or_admin ON public.users FOR SELECT TO authenticated USING (((( SELECT auth.uid() AS uid) = id) OR (((( SELECT auth.jwt() AS jwt) -> 'app_metadata'::text) ->> 'role'::text) = ANY (ARRAY['admin'::text, 'operator'::text]))));

ALTER TABLE public.plan_changes ENABLE ROW LEVEL SECURITY;

CREATE POLICY retention ON public.amd_waiting_room TO talking_retention USING (true);

CREATE POLICY retention ON public.calls TO talking_retention USING (true);

CREATE POLICY retention ON public.emails TO talking_retention USING (true);

CREATE POLICY retention ON public.sms_conversations TO talking_retention USING (true);

CREATE POLICY retention ON public.sms_messages TO talking_retention USING (true);

CREATE POLICY retention ON public.usage_tracking TO talking_retention USING (true);

CREATE POLICY retention ON public.users FOR SELECT TO talking_retention USING (true);

CREATE POLICY service ON public.amd_waiting_room TO talking_service USING (true) WITH CHECK (true);

CREATE POLICY service ON public.calls TO talking_service USING (true) WITH CHECK (true);

CREATE POLICY service ON public.emails TO talking_service USING (true) WITH CHECK (true);

CREATE POLICY service ON public.plan_changes TO talking_service USING (true) WITH CHECK (true);

CREATE POLICY service ON public.sms_conversations TO talking_service USING (true) WITH CHECK (true);

CREATE POLICY service ON public.sms_messages TO talking_service USING (true) WITH CHECK (true);

CREATE POLICY service ON public.subscription_events TO talking_service USING (true) WITH CHECK (true);

CREATE POLICY service ON public.subscription_plans FOR SELECT TO talking_service USING (true);

CREATE POLICY service ON public.subscriptions TO talking_service USING (true) WITH CHECK (true);

CREATE POLICY service ON public.usage_tracking TO talking_service USING (true) WITH CHECK (true);

CREATE POLICY service ON public.users TO talking_service USING (true) WITH CHECK (true);

ALTER TABLE public.sms_conversations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sms_messages ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.subscription_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.subscription_plans ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.subscriptions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.usage_tracking ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;
