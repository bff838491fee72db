"""Listeners: framed copies of the sound, bounded queues, and how loud each side is."""

from media.audio.audio_fanout import AudioFanout, AudioListener, Cleared
from tests.support.sound import tone

FRAME = b"\x10" * 160
T = 100.0


def new_listener(fanout: AudioFanout, *, talk: bool = False) -> AudioListener:
    one = AudioListener(lambda: None, "1", talk=talk)
    fanout.add(one)
    return one


def taken(one: AudioListener) -> list[bytes | Cleared]:
    items = []
    while (item := one.take()) is not None:
        items.append(item)
    return items


def fanout() -> AudioFanout:
    one = AudioFanout()
    one.stream_began(T)
    one.stream_began(T + 99)  # a second stream does not set the clock back
    return one


def test_the_callers_sound_comes_by_sixty_milliseconds_with_its_time() -> None:
    room = fanout()
    listener = new_listener(room)
    for at in range(1, 7):
        room.caller(FRAME, T + at * 0.02)
    first, second = taken(listener)
    assert first == b"\x00" + (0).to_bytes(4, "big") + FRAME * 3
    assert second == b"\x00" + (60).to_bytes(4, "big") + FRAME * 3


def test_what_is_sent_carries_its_side_and_when_it_will_be_heard() -> None:
    room = fanout()
    listener, operator = new_listener(room), new_listener(room, talk=True)
    room.sent(FRAME, T + 1.5, T + 1.2, by_operator=False)
    room.sent(FRAME, T + 1.52, T + 1.3, by_operator=True)
    agent = b"\x01" + (1500).to_bytes(4, "big") + FRAME
    assert taken(listener) == [agent, b"\x02" + (1520).to_bytes(4, "big") + FRAME]
    assert taken(operator) == [agent]  # not their own voice


def test_a_stuck_listener_keeps_the_newest_400_ms_of_each_track() -> None:
    room = fanout()
    stuck = new_listener(room)
    for at in range(100):
        room.caller(FRAME * 3, T + at * 0.06)
        room.sent(FRAME * 5, T + at * 0.1, T, by_operator=False)
    items = [item for item in taken(stuck) if isinstance(item, bytes)]
    by_track = [sum(len(item) - 5 for item in items if item[0] == track) for track in (0, 1)]
    assert all(2400 < size <= 3200 for size in by_track)
    assert items[-1][1:5] == (9900).to_bytes(4, "big")
    assert stuck.dropped > 0


def test_a_clear_takes_the_agents_sound_that_waits_and_nobody_elses() -> None:
    room = fanout()
    listener = new_listener(room)
    for _ in range(3):
        room.sent(FRAME, T, T, by_operator=False)
        room.caller(FRAME * 3, T)
        room.cleared()
    items = taken(listener)
    assert [item[0] for item in items if isinstance(item, bytes)] == [0, 0, 0]
    assert sum(isinstance(item, Cleared) for item in items) <= 3
    assert isinstance(items[-1], Cleared)


def test_the_end_is_told_once_also_to_who_comes_after() -> None:
    room = fanout()
    before = new_listener(room)
    room.end("over")
    assert (before.ended, new_listener(room).ended, room.active) == ("over", "over", False)
    assert room.remove(before) is False


def test_levels_come_five_times_a_second_and_tell_loud_from_silent() -> None:
    room = fanout()
    room.levels_wanted = True
    loud = tone(500, 1000, 0.9)
    levels = [
        level
        for at in range(50)
        if (level := room.caller(loud[at * 160 : at * 160 + 160], T + at * 0.02)) is not None
    ]
    assert 4 <= len(levels) <= 6
    assert all(side == "caller" and 0.6 < level <= 1 for side, level in levels)
    assert room.sent(b"\xff" * 800, T, T, by_operator=False) == ("agent", 0.0)
    assert room.sent(b"\xff" * 800, T, T + 0.1, by_operator=False) is None


def test_a_listener_hears_nothing_from_before_they_came() -> None:
    room = fanout()
    gone = new_listener(room)
    room.caller(b"\x20" * 160, T + 0.02)
    room.remove(gone)
    room.caller(b"\x30" * 160, T + 0.04)
    listener = new_listener(room)
    for at in range(3, 6):
        room.caller(FRAME, T + at * 0.02)
    assert taken(listener) == [b"\x00" + (40).to_bytes(4, "big") + FRAME * 3]
