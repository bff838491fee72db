"""What is older than its period goes with all copies of it, and nothing else does."""

import asyncio
import datetime as dt
import uuid
from collections.abc import Coroutine
from typing import Any

import asyncpg
import msgspec
import pytest

from db import retention
from db.core.pool import Pools
from db.retention import HoldRow
from server.audit.acts import Actor
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.node import NodeParts
from server.core.settings.retention import Retention
from server.retention import deletion, holds
from server.retention.deletion import GivenUpError, KindReport
from server.retention.periods import periods
from server.retention.routes import ROUTES, SetHold
from tests.integration.server.retention.arrange import PASSING, TABLES, Past
from tests.support.database import Database

PERMANENT = ("users", "subscriptions", "subscription_events", "plan_changes", "subscription_plans")


async def run(node: NodeParts) -> dict[str, KindReport]:
    reports = await deletion.delete(node, "test", periods(Retention()))
    assert reports is not None
    return {report.kind: report for report in reports}


async def test_calls_go_after_two_years_with_their_journal_details_and_tokens(
    node: NodeParts, past: Past
) -> None:
    user_id = await past.user()
    old, young = [await past.call(user_id, age) for age in ("731 days", "729 days")]
    running = await past.call(user_id, "731 days", "talking")
    await past.passing("waiting_room", user_id, "1 minute")
    done = (await run(node))["calls"]
    assert await past.ids("public.calls") == {young, running}
    assert (done.due, done.deleted, done.in_use, done.left) == (1, 1, 1, 0)
    for table, kept in (
        ("call_details", 2), ("call_journal", 10), ("audio_tickets", 2), ("media_tokens", 2),
        ("call_tags", 2), ("call_notes", 2),
    ):  # fmt: skip
        assert await past.rows(f"app.{table}") == kept, table
    assert old not in await past.ids("public.calls")


async def test_a_recording_goes_after_its_time_and_its_call_stays(
    node: NodeParts, past: Past, owner: asyncpg.Connection
) -> None:
    user_id, held = await past.user(), await past.user()
    for age, status in (("91 days", "ended"), ("89 days", "ended"), ("91 days", "talking")):
        await past.recorded_call(user_id, age, status)
    await past.recorded_call(held, "91 days")
    gone = await past.recorded_call(user_id, "731 days")
    await holds.hold(node, held, "a lawsuit")
    done = (await run(node))["recordings"]
    assert (done.deleted, done.in_use, done.held) == (2, 1, 1)
    assert gone not in await past.ids("public.calls")
    assert await past.rows("public.calls") == 4
    assert (await past.rows("app.recordings"), await past.rows("app.recording_pieces")) == (3, 9)
    # However long recordings are kept, none outlives its call.
    await past.recorded_call(user_id, "731 days")
    long_kept = periods(Retention(recordings_days=3650))
    await deletion.delete(node, "test", long_kept)
    assert await past.rows("app.recordings") == 3


async def test_emails_go_after_two_years_unless_their_fate_is_not_known(
    node: NodeParts, past: Past, owner: asyncpg.Connection
) -> None:
    user_id = await past.user()
    old, young = [await past.email(user_id, age) for age in ("731 days", "729 days")]
    unknown = await past.email(user_id, "731 days", "unknown")
    answers = "update app.email_details set in_reply_to = $1 where email_id = $2"
    await owner.execute(answers, old, young)
    assert (await run(node))["emails"].in_use == 1
    assert await past.ids("public.emails") == {young, unknown}
    assert await past.rows("app.email_details") == 2
    assert await past.rows("app.complaints") == 2


