-- What goes with calls that are deleted goes in one statement, not in one for each call: a foreign key's
-- deletions cost as much as all the rest of a call, as each looks again at the rows that just went. Nor
-- does a row look for its call: whoever writes an entry of the journal holds the call's details locked by
-- then, and a token is of use only to a call that is there.
alter table app.call_journal drop constraint call_journal_call_id_fkey;
alter table app.media_tokens drop constraint media_tokens_call_id_fkey;
alter table app.audio_tickets drop constraint audio_tickets_call_id_fkey;

create function app.delete_with_calls() returns trigger language plpgsql set search_path = '' as $$
declare
    ids uuid[] := (select array_agg(call_id) from deleted);
begin
    delete from app.call_journal where call_id = any(ids);
    delete from app.media_tokens where call_id = any(ids);
    delete from app.audio_tickets where call_id = any(ids);
    return null;
end
$$;
revoke execute on function app.delete_with_calls from public;
create trigger delete_with_calls after delete on app.call_details
    referencing old table as deleted for each statement execute function app.delete_with_calls();

update app.retention_kinds
set with_them = array_remove(with_them, 'delete from app.call_journal where call_id = any($1)')
where kind = 'calls';
