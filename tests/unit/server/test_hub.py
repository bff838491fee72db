"""The hub: order, conflation, bounded queues, and a snapshot's place among events."""

import asyncio
import uuid

import msgspec
import pytest

from server.dashboard.hub import Frame, Hub, Listener
from server.dashboard.messages import Ack, Command, Event, Hello, decode, encode

ME = uuid.uuid4()


def event(seq: int | None, eph: str | None = None, text: str = "") -> Event:
    return Event(
        topic="me", id=uuid.uuid4(), type="t", v=1, ts="", user_id=ME, subject="call:1",
        data={"text": text}, seq=seq, epoch="e", eph=eph,
    )  # fmt: skip


def listener(frames: int = 10, size: int = 10_000) -> Listener:
    return Listener({"user:1"}, frames, size)


async def seqs(one: Listener, count: int) -> list[int | None]:
    return [frame.seq for frame in await one.take(count)]


async def test_everybody_at_the_address_gets_it_in_order_and_nobody_else() -> None:
    hub, first, second = Hub(), listener(), listener()
    stranger = Listener({"user:2"}, 10, 10_000)
    for one in (first, second, stranger):
        hub.add(one)
    for seq in (1, 2, 3):
        hub.publish(event(seq), "user:1")
    assert await seqs(first, 9) == [1, 2, 3]
    assert await seqs(second, 9) == [1, 2, 3]
    hub.publish(event(4), "user:2")
    assert await seqs(stranger, 9) == [4]


async def test_of_a_passing_thing_only_the_newest_is_kept() -> None:
    hub, one = Hub(), listener()
    hub.add(one)
    for text in "abc":
        hub.publish(event(None, "level", text), "user:1")
    frames = await one.take()
    assert [msgspec.json.decode(frame.text)["data"]["text"] for frame in frames] == ["c"]


async def test_events_during_a_snapshot_come_after_it_and_none_twice() -> None:
    hub, one = Hub(), listener()
    hub.add(one)
    one.hold("me")
    for seq in (5, 6, 7):
        hub.publish(event(seq), "user:1")
    one.offer(Frame("the snapshot as of 6"))
    one.release("me", 6)
    hub.publish(event(8), "user:1")
    frames = await one.take()
    assert frames[0].text == "the snapshot as of 6"
    assert [frame.seq for frame in frames[1:]] == [7, 8]


async def test_a_slow_listener_loses_its_queue_is_told_and_holds_the_rest() -> None:
    hub, slow, quick = Hub(), listener(frames=5), listener(frames=50)
    hub.add(slow)
    hub.add(quick)
    for seq in range(1, 20):
        hub.publish(event(seq), "user:1")
    assert await seqs(quick, 50) == list(range(1, 20))
    frames = await slow.take(50)
    assert [msgspec.json.decode(frame.text)["op"] for frame in frames] == ["resync"]
    assert slow.lost_topics() == ["me"]
    slow.release("me", 18)
    assert await seqs(slow, 50) == [19]


async def test_answers_to_commands_survive_an_overflow() -> None:
    one = listener(frames=3)
    one.offer(Frame(encode(Ack("c1", ok=True))))
    for seq in range(1, 9):
        one.offer(Frame(encode(event(seq)), "me", seq))
    ops = [msgspec.json.decode(frame.text)["op"] for frame in await one.take(50)]
    assert ops == ["ack", "resync"]


async def test_too_many_bytes_overflow_as_too_many_frames_do() -> None:
    one = listener(frames=1000, size=500)
    for seq in range(1, 9):
        one.offer(Frame("x" * 100, "me", seq))
    assert one.overflows == 1


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


async def test_who_left_is_offered_nothing() -> None:
    hub, one = Hub(), listener()
    hub.add(one)
    assert hub.count("user:1") == 1
    hub.remove(one)
    hub.remove(one)
    hub.publish(event(1), "user:1")
    assert hub.count("user:1") == 0
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
