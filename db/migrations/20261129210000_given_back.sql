-- What is given or taken back, with its conditions: the service may delete nobody's key or turn, and
-- change of a consent only that it is over.

-- A key whose request came to nothing; one that has its answer stays.
create function app.give_back_key(whose uuid, given text) returns void
language sql security definer set search_path = '' as $$
    delete from app.idempotency where user_id = whose and key = given and status is null
$$;

create function app.give_back_turn(customer text, by_holder uuid) returns void
language sql security definer set search_path = '' as $$
    delete from app.billing_turns where customer_id = customer and holder = by_holder
$$;

revoke execute on function app.give_back_key, app.give_back_turn from public;
grant execute on function app.give_back_key, app.give_back_turn to talking_service;

-- Taken back it stays, with the time of it, and is never in force again: that takes another consent.
-- Functions that run with their owner's rights, as those that erase a person, are let through.
create function app.withdraw_once() returns trigger language plpgsql set search_path = '' as $$
begin
    if current_user = 'talking_service' then
        if old.withdrawn_at is not null then
            raise exception 'a consent is withdrawn once' using errcode = 'restrict_violation';
        end if;
        new.withdrawn_at = now();
    end if;
    return new;
end
$$;
revoke execute on function app.withdraw_once from public;
create trigger withdraw_once before update on app.consents
    for each row execute function app.withdraw_once();
