-- Every price id a plan ever had. A price cannot change its amount, so another amount is another
-- price, and whoever subscribed before keeps paying the old one for the same plan.
create table app.plan_prices (
    price_id text primary key,
    plan_id text not null references public.subscription_plans (id),
    billing_interval text not null check (billing_interval in ('monthly', 'yearly')),
    created_at timestamptz not null default now()
);
create index plan_prices_plan_id_idx on app.plan_prices (plan_id);
grant select on app.plan_prices to talking_service;

create function app.remember_prices() returns trigger language plpgsql set search_path = '' as $$
begin
    insert into app.plan_prices (price_id, plan_id, billing_interval)
    select price_id, new.id, billing_interval
    from (values (new.stripe_price_id_monthly, 'monthly'), (new.stripe_price_id_yearly, 'yearly'))
        as given (price_id, billing_interval)
    where price_id is not null
    on conflict (price_id) do nothing;
    return null;
end
$$;
revoke execute on function app.remember_prices from public;

create trigger remember_prices
    after insert or update of stripe_price_id_monthly, stripe_price_id_yearly
    on public.subscription_plans for each row execute function app.remember_prices();

insert into app.plan_prices (price_id, plan_id, billing_interval)
select stripe_price_id_monthly, id, 'monthly' from public.subscription_plans
where stripe_price_id_monthly is not null
union all
select stripe_price_id_yearly, id, 'yearly' from public.subscription_plans
where stripe_price_id_yearly is not null;
