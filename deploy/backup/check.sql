-- What mark.sql wrote down, of a database that stands at that moment.
\set QUIET on
\pset format unaligned
\pset tuples_only on
set datestyle = iso;
set intervalstyle = postgres;
set timezone = utc;
set row_security = off;
begin isolation level repeatable read;
\ir counts.sql
commit;
