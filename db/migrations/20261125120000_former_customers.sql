-- Customers that were deleted at Stripe. What is still told of them belongs to the user and changes
-- nothing any more; how many there were makes the user's next customer another one.
create table app.former_customers (
    customer_id text primary key,
    user_id uuid not null references public.users (id),
    forgotten_at timestamptz not null default now()
);
create index former_customers_user_id_idx on app.former_customers (user_id);
grant select, insert on app.former_customers to talking_service;
