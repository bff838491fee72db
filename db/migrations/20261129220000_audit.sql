-- Who did what to whom from where: one table that is only ever added to, and a chain of hashes over
-- it, by which a row that was edited, taken out, put in or moved is found, whoever did it.

-- `user_id` is whose data the act concerned. Ids, counts and keyed hashes only: no foreign key, so
-- that nothing of it stands in the way of forgetting a person.
create table app.audit_log (
    id uuid primary key default gen_random_uuid(),
    at timestamptz not null default now(),
    actor_kind text not null
        check (actor_kind in ('user', 'operator', 'administrator', 'system', 'provider')),
    actor_id uuid,
    actor_name text not null default '',
    action text not null,
    user_id uuid,
    subject text not null default '',
    request_id text not null default '',
    address_hash bytea,
    reason text not null default '',
    data jsonb not null default '{}'
);
create index audit_log_at_idx on app.audit_log (at desc, id desc);
create index audit_log_user_id_idx on app.audit_log (user_id, at desc, id desc);
create index audit_log_actor_id_idx on app.audit_log (actor_id, at desc, id desc);
create index audit_log_action_idx on app.audit_log (action, at desc, id desc);

-- What has no place in the chain yet. Whoever acts waits for nobody: places are given after the
-- commit, by whoever holds the one row of app.audit_head.
create table app.audit_pending (
    log_id uuid primary key,
    seq bigint generated always as identity
);
create index audit_pending_seq_idx on app.audit_pending (seq);

-- Each hash is over the row and the hash before it.
create table app.audit_chain (
    place bigint primary key check (place > 0),
    log_id uuid not null unique,
    hash bytea not null
);

-- The chain's end as the node that gave the last places signed it, with a key no database has.
create table app.audit_head (
    singleton boolean primary key default true check (singleton),
    place bigint not null default 0,
    hash bytea not null default sha256('talking-app audit 1'),
    key_id text not null default '',
    signature bytea
);
insert into app.audit_head default values;

-- The same once a day, kept for ever here and in the log of the node.
create table app.audit_anchors (
    day date primary key,
    at timestamptz not null default now(),
    place bigint not null,
    hash bytea not null,
    key_id text not null,
    signature bytea
);

-- Deletes are for app.forget_audit alone: the setting alone does not do, nor does being its owner.
create function app.keep_audit() returns trigger language plpgsql set search_path = '' as $$
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

do $$
declare
    name text;
begin
    foreach name in array array['audit_log', 'audit_chain', 'audit_anchors'] loop
        execute format('create trigger keep_audit before update or delete on app.%I '
            'for each row execute function app.keep_audit()', name);
        execute format('create trigger keep_audit_whole before truncate on app.%I '
            'for each statement execute function app.keep_audit()', name);
    end loop;
end
$$;

-- Delete what happened before the last anchor of a day so old, a day at a time: how many rows.
-- Anchors stay: the next one vouches for the hash that the rest begins with.
create function app.forget_audit(before timestamptz) returns bigint
language plpgsql security definer set search_path = '' as $$
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

-- What administrators looked at so far, and what nodes of the last version still write down there.
-- The table goes once none of them runs.
create function app.copy_view(seen app.admin_views) returns void
language sql set search_path = '' as $$
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
create function app.copy_views() returns trigger language plpgsql set search_path = '' as $$
begin
    perform app.copy_view(new);
    return null;
end
$$;
select app.copy_view(v) from (select * from app.admin_views order by created_at) v;
create trigger copy_views after insert on app.admin_views
    for each row execute function app.copy_views();

grant select, insert on app.audit_log, app.audit_chain, app.audit_anchors to talking_service;
grant select, insert, delete on app.audit_pending to talking_service;
grant select, update (place, hash, key_id, signature) on app.audit_head to talking_service;
revoke execute on function app.forget_audit, app.copy_view, app.copy_views, app.keep_audit
    from public;
grant execute on function app.forget_audit, app.copy_view to talking_service;

-- A wording is what somebody agreed to: which one, as of which version, in which language. Words of
-- a client's own have no id. `consent_id` of a call is what it was placed on.
alter table app.consents
    add column wording_id text not null default '',
    add column wording_version integer not null default 0,
    add column language text not null default '',
    add column request_id text not null default '';
