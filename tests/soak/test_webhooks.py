"""A thousand events for a receiver that fails as it likes: each is delivered, in the order of what
it is about, and nothing once the webhook is disabled. Prints what it took."""

import datetime as dt
import random
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from db.cluster import event_streams
from db.cluster.event_streams import NewEvent
from tests.support.client import User, clients_of
from tests.support.node import SCRIPTED, World, running_world
from tests.support.receiver import is_signed, receiving

EVENTS, THINGS, GROUP = 1000, 50, 10
AFTER_DISABLING = 100
RETRIES = ",".join(["0.05"] * 25)


@pytest.fixture
def world() -> Iterator[World]:
    with running_world(
        **SCRIPTED, WEBHOOKS__ALLOW_PRIVATE="true", WEBHOOKS__RETRY_SECONDS=RETRIES,
        WEBHOOKS__ATTEMPT_SECONDS="1", JOBS__POLL_SECONDS="0.05",
    ) as started:  # fmt: skip
        yield started


async def happen(world: World, user: User, subjects: Sequence[str]) -> None:
    """Events about these, a few in each transaction, as rooms write them."""
    now = dt.datetime.now(dt.UTC)  # noqa: TID251
    async with world.rows() as rows:
        for at in range(0, len(subjects), GROUP):
            async with rows.transaction():
                await event_streams.append(rows, [
                    NewEvent(user.id, "server.notice", now, subject, 0,
                             {"text": "of a soak"})
                    for subject in subjects[at : at + GROUP]
                ])  # fmt: skip


async def test_each_event_is_delivered_once_in_order_and_none_after_disabling(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(16)
    odd = Counter[str]()

    def answer(_event: dict[str, Any], _before: int) -> int | None:
        kind = chance.choices(("ok", "500", "429", "cut"), (55, 25, 10, 10))[0]
        odd[kind] += 1
        return {"ok": 204, "500": 500, "429": 429, "cut": None}[kind]

    async with clients_of(world) as clients, receiving() as receiver:
        receiver.answer = answer
        user = await clients.sign_up()
        made = await user.ask("POST", "/v1/webhooks", {"url": receiver.url})
        hook = made.body
        subjects = [f"call:{uuid.UUID(int=one % THINGS)}" for one in range(EVENTS)]
        chance.shuffle(subjects)
        begun = time.monotonic()
        await happen(world, user, subjects)
        await receiver.until(lambda it: len({one.id for one in it.taken}) >= EVENTS, 600)
        took = time.monotonic() - begun
        taken = list(receiver.taken)
        assert len(taken) == EVENTS, "each once: no attempt here outlives its claim"
        assert all(is_signed(one, hook["secret"]) for one in receiver.received)
        by_subject = defaultdict(list)
        for one in taken:
            by_subject[one.event["subject"]].append(one.event["seq"])
        assert len(by_subject) == THINGS
        assert all(seqs == sorted(seqs) for seqs in by_subject.values())
        attempts = len(receiver.received)

        receiver.answer = lambda _event, _before: 410
        await user.ask("POST", f"/v1/webhooks/{hook['id']}/test", {})
        while (await user.get(f"/v1/webhooks/{hook['id']}"))["enabled"]:
            pass
        count = len(receiver.received)
        await happen(world, user, subjects[:AFTER_DISABLING])
        async with world.rows() as rows:
            waiting = await rows.fetchval(
                "select count(*) from app.webhook_deliveries where state = 'waiting'"
            )
            jobs = await rows.fetchval(
                "select count(*) from app.pgqueuer where entrypoint = 'webhook_deliver'"
            )
        assert (waiting, jobs) == (0, 0)
        assert len(receiver.received) == count
    with capsys.disabled():
        print(  # noqa: T201
            f"\nwebhooks: {EVENTS} events about {THINGS} things, {attempts} attempts"
            f" ({dict(odd)}), {took:.1f} s; {AFTER_DISABLING} after disabling: 0 sent"
        )
