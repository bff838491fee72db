-- A line for each table: its name, its rows, and the sum of their hashes, in which their order is of no account.
select format(
    'select %L, count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) from %I.%I t',
    n.nspname || '.' || c.relname, n.nspname, c.relname
)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname !~ '^(pg_|information_schema$)'
order by n.nspname, c.relname
\gexec
