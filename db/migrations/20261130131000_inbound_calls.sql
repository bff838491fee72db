-- Whether we called somebody, or somebody called us.
alter table app.call_details add column direction text not null default 'outbound'
    check (direction in ('outbound', 'inbound'));
