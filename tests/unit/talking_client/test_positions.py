"""No event twice and none left out, whatever comes after which."""

import uuid
from typing import Any

import pytest
from talking_client.messages import (
    Ack,
    At,
    ClientLimits,
    Event,
    Incoming,
    Ping,
    Resync,
    Snapshot,
    Subscribed,
    Welcome,
)
from talking_client.positions import MOST_KNOWN, Position, Positions


def event(seq: int | None, *, topic: str = "me", epoch: str = "e", name: int = 0) -> Event:
    return Event(
        topic=topic, id=uuid.UUID(int=name or (seq or 0) + 1000), type="call.ended", v=1, ts="t",
        user_id=None, subject="s", data={}, seq=seq, epoch=None if seq is None else epoch,
        eph="x" if seq is None else None,
    )  # fmt: skip


def snapshot(seq: int, data: dict[str, Any], **more: Any) -> Snapshot:
    return Snapshot(topic=more.pop("topic", "me"), epoch="e", seq=seq, data=data, **more)


def welcome(topic: str, *, filtered: bool) -> Welcome:
    sub = Subscribed(topic=topic, mode="resumed", filtered=filtered)
    return Welcome(
        v=1, session="", node="", now="", ping_s=25.0, token_exp="", role="user", subs=[sub],
        limits=ClientLimits(frame=1, cmd_per_s=1.0, subs=1),
    )  # fmt: skip


def given(positions: Positions, *messages: Incoming) -> list[int | None]:
    steps = [positions.take(message) for message in messages]
    return [step.give.seq for step in steps if step.give is not None]


def at(seq: int) -> Positions:
    return Positions({"me": Position("e", seq)})


def test_events_that_follow_are_handed_on_once() -> None:
    positions = at(4)
    assert given(positions, event(4), event(5), event(5), event(6)) == [5, 6]
    assert positions.places == {"me": Position("e", 6)}


def test_a_gap_is_asked_for_once_and_nothing_after_it_is_handed_on_before() -> None:
    positions = at(4)
    asked = positions.take(event(7)).send
    assert asked == ({"op": "resume", "topic": "me", "cursor": {"epoch": "e", "seq": 4}},)
    assert positions.take(event(8)).send == ()
    assert given(positions, event(5), event(6), event(7)) == [5, 6, 7]
    assert positions.take(event(9)).send != ()


@pytest.mark.parametrize("of", [event(5, epoch="another"), At(topic="me", epoch="another", seq=1)])
def test_numbers_of_another_epoch_are_never_taken_for_ours(of: Event | At) -> None:
    step = at(4).take(of)
    assert step.give is None
    assert step.send[0]["op"] == "resume"


def test_without_a_position_a_snapshot_is_waited_for() -> None:
    positions = Positions({"me": None})
    assert positions.take(event(5)).give is None
    assert given(positions, snapshot(6, {}), event(6), event(7)) == [6, 7]


def test_a_quiet_topic_that_is_further_is_asked_for_what_is_missing() -> None:
    positions = at(4)
    assert positions.take(At(topic="me", epoch="e", seq=4)).send == ()
    assert positions.take(At(topic="me", epoch="e", seq=6)).send[0]["op"] == "resume"


def test_a_part_of_a_stream_has_gaps_that_mean_nothing() -> None:
    positions = at(4)
    positions.take(welcome("me", filtered=True))
    assert given(positions, event(9)) == [9]
    assert positions.take(At(topic="me", epoch="e", seq=12)).send == ()
    assert positions.places["me"] == Position("e", 12)


def test_a_snapshot_of_several_pages_is_handed_on_whole() -> None:
    positions = Positions({"me": None})
    first = snapshot(6, {"calls": [1], "messages": {"a": 1}, "usage": 1}, page=1, last=False)
    assert positions.take(first).give is None
    assert positions.places["me"] is None
    whole = positions.take(snapshot(6, {"calls": [2], "messages": {"b": 2}}, page=2)).give
    assert isinstance(whole, Snapshot)
    assert whole.data == {"calls": [1, 2], "messages": {"a": 1, "b": 2}, "usage": 1}
    assert positions.places["me"] == Position("e", 6)


def test_a_new_socket_goes_on_from_every_place_and_forgets_half_a_snapshot() -> None:
    positions = Positions({"me": Position("e", 4), "call:1": None})
    positions.take(snapshot(9, {"calls": [1]}, last=False))
    hello = positions.hello("tk")
    assert (hello["op"], hello["token"]) == ("hello", "tk")
    assert hello["subs"] == [
        {"topic": "me", "cursor": {"epoch": "e", "seq": 4}},
        {"topic": "call:1", "cursor": None},
    ]
    assert given(positions, event(5)) == [5]


def test_what_comes_by_two_topics_is_handed_on_once_and_both_move_on() -> None:
    positions = Positions({"me": Position("e", 4), "call:1": Position("e", 4)})
    one, other = event(5, name=77), event(5, topic="call:1", name=77)
    assert given(positions, one, other) == [5]
    assert set(positions.places.values()) == {Position("e", 5)}


def test_passing_events_move_nothing_and_known_ones_are_forgotten_in_time() -> None:
    positions = at(4)
    assert given(positions, event(None)) == [None]
    assert given(positions, event(None)) == []
    for name in range(MOST_KNOWN):
        positions.take(event(None, name=5000 + name))
    assert given(positions, event(None)) == [None]
    assert positions.places == {"me": Position("e", 4)}


def test_a_ping_is_answered_and_the_rest_needs_nothing() -> None:
    positions = at(4)
    assert positions.take(Ping()).send == ({"op": "pong"},)
    for quiet in (Ack(id="1", ok=True), Resync(topic="me"), welcome("me", filtered=False)):
        step = positions.take(quiet)
        assert (step.send, step.give) == ((), None)
