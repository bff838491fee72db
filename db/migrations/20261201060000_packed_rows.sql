-- What a call has written down at once is one row of its journal, and what an event holds is bytes: packed
-- (db/core/packing.py) and then sealed, without base64. Rows of before stay as they are.
alter table app.call_journal
    add column last_seq integer,
    add column entries bytea,
    alter column event drop not null,
    add constraint call_journal_form check (num_nonnulls(event, entries) = 1
        and (entries is null) = (last_seq is null) and coalesce(last_seq >= seq, true)) not valid;

insert into app.sealed_columns (relation, name) values ('app.call_journal', 'entries');
