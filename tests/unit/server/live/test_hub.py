"""The hub: order, conflation, bounded queues, and a snapshot's place among events."""

import asyncio
import random
import uuid
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from db.cluster.event_streams import EventRow
from server.live.hub import Hub, renamed
from server.live.listener import Frame, Listener, Start
from server.live.messages import Ack, Command, Event, Hello, decode, encode

ME = uuid.uuid4()
OTHER = uuid.uuid4()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CALL = f"call:{uuid.uuid4()}"


def event(
    seq: int | None, eph: str | None = None, text: str = "", subject: str = CALL,
    user_id: uuid.UUID | None = ME,
) -> Event:  # fmt: skip
    return Event(
        topic="me", id=uuid.uuid4(), type="t", v=1, ts="", user_id=user_id, subject=subject,
        data={"text": text}, seq=seq, epoch="e", eph=eph,
    )  # fmt: skip


def listener(frames: int = 10, size: int = 10_000, user_id: uuid.UUID = ME) -> Listener:
    return Listener(user_id, frames, size)


def watch(hub: Hub, one: Listener, *topics: str, after: int = 0, user_id: uuid.UUID = ME) -> None:
    """Listen from a position on, as if the snapshot was sent already."""
    hub.join(one)
    for topic in topics or ("me",):
        address = f"user:{user_id}" if topic == "me" else topic
        hub.add(one, topic, address, None if topic in {"all", "fleet"} else user_id)
        place = one.hold(topic)
        assert place is not None
        hub.began(user_id, "e", after)
        one.release(topic, place, "e", after)


async def seqs(one: Listener, count: int) -> list[int | None]:
    return [frame.seq for frame in await one.take(count)]


def read(frames: list[Frame]) -> list[Any]:
    return [msgspec.json.decode(frame.text) for frame in frames]


async def test_everybody_at_the_address_gets_it_in_order_and_nobody_else() -> None:
    hub, first, second, stranger = Hub(), listener(), listener(), listener(user_id=OTHER)
    watch(hub, first)
    watch(hub, second)
    watch(hub, stranger, user_id=OTHER)
    for seq in (1, 2, 3):
        hub.publish(event(seq))
    assert await seqs(first, 9) == [1, 2, 3]
    assert await seqs(second, 9) == [1, 2, 3]
    hub.publish(event(1, user_id=OTHER))
    assert await seqs(stranger, 9) == [1]


async def test_events_come_out_once_and_in_order_however_they_are_published() -> None:
    hub, one = Hub(), listener(frames=1000, size=10**6)
    watch(hub, one)
    chance = random.Random(7)
    quick, sure = list(range(1, 101)), list(range(1, 101))
    chance.shuffle(quick)
    quick = quick[:70]  # the others' nodes died before they published
    while quick or sure:
        if quick and (not sure or chance.random() < 0.5):
            hub.publish(event(quick.pop()))
        else:
            hub.publish(event(sure.pop(0)), sure=True)
    assert await seqs(one, 200) == list(range(1, 101))


async def test_a_number_that_will_never_come_holds_nobody_up() -> None:
    hub, one = Hub(), listener()
    watch(hub, one)
    hub.publish(event(3))
    hub.publish(event(4), sure=True)
    assert await seqs(one, 9) == [3, 4]


async def test_each_topic_is_named_as_its_client_knows_it() -> None:
    hub, one = Hub(), listener()
    watch(hub, one, "me", CALL, f"user:{ME}", "all")
    hub.publish(event(1))
    hub.publish(event(2, subject="email:1"))
    hub.publish_numbered(renamed(event(1), "all", "g", 17))
    told = {(message["topic"], message["seq"]) for message in read(await one.take(20))}
    mine = {(topic, seq) for topic in ("me", f"user:{ME}") for seq in (1, 2)}
    assert told == mine | {(CALL, 1), ("all", 17)}
    assert hub.delivered_position(one, CALL) == ("e", 2)
    assert hub.delivered_position(one, "all") == ("g", 17)


async def test_of_a_passing_thing_only_the_newest_is_kept_ten_times_a_second() -> None:
    hub, one = Hub(), listener()
    watch(hub, one)
    begun = asyncio.get_running_loop().time()
    told: list[str] = []
    for text in "abcdefgh":
        hub.publish_ephemeral(event(None, "level", text))
    while "h" not in told:
        told += [message["data"]["text"] for message in read(await one.take())]
    assert told == ["a", "h"]
    assert asyncio.get_running_loop().time() - begun >= 0.09


async def test_a_list_is_not_bothered_with_passing_news() -> None:
    hub, one = Hub(), listener()
    watch(hub, one)
    one.topics["me"].passing = False
    hub.publish_ephemeral(event(None, "level"))
    hub.publish(event(1))
    assert await seqs(one, 9) == [1]


async def test_events_during_a_snapshot_come_after_it_and_none_twice() -> None:
    hub, one = Hub(), listener()
    watch(hub, one, after=4)
    place = one.hold("me")
    assert place is not None
    for seq in (5, 6, 7):
        hub.publish(event(seq))
    one.offer(Frame("the snapshot as of 6"))
    one.release("me", place, "e", 6)
    hub.publish(event(8))
    frames = await one.take()
    assert frames[0].text == "the snapshot as of 6"
    assert [frame.seq for frame in frames[1:]] == [7, 8]


