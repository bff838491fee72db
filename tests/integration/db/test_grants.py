"""`db/grants.sql` is what the statements need, and what every role is held to."""

import asyncpg
import pytest

from db.core.migrate import migrate, read_migrations
from tests.integration.db import grants
from tests.support.database import Database

ADDED_TO = (
    "app.opt_outs", "app.call_journal", "app.events", "app.audit_log",
    "app.audit_chain", "app.audit_anchors", "app.complaints", "app.former_customers", "app.inbox",
    "public.subscription_events",
)  # fmt: skip

QUEUE = {f"app.pgqueuer{part}" for part in ("", "_log", "_schedules", "_statistics")}
# Lines of the audit log that wait to be chained; addresses that owners take away, and their lanes.
TAKEN_OUT = {
    "app.audit_pending", "app.webhooks", "app.webhook_lanes", "app.call_tags", "app.call_notes",
}  # fmt: skip


async def test_the_committed_rights_are_those_that_the_statements_need(
    owner: asyncpg.Connection,
) -> None:
    assert grants.PATH.read_text() == grants.text(await grants.needed(owner)), "run: make grants"


async def test_each_role_may_do_what_is_written_and_is_refused_everything_else(
    owner: asyncpg.Connection,
) -> None:
    assert grants.text(await grants.tried(owner)) == grants.PATH.read_text()


async def test_a_function_that_runs_with_its_callers_rights_is_planned_with_the_statements(
    owner: asyncpg.Connection,
) -> None:
    found = await owner.fetch(
        "select proname from pg_proc where pronamespace = 'app'::regnamespace and not prosecdef"
        " and prosrc ~* '\\mapp\\.|\\mpublic\\.' and prorettype <> 'trigger'::regtype"
        " and has_function_privilege('talking_service', oid, 'execute')"
    )
    assert {row[0] for row in found} == grants._called(" ".join(grants.CALLS))


async def test_nobody_deletes_but_the_queue_and_what_happened_is_only_added_to(
    owner: asyncpg.Connection,
) -> None:
    rights = (await grants.tried(owner)).rights
    assert all("truncate" not in verbs for verbs in rights.values())
    deletes = {(role, table) for (role, table), verbs in rights.items() if "delete" in verbs}
    assert {table for role, table in deletes if role == grants.WORKER} == QUEUE
    assert {table for role, table in deletes if role == grants.SERVICE} == TAKEN_OUT
    assert {role for role, _ in deletes} <= {grants.WORKER, grants.SERVICE, "talking_retention"}
    assert rights[grants.SERVICE, "app.consents"]["update"] == {"withdrawn_at"}
    for table in ADDED_TO:
        assert rights[grants.SERVICE, table].keys() == {"select", "insert"}, table
        assert (grants.WORKER, table) not in rights


async def test_a_right_given_by_hand_is_taken_back_but_not_by_an_older_release(
    owner: asyncpg.Connection, database: Database
) -> None:
    async def may_delete_after_migrating() -> bool:
        await owner.execute("grant delete on app.consents to talking_service")
        await owner.execute(
            "update app.schema_migrations set checksum = '' where version = 'grants'"
        )
        await migrate(database.owner_dsn, request_password="request", worker_password="worker")
        found: bool = await owner.fetchval(
            "select has_table_privilege('talking_service', 'app.consents', 'delete')"
        )
        return found

    assert not await may_delete_after_migrating()
    await owner.execute("insert into app.schema_migrations values ('29990101000000', 'newer')")
    assert await may_delete_after_migrating()
    assert read_migrations()[-1].version < "2999"


async def test_a_consent_is_taken_back_once_and_not_for_another_time(
    owner: asyncpg.Connection,
) -> None:
    await owner.execute("select app.register_user(gen_random_uuid(), null)")
    await owner.execute(
        "insert into app.consents (user_id, channel, address, wording, source, given_at)"
        " select id, 'texts', '+12025550101', 'w', 's', now() - interval '1 hour' from public.users"
    )
    await owner.execute("set role talking_service")
    await owner.execute("update app.consents set withdrawn_at = '2001-01-01'")
    seen = "select withdrawn_at > now() - interval '1 hour' from app.consents"
    assert await owner.fetchval(seen)
    for again in ("now()", "null"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(f"update app.consents set withdrawn_at = {again}")
