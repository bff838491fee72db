-- What an event holds is bytes, packed and then sealed by its place in its user's stream; its id follows from
-- that place. Rows of before stay as they are.
alter table app.events
    add column body bytea,
    alter column id drop not null,
    alter column id drop default,
    alter column data drop not null,
    add constraint events_form check (num_nonnulls(data, body) = 1) not valid;

insert into app.sealed_columns (relation, name) values ('app.events', 'body');
