-- One-use secrets that let somebody hear a call, or speak in it: `takeover` is the number of the
-- takeover whose operator it is for, null for a listener.
create table app.audio_tickets (
    token_hash bytea primary key,
    call_id uuid not null references public.calls (id) on delete cascade,
    user_id uuid not null references public.users (id),
    takeover integer,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index audio_tickets_call_id_idx on app.audio_tickets (call_id);
create index audio_tickets_user_id_idx on app.audio_tickets (user_id);
create index audio_tickets_expires_at_idx on app.audio_tickets (expires_at);
grant select, insert, delete on app.audio_tickets to talking_service;
grant update (used_at) on app.audio_tickets to talking_service;