async def test_texts_go_after_a_year_and_a_conversation_with_its_last_one(
    node: NodeParts, past: Past, owner: asyncpg.Connection
) -> None:
    user_id = await past.user()
    over, lively = [await past.conversation(user_id, "400 days") for _ in range(2)]
    still_open = await past.conversation(user_id, "400 days", is_open=True)
    await past.message(over, user_id, "366 days")
    await past.message(lively, user_id, "366 days")
    newer = await past.message(lively, user_id, "364 days")
    unsent = await past.message(still_open, user_id, "366 days", "queued")
    empty = await past.conversation(user_id, "10 days")  # whose first text is being written
    await run(node)
    assert await past.ids("public.sms_messages") == {newer, unsent}
    assert await past.ids("public.sms_conversations") == {lively, still_open, empty}
    assert await past.rows("app.message_details") == 2
    assert await past.rows("app.conversation_details") == 3
    with pytest.raises(asyncpg.RestrictViolationError):  # as immutable as ever
        await owner.execute("update public.sms_messages set message_text = 'x'")


async def test_a_month_goes_as_a_whole_with_its_ledger_after_three_years(
    node: NodeParts, past: Past, owner: asyncpg.Connection
) -> None:
    user_id = await past.user()
    for age in ("1130 days", "1000 days", "0 days"):
        await past.month(user_id, age)
    await past.call(user_id, "731 days")
    await run(node)
    months = await owner.fetch(
        "select month_year, calls_used, (select count(*) from app.reservations r"
        " where r.user_id = u.user_id and r.month_year = u.month_year) as counted"
        " from public.usage_tracking u order by 1"
    )
    assert [(row["calls_used"], row["counted"]) for row in months] == [(2, 2), (2, 2)]
    assert await past.rows("app.reservations") == 4


async def test_what_passes_goes_after_its_period(node: NodeParts, past: Past) -> None:
    user_id, other = await past.user(), await past.user()
    for _ in range(2):
        await past.call(user_id, "10 days")
    for period in periods(Retention()):
        if period.kind in PASSING:
            seconds = int(period.older_than.total_seconds())
            await past.passing(period.kind, user_id, f"{seconds + 60} seconds")
            is_one_each = period.kind == "number_proofs"
            whose = other if is_one_each else user_id
            await past.passing(period.kind, whose, f"{seconds - 60} seconds")
    done = await run(node)
    found = {kind: (done[kind].due, done[kind].deleted, done[kind].left) for kind in PASSING}
    assert found == dict.fromkeys(PASSING, (1, 1, 0))
    rows = {kind: await past.rows(TABLES[kind]) for kind in PASSING}
    assert rows == dict.fromkeys(PASSING, 1) | {"events": 3, "retention_runs": 2}  # and this one


async def test_a_place_in_the_waiting_room_stays_while_its_call_lasts(
    node: NodeParts, past: Past
) -> None:
    user_id = await past.user()
    await past.call(user_id, "30 hours", "talking")
    await past.passing("waiting_room", user_id, "29 hours")
    await run(node)
    assert await past.rows("public.amd_waiting_room") == 1


async def test_what_the_map_calls_permanent_stays_however_old(
    node: NodeParts, past: Past, owner: asyncpg.Connection
) -> None:
    user_id = await past.user()
    await owner.execute("update public.users set created_at = '2001-01-01' where id = $1", user_id)
    await owner.execute("update public.subscriptions set created_at = '2001-01-01'")
    await owner.execute(
        "insert into public.subscription_events (user_id, event_type, created_at)"
        " values ($1, 'call.completed', '2001-01-01')", user_id,
    )  # fmt: skip
    await owner.execute(
        "insert into public.plan_changes (user_id, from_plan_id, to_plan_id, change_type, status,"
        " created_at) values ($1, 'free', 'pro', 'upgrade', 'completed', '2001-01-01')", user_id,
    )  # fmt: skip
    before = [await past.rows(f"public.{table}") for table in PERMANENT]
    await run(node)
    assert [await past.rows(f"public.{table}") for table in PERMANENT] == before


