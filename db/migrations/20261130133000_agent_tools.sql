-- What an agent may call in a call: tools of ours by name, the numbers that callers may be connected
-- to, and the owner's own tools. The last two are sealed; a tool's secret is among what it holds.
alter table app.agents
    add column builtin_tools text[] not null default '{}',
    add column transfer_to jsonb not null default '[]',
    add column tools jsonb not null default '[]';
