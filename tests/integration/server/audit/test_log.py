"""The audit log in a real database: written with what is done, changed by nobody, and proof of it
when somebody with all rights did change it."""

import asyncio
import datetime as dt
import uuid

import asyncpg
import msgspec
import pytest

from db import audit
from db.audit import Filters
from db.core.pool import Pools
from server.audit import acts, keeping
from server.audit.acts import Actor, Origin, command
from server.audit.keeping import Report
from server.audit.keys import AuditKeys, hashed, key_id
from server.audit.notes import note
from server.core.node import NodeParts
from server.core.times import utc
from tests.support.wiring import bare_node

KEY = b"k" * 32
KEYS = AuditKeys(key_id(KEY), {key_id(KEY): KEY})
HAND = command("by hand")


@pytest.fixture
async def node(pools: Pools) -> NodeParts:
    return msgspec.structs.replace(bare_node(pools), audit_key=KEY)


async def act(node: NodeParts, count: int = 1) -> None:
    for n in range(count):
        async with node.transaction() as tx:
            note(tx, "call.say", by=HAND, user_id=uuid.UUID(int=7), subject=f"call:{n}")


async def report(node: NodeParts, keys: AuditKeys = KEYS) -> Report:
    async with node.pools.as_service(one_snapshot=True) as connection:
        return await keeping.verify(connection, keys)


async def found(node: NodeParts) -> list[tuple[str, int | None]]:
    return [(one.kind, one.place) for one in (await report(node)).findings]


async def as_superuser(owner: asyncpg.Connection, statement: str) -> None:
    """What no trigger stops."""
    async with owner.transaction():
        await owner.execute("set local session_replication_role = replica")
        await owner.execute(statement)


async def test_what_is_done_and_that_it_was_done_are_one(node: NodeParts) -> None:
    person = uuid.uuid4()
    acts.begin(Origin("request-1", hashed(KEY, "192.0.2.7"), Actor("operator", person)))
    async with node.transaction() as tx:
        note(tx, "opt_out.made", user_id=person, address="+12025550123", reason="stop")
        note(tx, "hold.placed", user_id=uuid.uuid4(), subject="hold:1", data={"days": 3})

    async def fail() -> None:
        async with node.transaction() as tx:
            note(tx, "hold.lifted", by=HAND)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with node.pools.as_service() as connection:
        rows = await audit.page(connection, 10, None, Filters())
        own = await audit.page(
            connection, 10, None, Filters(user_id=person, request_id="request-1")
        )
    assert {one.action: one.actor_kind for one in rows} == {
        "opt_out.made": "user", "hold.placed": "operator",
    }, "towards their own data an operator is a user"  # fmt: skip
    assert [(one.action, one.reason) for one in own] == [("opt_out.made", "stop")]
    assert own[0].address_hash == hashed(KEY, "192.0.2.7")
    assert "2025550123" not in msgspec.json.encode(rows).decode()


@pytest.mark.parametrize("table", ["audit_log", "audit_chain", "audit_anchors"])
async def test_nothing_is_changed_or_deleted_not_even_by_the_owner(
    node: NodeParts, owner: asyncpg.Connection, table: str
) -> None:
    await act(node)
    await keeping.keep(node)
    column = {"audit_log": "reason = 'x'", "audit_chain": "hash = ''", "audit_anchors": "hash = ''"}
    statements = (f"update app.{table} set {column[table]}", f"delete from app.{table}",
                  f"truncate app.{table}")  # fmt: skip
    for statement in statements:
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(statement)
        async with owner.transaction():  # the switch that app.forget_audit uses is not all there is
            await owner.execute("grant delete on app.audit_log to talking_service")
            await owner.execute("set local role talking_service")
            await owner.execute("select set_config('app.forgets_audit', 'yes', true)")
            with pytest.raises(asyncpg.PostgresError):
                async with owner.transaction():
                    await owner.execute(statement)


