"""The Python client against a node and its sandbox, as somebody's program would use it."""

import asyncio
import uuid
from contextlib import aclosing

import msgspec
import pytest
from talking_client import (
    AsyncClient,
    AsyncLive,
    Client,
    InvalidError,
    Live,
    LiveRefusedError,
    NotFoundError,
    PaymentRequiredError,
    Position,
    UnauthenticatedError,
    data_of,
    verify,
)
from talking_client.events import CallData
from talking_client.messages import Event, Snapshot
from talking_client.models import CallOut
from talking_client.sent import SendEmail

from tests.integration.clients.users import hasty, premium
from tests.support.client import TERMINAL, Clients
from tests.support.patience import patience
from tests.support.people import human, patient
from tests.support.receiver import receiving
from tests.support.tcp_cut import way_to

LIMIT_OF_FREE = 1


async def until_over(live: AsyncLive, call_id: uuid.UUID) -> list[str]:
    """The types of all events until this call is over, which it may be from the beginning."""
    seen: list[str] = []
    async with patience(), aclosing(aiter(live)) as everything:
        async for given in everything:
            if isinstance(given, Snapshot):
                rows = given.data.get("calls", [given.data.get("call")])
                calls = [msgspec.convert(row, CallOut) for row in rows]
            else:
                seen.append(given.type)
                data = data_of(given)
                calls = [data.call] if isinstance(data, CallData) else []
            if any(call.id == call_id and call.status in TERMINAL for call in calls):
                return seen
    raise AssertionError("the events have no end")


async def test_a_call_is_placed_and_followed_to_its_end(clients: Clients) -> None:
    user = await clients.sign_up()
    number = await clients.sandbox.add(hasty())
    async with AsyncClient(clients.world.url, user.token) as talking:
        call = await talking.calls.place("growing tomatoes", number)
        seen = await until_over(AsyncLive(clients.world.url, user.token), call.id)
        ended = await talking.calls.get(call.id, expand="transcript")
        words = await talking.calls.transcript(call.id)
        usage = await talking.usage()
    assert "call.talking" in seen
    assert ended.status == "ended"
    assert ended.transcript == words.turns
    assert len({turn.speaker for turn in words.turns}) == 2
    assert usage.calls.used == 1


async def test_lists_are_filtered_and_paged_by_themselves(clients: Clients) -> None:
    user = await premium(clients)
    busy = await clients.sandbox.number_of("busy")
    async with AsyncClient(clients.world.url, user.token) as talking:
        made = []
        for _ in range(5):
            call = await talking.calls.place("patience", busy)
            made.append(call.id)
            await until_over(
                AsyncLive(clients.world.url, user.token, {f"call:{call.id}": None}), call.id
            )
        found = [one.id async for one in talking.calls.list(status="busy", limit=2)]
        upwards = [
            one.id async for one in talking.calls.list(topic="PATIENCE", sort="created_at", limit=2)
        ]
        none = [one async for one in talking.calls.list(status="ended")]
        with pytest.raises(InvalidError) as refused:
            async for _ in talking.calls.list(since="yesterday"):
                pass
        tags = (await talking.calls.tag(made[0], "späte Rückfrage")).tags
        tagged = [one.id async for one in talking.calls.list(tag="SPÄTE rückfrage")]
        (used,) = await talking.calls.used_tags()
        note = await talking.calls.add_note(made[0], "Was busy.")
        changed = await talking.calls.change_note(made[0], note.id, "Is busy.")
        written = await talking.calls.annotations(made[0])
        assert (await talking.calls.delete_note(made[0], note.id)).id == note.id
        assert (await talking.calls.untag(made[0], tags[0])).tags == []
        with pytest.raises(NotFoundError):
            await talking.calls.recording(made[0])
    assert found == made[::-1]
    assert upwards == made
    assert none == []
    assert refused.value.code == "bad_request"
    assert (tagged, used.calls) == ([made[0]], 1)
    assert (written.tags, written.notes) == (tags, [changed])
    assert (changed.text, changed.author_id) == ("Is busy.", user.id)


