-- Rows and checksum of every table at a moment that has a name in the WAL, to which one can restore; writes stop for
-- milliseconds. No snapshot is taken before the tables are locked, so nothing is between it and that
-- name; the locks go with the savepoint, and what is counted afterwards is still that snapshot.
\set QUIET on
\pset format unaligned
\pset tuples_only on
set datestyle = iso;
set intervalstyle = postgres;
set timezone = utc;
set row_security = off;
select string_agg(format('%I.%I', n.nspname, c.relname), ', ' order by n.nspname, c.relname) as tables
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname !~ '^(pg_|information_schema$)'
\gset
begin isolation level repeatable read;
savepoint unlocked;
set local lock_timeout = '200ms'; -- below the second after which PostgreSQL looks for deadlocks and ends somebody
lock table :tables in share mode;
select pg_create_restore_point(:'name') as lsn \gset
rollback to savepoint unlocked;
\ir counts.sql
commit;
