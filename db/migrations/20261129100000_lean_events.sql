-- An event is written once: its place among everybody's is kept beside it, with one row for all that a
-- transaction told a user. Retention finds what is old by an index, for events and for webhooks.

-- `gseq` is the place of the last of them; null until the relay gives it. No foreign key: it would
-- only need an index, and places of events that are gone mean nothing.
create table app.event_groups (
    user_id uuid not null,
    first_seq bigint not null,
    last_seq bigint not null,
    at timestamptz not null,
    gseq bigint
);
-- What was written before there was a numbering gets places before the first, which nobody reads.
insert into app.event_groups (user_id, first_seq, last_seq, at, gseq)
select user_id, seq, seq, ts,
    case when published_at is null then null
        else coalesce(gseq, -row_number() over (order by gseq nulls first, ts desc)) end
from app.events;
create unique index event_groups_gseq_idx on app.event_groups (gseq) where gseq is not null;
create unique index event_groups_new_idx on app.event_groups (user_id, first_seq)
    where gseq is null;

alter table app.events drop constraint events_id_key;  -- nothing looks an event up by its id
drop index app.events_gseq_idx, app.events_unpublished_idx, app.events_ts_idx;
alter table app.events drop column gseq, drop column published_at;

-- A time as clients see it.
create function app.rfc3339(at timestamptz) returns text
language sql stable set search_path = '' as $$
    select to_char(date_trunc('milliseconds', at) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;
-- What clients get of an event. One of a call keeps what changes of the call's row, as it was then;
-- the rest is as it ever was, and what is not there was null. Older ones hold the row as a whole.
create function app.event_data(subject text, data jsonb) returns jsonb
language sql stable set search_path = '' as $$
    select case when not data ? 'call' or data -> 'call' ? 'id' then data else coalesce((
        select jsonb_build_object('call', jsonb_build_object(
            'id', c.id, 'user_id', c.user_id, 'user_phone_number', c.user_phone_number,
            'topic', c.topic, 'twilio_call_sid', null, 'answered_by', null,
            'initiated_time', app.rfc3339(c.initiated_time), 'ringing_time', null,
            'answered_time', null, 'ended_time', null, 'duration_seconds', null,
            'end_reason', null, 'created_at', app.rfc3339(c.created_at)) || (data -> 'call'))
        from public.calls c where c.id = substr(subject, 6)::uuid), data) end
$$;
revoke execute on function app.event_data, app.rfc3339 from public;
grant execute on function app.event_data, app.rfc3339 to talking_service;

-- The details are locked whenever the journal is written; the call itself need not be, too.
alter table app.call_journal drop constraint call_journal_call_id_fkey,
    add constraint call_journal_call_id_fkey
        foreign key (call_id) references app.call_details (call_id) on delete cascade;

-- Unfinished calls are few and found by their status; without this index a lease is renewed in place.
drop index app.call_details_lease_until_idx;

create index inbox_received_at_idx on app.inbox (received_at);

grant select, insert, delete, update (gseq) on app.event_groups to talking_service;