async def test_a_dry_run_counts_what_a_run_deletes_and_changes_nothing(
    node: NodeParts, past: Past
) -> None:
    user_id = await past.user()
    for _ in range(3):
        await past.call(user_id, "800 days")
    texts = await past.conversation(user_id, "800 days")
    await past.message(texts, user_id, "800 days")
    counted = {report.kind: report.due for report in await deletion.count(node)}
    assert {kind: due for kind, due in counted.items() if due} == {
        "calls": 3, "messages": 1, "conversations": 1,
    }  # fmt: skip
    assert await past.rows("public.calls") == 3
    assert await past.rows("app.retention_runs") == 0
    assert {kind: one.deleted for kind, one in (await run(node)).items()} == counted


async def test_pieces_go_through_all_of_a_moments_rows_also_those_that_stay(
    node: NodeParts, past: Past, pools: Pools, owner: asyncpg.Connection
) -> None:
    held, other = await past.user(), await past.user()
    await holds.hold(node, held, "a lawsuit")
    for user_id in (held, other) * 6:
        await past.call(user_id, "800 days")
    await owner.execute("update public.calls set created_at = '2020-01-01'")  # all at once
    seen = deleted = 0
    after: list[str] | None = None
    async with pools.as_service() as connection:
        while True:
            piece = await retention.delete_piece(
                connection, "calls", dt.timedelta(days=730), 5, after
            )
            if piece.seen == 0:
                break
            seen, deleted, after = seen + piece.seen, deleted + piece.deleted, piece.last
    assert (seen, deleted, await past.rows("public.calls")) == (12, 6, 6)


async def test_a_hold_keeps_all_of_a_persons_records_and_nobody_elses_until_it_is_lifted(
    node: NodeParts, past: Past, owner: asyncpg.Connection
) -> None:
    held, other = await past.user(), await past.user()
    await owner.execute("update public.users set stripe_customer_id = 'cus_1' where id = $1", held)
    for user_id in (held, other):
        await past.call(user_id, "2000 days")
        await past.email(user_id, "2000 days")
        texts = await past.conversation(user_id, "2000 days")
        await past.message(texts, user_id, "2000 days")
        await past.month(user_id, "2000 days")
        await past.passing("admin_views", user_id, "2000 days")
        await past.passing("stripe_events", user_id, "2000 days")
    await owner.execute(
        "update app.stripe_events set customer_id = 'cus_1' where event_id like $1", f"{held}%"
    )
    await holds.hold(node, held, "a lawsuit")
    done = await run(node)
    records = ("calls", "emails", "messages", "conversations", "usage", "admin_views")
    assert [(done[kind].held, done[kind].deleted) for kind in records] == [(1, 1)] * len(records)
    tables = (
        "public.calls", "app.call_details", "public.emails", "app.email_details",
        "public.sms_messages", "app.message_details", "public.sms_conversations",
        "app.conversation_details", "app.admin_views", "app.stripe_events",
    )  # fmt: skip
    assert [await past.rows(table) for table in tables] == [1] * len(tables)
    assert await past.rows("app.reservations") == 2
    await holds.lift(node, held, "settled")
    await run(node)
    assert [await past.rows(table) for table in tables] == [0] * len(tables)


async def test_a_hold_waits_for_the_piece_that_is_being_deleted(
    node: NodeParts, past: Past, pools: Pools
) -> None:
    user_id = await past.user()
    await past.call(user_id, "800 days")
    async with asyncio.TaskGroup() as tasks, pools.as_service() as connection:
        await retention.delete_piece(connection, "calls", dt.timedelta(days=730), 5, None)
        holding = tasks.create_task(holds.hold(node, user_id, "a lawsuit"))
        waits = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        while not await connection.fetchval(waits):
            pass
        assert not holding.done()


