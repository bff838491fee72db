-- Whose turn it is to work on a customer, and until when: nobody holds a connection while the
-- payment company thinks. And when an event that waits is looked at again, or no more by itself.
create table app.billing_turns (
    customer_id text primary key,
    holder uuid not null,
    until timestamptz not null
);
grant select, insert, update, delete on app.billing_turns to talking_service;

alter table app.stripe_events
    add column retry_at timestamptz,
    add column set_aside_at timestamptz;
grant update (retry_at, set_aside_at) on app.stripe_events to talking_service;
