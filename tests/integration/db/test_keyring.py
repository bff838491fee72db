"""Keys in the database: made once, opened by the master key only, rotated, destroyed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from db.core import keyring, sealing
from db.core.failures import is_away
from db.core.keyring import GONE, Keyring, Mode, WrongMasterKeyError
from db.core.pool import Pools, open_pools
from db.core.sealed import Sealed, open_all
from db.core.sealing import MasterKey, Unsealable
from tests.support.database import MASTERS, Database

OTHER = sealing.master_key(b"2" * 32)
NOTES = Sealed("app.notes", row=("id", "part"), text=("words",), json=("facts",), raw=("sound",))


class Note(msgspec.Struct):
    id: UUID
    part: int
    words: str | None
    facts: Any
    sound: bytes | None


@asynccontextmanager
async def opened(
    database: Database, masters: list[MasterKey], seal: Mode = "all"
) -> AsyncIterator[Pools]:
    pools = await open_pools(database.request_dsn, database.worker_dsn, masters, seal=seal)
    try:
        yield pools
    finally:
        await pools.close()


async def test_a_person_has_one_key_whoever_asks_first(database: Database) -> None:
    somebody = uuid4()
    async with opened(database, MASTERS) as one, opened(database, MASTERS) as other:
        keys = await asyncio.gather(
            *(pools.keyring.of(somebody) for pools in (one, other) for _ in range(5))
        )
        assert len({key.id for key in keys}) == 1
        sealed = sealing.seal(keys[0], b"words", b"here")
        assert sealing.unseal(keys[-1], sealed, b"here") == b"words"
        assert (await one.keyring.of(uuid4())).id != keys[0].id


async def test_hashes_stay_what_they_are_for_every_node_and_master_key(database: Database) -> None:
    async with opened(database, MASTERS) as pools:
        before = pools.keyring.hash("address", "+12025550100")
    async with opened(database, [OTHER, *MASTERS]) as pools:
        while await pools.keyring.rewrap(1):
            pass
    async with opened(database, [OTHER]) as pools:
        assert pools.keyring.hash("address", "+12025550100") == before


async def test_a_master_key_of_another_database_is_refused_at_start(database: Database) -> None:
    async with opened(database, MASTERS):
        pass
    with pytest.raises(WrongMasterKeyError, match=f"by the master key {MASTERS[0].id}") as refused:
        async with opened(database, [OTHER]):
            pass
    assert "TALKING_PRIVACY__MASTER_KEY" in str(refused.value)


async def test_rotation_wraps_every_key_anew_and_then_the_old_one_opens_nothing(
    database: Database,
) -> None:
    people = [uuid4() for _ in range(25)]
    async with opened(database, MASTERS) as pools:
        keys = await pools.keyring.of_many(people)
        sealed = {who: sealing.seal(key, who.bytes, b"here") for who, key in keys.items()}
    async with opened(database, [OTHER, *MASTERS]) as pools:
        pieces = []
        while done := await pools.keyring.rewrap(10):
            pieces.append(done)
        assert pieces == [10, 10, 7]
        (count,) = await pools.keyring.count()
        assert (count.master_key_id, count.wrapped) == (OTHER.id, 27)
    async with opened(database, [OTHER]) as pools:
        found = await pools.keyring.with_ids(
            {sealing.key_id_of(one) or "" for one in sealed.values()}
        )
        for who, one in sealed.items():
            key = found[sealing.key_id_of(one) or ""]
            assert sealing.unseal(key, one, b"here") == who.bytes
    with pytest.raises(WrongMasterKeyError):
        async with opened(database, MASTERS):
            pass


async def test_nodes_that_change_the_master_key_one_by_one_read_each_others(
    database: Database,
) -> None:
    somebody = uuid4()
    async with opened(database, MASTERS) as behind, opened(database, [OTHER, *MASTERS]) as ahead:
        made = await ahead.keyring.of(somebody)
        with pytest.raises(WrongMasterKeyError, match=OTHER.id) as refused:
            await behind.keyring.of(somebody)
        assert is_away(refused.value), "what is to be written waits for a restart"
        async with opened(database, [*MASTERS, OTHER]) as prepared:
            assert (await prepared.keyring.of(somebody)).id == made.id
            fresh = await prepared.keyring.of(uuid4())
        assert fresh.id in await behind.keyring.with_ids([fresh.id])
        await behind.check()
        while await ahead.keyring.rewrap(10):
            pass
        with pytest.raises(WrongMasterKeyError, match=OTHER.id):
            await behind.check()
        await ahead.check()


async def test_a_destroyed_key_is_gone_from_the_table_and_what_it_sealed_is_empty(
    database: Database, owner: asyncpg.Connection
) -> None:
    somebody = uuid4()
    async with opened(database, MASTERS) as pools, pools.as_service() as connection:
        row = (uuid4(), 1)
        values = await NOTES.seal(
            connection, somebody, row, words="hello", facts={"a": 1}, sound=b"\x00"
        )
        record = dict(zip(("id", "part", "words", "facts", "sound"), (*row, *values), strict=True))
        await pools.keyring.destroy(connection, somebody)
        assert (await pools.keyring.of(somebody)) is not GONE  # not before the commit
        pools.keyring.forget(somebody)
    async with opened(database, MASTERS) as pools, pools.as_service() as connection:
        assert (await pools.keyring.of(somebody)) is GONE
        (note,) = await NOTES.many(connection, [record], Note)
        assert (note.words, note.facts, note.sound) == ("", {}, b"")
        late = await NOTES.seal(connection, somebody, row, words="too late")
        (note,) = await NOTES.many(connection, [{**record, "words": late[0]}], Note)
        assert note.words == ""
    assert await owner.fetchval("select wrapped from app.person_keys where user_id = $1",
                                somebody) is None  # fmt: skip


async def test_values_of_every_type_are_sealed_and_opened_beside_plain_ones(pools: Pools) -> None:
    somebody, row = uuid4(), (uuid4(), 7)
    plain = {"words": "hello", "facts": {"n": [1, None]}, "sound": b"\x00\x01"}
    async with pools.as_service() as connection:
        values = await NOTES.seal(connection, somebody, row, **plain)
        assert all(sealing.is_sealed(value) for value in values)
        sealed = {"id": row[0], "part": row[1], **dict(zip(plain, values, strict=True))}
        open_one = {"id": row[0], "part": 8, **plain}
        nothing = {"id": row[0], "part": 9, "words": None, "facts": None, "sound": None}
        found = await open_all(connection, [sealed, open_one, nothing], NOTES)
        assert found == [{**sealed, **plain}, open_one, nothing]
        assert await NOTES.seal(connection, somebody, row, words=None, facts=None) == [None, None]


async def test_values_swapped_between_rows_are_refused(pools: Pools) -> None:
    somebody, rows = uuid4(), [(uuid4(), 1), (uuid4(), 2)]
    async with pools.as_service() as connection:
        one, other = [(await NOTES.seal(connection, somebody, row, words="w"))[0] for row in rows]
        swapped = [
            {"id": row[0], "part": row[1], "words": words, "facts": None, "sound": None}
            for row, words in zip(rows, (other, one), strict=True)
        ]
        for record in swapped:
            with pytest.raises(Unsealable):
                await NOTES.one(connection, record, Note)


async def test_a_value_whose_key_never_was_is_refused(pools: Pools) -> None:
    stranger = sealing.key("n" * 12, bytes(32))
    row = uuid4()
    words = sealing.seal(stranger, b"w", sealing.place("app.notes", "words", (row, 1)))
    record = {"id": row, "part": 1, "words": words, "facts": None, "sound": None}
    async with pools.as_service() as connection:
        with pytest.raises(Unsealable, match="not there"):
            await NOTES.one(connection, record, Note)


@pytest.mark.parametrize(
    ("mode", "of_map", "of_app"),
    [("all", True, True), ("app", False, True), ("none", False, False)],
)
async def test_the_mode_says_which_tables_are_sealed(
    database: Database, mode: Mode, of_map: bool, of_app: bool
) -> None:
    calls = Sealed("public.calls", text=("topic",))
    async with opened(database, MASTERS, mode) as pools, pools.as_service() as connection:
        for table, is_sealed in ((calls, of_map), (NOTES, of_app)):
            column = table.text[0]
            (value,) = await table.seal(connection, uuid4(), uuid4(), **{column: "words"})
            assert sealing.is_sealed(value) == is_sealed
            # What somebody writes in the form of a sealed value is never taken for one.
            (value,) = await table.seal(connection, None, 1, **{column: sealing.PREFIX + "x" * 40})
            key: Keyring = pools.keyring
            assert sealing.key_id_of(value) == key.system.id


async def test_opened_keys_are_bounded(pools: Pools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "KEPT_KEYS", 3)
    people = [uuid4() for _ in range(10)]
    keys = {who: (await pools.keyring.of(who)).id for who in people}
    assert len(pools.keyring._by_user) <= 3
    assert keys == {who: key.id for who, key in (await pools.keyring.of_many(people)).items()}


async def test_end_users_have_no_way_to_the_keys(pools: Pools) -> None:
    async with pools.as_user({"sub": str(uuid4()), "role": "authenticated"}) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("select * from app.person_keys")