async def test_what_waits_of_a_topic_that_begins_anew_is_not_sent_after_its_snapshot() -> None:
    hub, one = Hub(), listener()
    watch(hub, one)
    hub.publish(event(1))
    place = one.hold("me")
    assert place is not None
    one.release("me", place, "e", 1)
    hub.publish(event(2))
    assert await seqs(one, 9) == [2]


async def test_a_slow_listener_loses_its_queue_is_told_and_begins_anew() -> None:
    hub, slow, quick = Hub(), listener(frames=5), listener(frames=50)
    watch(hub, slow)
    watch(hub, quick)
    for seq in range(1, 20):
        hub.publish(event(seq))
    assert await seqs(quick, 50) == list(range(1, 20))
    assert await slow.take(50) == []
    assert slow.starts() == [Start("me", lost=True)]
    place = slow.hold("me")
    assert place is not None
    hub.publish(event(20))
    slow.release("me", place, "e", 19)
    assert await seqs(slow, 50) == [20]


async def test_passing_news_goes_first_when_room_is_short() -> None:
    hub, one = Hub(), listener(size=1200)
    watch(hub, one)
    for number in range(4):
        hub.publish_ephemeral(event(None, f"level{number}"))
    assert one.bytes > 700
    for seq in (1, 2, 3, 4):
        hub.publish(event(seq))
    assert one.overflows == 0
    assert [frame.seq for frame in await one.take(50)][:4] == [1, 2, 3, 4]
    assert one.bytes == 0


async def test_answers_to_commands_survive_an_overflow() -> None:
    hub, one = Hub(), listener(frames=3)
    watch(hub, one)
    one.offer(Frame(encode(Ack("c1", ok=True))))
    for seq in range(1, 9):
        hub.publish(event(seq))
    assert [message["op"] for message in read(await one.take(50))] == ["ack"]
    assert one.starts() == [Start("me", lost=True)]


async def test_too_many_bytes_overflow_as_too_many_frames_do() -> None:
    hub, one = Hub(), listener(frames=1000, size=500)
    watch(hub, one)
    for seq in range(1, 9):
        hub.publish(event(seq, text="x" * 100))
    assert one.overflows == 1
    assert one.bytes < 500


async def test_a_waiting_listener_wakes_for_a_frame_and_for_the_end() -> None:
    one = listener()
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(one.take())
        await asyncio.sleep(0)
        one.offer(Frame("x"))
    assert [frame.text for frame in waiting.result()] == ["x"]
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(one.take())
        await asyncio.sleep(0)
        one.close()
    assert waiting.result() == []


async def test_events_that_follow_closely_go_together() -> None:
    hub, one = Hub(), listener(frames=100)
    watch(hub, one)
    hub.publish(event(1))
    assert await seqs(one, 16) == [1]
    async with asyncio.TaskGroup() as tasks:
        taking = tasks.create_task(seqs(one, 16))
        for seq in (2, 3, 4):
            hub.publish(event(seq))
            await asyncio.sleep(0)
    assert taking.result() == [2, 3, 4]


async def test_who_left_is_offered_nothing() -> None:
    hub, one = Hub(), listener()
    watch(hub, one)
    assert hub.count(ME) == 1
    hub.leave(one)
    hub.leave(one)
    hub.publish(event(1))
    assert hub.count(ME) == 0
    one.close()
    assert await one.take() == []


def test_client_frames_are_checked_to_the_field() -> None:
    assert decode('{"op":"cmd","id":"c","name":"call.start","args":{"topic":"x"}}') == Command(
        "c", "call.start", {"topic": "x"}
    )
    assert isinstance(decode('{"op":"hello","ticket":"t"}'), Hello)


@pytest.mark.parametrize(
    "frame",
    [
        "", "[]", "{}", '{"op":"nope"}', '{"op":"cmd","id":"","name":"x"}',
        '{"op":"cmd","id":1,"name":"x"}', '{"op":"hello","subs":[{"topic":""}]}',
        '{"op":"hello","extra":1}', '{"op":"cmd","id":"c","name":"x","args":[]}',
        '{"op":"hello","v":"1"}',
    ],
)  # fmt: skip
def test_a_malformed_frame_is_refused(frame: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(frame)


def committed(seq: int) -> EventRow:
    return EventRow(
        user_id=ME, stream_epoch="e", seq=seq, id=uuid.uuid4(), type="t", v=1, ts=NOON,
        subject=CALL, rev=0, cause=None, data={},
    )  # fmt: skip


async def test_numbers_are_wanted_when_somebody_comes_and_while_everybody_is_watched() -> None:
    hub, mine, admins = Hub(), listener(), listener(user_id=OTHER)
    hub.publish_committed([committed(1)])
    assert not hub.has_new_events.is_set()
    watch(hub, mine, after=1)
    assert hub.has_new_events.is_set()
    hub.has_new_events.clear()
    hub.publish_committed([committed(2)])
    assert not hub.has_new_events.is_set()
    watch(hub, admins, "all")
    hub.has_new_events.clear()
    hub.publish_committed([committed(3)])
    assert hub.has_new_events.is_set()


async def test_numbers_are_wanted_when_an_event_of_another_node_is_missing() -> None:
    hub, mine = Hub(), listener()
    watch(hub, mine)
    hub.has_new_events.clear()
    hub.publish_committed([committed(2)])
    assert hub.has_new_events.is_set()
    assert hub.is_followed(ME)
    assert not hub.is_followed(OTHER)
