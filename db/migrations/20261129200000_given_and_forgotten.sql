-- What users say of themselves, the copies of their data that they ask for, and their forgetting.

alter table app.profiles add column name text, add column language text;
insert into app.sealed_columns (relation, name) values ('app.profiles', 'name');

-- Of a user's own numbers the one that calls and texts go to; and the number that becomes it once
-- its code has come.
alter table app.own_addresses add column is_preferred boolean not null default false;
alter table app.number_proofs add column is_preferred boolean not null default false;

-- A copy that was asked for. It is made while it is downloaded; the row says how long its link is
-- good, and what was counted.
create table app.exports (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id),
    asked_at timestamptz not null default now(),
    ready_at timestamptz,
    expires_at timestamptz,
    counts jsonb not null default '{}'
);
create index exports_user_id_idx on app.exports (user_id, asked_at desc);
create unique index exports_one_under_way_key on app.exports (user_id) where ready_at is null;
insert into app.retention_kinds (kind, relation, at_column, floor)
values ('exports', 'app.exports', 'expires_at', '1 hour');
grant select, delete on app.exports to talking_retention;

-- A person who is being forgotten, or was. `steps` are those done, `remarks` what could not be done
-- for them, in words of ours. No name and no address is in it.
create table app.erasures (
    user_id uuid primary key references public.users (id),
    asked_by uuid references public.users (id),  -- null: from the command line
    asked_at timestamptz not null default now(),
    steps text[] not null default '{}',
    remarks text[] not null default '{}',
    done_at timestamptz
);
create index erasures_asked_by_idx on app.erasures (asked_by);

-- An immutable line may lose what is in its metadata while its person is being forgotten, by
-- app.erase_person only: nobody else sets that, and nobody else may update these tables at all.
create or replace function app.refuse_change() returns trigger
language plpgsql set search_path = '' as $$
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

-- Delete some of what is held of a person who is being forgotten; 0 when nothing is left. Each
-- piece is short, so nobody waits long for its locks. `own` are their addresses, `digests` the keyed
-- hashes of these, and `hidden` the same as text, which stays of those that asked not to be
-- contacted. `paces` are the hashed keys by which it is counted what they do.
create function app.erase_rows(
    who uuid, most integer, own text[], digests bytea[], hidden text[], paces text[]
) returns integer
language plpgsql security definer set search_path = '' as $$
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

-- Empty the rows that stay for good: of the user an id, a plan and dates, of plans and payments what
-- was changed and paid.
create function app.erase_person(who uuid) returns void
language plpgsql security definer set search_path = '' as $$
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
$$;

create index inbox_email_idx on app.inbox ((payload ->> 'email_id')) where provider = 'sendgrid';

revoke execute on function app.erase_rows, app.erase_person from public;
grant execute on function app.erase_rows, app.erase_person to talking_service;