async def test_refusals_are_exceptions_with_code_detail_and_request_id(clients: Clients) -> None:
    user = await clients.sign_up()
    number = await clients.sandbox.add(human(answers="no-answer"))

    def ask() -> list[tuple[str, bool]]:
        told = []
        with Client(clients.world.url, user.token) as talking:
            call = talking.calls.place("limits", number)
            with pytest.raises(PaymentRequiredError) as limit:
                talking.calls.place("limits", number)
            assert limit.value.extra["limit"] == LIMIT_OF_FREE
            with pytest.raises(NotFoundError) as absent:
                talking.calls.get(user.id)
            talking.calls.hang_up(call.id)
            told = [limit.value, absent.value]
        with (
            Client(clients.world.url, "nobody's") as stranger,
            pytest.raises(UnauthenticatedError) as nobody,
        ):
            stranger.me()
        return [(one.code, bool(one.detail and one.request_id)) for one in (*told, nobody.value)]

    codes = await asyncio.to_thread(ask)
    assert codes == [("plan_limit", True), ("not_found", True), ("unauthenticated", True)]


async def test_who_talks_and_who_texts_is_named(clients: Clients) -> None:
    user = await premium(clients)
    number = await clients.sandbox.add(human(answers="no-answer"))
    async with AsyncClient(clients.world.url, user.token) as talking:
        with pytest.raises(InvalidError) as call:
            await talking.calls.place("roses", number, agent="nobody-of-that-name")
        with pytest.raises(InvalidError) as text:
            await talking.texts.start("roses", number, consent="yes", agent="nobody-of-that-name")
        named = await talking.calls.place("roses", number, agent="default")
        await talking.calls.hang_up(named.id)
    assert {call.value.code, text.value.code} == {"unknown_agent"}


async def test_a_write_sent_twice_under_one_key_is_done_once(clients: Clients) -> None:
    user = await premium(clients)
    number = await clients.sandbox.add(human(answers="no-answer"))
    async with AsyncClient(clients.world.url, user.token) as talking:
        first, second = [
            await talking.calls.place("keys", number, idempotency_key="once") for _ in range(2)
        ]
        await talking.calls.hang_up(first.id)
    assert first == second
    assert len(await clients.sandbox.calls_to(number)) <= 1


async def test_a_live_socket_that_is_cut_goes_on_without_a_gap(clients: Clients) -> None:
    user = await premium(clients)
    number = await clients.sandbox.add(patient())
    seen: list[Snapshot | Event] = []
    async with (
        AsyncClient(clients.world.url, user.token) as talking,
        way_to(clients.world.port) as way,
    ):
        live = AsyncLive(way.url, user.token)
        call_id = None
        async with patience(), aclosing(aiter(live)) as everything:
            async for given in everything:
                seen.append(given)
                if isinstance(given, Snapshot):
                    call_id = (await talking.calls.place("cuts", number)).id
                elif given.type in {"call.ringing", "call.answered"}:
                    way.cut()
                elif given.type == "call.talking":
                    way.cut()
                    assert call_id is not None
                    await talking.calls.hang_up(call_id)  # while nobody listens
                elif given.type == "call.ended":
                    break
        opened = way.opened
        last = live.positions["me"]
    durable = [one for one in seen if isinstance(one, Event) and one.seq is not None]
    first = durable[0].seq
    assert first is not None
    assert [one.seq for one in durable] == list(range(first, first + len(durable)))
    assert len([one for one in seen if isinstance(one, Snapshot)]) == 1
    assert opened >= 3
    assert last is not None
    assert last.seq == durable[-1].seq

    # What was read in another life is not read again: a program may keep its position.
    later = AsyncLive(clients.world.url, user.token, {"me": early(last)})
    async with patience(), aclosing(aiter(later)) as everything:
        async for given in everything:
            assert isinstance(given, Event)
            if given.seq is not None:
                assert given.seq == last.seq
                break


