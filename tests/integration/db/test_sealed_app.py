"""Schema app at rest: nothing personal is readable in its rows, rows of before are read as they
stand and sealed in pieces, and a value moved to another row opens nowhere."""

import datetime as dt
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID, uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs

from db import annotations, emails
from db.accounts import tokens
from db.billing import stripe_events
from db.billing.stripe_events import StripeEvent
from db.cluster import event_streams, idempotency, inbox
from db.cluster.event_streams import NewEvent
from db.consent import contacts, pace
from db.consent.contacts import NewConsent
from db.core import clear, packing, sealing
from db.core.pool import Pools
from db.core.rows import Connection
from db.core.sealing import Unsealable
from db.emails import NewEmail
from db.history import journal
from db.history.journal import JournalEntry
from media.events import CarrierStatus
from server.cluster import clear_rows
from server.core.node import Node
from server.ownership import adoption
from tests.integration.db.arrange import make_call, make_user
from tests.support.wiring import bare_node

NOON = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
NUMBER, OTHER, MAIL = "+12025550199", "+12025550198", "canary@example.org"
SAID = "canary spoken"
CANARIES = (NUMBER, OTHER, MAIL, "canary")
OF_APP = [one for one in clear_rows.TABLES if one.table.startswith("app.") and one.of is None]
PACKED_EVENTS, _ = event_streams.CLEAR
[DETAILS] = [one for one in OF_APP if one.table == "app.email_details"]


async def write_everything(pools: Pools) -> tuple[UUID, UUID, UUID]:
    """One row of each kind, with canaries in all that is personal: a user, a call, an e-mail."""
    user_id = await make_user(pools)
    call = await make_call(pools, user_id)
    email_id = uuid4()
    async with pools.as_service() as connection:
        await contacts.note_own(connection, user_id, [NUMBER, MAIL])
        consent = NewConsent(user_id, "texts", OTHER, SAID, "told by user")
        await contacts.give_consent(connection, consent)
        await contacts.opt_out(connection, OTHER, "stop")
        await contacts.ask_whether_to_stop(connection, NUMBER)
        await pace.answer_stranger(connection, NUMBER)
        await pace.pace(connection, [pace.Pace(f"call:{NUMBER}", 5, 60)])
        await contacts.begin_proof(connection, user_id, NUMBER, "123456", 600)
        entry = JournalEntry(call.id, user_id, 1, 0, NOON, {"type": "heard", "text": SAID})
        await journal.append(connection, [entry])
        event = NewEvent(user_id, "t", NOON, f"call:{call.id}", 1, {"text": SAID})
        await event_streams.append(connection, [event])
        await annotations.tag(connection, call.id, user_id, SAID)
        await annotations.add_note(connection, call.id, user_id, user_id, SAID)
        for key, about in (("a", call.id), ("b", None)):
            await inbox.record(
                connection, provider="p", key=key, kind="status", payload={"From": NUMBER},
                call_id=about,
            )  # fmt: skip
        claim = await idempotency.claim(connection, user_id, "key", f"POST {NUMBER}", 60)
        await idempotency.finish(
            connection, user_id, "key", claim.holder, status=200, body=SAID.encode()
        )
        await tokens.mint_ticket(
            connection, user_id, {"sub": str(user_id), "email": MAIL}, lifetime_seconds=30
        )
        await stripe_events.record(
            connection,
            StripeEvent("evt_1", "customer.updated", None, NOON, "cus_1", {"email": MAIL}),
        )
        new = NewEmail(
            id=email_id, user_id=user_id, recipient_email="a@b.c", from_email="b@b.c",
            subject="s", content="c", type="template", topic="t", state="queued",
            template="t", variables={"name": SAID}, html=SAID, has_unsubscribe_token=True,
            has_reply_token=True,
        )  # fmt: skip
        await emails.insert(connection, new)
        await emails.move(connection, email_id, "refused", status="failed", error=f"no {MAIL}")
    return user_id, call.id, email_id


async def dumped(owner: asyncpg.Connection) -> str:
    """All rows of schema app, as text."""
    tables = await owner.fetch(
        "select relname from pg_class where relnamespace = 'app'::regnamespace and relkind = 'r'"
    )
    rows = [
        str(await owner.fetchval(f"select json_agg(t)::text from app.{table['relname']} t"))
        for table in tables
    ]
    return "\n".join(rows)


