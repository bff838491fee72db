-- Recordings of calls: one row a call, made when whoever was called says yes to being recorded, in
-- which words and when; and the sound in pieces, each of both sides. Words and sound are sealed.
create table app.recordings (
    id uuid primary key default gen_random_uuid(),
    call_id uuid not null unique references public.calls (id) on delete cascade,
    user_id uuid not null references public.users (id),
    agreed_at timestamptz not null,  -- its first sound is of then
    words text not null,
    wording_id text not null,  -- '': words of nobody's but the configuration's
    wording_version integer not null,
    language text not null
);
create index recordings_user_id_idx on app.recordings (user_id);
create index recordings_agreed_at_idx on app.recordings (agreed_at);

-- Numbered by who runs the call under an epoch: a node that was thought to be dead writes beside the
-- one that goes on, not over it. `sound`: both tracks of so many bytes of mu-law, the caller's first.
create table app.recording_pieces (
    call_id uuid not null references app.recordings (call_id) on delete cascade,
    lease_epoch integer not null,
    number integer not null,
    at timestamptz not null,
    length integer not null,
    sound bytea not null,
    primary key (call_id, lease_epoch, number)
);

-- Whether the call is recorded. Null: nobody wanted it.
alter table app.call_details add column recording text
    check (recording in ('asking', 'on', 'paused', 'stopped', 'declined'));

insert into app.retention_kinds (kind, relation, at_column, floor, is_record, condition, with_them)
values ('recordings', 'app.recordings', 'agreed_at', '1 day', true,
    'not exists (select from public.calls c where c.id = t.call_id'
        ' and app.call_status_rank(c.status) < 5)',
    array['delete from app.recording_pieces p using app.recordings r where r.id = any($1)'
        ' and p.call_id = r.call_id']);
update app.retention_kinds set with_them =
    array['delete from app.recording_pieces where call_id = any($1)',
        'delete from app.recordings where call_id = any($1)'] || with_them
where kind = 'calls';
grant select, delete on app.recordings, app.recording_pieces to talking_retention;
