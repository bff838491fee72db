"""Who may do what with whose row: every table and command, against a written matrix.

What the service may, by column, is in `test_grants.py`.
"""

from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from db.consent import contacts
from db.core.pool import Pools
from tests.support.database import Database

# S select, I insert, U update, D delete; what is left out is refused, or finds no row.
READ_OWN = {"own": "S", "other": "", "admin": "S", "anon": ""}
EXPECTED: dict[str, dict[str, str]] = {
    "users": READ_OWN,
    "subscription_plans": {"own": "S", "other": "S", "admin": "S", "anon": "S"},
    "subscriptions": READ_OWN,
    "calls": READ_OWN,
    "emails": READ_OWN,
    "sms_conversations": READ_OWN,
    "sms_messages": READ_OWN,
    "subscription_events": READ_OWN,
    "plan_changes": READ_OWN,
    "usage_tracking": READ_OWN,
    "amd_waiting_room": READ_OWN,
}

# Columns and values of a row: $1 its user, $2 its id, $3 a call with no place in the waiting room
# yet, $4 a conversation, $5 a month.
ROWS = {
    "users": ("id, email", "$2, 'x@example.org'"),
    "subscriptions": ("user_id, id, status", "$1, $2, 'canceled'"),
    "calls": ("user_id, id, user_phone_number, topic", "$1, $2, '+15005550006', 't'"),
    "emails": (
        "user_id, id, recipient_email, from_email, subject, content, type",
        "$1, $2, 'a@example.org', 'b@example.org', 's', 'c', 'custom'",
    ),
    "sms_conversations": ("user_id, id, phone_number, topic", "$1, $2, '+15005550006', 't'"),
    "sms_messages": (
        "user_id, id, conversation_id, phone_number, direction, message_text, type",
        "$1, $2, $4, '+15005550006', 'outbound', 'm', 'ai'",
    ),
    "subscription_events": ("user_id, id, event_type", "$1, $2, 'e'"),
    "plan_changes": (
        "user_id, id, from_plan_id, to_plan_id, change_type, status",
        "$1, $2, 'free', 'pro', 'upgrade', 'completed'",
    ),
    "usage_tracking": ("user_id, id, month_year", "$1, $2, $5"),
    "amd_waiting_room": ("user_id, id, call_id", "$1, $2, $3"),
}
# What an update touches: for messages the one column that may change at all.
TOUCHED = {"users": "subscription_plan_id", "sms_messages": "status", "subscription_plans": "name"}


class World(msgspec.Struct, frozen=True):
    """Two users, and one row per table that belongs to the first."""

    owner: UUID
    stranger: UUID
    rows: dict[str, object]
    spare_call: UUID


@pytest.fixture
async def world(owner: asyncpg.Connection) -> World:
    rows: dict[str, object] = {table: uuid4() for table in ROWS} | {"subscription_plans": "free"}
    world = World(uuid4(), uuid4(), rows, uuid4())
    rows["users"] = world.owner
    for user in (world.owner, world.stranger):
        await owner.execute("select app.register_user($1, null)", user)
    for table in ROWS:
        if table != "users":
            await owner.execute(insert(table, world, rows[table], rows["calls"], 2001))
    await owner.execute(insert("calls", world, world.spare_call, None, 2001))
    return world


def insert(table: str, world: World, row: object, call: object, year: int) -> str:
    """The statement that adds a row of the first user."""
    columns, values = ROWS[table]
    given = {
        "$1": world.owner,
        "$2": row,
        "$3": call,
        "$4": world.rows["sms_conversations"],
        "$5": f"{year}-01",
    }
    for placeholder, value in given.items():
        values = values.replace(placeholder, f"'{value}'")
    return f"insert into public.{table} ({columns}) values ({values})"


def statement(world: World, table: str, command: str) -> str:
    row = world.rows[table]
    if command == "S":
        return f"select id from public.{table} where id = '{row}'"
    if command == "U":
        column = TOUCHED.get(table, "id")
        return f"update public.{table} set {column} = {column} where id = '{row}'"
    if command == "D":
        return f"delete from public.{table} where id = '{row}'"
    if table == "subscription_plans":
        return (
            "insert into public.subscription_plans (id, name, phone_calls_limit,"
            " text_chains_limit, emails_limit, price_monthly, price_yearly)"
            " values ('x', 'x', 1, 1, 1, 0, 0)"
        )
    return insert(table, world, uuid4(), world.spare_call, 2002)


def identity(world: World, who: str) -> tuple[str, str]:
    """The database role and the JWT claims of one column of the matrix."""
    if who == "anon":
        return "anon", ""
    claims = {
        "sub": str(world.owner if who == "own" else world.stranger),
        "role": "authenticated",
        # What users can write themselves must not make them an administrator.
        "user_metadata": {"role": "admin"},
        "app_metadata": {"role": "admin"} if who == "admin" else {},
    }
    return "authenticated", msgspec.json.encode(claims).decode()


