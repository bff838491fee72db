-- Sound ends with the sign-in that it was asked for in: when its token does, or its session before.
-- Null in rows of nodes that do not know of it yet.
alter table app.audio_tickets add column session_id text, add column ends_at timestamptz;