async def test_nothing_personal_is_readable_in_schema_app(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id, call_id, email_id = await write_everything(pools)
    text = await dumped(owner)
    assert [canary for canary in CANARIES if canary in text] == []
    assert SAID.encode().hex() not in text
    async with pools.as_service() as connection:
        await read_everything(connection, user_id, call_id, email_id)
        for token in await owner.fetchrow(
            "select unsubscribe_token, reply_token from app.email_details"
        ):
            assert await emails.by_unsubscribe_token(connection, token) is None
            assert await emails.by_reply_token(connection, token) is None


async def read_everything(
    connection: Connection, user_id: UUID, call_id: UUID, email_id: UUID
) -> None:
    """What was written comes back, by whatever finds it."""
    assert set(await contacts.own_addresses(connection, user_id)) == {NUMBER, MAIL}
    assert await contacts.is_own(connection, user_id, NUMBER)
    [consent] = await contacts.consents(connection, user_id)
    assert (consent.address, consent.wording) == (OTHER, SAID)
    assert await contacts.has_consent(connection, user_id, OTHER)
    [wish] = await contacts.opt_outs(connection, [OTHER])
    assert (wish.address, wish.reason, wish.because_of) == (OTHER, "stop", OTHER)
    assert await contacts.is_asked_whether_to_stop(connection, [NUMBER])
    assert not await pace.answer_stranger(connection, NUMBER)
    [line] = await journal.read(connection, call_id)
    assert line.event == {"type": "heard", "text": SAID}
    assert await annotations.tags_of_call(connection, call_id) == [SAID]
    [note] = await annotations.notes_of_call(connection, call_id)
    assert (note.text, note.author_id) == (SAID, user_id)
    [event] = await event_streams.read_after(connection, user_id, 0, 10)
    assert event.data == {"text": SAID}
    [fact] = await inbox.of_calls(connection, [call_id], last_seconds=60)
    assert fact.payload == {"From": NUMBER}
    claim = await idempotency.claim(connection, user_id, "key", f"POST {NUMBER}", 60)
    assert (claim.is_new, claim.is_same, claim.body) == (False, True, SAID.encode())
    assert not (await idempotency.claim(connection, user_id, "key", "POST", 60)).is_same
    kept = await stripe_events.unfinished(connection, "evt_1")
    assert kept is not None
    assert kept.payload == {"email": MAIL}
    row = await emails.get(connection, email_id)
    assert row is not None
    assert (row.html, row.error) == (SAID, f"no {MAIL}")


_OF_BEFORE = """
delete from app.own_addresses; delete from app.consents; delete from app.opt_outs;
delete from app.stop_questions; delete from app.strangers; delete from app.velocity;
insert into app.own_addresses (user_id, address)
    values ('{user}', '{number}'), ('{user}', '{mail}');
insert into app.consents (user_id, channel, address, wording, source)
    values ('{user}', 'texts', '{other}', '{said}', 'told by user');
insert into app.opt_outs (address, reason, because_of) values ('{other}', 'stop', '{other}');
insert into app.stop_questions (address) values ('{number}');
insert into app.strangers (phone_number) values ('{number}');
insert into app.velocity (key) values ('call:{number}');
update app.number_proofs set number = '{number}';
insert into app.profiles (user_id, name) values ('{user}', '{said}');
update app.call_journal set entries = null, last_seq = null,
    event = '{{"type": "heard", "text": "{said}"}}';
update app.events set body = null, id = gen_random_uuid(), data = '{{"text": "{said}"}}';
update app.inbox set form = null, payload = '{{"From": "{number}"}}';
update app.idempotency set fingerprint = 'POST {number}', body = convert_to('{said}', 'utf8');
update app.tickets set claims = '{{"email": "{mail}"}}';
update app.stripe_events set payload = '{{"email": "{mail}"}}';
update app.email_details set variables = '{{"name": "{said}"}}', html = '{said}',
    error = 'no {mail}', unsubscribe_token = 'canary-u', reply_token = 'canaryr';
"""


async def write_as_before(pools: Pools, owner: asyncpg.Connection) -> tuple[UUID, UUID, UUID]:
    """The same rows as a version wrote them that sealed nothing."""
    ids = await write_everything(pools)
    await owner.execute(
        _OF_BEFORE.format(user=ids[0], number=NUMBER, other=OTHER, mail=MAIL, said=SAID)
    )
    return ids


async def test_rows_of_before_are_read_as_they_stand_and_sealed_once(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    ids = await write_as_before(pools, owner)
    text = await dumped(owner)
    assert [canary for canary in CANARIES if canary not in text] == []
    async with pools.as_service() as connection:
        await read_everything(connection, *ids)
        for table in OF_APP:
            is_there = await clear.count(connection, table) > 0
            assert is_there or table is PACKED_EVENTS, table.name
    node = cast("Node", bare_node(pools))
    await clear_rows.seal(node)
    text = await dumped(owner)
    assert [canary for canary in CANARIES if canary in text] == []
    async with pools.as_service() as connection:
        await read_everything(connection, *ids)
        for table in clear_rows.TABLES:
            assert await clear.count(connection, table) == 0, table.name
        by_token = await emails.by_unsubscribe_token(connection, "canary-u")
        assert by_token is not None
        assert await emails.by_reply_token(connection, "canaryr") == by_token
        assert (by_token.id, by_token.unsubscribe_token) == (ids[2], None)
    assert [await clear_rows.seal_table(pools, table) for table in clear_rows.TABLES] == [0] * len(
        clear_rows.TABLES
    )


async def test_a_mail_of_before_that_is_still_to_be_sent_keeps_its_tokens(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    _, _, email_id = await write_as_before(pools, owner)
    await owner.execute("update app.email_details set state = 'queued'")
    await clear_rows.seal_table(pools, DETAILS)
    async with pools.as_service() as connection:
        row = await emails.get(connection, email_id)
    assert row is not None
    assert (row.unsubscribe_token, row.reply_token) == ("canary-u", "canaryr")


async def test_an_address_that_was_sealed_meanwhile_is_there_once(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = await make_user(pools)
    async with pools.as_service() as connection:
        await contacts.note_own(connection, user_id, [NUMBER])
    await owner.execute(
        "insert into app.own_addresses (user_id, address) values ($1, $2), ($1, $3)",
        user_id, NUMBER, MAIL,
    )  # fmt: skip
    async with pools.as_service() as connection:
        assert set(await contacts.own_addresses(connection, user_id)) == {NUMBER, MAIL}
    await clear_rows.seal(cast("Node", bare_node(pools)))
    assert await owner.fetchval("select count(*) from app.own_addresses") == 2
    async with pools.as_service() as connection:
        assert set(await contacts.own_addresses(connection, user_id)) == {NUMBER, MAIL}


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("app.consents", {"wording": "yes"}),  # a value in clear
        ("app.consents", {"source": "\x1es1.x"}),  # a column that is not sealed
        ("app.consents", {"address_hash": "\\x00"}),  # a hash that is there
    ],
)
async def test_only_a_sealed_value_takes_the_place_of_one_in_clear(
    pools: Pools, owner: asyncpg.Connection, table: str, values: dict[str, str]
) -> None:
    await write_everything(pools)
    before = await owner.fetch(f"select * from {table}")
    [place] = await owner.fetch(f"select ctid::text as place, xmin::text as version from {table}")
    async with pools.as_service() as connection:
        await connection.execute(
            "select app.put_sealed($1, $2)", table, [{**dict(place), **values}]
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("select app.put_sealed('app.nodes', '[]')")
    assert await owner.fetch(f"select * from {table}") == before


SWAPS: dict[str, Callable[[Connection, UUID, UUID], Any]] = {
    "app.call_journal.entries": lambda c, _, call: journal.read(c, call),
    "app.events.body": lambda c, user, _: event_streams.read_after(c, user, 0, 10),
}


@pytest.mark.parametrize("swapped", SWAPS)
async def test_two_values_swapped_between_rows_are_refused(
    pools: Pools, owner: asyncpg.Connection, swapped: str
) -> None:
    user_id = await make_user(pools)
    call = await make_call(pools, user_id)
    table, _, column = swapped.rpartition(".")
    async with pools.as_service() as connection:
        for seq in (0, 1):
            entry = JournalEntry(call.id, user_id, 1, seq, NOON, {"n": seq})
            await journal.append(connection, [entry])
            event = NewEvent(user_id, "t", NOON, f"call:{call.id}", 1, {"n": seq})
            await event_streams.append(connection, [event])
    await owner.execute(
        f"update {table} t set {column} = o.{column} from {table} o where t.seq <> o.seq"
    )
    async with pools.as_service() as connection:
        with pytest.raises(Unsealable):
            await SWAPS[swapped](connection, user_id, call.id)


DAMAGED = {
    "deflated": b"\x01\xff\xff",
    "empty": b"",
    "no JSON": b"canary",
    "too deep": b"[" * 100_000,
    "none": b"null",
    "no entries": b"[]",
    "no entry": b"[5]",
    "one too many": packing.pack([[0, {}], [1, {}]]),
    "a time too late": packing.pack([[10**18, {}]]),
    "a key in part": b"\x1ebabc",
    "a key with NUL": b"\x1es1." + bytes(12) + b"aaaa",
}


@pytest.mark.parametrize("damaged", DAMAGED)
async def test_what_somebody_damaged_is_refused_or_left_out(
    pools: Pools, owner: asyncpg.Connection, damaged: str
) -> None:
    """Whatever is in a row, it is one error that all who read know."""
    user_id, call_id, _ = await write_everything(pools)
    form = {"CallSid": f"CA{'0' * 32}", "CallStatus": "ringing"}
    async with pools.as_service() as connection:
        await inbox.record(
            connection, provider="p", key="c", kind="status", payload=form, call_id=call_id
        )
    value = DAMAGED[damaged]
    await owner.execute("update app.call_journal set entries = $1", value)
    await owner.execute("update app.events set body = $1", value)
    await owner.execute("update app.inbox set form = $1 where key = 'a'", value)
    async with pools.as_service() as connection:
        for read in SWAPS.values():
            with pytest.raises(Unsealable):
                await read(connection, user_id, call_id)
        assert await event_streams.read_some(connection, user_id, [1]) == []
        with capture_logs() as logs:
            told = await adoption.told(connection, [call_id], 60)
    good = "select form from app.inbox where key = 'c'"
    await owner.execute("update app.inbox set form = $1 where key = 'c'", packing.pack(form))
    for table in (journal.CLEAR, PACKED_EVENTS, inbox.CLEAR):
        await clear_rows.seal_table(pools, table)
    assert sealing.is_sealed(await owner.fetchval(good)), "no other row waits for it"
    assert [(fact.key, event) for fact, event in told] == [
        ("c", CarrierStatus("ringing", form["CallSid"]))
    ]
    assert [line["event"] for line in logs] == ["webhook_unreadable"]


async def test_a_row_that_was_packed_in_clear_is_read_and_sealed(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    _, call_id, _ = await write_everything(pools)
    entry = {"type": "heard", "text": SAID}
    await owner.execute("update app.call_journal set entries = $1", packing.pack([[0, entry]]))
    for is_sealed in (False, True):
        kept = await owner.fetchval("select entries from app.call_journal")
        assert sealing.is_sealed(kept) is is_sealed
        async with pools.as_service() as connection:
            [line] = await journal.read(connection, call_id)
            assert (line.at, line.event) == (NOON, entry)
        assert await clear_rows.seal_table(pools, journal.CLEAR) == (0 if is_sealed else 1)


async def test_entries_that_a_destroyed_key_sealed_are_empty_and_keep_their_numbers(
    pools: Pools,
) -> None:
    user_id, call_id, _ = await write_everything(pools)
    more = [JournalEntry(call_id, user_id, 1, seq, NOON, {"text": SAID}) for seq in (1, 2)]
    async with pools.as_service() as connection:
        await journal.append(connection, more)
        await pools.keyring.destroy(connection, user_id)
    async with pools.as_service() as connection:
        lines = await journal.read(connection, call_id)
    assert [(line.seq, line.event) for line in lines] == [(0, {}), (1, {}), (2, {})]
