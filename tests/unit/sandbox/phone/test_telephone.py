"""A browser's telephone without its page: marks, and a page that says nothing."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from sandbox.core.audio import SILENCE
from sandbox.core.clock import utc_now
from sandbox.core.line import Line
from sandbox.core.timeline import Timeline
from sandbox.people.script_runner import Handset
from sandbox.phone.telephone import Telephone

LOUD = b"\x20" * 160


class TalkingPhone:
    """A telephone in a call whose page is a list."""

    def __init__(self) -> None:
        self.telephone = Telephone("+12025550120", "a-secret-key", 1.0)
        self.told: list[dict[str, Any]] = []
        self.frames: list[bytes] = []
        self.hung_up = 0
        self.echoes: list[tuple[str, bool]] = []
        self.telephone.send = self.send

    def send(self, data: str | bytes) -> None:
        if isinstance(data, bytes):
            self.frames.append(data)
        else:
            self.told.append(json.loads(data))

    def hang_up(self) -> None:
        self.hung_up += 1

    def mark(self, name: str) -> None:
        self.telephone.when_heard(lambda played: self.echoes.append((name, played)))

    def hear(self, mulaw: bytes, times: int = 1) -> None:
        for _ in range(times):
            self.telephone.hear(mulaw)


@contextlib.asynccontextmanager
async def talking() -> AsyncIterator[TalkingPhone]:
    phone = TalkingPhone()
    handset = Handset(
        press=lambda _: None, hang_up=phone.hang_up, greeting_ends=lambda: None
    )  # fmt: skip
    line = Line(Timeline(utc_now()))
    task = asyncio.get_running_loop().create_task(phone.telephone.talk(line, handset))
    await asyncio.sleep(0)  # let it pick up
    assert line.device is phone.telephone
    yield phone
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert line.device is None


async def test_a_mark_names_the_last_frame_anybody_could_hear() -> None:
    async with talking() as phone:
        phone.hear(LOUD, 3)
        phone.hear(SILENCE, 2)
        phone.mark("a")
        assert phone.told == [{"type": "mark", "id": 1, "after": 3}]
        assert phone.echoes == []
        phone.telephone.played(1)
        assert phone.echoes == [("a", True)]


async def test_the_pages_word_for_a_mark_is_good_for_those_before_it() -> None:
    async with talking() as phone:
        for name in "abc":
            phone.mark(name)
        phone.telephone.played(2)
        assert phone.echoes == [("a", True), ("b", True)]
        phone.telephone.clear()
        assert phone.echoes[2:] == [("c", False)]
        assert phone.told[-1] == {"type": "clear"}


async def test_a_mark_waits_for_the_page_no_longer_than_a_second_of_sound() -> None:
    async with talking() as phone:
        phone.mark("a")
        phone.hear(SILENCE, 50)
        assert phone.echoes == []
        phone.hear(SILENCE)
        assert phone.echoes == [("a", True)]


async def test_without_a_page_every_mark_is_played_and_nothing_is_sent() -> None:
    async with talking() as phone:
        phone.mark("a")
        phone.telephone.page_left()
        phone.mark("b")
        phone.hear(LOUD)
        assert phone.echoes == [("a", True), ("b", True)]
        assert phone.frames == []


async def test_a_call_whose_page_says_nothing_for_its_patience_is_hung_up() -> None:
    async with talking() as phone:
        phone.hear(SILENCE, 50)
        phone.telephone.page_is_active()
        phone.hear(SILENCE, 50)
        assert phone.hung_up == 0
        phone.hear(SILENCE)
        assert phone.hung_up == 1


async def test_frames_are_numbered_from_one_in_each_call() -> None:
    async with talking() as phone:
        phone.hear(LOUD, 2)
        assert phone.frames == [b"\0\0\0\1" + LOUD, b"\0\0\0\2" + LOUD]
