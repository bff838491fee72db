-- Keys by which programs act for a person. Only a hash of each is kept; its name is sealed. One that was
-- replaced is good until `expires_at`, so that both are for a while.
create table app.api_keys (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id),
    key_hash bytea not null unique,
    hint text not null,  -- its last characters, to tell it from others
    name text not null,
    scopes text[] not null,
    requests_per_minute integer not null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz,  -- to the minute
    expires_at timestamptz,
    revoked_at timestamptz,
    successor_id uuid references app.api_keys (id) on delete set null
);
create index api_keys_user_id_idx on app.api_keys (user_id);
create index api_keys_successor_id_idx on app.api_keys (successor_id);

insert into app.retention_kinds (kind, relation, at_column, floor, is_record, condition) values
    ('api_keys', 'app.api_keys', 'created_at', '30 days', true,
        'least(t.expires_at, t.revoked_at) < $1::timestamptz');
grant select, delete on app.api_keys to talking_retention;
