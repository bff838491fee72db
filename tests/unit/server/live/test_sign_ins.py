"""Ends of what is open: by any ended session of the person, once, and never a program's."""

import uuid

from server.live import sign_ins
from server.live.sign_ins import REMEMBERED_SECONDS, SignIns

ADA, BOB = uuid.uuid4(), uuid.uuid4()


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_whatever_the_person_has_open_in_a_session_ends_and_nobody_elses() -> None:
    open_here, ended = SignIns(Time()), list[str]()
    for user, session, name in (
        (ADA, "1", "a"),
        (ADA, "2", "b"),
        (ADA, None, "c"),
        (BOB, "3", "d"),
    ):
        open_here.hold(user, session, lambda name=name: ended.append(name))  # type: ignore[misc]
    assert open_here.end(ADA, "1")
    assert sorted(ended) == ["a", "b"]


def test_what_was_let_go_is_not_ended_and_letting_go_twice_is_harmless() -> None:
    open_here, ended = SignIns(Time()), list[str]()
    release = open_here.hold(ADA, "1", lambda: ended.append("a"))
    release()
    release()
    assert open_here.end(ADA, "1")
    assert ended == []


def test_a_dead_token_that_is_shown_again_disturbs_nobody() -> None:
    time, ended = Time(), list[str]()
    open_here = SignIns(time)
    open_here.hold(ADA, "2", lambda: ended.append("a"))
    assert open_here.end(ADA, "1")
    assert not any(open_here.end(ADA, "1") for _ in range(1000))
    assert ended == ["a"]
    time.now += REMEMBERED_SECONDS
    assert open_here.end(ADA, "1")


def test_an_ended_session_is_known_for_longer_than_its_tickets_last_and_memory_is_bounded() -> None:
    time = Time()
    open_here = SignIns(time)
    assert not open_here.has_ended(None)
    for number in range(sign_ins._MOST_REMEMBERED + 10):
        assert open_here.end(ADA, str(number))
    time.now += 30.0
    assert open_here.has_ended("0")
    assert len(open_here._ended) == sign_ins._MOST_REMEMBERED
    time.now += 31.0
    assert not open_here.has_ended("0")
    assert open_here.end(ADA, "more")
    assert len(open_here._ended) == 1
