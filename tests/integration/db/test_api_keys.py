"""A person's API keys, as a page of them and all."""

from uuid import uuid4

from db.accounts import api_keys
from db.accounts.api_keys import NewKey
from db.core.pool import Pools
from tests.integration.db.arrange import make_user


async def test_a_list_has_so_many_and_a_copy_of_ones_data_has_all(pools: Pools) -> None:
    user_id = await make_user(pools)
    async with pools.as_service() as connection:
        for name in ("one", "two", "three"):
            key = NewKey(uuid4(), user_id, f"talk_{name}", name, ["calls:read"], 60, None)
            await api_keys.insert(connection, key)
        some = await api_keys.list_of(connection, user_id, 2)
        every = await api_keys.list_of(connection, user_id, None)
    assert (len(some), {row.name for row in every}) == (2, {"one", "two", "three"})
