"""`db/grants.sql`: what each role may do with each table, column and function: what is used.

What the service needs is found by having PostgreSQL plan every statement of the query modules and
say which rights it would look at. What a role may do is found by trying it. `python -m
tests.integration.db.grants` writes the file anew from the first; tests compare it with both.
"""

import asyncio
import importlib
import pkgutil
import re
import tempfile
import textwrap
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec

import db
from db.core import embedded
from db.core.migrate import migrate, read_migrations
from db.core.visible import Table as ListTable
from db.core.visible import Wanted, matching

PATH = Path(__file__).parents[3] / "db" / "grants.sql"
ROLES = (
    "anon", "authenticated", "service_role", "talking_request", "talking_service", "talking_worker",
)  # fmt: skip
# Others of ours own functions only; what those need, their migrations say.
_OTHERS = "select rolname from pg_roles where rolname like 'talking%' and rolname <> all($1)"
SERVICE, WORKER = "talking_service", "talking_worker"
VERBS = ("select", "insert", "update", "delete", "truncate")
VERBS_AND_WITH = (*VERBS, "with")
INTRODUCTION = """\
-- All rights of all roles but the owner: whatever is not here is refused. `talking migrate` runs it
-- after the migrations. Written by `make grants` from what the statements of db/ need; end users
-- (`authenticated`, `anon`) read what row level security shows them, and the queue's library works
-- as `talking_worker` on its own tables.
"""

# Not found in statements: what Supabase's API may show people of their own rows, and the library.
READ_BY_PEOPLE = "authenticated"
OFFERED, LIBRARY = "public.subscription_plans", "app.pgqueuer"
# Of modules that hold no queries: scripts, and statements of sessions.
NOT_QUERIES = {"db.core.embedded", "db.core.logins", "db.core.pool"}
FRAGMENTS = {"COLUMNS", "_COLUMNS", "_FROM", "_LOAD"}
LEASES = {f"db.cluster.leases.{name}" for name in ("_ABANDONED", "_TAKE", "_UNFINISHED")}
NOT_OF_SERVICE = {  # run as the owner, or as whoever asks
    "db.billing.subscriptions._SET_PRICES", "db.accounts.users._GIVE_PLAN",
    "db.core.migrate._LEDGER",
    "db.core.migrate._HAS_AUTH", "db.core.migrate._LOCK_OUT_OTHERS", "db.core.migrate._LOGIN",
    "db.core.migrate._RECORD", "db.admin._USERS", "db.admin._AUDIT",
    "db.audit._FORGET",
}  # fmt: skip
# Run on the worker's connections as they are, in no role.
OF_WORKER = {f"db.core.keyring.{name}" for name in ("_MAKE", "_TO_WRAP", "_REWRAP", "_COUNT")}
NOBODY = UUID(int=0)
LISTED: tuple[tuple[ListTable, Wanted], ...] = (
    ("calls", Wanted(topic="", tag="")), ("sms_conversations", Wanted(topic="")),
    ("emails", Wanted(topic="", delivery="sent", is_received=True)),
)  # fmt: skip
# Samples of statements that the product puts together as it runs, each with the role it is run in.
BUILT = {
    "select user_id, key_id, wrapped, master_key_id from app.person_keys where"
    " user_id = any($1::uuid[]) or key_id = any($2::text[])": WORKER,
    "select app.is_sealed(''), app.is_sealed('null'::jsonb), app.is_sealed(''::bytea)": SERVICE,
    # Lists filtered by what stands in tables that users cannot enter.
    **{
        matching(table, NOBODY, wanted, b"", b"" if wanted.tag == "" else None, limit=1)[0]: SERVICE
        for table, wanted in LISTED
    },
}
# Functions that run with their caller's rights, called so that each of their statements is planned.
CALLS = (
    "select app.plan_in_force(gen_random_uuid(), now())",
    "select app.event_data('call:' || gen_random_uuid(), '{\"call\": {}}')",
    "select app.pace('{k}', '{1}', '{1}'), app.pace('{k}', '{1}', '{1}')",
)

