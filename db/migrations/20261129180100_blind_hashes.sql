-- What sealed columns are searched by: keyed hashes of numbers, addresses and topics, computed by
-- the product (db/core/keyring.py). Rows of before have none until they are sealed.
alter table app.call_details add column number_hash bytea, add column topic_hash bytea;
alter table app.conversation_details add column number_hash bytea, add column topic_hash bytea,
    alter column phone_number drop not null;
alter table app.email_details add column recipient_hash bytea, add column topic_hash bytea;
create index conversation_details_number_hash_idx on app.conversation_details
    (number_hash, last_out) where is_open;

-- An address that the trigger for sign-ups or an older node wrote down is sealed by whoever sees it
-- first. Nobody else may change an address, so this takes nothing but a clear one's sealed form.
create function app.seal_email(who uuid, clear text, sealed text) returns void
language plpgsql security definer set search_path = '' as $$
begin
    perform set_config('app.is_sealing', 'on', true);
    update public.users set email = sealed
    where id = who and email = clear and clear not like E'\x1e%' and sealed like E'\x1es1.%';
    perform set_config('app.is_sealing', 'off', true);
end
$$;
revoke execute on function app.seal_email from public;
grant execute on function app.seal_email to talking_service;
create index users_unsealed_idx on public.users (id) where email not like E'\x1e%';

-- What is as it was, only sealed now, was not changed.
create or replace function app.set_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
    if current_setting('app.is_sealing', true) is distinct from 'on' then
        new.updated_at = now();
    end if;
    return new;
end
$$;

-- A message's content may be replaced by its sealed form, once.
create or replace function app.keep_message_content() returns trigger
language plpgsql set search_path = '' as $$
declare
    may_change text[] := array['status', 'twilio_message_sid', 'phone_number', 'message_text'];
begin
    if to_jsonb(new) - may_change is distinct from to_jsonb(old) - may_change
        or (new.phone_number <> old.phone_number
            and (old.phone_number like E'\x1e%' or new.phone_number not like E'\x1es1.%'))
        or (new.message_text <> old.message_text
            and (old.message_text like E'\x1e%' or new.message_text not like E'\x1es1.%'))
        or (old.twilio_message_sid is not null
            and new.twilio_message_sid is distinct from old.twilio_message_sid)
    then
        raise exception 'sms_messages: only status and a first twilio_message_sid may change'
            using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;
