-- The code that was texted to a number which a user says is theirs; one at a time. Kept as a hash.
create table app.number_proofs (
    user_id uuid primary key references public.users (id),
    number text not null,
    code_hash bytea not null,
    tries integer not null default 0,
    expires_at timestamptz not null
);
grant select, insert, update on app.number_proofs to talking_service;
