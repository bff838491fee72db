-- Who talks: what an agent is told, how it greets and for how long it may. An agent belongs to the
-- installation, so nothing here is anybody's, and nothing is sealed. One that was deleted stays, for
-- conversations that began with it and for whoever names it still; its slug is free again.
create table app.agents (
    id uuid primary key default gen_random_uuid(),
    slug text not null
        check (slug ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$' and slug <> 'default'),
    name text not null,
    instructions text not null default '',
    greeting text,  -- null, here and below: as the configuration says
    voice text,
    language text,
    limit_seconds integer check (limit_seconds > 0),
    voicemail_message text,  -- '': none is left
    enabled boolean not null default true,
    rev integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz
);
create unique index agents_slug_idx on app.agents (slug) where deleted_at is null;
create index agents_deleted_slug_idx on app.agents (slug, deleted_at) where deleted_at is not null;

-- Which agent writes. Without one it is the configuration's.
alter table app.conversation_details add column agent_id uuid references app.agents (id);
alter table app.email_details add column agent_id uuid references app.agents (id);
create index conversation_details_agent_id_idx on app.conversation_details (agent_id);
create index email_details_agent_id_idx on app.email_details (agent_id);