_OWNED = """
select case relkind when 'S' then 'sequence ' else '' end || relnamespace::regnamespace || '.'
    || relname from pg_class
where relkind in ('r', 'p', 'S') and relowner = current_user::regrole
    and relnamespace in ('public'::regnamespace, 'app'::regnamespace)
union all
select 'function ' || oid::regprocedure from pg_proc
where pronamespace = 'app'::regnamespace and proowner = current_user::regrole order by 1
"""
_TABLES = """
select c.oid::integer as oid, c.relnamespace::regnamespace || '.' || c.relname as name,
    array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
        and not a.attisdropped order by a.attnum) as columns,
    array(select a.attnum::integer from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
        and not a.attisdropped order by a.attnum) as numbers,
    array(select d.objid::regclass::text from pg_depend d join pg_class s on s.oid = d.objid
        where d.refobjid = c.oid and d.deptype = 'a' and s.relkind = 'S' order by 1) as sequences
from pg_class c where c.relkind in ('r', 'p')
    and c.relnamespace in ('public'::regnamespace, 'app'::regnamespace) order by 2
"""
# What is sealed in place is read with its row's place and version.
_SEALED = "select distinct relation from app.sealed_columns"
_FUNCTIONS = """
select p.proname as name, p.oid::regprocedure::text as signature, p.prosrc as source,
    p.prosecdef as is_definer
from pg_proc p
where p.pronamespace = 'app'::regnamespace and p.proowner = current_user::regrole order by 2
"""

# As the role itself, each verb is tried with each column, each time undone.
# Whatever else stands in the way of a statement, it was allowed.
_TRY = """
do $$
declare
    one record;
    tried text;
    found text[] := '{}';
begin
    for one in
        select c.relnamespace::regnamespace || '.' || quote_ident(c.relname) as place, v.verb,
            quote_ident(a.attname) as name
        from pg_class c join pg_attribute a on a.attrelid = c.oid
        cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate']) v (verb)
        where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
            and c.relnamespace in (
                select oid from pg_namespace where nspname in ('public', 'app'))
            and (v.verb in ('select', 'insert', 'update') or a.attnum = 1)
    loop
        tried := case one.verb
            when 'select' then format('select %s from %s limit 0', one.name, one.place)
            when 'insert' then format('insert into %s (%s) values (default)', one.place, one.name)
            when 'update' then format('update %s set %s = default where false', one.place, one.name)
            when 'delete' then format('delete from %s where false', one.place)
            else format('truncate %s', one.place) end;
        begin
            execute tried;
            raise exception 'undone';
        exception when insufficient_privilege then
            null;
        when others then
            found := found || (one.place || ' ' || one.verb || ' ' || one.name);
        end;
    end loop;
    perform set_config('test.found', array_to_string(found, ','), false);
end
$$
"""


class Table(msgspec.Struct, frozen=True):
    """A table of ours; `sequences` are those that its columns' defaults ask."""

    oid: int
    name: str
    columns: list[str]
    numbers: list[int]
    sequences: list[str]


# By role and table: the columns of each verb; those of a verb on whole rows are all.
Rights = dict[tuple[str, str], dict[str, set[str]]]


class Grants(msgspec.Struct, frozen=True):
    """All rights there are: on tables, and on sequences and functions who may use them."""

    roles: list[str]
    owned: list[str]  # of everything, by kind and name, as REVOKE names it
    tables: list[Table]
    rights: Rights
    sequences: set[tuple[str, str]]
    functions: set[tuple[str, str]]


def statements() -> dict[str, str]:
    """Every statement of the query modules, by name."""
    found = {}
    for module in pkgutil.walk_packages(db.__path__, "db."):
        if module.name in NOT_QUERIES:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            is_statement = isinstance(value, str) and value.lstrip().startswith(VERBS_AND_WITH)
            if name.isupper() and is_statement and name not in FRAGMENTS:
                found[f"{module.name}.{name}"] = value
    return {name: sql for name, sql in found.items() if name not in LEASES}


