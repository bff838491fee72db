-- Whether an agent's calls change to the language that their caller speaks, where ears tell it; and
-- the language that a call has changed to.
alter table app.agents add column follows_caller boolean not null default false;
alter table app.call_details add column language text;