async def test_places_are_given_once_whoever_gives_them_at_once(node: NodeParts) -> None:
    await asyncio.gather(*(act(node, 20) for _ in range(5)))
    await asyncio.gather(*(keeping.keep(node) for _ in range(5)))
    await keeping.keep(node)
    seen = await report(node)
    assert (seen.rows, seen.last_place, seen.waiting, seen.findings) == (100, 100, 0, [])
    assert seen.anchors == 1


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("update app.audit_log set action = 'x' where subject = 'call:3'", ("edited", 4)),
        ("update app.audit_log set at = at - interval '1 s' where subject = 'call:3'",
         ("edited", 4)),
        ("delete from app.audit_log where subject = 'call:3'", ("deleted", 4)),
        ("with gone as (delete from app.audit_log where subject = 'call:9' returning id)"
         " delete from app.audit_chain where log_id in (select id from gone)", ("deleted", 10)),
        ("insert into app.audit_log (actor_kind, action) values ('system', 'x')",
         ("inserted", None)),
        ("update app.audit_chain c set log_id = o.log_id from app.audit_chain o"
         " where (c.place, o.place) in ((3, 6), (6, 3))", ("reordered", 3)),
        ("update app.audit_chain set hash = sha256(hash) where place = 5", ("edited", 5)),
        ("update app.audit_head set signature = sha256(signature)", ("rewritten", 10)),
        ("update app.audit_head set signature = null", ("unsigned", 10)),
        ("update app.audit_anchors set place = 4", ("rewritten", 4)),
        ("delete from app.audit_chain", ("deleted", 1)),
    ],
)  # fmt: skip
async def test_a_change_by_somebody_with_all_rights_is_found(
    node: NodeParts, owner: asyncpg.Connection, statement: str, finding: tuple[str, int | None]
) -> None:
    await act(node, 10)
    await keeping.keep(node)
    assert await found(node) == []
    await as_superuser(owner, "alter table app.audit_chain drop constraint audit_chain_log_id_key")
    await as_superuser(owner, statement)
    assert finding in await found(node)


async def test_a_row_put_in_the_ordinary_way_with_a_false_time_is_found(
    node: NodeParts, owner: asyncpg.Connection
) -> None:
    await act(node, 3)
    await keeping.keep(node)
    await owner.execute(
        "with noted as (insert into app.audit_log (at, actor_kind, action)"
        " values (now() - interval '2 days', 'system', 'x') returning id)"
        " insert into app.audit_pending (log_id) select id from noted"
    )
    await keeping.keep(node)
    assert await found(node) == [("inserted", 4)]


async def test_old_acts_go_only_up_to_an_anchor_which_vouches_for_the_rest(
    node: NodeParts, owner: asyncpg.Connection
) -> None:
    await act(node, 3)
    await keeping.keep(node)
    await act(node, 2)
    await keeping.keep(node)
    now = utc(node.clock())
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with node.pools.as_service() as connection:
            await audit.forget(connection, now)
    assert await audit.forget(owner, now - dt.timedelta(days=1)) == 0
    assert await audit.forget(owner, now + dt.timedelta(days=1)) == 3
    assert await audit.forget(owner, now + dt.timedelta(days=1)) == 0
    seen = await report(node)
    assert (seen.first_place, seen.rows, seen.findings) == (4, 2, [])
    await as_superuser(owner, "delete from app.audit_anchors")
    assert ("deleted", 1) in await found(node)


async def test_a_look_may_begin_and_end_at_anchors(
    node: NodeParts, owner: asyncpg.Connection
) -> None:
    for day in (3, 2, 1):
        await act(node, 4)
        await keeping.keep(node)
        await as_superuser(
            owner,
            f"update app.audit_anchors set at = at - interval '{day} days', day = day - {day}"
            " where at > now() - interval '1 hour'",
        )
    await act(node, 4)
    await keeping.keep(node)
    await as_superuser(owner, "update app.audit_log set reason = 'x' where subject = 'call:0'")
    now = utc(node.clock())
    async with node.pools.as_service(one_snapshot=True) as connection:
        seen = await keeping.verify(
            connection, KEYS, now - dt.timedelta(days=2.5), now - dt.timedelta(days=1.5)
        )
    assert (seen.first_place, seen.last_place) == (5, 12)
    assert [(one.kind, one.place) for one in seen.findings] == [("edited", 5), ("edited", 9)]


async def test_what_administrators_looked_at_before_is_in_it(
    node: NodeParts, pools: Pools, owner: asyncpg.Connection
) -> None:
    """A node of the last version writes it down where it always did."""
    admin = await owner.fetchval("select gen_random_uuid()")
    await owner.execute("select app.register_user($1, 'a@example.org')", admin)
    call = uuid.uuid4()
    for what in ("calls", f"did call.hangup {call}"):
        await owner.execute(
            "insert into app.admin_views (admin_id, user_id, what) values ($1, $1, $2)", admin, what
        )
    await keeping.keep(node)
    async with pools.as_service() as connection:
        rows = await audit.page(connection, 10, None, Filters(actor_id=admin))
    assert {(one.action, one.subject) for one in rows} == {
        ("admin.read", "calls"), ("call.hangup", f"call:{call}"),
    }  # fmt: skip
    assert await found(node) == []
