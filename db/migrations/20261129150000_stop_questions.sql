-- Somebody seemed to want no more of us, and was asked: what they did not answer in time is a yes.
create table app.stop_questions (
    id uuid primary key default gen_random_uuid(),
    address text not null,
    asked_at timestamptz not null default now(),
    answered_at timestamptz
);
create unique index stop_questions_open_idx on app.stop_questions (address)
where answered_at is null;
grant select, insert, update, delete on app.stop_questions to talking_service;
