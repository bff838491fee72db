-- The keys that values are sealed with, each wrapped by a master key that is in no database: one a
-- person, and two of nobody's (ids of zeros; see db/core/keyring.py). No foreign key: a key is
-- committed before the transaction that first needs it, which may be the one that makes the user.
-- A destroyed key keeps its row, so that none is made in its place.
create table app.person_keys (
    user_id uuid primary key,
    key_id text not null unique,
    wrapped bytea,
    master_key_id text not null,
    created_at timestamptz not null default now(),
    destroyed_at timestamptz
);
create index person_keys_master_key_id_idx on app.person_keys (master_key_id) where wrapped is not null;

-- The keyring's own connections stay the login; whoever erases a person is the service.
grant select, insert on app.person_keys to talking_worker;
grant update (wrapped, master_key_id) on app.person_keys to talking_worker;
grant select (user_id, destroyed_at) on app.person_keys to talking_service;
grant update (wrapped, destroyed_at) on app.person_keys to talking_service;
