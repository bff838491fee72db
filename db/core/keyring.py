"""The keys that rows are sealed with: one a person, one for what is nobody's, one for hashes.

They stand wrapped in app.person_keys and are opened here by the master key. They have a few
connections of their own, because a key must be committed before anything is sealed by it, and
because whoever reads as an end user has no way to them. An opened key is kept for a short time
only, so that a destroyed one is gone everywhere soon. A keyring travels with the connections of
the pools (`connection.keyring`). Knows no other table.
"""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any, Literal, TypeAlias
from uuid import UUID

import asyncpg
import msgspec

from db.core import sealing
from db.core.rows import Connection
from db.core.sealing import Key, MasterKey, Unsealable

Mode: TypeAlias = Literal["all", "app", "none"]

SYSTEM = UUID(int=0)
"""Whose key seals what belongs to no person."""
BLIND = UUID(int=1)
"""Whose key hashes what is searched for; it is never used to seal."""
KEPT_SECONDS = 30.0
KEPT_KEYS = 20_000
CONNECTIONS = 2
GONE = sealing.key("destroyedkey", sealing.new_secret())
"""Seals what is still written of a person whose key was destroyed. Nobody can open it later, as
each process has another secret, and nobody is to: it reads as empty."""

_BY_USER = "user_id = any($1::uuid[])"
_BY_ID = "key_id = any($1::text[])"
_LOAD = "select user_id, key_id, wrapped, master_key_id from app.person_keys where "
_MAKE = """
insert into app.person_keys (user_id, key_id, wrapped, master_key_id)
select * from unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[])
on conflict (user_id) do nothing
"""
_DESTROY = """
update app.person_keys set wrapped = null, destroyed_at = now()
where user_id = $1 and destroyed_at is null
"""
_TO_WRAP = """
select user_id, key_id, wrapped, master_key_id from app.person_keys
where master_key_id <> $1 and wrapped is not null limit $2
"""
_REWRAP = """
update app.person_keys k set wrapped = g.wrapped, master_key_id = g.master_key_id
from unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::text[])
    as g (user_id, before, wrapped, master_key_id)
where k.user_id = g.user_id and k.wrapped = g.before
"""
_COUNT = """
select master_key_id, count(*) filter (where wrapped is not null) as wrapped,
    count(*) filter (where wrapped is null) as destroyed
from app.person_keys group by 1 order by 1
"""


class WrongMasterKeyError(Exception):
    """The master key is not the one of this database's keys; the text says what to do."""


class MissingMasterKeyError(WrongMasterKeyError, OSError):
    """The master key was changed while this node ran, which was not given the new one: until it is,
    nothing can be had of the database, and what is to be written waits."""


class KeyCount(msgspec.Struct, frozen=True):
    """How many keys a master key wraps, and how many it once wrapped that were destroyed."""

    master_key_id: str
    wrapped: int
    destroyed: int


