-- What people write on calls: tags, found by the hash of their words in any case, and notes. Words are
-- sealed by the key of whose call it is, and go with the call.
create table app.call_tags (
    id uuid primary key default gen_random_uuid(),
    call_id uuid not null references public.calls (id) on delete cascade,
    user_id uuid not null references public.users (id),  -- whose call it is
    tag text not null,
    tag_hash bytea not null,
    created_at timestamptz not null default now(),
    unique (call_id, tag_hash)
);
create index call_tags_user_id_idx on app.call_tags (user_id, tag_hash);

create table app.call_notes (
    id uuid primary key default gen_random_uuid(),
    call_id uuid not null references public.calls (id) on delete cascade,
    user_id uuid not null references public.users (id),  -- whose call it is
    author_id uuid not null references public.users (id),  -- its owner, or an operator
    text text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index call_notes_call_id_idx on app.call_notes (call_id, created_at, id);
create index call_notes_user_id_idx on app.call_notes (user_id);
create index call_notes_author_id_idx on app.call_notes (author_id);