async def test_one_run_at_a_time_and_what_fell_silent_is_gone_on_with(
    node: NodeParts, past: Past, pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = await past.user()
    await past.call(user_id, "800 days")
    async with pools.as_service() as connection:
        dead = await retention.begin_run(connection, "dead")
    assert dead is not None
    assert await deletion.delete(node, "test", periods(Retention())) is None
    assert await past.rows("public.calls") == 1
    await owner.execute("update app.retention_runs set seen_at = now() - interval '2 minutes'")
    assert (await run(node))["calls"].deleted == 1
    async with pools.as_service() as connection:  # it comes back, and finds itself given up
        assert not await retention.note_run(connection, dead, {})
    both = await asyncio.gather(
        *(deletion.delete(node, str(n), periods(Retention())) for n in range(3))
    )
    assert sum(done is not None for done in both) >= 1
    shown = await holds.runs(node)
    assert all(one.ended_at is not None for one in shown)
    assert shown[-1].node == "dead"
    assert shown[-2].kinds["calls"]["deleted"] == 1


async def test_a_run_that_was_given_up_deletes_no_more(
    node: NodeParts, past: Past, owner: asyncpg.Connection, database: Database
) -> None:
    await past.call(await past.user(), "800 days")
    other = await asyncpg.connect(database.owner_dsn)
    running = "select count(*) from app.retention_runs where ended_at is null"

    async def give_up_while_it_waits() -> None:
        async with asyncio.TaskGroup() as tasks, other.transaction():
            await other.execute("select from public.calls for update")
            tasks.create_task(deletion.delete(node, "test", periods(Retention())))
            while not await owner.fetchval(running):
                pass
            await owner.execute("update app.retention_runs set ended_at = now()")

    with pytest.raises(ExceptionGroup) as ended:
        await give_up_while_it_waits()
    await other.close()
    assert ended.group_contains(GivenUpError)
    assert await past.rows("public.calls") == 1


async def test_who_holds_a_row_delays_its_kind_and_no_other(
    node: NodeParts, past: Past, owner: asyncpg.Connection
) -> None:
    user_id = await past.user()
    await past.call(user_id, "800 days")
    await past.email(user_id, "800 days")
    async with owner.transaction():
        await owner.execute("select from public.calls for update")
        done = await run(node)
    assert done["calls"].unfinished == "LockNotAvailableError"
    assert done["emails"].deleted == 1
    assert (await run(node))["calls"].deleted == 1


async def test_a_piece_that_takes_too_long_is_broken_off_and_tried_smaller(
    node: NodeParts, past: Past, owner: asyncpg.Connection
) -> None:
    user_id = await past.user()
    for _ in range(12):
        await past.call(user_id, "800 days")
    await owner.execute("""
        create sequence app.tries;
        grant usage on app.tries to talking_retention;
        create function app.dawdle() returns trigger language plpgsql as $$
        begin
            perform nextval('app.tries'), pg_sleep(0.02);
            return old;
        end
        $$;
        create trigger dawdle before delete on public.calls
            for each row execute function app.dawdle();
    """)
    done = (await run(node))["calls"]
    assert (done.deleted, done.unfinished) == (12, None)
    assert await owner.fetchval("select last_value from app.tries") > 12


async def test_nothing_younger_than_its_floor_can_be_deleted_whoever_asks(pools: Pools) -> None:
    async with pools.as_service() as connection:
        floors = await retention.floors(connection)
    assert floors.keys() == {one.kind for one in periods(Retention())}
    least = Retention(
        calls_days=30, emails_days=30, messages_days=30, conversations_days=30, usage_days=92,
            costs_days=92,
        admin_views_days=90, stripe_events_days=31, inbox_days=4, stop_questions_days=3,
        api_keys_days=30, recordings_days=1, webhook_deliveries_days=1, job_log_days=1,
        waiting_room_hours=1, events_hours=1, idempotency_hours=24,
        velocity_hours=24, secrets_hours=1, nodes_hours=1,
    )  # fmt: skip
    assert {one.kind: one.older_than for one in periods(least)} == floors
    for kind, floor in floors.items():
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with pools.as_service() as connection:
                await retention.delete_piece(
                    connection, kind, floor - dt.timedelta(seconds=1), 1, None
                )


async def test_the_service_deletes_by_the_function_alone(owner: asyncpg.Connection) -> None:
    ours = await owner.fetch(
        "select c.oid::regclass::text as name from pg_class c where c.relkind = 'r'"
        " and has_table_privilege('talking_retention', c.oid, 'delete')"
        " and has_table_privilege('talking_service', c.oid, 'delete') order by 1"
    )
    assert {row["name"] for row in ours} <= {
        "app.idempotency", "app.billing_turns",  # what it gives back itself
        "app.pgqueuer_log", "app.pgqueuer_statistics",  # the library's
    }  # fmt: skip
    others = await owner.fetch(
        "select c.oid::regclass::text from pg_class c, unnest(array['insert', 'update', 'truncate',"
        " 'references', 'trigger']) verb where c.relkind = 'r'"
        " and has_table_privilege('talking_retention', c.oid, verb)"
    )
    assert others == []
    assert await owner.fetchval(
        "select not rolcanlogin and not rolsuper and not rolbypassrls from pg_roles"
        " where rolname = 'talking_retention'"
    )


async def test_who_is_held_is_said_and_nobody_is_held_twice(node: NodeParts, past: Past) -> None:
    user_id, admin = await past.user(), await past.user()
    first = await holds.hold(node, user_id, "a lawsuit", Actor("administrator", admin))
    assert await refused(holds.hold(node, user_id, "again")) == "wrong_state"
    assert await refused(holds.hold(node, uuid.uuid4(), "nobody")) == "not_found"
    lifted = await holds.lift(node, user_id, "settled", Actor("administrator", admin))
    assert (lifted.id, lifted.lifted_by, lifted.lifted_because) == (first.id, admin, "settled")
    assert await refused(holds.lift(node, user_id, "again")) == "wrong_state"
    second = await holds.hold(node, user_id, "another lawsuit")
    assert [one.id for one in await holds.holds(node)] == [second.id, first.id]


async def refused(doing: Coroutine[Any, Any, HoldRow]) -> str:
    with pytest.raises(AppError) as error:
        await doing
    return error.value.code


def an_admin(user_id: uuid.UUID, *, is_one: bool = True) -> Identity:
    return Identity(user_id, None, None, is_one, 0.0, {"sub": str(user_id)}, operator=is_one)


async def test_operators_set_holds_which_is_written_down_and_nobody_else_may(
    node: NodeParts, past: Past, owner: asyncpg.Connection
) -> None:
    user_id, admin_id = await past.user(), await past.user()
    routes = {f"{route.method} {route.path}": route.act for route in ROUTES}
    body = SetHold(user_id, "a lawsuit")
    admin = an_admin(admin_id)
    hold = routes["POST /v1/admin/holds"]
    assert hold is not None
    made = await hold(node, admin, body=body)
    assert (made.user_id, made.set_by, made.reason) == (user_id, admin_id, "a lawsuit")
    with pytest.raises(AppError) as error:
        await hold(node, an_admin(user_id, is_one=False), body=body)
    assert error.value.code == "forbidden"
    only_looks = msgspec.structs.replace(an_admin(await past.user()), operator=False)
    with pytest.raises(AppError, match="forbidden"):
        await hold(node, only_looks, body=body)
    written = await owner.fetch("select actor_id, action, user_id from app.audit_log order by at")
    assert [tuple(row) for row in written] == [
        (admin_id, "hold.placed", user_id), (user_id, "admin.denied", None),
        (only_looks.user_id, "act.denied", None),
    ]  # fmt: skip
    shown = routes["GET /v1/admin/holds"]
    assert shown is not None
    assert [one.id for one in (await shown(node, admin)).holds] == [made.id]


async def test_administrators_see_periods_and_runs(node: NodeParts, past: Past) -> None:
    admin = an_admin(await past.user())
    await run(node)
    route = next(route for route in ROUTES if route.path == "/v1/admin/retention")
    assert route.act is not None
    seen = await route.act(node, admin)
    assert {one.kind: one.older_than_hours for one in seen.periods}["calls"] == 730 * 24
    assert [one.ended_at is not None for one in seen.runs] == [True]
    assert seen.runs[0].kinds["calls"].deleted == 0
