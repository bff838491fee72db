-- Whoever works on a request with an Idempotency-Key says so all the while: how long it is believed,
-- and who it is, so that one that was thought dead changes nothing of what another does.
alter table app.idempotency add column holder uuid, add column held_until timestamptz;

-- Nodes of before name no holder.
drop function app.give_back_key(uuid, text);
create function app.give_back_key(whose uuid, given text, by_holder uuid default null) returns void
language sql security definer set search_path to '' as $$
    delete from app.idempotency
    where user_id = whose and key = given and status is null and holder is not distinct from by_holder
$$;
revoke execute on function app.give_back_key from public;
grant execute on function app.give_back_key to talking_service;
