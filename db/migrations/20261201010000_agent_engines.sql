-- Which of the configured engines an agent hears and thinks by, as `voice` is by which it speaks.
alter table app.agents
    add column recogniser text,
    add column language_model text;