def early(position: Position) -> Position:
    """One event before."""
    return Position(position.epoch, position.seq - 1)


async def test_a_live_socket_of_nobody_is_told_so_and_ends(clients: Clients) -> None:
    with pytest.raises(LiveRefusedError) as refused:
        async for _ in AsyncLive(clients.world.url, "nobody's"):
            pass
    assert refused.value.close_code == 4501


async def test_without_a_loop_a_cut_socket_goes_on_as_well(clients: Clients) -> None:
    user = await premium(clients)
    number = await clients.sandbox.add(human(answers="no-answer"))
    async with way_to(clients.world.port) as way:
        loop = asyncio.get_running_loop()

        async def cut() -> None:
            way.cut()

        def follow() -> tuple[list[int], dict[str, Position | None]]:
            seen: list[int] = []
            call_id = user.id  # of no call, until there is one
            live = Live(way.url, user.token)
            with Client(clients.world.url, user.token) as talking:
                for given in live:
                    if isinstance(given, Snapshot):
                        call_id = talking.calls.place("cuts", number).id
                        continue
                    seen += [] if given.seq is None else [given.seq]
                    if given.type == "call.ringing":
                        asyncio.run_coroutine_threadsafe(cut(), loop).result()
                        talking.calls.hang_up(call_id)
                    elif given.type == "call.ended":
                        break
            return seen, live.positions

        async with patience():
            seen, positions = await asyncio.to_thread(follow)
        assert way.opened == 2
    assert seen == list(range(seen[0], seen[0] + len(seen)))
    at = positions["me"]
    assert at is not None
    assert at.seq == seen[-1]


async def test_texts_and_emails_are_sent_and_listed(clients: Clients) -> None:
    user = await premium(clients)
    number = await clients.sandbox.add(patient())
    async with AsyncClient(clients.world.url, user.token) as talking:
        started = await talking.texts.start("Bread", number, consent="I agree to get texts.")
        thread = await talking.texts.get(started.id)
        assert thread.conversation.id == started.id
        assert (await talking.texts.pause(started.id)).status == "paused"
        assert (await talking.texts.write(started.id, "One moment.")).message_text
        assert (await talking.texts.end(started.id)).status == "ended"
        (listed,) = [
            one async for one in talking.texts.list(status="ended", expand="messages", limit=5)
        ]
        assert listed.messages
        sent = await talking.emails.send(SendEmail(topic="Bread", type="custom", content="Hello."))
        assert [one.id async for one in talking.emails.list(direction="outbound")] == [sent.id]
        assert (await talking.me()).id == user.id


async def test_a_webhook_is_made_and_what_it_brings_is_proven(clients: Clients) -> None:
    user = await premium(clients)
    number = await clients.sandbox.add(human(answers="no-answer"))
    async with (
        receiving() as receiver,
        AsyncClient(clients.world.url, user.token) as talking,
    ):
        made = await talking.webhooks.make(receiver.url, ["call.ended"])
        assert made.secret is not None
        tried = (await user.ask("POST", f"/v1/webhooks/{made.id}/test", {})).body
        await receiver.until(lambda so_far: bool(so_far.taken))
        call = await talking.calls.place("webhooks", number)
        await talking.calls.hang_up(call.id)
        await receiver.until(lambda so_far: len(so_far.taken) > 1)
        events = []
        for came in receiver.taken:
            headers = {name.lower(): text for name, text in came.headers.items()}
            at = float(headers["webhook-timestamp"])
            events.append(verify(made.secret, came.headers, came.body, at + 1))
        assert [(event.id, event.type, event.subject) for event in events] == [
            (tried["message_id"], "webhook.test", tried["subject"]),
            (came.id, "call.ended", f"call:{call.id}"),
        ]
        assert [one.id for one in await talking.webhooks.all()] == [made.id]
        sent = [one.message_id async for one in talking.webhooks.deliveries(made.id, limit=1)]
        assert sent == [event.id for event in reversed(events)]
        await talking.webhooks.delete(made.id)
        assert list(await talking.webhooks.all()) == []