async def needed(owner: asyncpg.Connection) -> Grants:
    """What the statements of the product need, on a migrated database."""
    found = await tried(owner, await _others(owner))
    tables = found.tables
    functions = await owner.fetch(_FUNCTIONS)
    used = {name: sql for name, sql in statements().items() if name not in NOT_OF_SERVICE}
    used |= {sql: sql for sql in BUILT}
    roles = dict.fromkeys(used, SERVICE) | dict.fromkeys(OF_WORKER, WORKER) | BUILT
    rights = await _planned(owner, tables, used, roles)
    rights.update(found.rights)
    for table in tables:
        if table.name.startswith("public."):
            rights[READ_BY_PEOPLE, table.name] = {"select": set(table.columns)}
        if table.name == OFFERED:
            rights["anon", table.name] = {"select": set(table.columns)}
        if table.name.startswith(LIBRARY):
            every = set(table.columns)
            rights[WORKER, table.name] = {verb: every for verb in VERBS if verb != "truncate"}
    for row in await owner.fetch(_SEALED):
        (table,) = (table for table in tables if table.name == row[0])
        rights[SERVICE, table.name]["select"] = set(table.columns)
    called = _called(" ".join((*used.values(), *CALLS)))
    for row in functions:
        if row["name"] in called and not row["is_definer"]:
            called |= _called(row["source"])
    inserted = {place for place, verbs in rights.items() if "insert" in verbs}
    sequences = {
        (role, sequence)
        for table in tables
        for sequence in table.sequences
        for role in ROLES
        if (role, table.name) in inserted
    }
    callable_ones = {(SERVICE, row["signature"]) for row in functions if row["name"] in called}
    return msgspec.structs.replace(
        found,
        roles=[*ROLES, *found.roles],
        rights=rights,
        sequences=sequences | found.sequences,
        functions=callable_ones | found.functions,
    )


def _called(sql: str) -> set[str]:
    return set(re.findall(r"\bapp\.(\w+)\(", sql))


async def _planned(
    owner: asyncpg.Connection,
    tables: list[Table],
    used: Mapping[str, str],
    roles: Mapping[str, str],
) -> Rights:
    """The rights that PostgreSQL looks at when it runs these, by the plans that it writes down."""
    by_oid = {table.oid: table for table in tables}
    plans: list[tuple[str, str]] = []
    role = SERVICE

    def note(_: object, message: asyncpg.PostgresLogMessage) -> None:
        plans.append((role, getattr(message, "detail", None) or ""))

    owner.add_log_listener(note)
    transaction = owner.transaction()
    await transaction.start()
    try:
        await owner.execute(
            "set local debug_print_plan = on; set local client_min_messages = log;"
            "set local plan_cache_mode = force_generic_plan"
        )
        for name, sql in used.items():
            role = roles[name]
            try:
                count = len((await owner.prepare(sql)).get_parameters())
            except asyncpg.PostgresError as error:
                raise ValueError(f"{name} is no statement ({error}); list it as a part") from error
            # A script plans each of its statements; the types of parameters follow from their use.
            await owner.execute(f"prepare one as {sql}")
            given = ", ".join(["null"] * count)
            await owner.execute(f"explain execute one{f'({given})' if count else ''}")
            await owner.execute("deallocate one")
        role = SERVICE
        for sql in CALLS:
            await owner.execute(sql)
    finally:
        await transaction.rollback()
        owner.remove_log_listener(note)
    rights: Rights = defaultdict(lambda: defaultdict(set))
    for role, plan in plans:
        for found in re.finditer(
            r":relid (\d+) :inh \w+ :requiredPerms (\d+) :checkAsUser \d+ "
            r":selectedCols \(b([ \d]*)\) :insertedCols \(b([ \d]*)\) :updatedCols \(b([ \d]*)\)",
            " ".join(plan.split()),
        ):
            _note(rights, role, by_oid, found)
    for (_, name), verbs in rights.items():
        for verb, columns in verbs.items():
            if not columns:
                verbs[verb] = {next(table for table in tables if table.name == name).columns[0]}
    return rights


def _note(rights: Rights, role: str, by_oid: Mapping[int, Table], found: re.Match[str]) -> None:
    """One entry of a plan: columns are numbered from 8 on, the row as a whole is 7."""
    table = by_oid.get(int(found[1]))
    if table is None:
        return
    wanted, mine = int(found[2]), rights[role, table.name]
    names = dict(zip(table.numbers, table.columns, strict=True))
    for bit, verb, group in ((2, "select", 3), (1, "insert", 4), (4, "update", 5)):
        if wanted & bit:
            for number in found[group].split():
                is_whole = int(number) <= 7  # or of the system's columns
                mine[verb] |= set(table.columns) if is_whole else {names[int(number) - 7]}
            mine[verb] |= set()  # to count rows, or to lock them, any column will do
    if wanted & 8:
        mine["delete"] |= set(table.columns)


