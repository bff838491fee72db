-- What calls, texts and e-mails cost us: one row for each of them and each service, added to while it
-- runs. A row keeps what it was priced at; no amount: there was no price. Nothing personal is in it,
-- so it outlives what it is of.
create table app.costs (
    id uuid primary key default gen_random_uuid(),
    subject text not null,  -- 'call:ID', 'conversation:ID', 'message:ID', 'email:ID'
    user_id uuid not null references public.users (id),
    month date not null,  -- its first day, UTC
    channel text not null check (channel in ('calls', 'texts', 'emails')),
    what text not null,  -- 'openai.llm.input'
    unit text not null check (unit in ('seconds', 'characters', 'tokens', 'messages')),
    quantity numeric(18, 3) not null,
    amount numeric(20, 9),
    currency text not null,
    created_at timestamptz not null default now(),
    unique (subject, what, currency)
);
create index costs_user_id_idx on app.costs (user_id, created_at, id);
create index costs_month_idx on app.costs (month, user_id);
create index costs_created_at_idx on app.costs (created_at);

insert into app.retention_kinds (kind, relation, at_column, floor, is_record)
values ('costs', 'app.costs', 'created_at', '92 days', true);
grant select, delete on app.costs to talking_retention;
