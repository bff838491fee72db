-- Which of the configured engines an agent hears and thinks by, as `voice` is by which it speaks; and
-- what a call of its may cost, in costs.currency.
alter table app.agents
    add column recogniser text,
    add column language_model text,
    add column call_budget text;
