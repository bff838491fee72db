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

-- The details are locked whenever the journal is written; the call itself need not be, too.
alter table app.call_journal drop constraint call_journal_call_id_fkey,
    add constraint call_journal_call_id_fkey
        foreign key (call_id) references app.call_details (call_id) on delete cascade;

-- Unfinished calls are few and found by their status; without this index a lease is renewed in place.
drop index app.call_details_lease_until_idx;

create index inbox_received_at_idx on app.inbox (received_at);

grant select, insert, delete, update (gseq) on app.event_groups to talking_service;
