-- What is personal in schema app is sealed or hashed (db/core/sealed.py, db/core/hashed.py). An address
-- that is sealed is found by its hash; one that nobody has to see again is a hash in its own column.
-- Rows from before have no hash and are found by the address itself until they are sealed.

alter table app.own_addresses add column address_hash bytea;
create unique index own_addresses_hash_key on app.own_addresses (user_id, address_hash);
create index own_addresses_address_hash_idx on app.own_addresses (address_hash);

alter table app.consents add column address_hash bytea;
create unique index consents_hash_in_force_key on app.consents (user_id, channel, address_hash)
    where withdrawn_at is null;
create index consents_address_hash_idx on app.consents (address_hash);

alter table app.stop_questions add column address_hash bytea;
create unique index stop_questions_hash_open_key on app.stop_questions (address_hash)
    where answered_at is null;

-- The hash of an address, and the address itself as rows from before have it.
create function app.opt_in(wishes text[]) returns setof text
language sql security definer set search_path = '' as $$
    delete from app.opt_outs
    where (because_of = any(wishes) or address = any(wishes)) and reason <> 'bounce'
    returning address
$$;
revoke execute on function app.opt_in(text[]) from public;
grant execute on function app.opt_in(text[]) to talking_service;

-- Asked by nobody, and it would not find a hash.
drop function app.is_opted_out(text[]);

-- What may be put in place of values in clear from before (db/core/clear.py): by column, whether it
-- is a hash beside the value; and where nothing in clear was left, and when.
create table app.sealed_columns (
    relation text not null,
    name text not null,
    is_beside boolean not null default false,
    primary key (relation, name)
);
insert into app.sealed_columns (relation, name, is_beside) values
    ('app.call_journal', 'event', false),
    ('app.events', 'data', false),
    ('app.inbox', 'payload', false),
    ('app.idempotency', 'fingerprint', false),
    ('app.idempotency', 'body', false),
    ('app.consents', 'address', false),
    ('app.consents', 'wording', false),
    ('app.consents', 'address_hash', true),
    ('app.opt_outs', 'address', false),
    ('app.opt_outs', 'because_of', false),
    ('app.own_addresses', 'address', false),
    ('app.own_addresses', 'address_hash', true),
    ('app.stop_questions', 'address', false),
    ('app.stop_questions', 'address_hash', true),
    ('app.strangers', 'phone_number', false),
    ('app.velocity', 'key', false),
    ('app.number_proofs', 'number', false),
    ('app.tickets', 'claims', false),
    ('app.stripe_events', 'payload', false),
    ('app.email_details', 'variables', false),
    ('app.email_details', 'html', false),
    ('app.email_details', 'error', false),
    ('app.email_details', 'unsubscribe_token', false),
    ('app.email_details', 'reply_token', false);
create table app.clear_rows (
    relation text primary key,
    none_left_at timestamptz not null
);
grant select on app.sealed_columns to talking_service;
grant select, insert, update on app.clear_rows to talking_service;

-- A sealed value and a hash begin with a character that nothing in clear begins with.
create function app.is_sealed(value text) returns boolean
language sql immutable strict set search_path = '' as $$
    select value like E'\x1e%'
$$;
create function app.is_sealed(value jsonb) returns boolean
language sql immutable strict set search_path = '' as $$
    select jsonb_typeof(value) = 'string' and value #>> '{}' like E'\x1e%'
$$;
create function app.is_sealed(value bytea) returns boolean
language sql immutable strict set search_path = '' as $$
    select length(value) > 0 and get_byte(value, 0) = 30
$$;

-- Puts sealed values in place of those in clear, and hashes beside them where there are none; no
-- other value is changed by it, and no row that is not as it was read. Where the same address was
-- written down sealed meanwhile, the row in clear is one too many: the first has always counted.
create function app.put_sealed(relation text, given jsonb) returns integer
language plpgsql security definer set search_path = '' as $$
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
$$;
revoke execute on function app.is_sealed(text), app.is_sealed(jsonb), app.is_sealed(bytea),
    app.put_sealed from public;
grant execute on function app.is_sealed(text), app.is_sealed(jsonb), app.is_sealed(bytea),
    app.put_sealed to talking_service;