async def allowed(connection: asyncpg.Connection, world: World, who: str, table: str) -> str:
    """The commands that reach the row, each tried in a transaction that is rolled back."""
    role, claims = identity(world, who)
    reached = ""
    for command in "SIUD":
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(
                "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)",
                role,
                claims,
            )
            tag = await connection.execute(statement(world, table, command))
            reached += command if tag.split()[-1] == "1" else ""
        except asyncpg.InsufficientPrivilegeError:
            continue
        finally:
            await transaction.rollback()
    return reached


async def test_every_table_role_and_command_is_as_the_matrix_says(
    world: World, database: Database
) -> None:
    connection = await asyncpg.connect(database.request_dsn)
    try:
        found = {
            table: {
                who: await allowed(connection, world, who, table)
                for who in ("own", "other", "admin", "anon")
            }
            for table in EXPECTED
        }
    finally:
        await connection.close()
    assert found == EXPECTED


async def test_a_stranger_sees_no_row_at_all_of_anothers(world: World, database: Database) -> None:
    connection = await asyncpg.connect(database.request_dsn)
    try:
        async with connection.transaction():
            role, claims = identity(world, "other")
            await connection.execute(
                "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)",
                role,
                claims,
            )
            for table in EXPECTED.keys() - {"users", "subscription_plans"}:
                owners = await connection.fetch(f"select distinct user_id from public.{table}")
                assert {row[0] for row in owners} <= {world.stranger}, table
    finally:
        await connection.close()


async def test_a_withdrawn_plan_is_hidden_from_all_but_administrators(
    world: World, owner: asyncpg.Connection, database: Database
) -> None:
    await owner.execute("update subscription_plans set is_active = false where id = 'free'")
    connection = await asyncpg.connect(database.request_dsn)
    try:
        seen = {
            who: "S" in await allowed(connection, world, who, "subscription_plans")
            for who in ("own", "anon", "admin")
        }
    finally:
        await connection.close()
    assert seen == {"own": False, "anon": False, "admin": True}


async def test_row_level_security_is_on_for_every_public_table(owner: asyncpg.Connection) -> None:
    off = await owner.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind = 'r' and not relrowsecurity"
    )
    assert off == []


async def test_each_role_has_one_policy_per_table_and_command(owner: asyncpg.Connection) -> None:
    doubled = await owner.fetch(
        "select tablename, role, count(*) from pg_policies, unnest(roles) role"
        " where schemaname = 'public' group by 1, 2 having count(*) > 1"
    )
    assert doubled == []


@pytest.mark.parametrize("role", ["anon", "authenticated", "service_role", "talking_request"])
async def test_end_users_have_no_way_into_the_app_schema(
    role: str, owner: asyncpg.Connection
) -> None:
    usage = await owner.fetchval("select has_schema_privilege($1, 'app', 'usage')", role)
    tables = await owner.fetch(
        "select relname from pg_class where relnamespace = 'app'::regnamespace and relkind = 'r'"
        " and has_table_privilege($1, oid, 'select, insert, update, delete, truncate')",
        role,
    )
    functions = await owner.fetch(
        "select proname from pg_proc where pronamespace = 'app'::regnamespace"
        " and has_function_privilege($1, oid, 'execute')",
        role,
    )
    assert (usage, tables, functions) == (False, [], [])


async def test_the_service_cannot_look_past_row_level_security(owner: asyncpg.Connection) -> None:
    roles = await owner.fetch(
        "select rolname from pg_roles where rolname like 'talking%'"
        " and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolinherit)"
    )
    assert roles == []


async def test_every_function_pins_its_search_path(owner: asyncpg.Connection) -> None:
    """But for one whose body was read when it was made, which looks no name up later."""
    loose = await owner.fetch(
        "select proname from pg_proc where pronamespace = 'app'::regnamespace"
        " and not coalesce(proconfig @> array['search_path=\"\"'], false)"
        " and (prosqlbody is null or prosecdef)"
    )
    assert loose == []


@pytest.mark.parametrize(
    "forbidden",
    [
        "delete from app.opt_outs", "update app.opt_outs set reason = 'bounce'",
        "update app.consents set wording = 'yes'", "update app.consents set given_at = now()",
        "delete from app.consents", "update app.own_addresses set address = '+12025550100'",
        "update public.users set email = 'x'", "delete from public.calls",
        "delete from public.usage_tracking", "delete from app.complaints",
    ],
)  # fmt: skip
async def test_the_service_rewrites_no_consents_opt_outs_or_history(
    pools: Pools, forbidden: str
) -> None:
    async with pools.as_service() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(forbidden)


async def test_an_opt_out_goes_by_the_word_of_its_address_alone(pools: Pools) -> None:
    first, second = "+12025550101", "+12025550102"
    async with pools.as_service() as connection:
        await contacts.opt_out(connection, first, "stop")
        await contacts.opt_out(connection, second, "bounce")
        assert await contacts.opt_in(connection, second) == []
        assert await contacts.opt_in(connection, first) == [first]
        assert await contacts.opted_out(connection, [second]) is not None