async def tried(owner: asyncpg.Connection, roles: list[str] | None = None) -> Grants:
    """What each role really may, by trying every verb with every column as that role."""
    roles = [*ROLES, *await _others(owner)] if roles is None else roles
    tables = await _tables(owner)
    by_name = {table.name: table for table in tables}
    rights: Rights = defaultdict(lambda: defaultdict(set))
    sequences, functions = set(), set()
    for role in roles:
        await owner.execute(f"set role {role}")
        await owner.execute(_TRY)
        await owner.execute("reset role")
        for line in filter(None, (await owner.fetchval("show test.found")).split(",")):
            place, verb, column = line.replace('"', "").split(" ")
            every = verb in {"delete", "truncate"}
            rights[role, place][verb] |= set(by_name[place].columns) if every else {column}
        sequences |= {(role, name) for name in await _usable(owner, role)}
        functions |= {(role, name) for name in await _callable(owner, role)}
    owned = [row[0] for row in await owner.fetch(_OWNED)]
    return Grants(roles, owned, tables, rights, sequences, functions)


async def _others(owner: asyncpg.Connection) -> list[str]:
    return sorted(row[0] for row in await owner.fetch(_OTHERS, ROLES))


async def _usable(owner: asyncpg.Connection, role: str) -> list[str]:
    rows = await owner.fetch(
        "select oid::regclass::text from pg_class where case relkind when 'S' then"
        " relnamespace in ('public'::regnamespace, 'app'::regnamespace)"
        " and has_sequence_privilege($1, oid, 'usage, select, update') end",
        role,
    )
    return [row[0] for row in rows]


async def _callable(owner: asyncpg.Connection, role: str) -> list[str]:
    rows = await owner.fetch(
        "select oid::regprocedure::text from pg_proc where pronamespace = 'app'::regnamespace"
        " and proowner = current_user::regrole and has_function_privilege($1, oid, 'execute')",
        role,
    )
    return [row[0] for row in rows]


async def _tables(owner: asyncpg.Connection) -> list[Table]:
    return [msgspec.convert(dict(row), Table) for row in await owner.fetch(_TABLES)]


def text(grants: Grants) -> str:
    """The file for these rights."""
    lines = []
    for kind in ("", "sequence ", "function "):
        named = [one.removeprefix(kind) for one in grants.owned if _kind(one) == kind]
        everybody = ", ".join(("public", *grants.roles))
        lines.append(f"revoke all on {kind}{', '.join(named)} from {everybody};")
    for table in grants.tables:
        for role in grants.roles:
            verbs = grants.rights.get((role, table.name), {})
            told = [_told(verb, verbs[verb], table) for verb in VERBS if verbs.get(verb)]
            if told:
                lines.append(f"grant {', '.join(told)} on {table.name} to {role};")
    lines += [
        f"grant usage on sequence {name} to {role};" for role, name in _in_order(grants.sequences)
    ]
    lines += [
        f"grant execute on function {name} to {role};" for role, name in _in_order(grants.functions)
    ]
    folded = [textwrap.fill(line, 100, subsequent_indent="    ") for line in lines]
    return f"{INTRODUCTION}\n" + "\n".join(folded) + "\n"


def _kind(owned: str) -> str:
    first, space, _ = owned.partition(" ")
    return f"{first} " if space and first in {"sequence", "function"} else ""


def _in_order(pairs: set[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(pairs, key=lambda pair: (pair[1], pair[0]))


def _told(verb: str, columns: set[str], table: Table) -> str:
    if columns == set(table.columns):
        return verb
    return f"{verb} ({', '.join(column for column in table.columns if column in columns)})"


async def write() -> None:
    """Migrate an empty database of a server of its own, without the file, and write that."""
    with tempfile.TemporaryDirectory() as data:
        server = await embedded.start(Path(data), durable=False)
        try:
            await migrate(
                server.dsn(), request_password="", worker_password="", migrations=read_migrations()
            )
            owner = await asyncpg.connect(server.dsn())
            PATH.write_text(text(await needed(owner)))
            await owner.close()
        finally:
            await server.stop()


if __name__ == "__main__":
    asyncio.run(write())
