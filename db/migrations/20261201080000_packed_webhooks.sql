-- A webhook is kept as bytes, packed and then sealed; rows of before stay as they are. Nothing looks into what
-- is sealed, so an index on it finds nothing.
alter table app.inbox
    add column form bytea,
    alter column payload drop not null,
    add constraint inbox_form check (num_nonnulls(payload, form) = 1) not valid;
drop index app.inbox_email_idx;

insert into app.sealed_columns (relation, name) values ('app.inbox', 'form');