class Keyring:
    """The keys, opened as they are needed over a pool of somebody else's. `masters`: the current
    one first."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        masters: Sequence[MasterKey],
        mode: Mode,
        *,
        read_only: bool = False,
    ) -> None:
        self.mode = mode
        self._read_only = read_only
        self.pool = pool
        self._masters = {master.id: master for master in masters}
        self._current = masters[0]
        self._blind = b""
        self._system = GONE
        self._lasting = {GONE.id: GONE}
        # Opened keys of people, each with the time until which it is good, by the loop's clock.
        self._by_user: dict[UUID, tuple[Key, float]] = {}
        self._by_id: dict[str, tuple[Key, float]] = {}

    @property
    def system(self) -> Key:
        """The key of what belongs to no person; always there."""
        return self._system

    def seals(self, table: str) -> bool:
        """Whether new values of the table ("app.inbox") are sealed."""
        return self.mode == "all" or (self.mode == "app" and table.startswith("app."))

    def hash(self, kind: str, value: str) -> bytes:
        """The blind hash of a value: equal for equal values of a kind, for as long as the database
        lives, whatever master key there is."""
        return sealing.blind_hash(self._blind, kind, value)

    def hash_address(self, address: str) -> bytes:
        """Of a number in E.164, or an e-mail address in any case."""
        return self.hash("address", address.lower())

    def hash_topic(self, user_id: UUID, topic: str) -> bytes:
        """Of a topic of the user's, in any case."""
        return self.hash("topic", f"{user_id}:{topic.lower()}")

    def hash_tag(self, user_id: UUID, tag: str) -> bytes:
        """Of a tag on the user's calls, in any case."""
        return self.hash("tag", f"{user_id}:{tag.casefold()}")

    async def open(self) -> None:
        """Open, or make, the keys that are always there. Raises WrongMasterKeyError."""
        found = {row["user_id"]: row for row in await self._made([SYSTEM, BLIND])}
        self._blind = self._unwrapped(found[BLIND])
        self._system = self._opened(found[SYSTEM])
        self._lasting[self._system.id] = self._system

    async def check(self) -> None:
        """Open a key that is always there once more. Raises MissingMasterKeyError where another
        master key wraps it by now."""
        for row in await self.pool.fetch(_LOAD + _BY_USER, [SYSTEM]):
            self._still_opened(row)

    async def of(self, user_id: UUID | None) -> Key:
        """The person's key, made on its first use; None: the key of what is nobody's."""
        if user_id is None:
            return self._system
        return (await self.of_many((user_id,)))[user_id]

    async def of_many(self, user_ids: Collection[UUID]) -> dict[UUID, Key]:
        """The persons' keys, those that are not at hand by one statement."""
        now = _now()
        keys: dict[UUID, Key] = {}
        missing = []
        for user_id in user_ids:
            known = self._by_user.get(user_id)
            if known is not None and known[1] > now:
                keys[user_id] = known[0]
            else:
                missing.append(user_id)
        if missing:
            for row in await self._made(missing):
                keys[row["user_id"]] = self._keep(row)
        return keys

    async def with_ids(self, key_ids: Collection[str]) -> dict[str, Key]:
        """The keys of these ids, those that are not at hand by one statement; GONE for destroyed
        ones, nothing for those that never were."""
        now = _now()
        keys: dict[str, Key] = {}
        missing = []
        for key_id in key_ids:
            known = self._by_id.get(key_id)
            if known is not None and known[1] > now:
                keys[key_id] = known[0]
            elif (lasting := self._lasting.get(key_id)) is not None:
                keys[key_id] = lasting
            else:
                missing.append(key_id)
        if missing:
            for row in await self.pool.fetch(_LOAD + _BY_ID, missing):
                keys[row["key_id"]] = self._keep(row)
        return keys

    async def destroy(self, connection: Connection, user_id: UUID) -> None:
        """Make all that is sealed by the person's key unreadable, in backups too that have no key.

        Other nodes keep the opened key for `KEPT_SECONDS`. What is written of the person from then
        on is sealed by a key that nobody keeps.
        """
        await self.of(user_id)  # whoever has none yet must get none later
        await connection.execute(_DESTROY, user_id)
        self.forget(user_id)

    def forget(self, user_id: UUID) -> None:
        """Drop the opened key, which is read anew when it is needed."""
        known = self._by_user.pop(user_id, None)
        if known is not None:
            self._by_id.pop(known[0].id, None)

    async def rewrap(self, limit: int) -> int:
        """Put some keys that another master key wraps under the current one; 0 when none is left.

        Nothing waits for it: whoever reads meanwhile finds either form. Raises WrongMasterKeyError
        for a key whose master key is not given.
        """
        rows = await self.pool.fetch(_TO_WRAP, self._current.id, limit)
        given = [
            (
                row["user_id"],
                row["wrapped"],
                sealing.wrap(self._current, row["key_id"], self._unwrapped(row), row["user_id"]),
                self._current.id,
            )
            for row in rows
        ]
        if given:
            await self.pool.execute(_REWRAP, *map(list, zip(*given, strict=True)))
        return len(given)

    async def count(self) -> list[KeyCount]:
        """How many keys there are under each master key."""
        return [KeyCount(**dict(row)) for row in await self.pool.fetch(_COUNT)]

    @property
    def current_master(self) -> str:
        """The name of the key that new keys are wrapped by."""
        return self._current.id

    async def _made(self, user_ids: Sequence[UUID]) -> list[Any]:
        rows: list[Any] = await self.pool.fetch(_LOAD + _BY_USER, user_ids)
        missing = sorted(set(user_ids) - {row["user_id"] for row in rows})
        if not missing:
            return rows
        if self._read_only:
            raise WrongMasterKeyError("a key is not there yet, and whoever only looks makes none")
        fresh = [(user_id, sealing.new_key_id(), sealing.new_secret()) for user_id in missing]
        await self.pool.execute(
            _MAKE,
            missing,
            [key_id for _, key_id, _ in fresh],
            [sealing.wrap(self._current, key_id, secret, who) for who, key_id, secret in fresh],
            [self._current.id] * len(fresh),
        )
        return [*rows, *await self.pool.fetch(_LOAD + _BY_USER, missing)]

    def _keep(self, row: Any) -> Key:
        """Open the key of a row, and keep it for a while."""
        opened = self._still_opened(row)
        if len(self._by_user) >= KEPT_KEYS:
            self._by_user.clear()
            self._by_id.clear()
        known = (opened, _now() + KEPT_SECONDS)
        self._by_user[row["user_id"]] = self._by_id[row["key_id"]] = known
        return opened

    def _still_opened(self, row: Any) -> Key:
        try:
            return self._opened(row)
        except WrongMasterKeyError as error:
            raise MissingMasterKeyError(str(error)) from None

    def _opened(self, row: Any) -> Key:
        return GONE if row["wrapped"] is None else sealing.key(row["key_id"], self._unwrapped(row))

    def _unwrapped(self, row: Any) -> bytes:
        master = self._masters.get(row["master_key_id"])
        try:
            if master is not None:
                return sealing.unwrap(master, row["key_id"], row["wrapped"], row["user_id"])
        except Unsealable:
            pass
        raise WrongMasterKeyError(
            f"privacy.master_key: this database's keys are wrapped by the master key"
            f" {row['master_key_id']}, and what was given ({', '.join(self._masters)}) does not"
            " open them. Give that key: in TALKING_PRIVACY__MASTER_KEY, behind the new one and a"
            " comma while you rotate, or, for the embedded database, put the file master.key back"
            " into database.data_dir. Without it nothing that is sealed can be read"
        )


def _now() -> float:
    return asyncio.get_running_loop().time()
