-- The live channel: a second numbering over all users' events, the nodes, and who looked at whom.

-- Given after commit by whoever holds the one row of app.relay, so that no event is ever numbered
-- between two that were told already. What was written before there was a numbering has none.
create table app.relay (
    singleton boolean primary key default true check (singleton),
    epoch text not null default left(md5(gen_random_uuid()::text), 8),
    top bigint not null default 0
);
insert into app.relay default values;

update app.events set published_at = now() where published_at is null;
alter table app.events add column gseq bigint;
create unique index events_gseq_idx on app.events (gseq) where gseq is not null;
drop index app.events_unpublished_idx;
create index events_unpublished_idx on app.events (user_id, seq) where published_at is null;
create index events_ts_idx on app.events (ts);

-- One row per node that ever ran and was not forgotten; `stats` is what it last said of itself.
create table app.nodes (
    node text primary key,
    started_at timestamptz not null,
    seen_at timestamptz not null default now(),
    state text not null default 'up' check (state in ('up', 'draining', 'stopped')),
    stats jsonb not null default '{}'
);

-- Administrators' looks at what is not theirs; no user: at everybody's.
create table app.admin_views (
    id uuid primary key default gen_random_uuid(),
    admin_id uuid not null references public.users (id),
    user_id uuid references public.users (id),
    what text not null,
    created_at timestamptz not null default now()
);
create index admin_views_admin_id_idx on app.admin_views (admin_id, created_at desc);
create index admin_views_user_id_idx on app.admin_views (user_id, created_at desc);
create index admin_views_created_at_idx on app.admin_views (created_at desc, id desc);

grant select, update (top) on app.relay to talking_service;
grant update (gseq) on app.events to talking_service;
grant select, insert, update, delete on app.nodes to talking_service;
grant select, insert on app.admin_views to talking_service;
