"""Two people who are asked whether their call may be recorded: one says yes, one says no.

What is kept of the first is held against what was said and heard: each side on its own track, at
the times the journal tells.
"""

import asyncio
import datetime as dt
import io
import wave

import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from media.audio.mulaw import encode_float
from tests.acceptance.conftest import Command
from tests.acceptance.conversation import ears
from tests.support.client import Answer, Clients, Json, User, clients_of
from tests.support.node import World
from tests.support.people import share_heard

pytestmark = pytest.mark.timeout(300)

RATE = 8000
QUESTION = "May I record this call, so that it can be listened to again? Please say yes or no."
SAYS = "How often should I water tomatoes in a pot on a balcony?"
Samples = npt.NDArray[np.float32]


class Recorded(msgspec.Struct, frozen=True):
    """A call that is over: its row, its journal and turns, what was told, and its recording."""

    call: Json
    turns: list[Json]
    journal: list[Json]
    states: list[str]
    answer: Answer
    parts: dict[str, Answer]
    for_others: int
    for_administrators: int
    acts: list[Json]
    heard: str

    def track(self, side: int) -> Samples:
        """The caller's (0) or the agent's (1) sound."""
        with wave.open(io.BytesIO(self.answer.body)) as file:
            assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, RATE, 2)
            raw = file.readframes(file.getnframes())
        return (np.frombuffer(raw, "<i2").reshape(-1, 2)[:, side] / 32768).astype(np.float32)

    @property
    def began(self) -> dt.datetime:
        """When the recording did."""
        return dt.datetime.fromisoformat(header(self.answer, "X-Recording-Began"))

    def place(self, at: str) -> float:
        """A time of the journal, in seconds from the recording's beginning."""
        return (dt.datetime.fromisoformat(at) - self.began).total_seconds()


def header(answer: Answer, name: str) -> str:
    return next(value for known, value in answer.headers.items() if known.lower() == name.lower())


def person(name: str, number: str, answer: str) -> Json:
    wait = {"wait_for_agent": True}
    said = ["Hello?", answer, SAYS, "Thank you for calling. Goodbye!"]
    steps = [step for words in said for step in ({"say": words}, wait)]
    return {
        "name": name, "number": number, "rings_seconds": 0.5,
        "steps": [{"after_ms": 600}, *steps, {"hang_up": True}],
    }  # fmt: skip


@pytest.fixture(scope="module")
def evening(world: World, demos: dict[str, Command]) -> tuple[Recorded, Recorded]:
    """Who said yes, and who said no, while the demo runs."""
    return asyncio.run(_evening(world))


async def _evening(world: World) -> tuple[Recorded, Recorded]:
    async with clients_of(world) as clients:
        yes, no = await asyncio.gather(
            _call(clients, person("agrees", "+12025550171", "Yes, that is fine.")),
            _call(clients, person("declines", "+12025550172", "No, please do not record me.")),
        )
    return yes, no


async def _call(clients: Clients, who: Json) -> Recorded:
    user, other = await clients.sign_up(), await clients.sign_up()
    number = await clients.sandbox.add(who)
    async with user.live() as dashboard:
        ack = await dashboard.command("call.start", topic="growing tomatoes", to=number)
        call_id = ack["data"]["call"]["id"]
        await dashboard.until_status(call_id, "talking")
        asked = await dashboard.command("call.recording_start", call=call_id)
        assert asked["ok"], asked
        again = await user.ask("POST", f"/v1/calls/{call_id}/recording/start", {})
        assert (again.status, again.body["code"]) == (409, "wrong_state")
        await dashboard.until_over(call_id)
        told = [one["data"]["call"]["recording"] for one in dashboard.events("call.recording")]
    return await _gather(clients, user, other, call_id, told)


async def _parts(user: User, path: str, whole: Answer) -> dict[str, Answer]:
    """The answers to some ranges, by their names."""
    tag = "" if whole.status != 200 else header(whole, "ETag")
    asked = {
        "middle": {"Range": "bytes=100000-163999"},
        "end": {"Range": "bytes=-1000"},
        "all": {"Range": "bytes=0-"},
        "past the end": {"Range": "bytes=100000-999999999"},
        "beyond": {"Range": "bytes=999999999-"},
        "nothing": {"Range": "bytes=-0"},
        "two": {"Range": "bytes=0-1,5-6"},
        "backwards": {"Range": "bytes=2-1"},
        "of the same": {"Range": "bytes=0-99", "If-Range": tag},
        "of another": {"Range": "bytes=0-99", "If-Range": '"1"'},
        "weakly of the same": {"Range": "bytes=0-99", "If-Range": f"W/{tag}"},
        "of a time": {"Range": "bytes=0-99", "If-Range": "Wed, 21 Oct 2026 07:28:00 GMT"},
    }
    return {name: await user.ask("GET", path, headers=one) for name, one in asked.items()}


async def _gather(
    clients: Clients, user: User, other: User, call_id: str, states: list[str]
) -> Recorded:
    path = f"/v1/calls/{call_id}/recording"
    answer = await user.ask("GET", path)
    refused = (await other.ask("GET", path)).status
    rights = {"app_metadata": {"role": "admin"}}
    await clients.sandbox.send("PUT", f"/world/users/{other.id}", rights)
    looked = (await (await clients.sign_in(other)).ask("GET", path)).status
    recorded = Recorded(
        call=await user.get(f"/v1/calls/{call_id}"),
        turns=(await user.get(f"/v1/calls/{call_id}/transcript"))["turns"],
        journal=(await user.get(f"/v1/calls/{call_id}/journal"))["events"],
        states=states,
        answer=answer,
        parts=await _parts(user, path, answer),
        for_others=refused,
        for_administrators=looked,
        acts=(await user.get("/v1/me/audit"))["acts"],
        heard="",
    )
    if answer.status == 200:
        async with ears() as listener:
            words = [
                await listener.recognise(encode_float(line)) for line in _lines(recorded.track(1))
            ]
        recorded = msgspec.structs.replace(recorded, heard=" ".join(words))
    return recorded


def _lines(track: Samples) -> list[Samples]:
    """The stretches of a track between silences of half a second."""
    loud = [
        float(abs(track[at : at + 800]).max(initial=0)) > 0.02 for at in range(0, len(track), 800)
    ]
    lines: list[Samples] = []
    first, last = None, 0
    for place, is_loud in enumerate([*loud, *[False] * 6]):
        if is_loud:
            first, last = place if first is None else first, place
        elif first is not None and place - last > 5:
            lines.append(track[max(0, first - 1) * 800 : (last + 2) * 800])
            first = None
    return lines


def loudness(track: Samples, began: float, ended: float) -> float:
    """Of a stretch, in seconds: the root of the mean square."""
    part = track[max(0, round(began * RATE)) : max(0, round(ended * RATE))]
    return float(np.sqrt(np.mean(part**2))) if len(part) else 0.0


def spans(call: Recorded, began: str, ended: str, key: str) -> list[tuple[float, float]]:
    """From one event to another about the same, as the journal has them, within the recording."""
    found: list[tuple[float, float]] = []
    open_: dict[int, float] = {}
    for line in call.journal:
        event, at = line["event"], call.place(line["at"])
        if event["type"] == began:
            open_.setdefault(event[key], at)
        elif event["type"] == ended and event.get(key) in open_:
            found.append((open_.pop(event[key]), at))
    return [(first, last) for first, last in found if first > 0.5]


def test_a_yes_is_asked_for_told_and_kept(evening: tuple[Recorded, Recorded]) -> None:
    yes, _ = evening
    assert QUESTION in [turn["heard"] for turn in yes.turns]
    assert yes.states == ["asking", "on", "stopped"]
    assert yes.call["recording"] == "stopped"
    assert yes.answer.status == 200
    assert header(yes.answer, "Content-Type") == "audio/wav"


def test_both_voices_are_there_each_on_its_side_at_its_time(
    evening: tuple[Recorded, Recorded],
) -> None:
    yes, _ = evening
    caller, agent = yes.track(0), yes.track(1)
    theirs = spans(yes, "speech_began", "speech_paused", "utterance")
    ours = spans(yes, "sound_began", "spoken", "turn")
    assert theirs
    assert ours
    for began, ended in theirs:
        assert loudness(caller, began, ended - 0.2) > 0.01, (began, ended)
        assert loudness(agent, began + 0.4, ended - 0.4) < 0.002, (began, ended)
    for began, ended in ours:
        assert loudness(agent, began, ended) > 0.01, (began, ended)
        assert loudness(caller, began + 0.4, ended - 0.4) < 0.005, (began, ended)


def test_the_agents_track_holds_the_words_that_were_heard(
    evening: tuple[Recorded, Recorded],
) -> None:
    yes, _ = evening
    asked = next(at for at, turn in enumerate(yes.turns) if turn["heard"] == QUESTION)
    said = [turn["heard"] for turn in yes.turns[asked + 1 :] if turn["speaker"] == "agent"]
    assert share_heard(" ".join(said), yes.heard) > 0.8
    assert "record this call" not in yes.heard.lower(), "what was before the yes is not kept"


@pytest.mark.parametrize(
    ("name", "first", "end"),
    [("middle", 100_000, 164_000), ("end", -1000, None), ("all", 0, None),
     ("past the end", 100_000, None), ("of the same", 0, 100)],
)  # fmt: skip
def test_a_browser_gets_the_part_it_asks_for(
    evening: tuple[Recorded, Recorded], name: str, first: int, end: int | None
) -> None:
    yes, _ = evening
    whole, part = yes.answer.body, yes.parts[name]
    assert part.status == 206
    assert part.body == whole[first:end]
    first, end, _ = slice(first, end).indices(len(whole))
    assert header(part, "Content-Range") == f"bytes {first}-{end - 1}/{len(whole)}"
    assert header(part, "Content-Length") == str(end - first)


def test_a_part_that_is_not_there_is_refused_with_how_long_the_file_is(
    evening: tuple[Recorded, Recorded],
) -> None:
    yes, _ = evening
    for name in ("beyond", "nothing"):
        refused = yes.parts[name]
        assert (refused.status, refused.body["code"]) == (416, "bad_range")
        assert header(refused, "Content-Range") == f"bytes */{len(yes.answer.body)}"


def test_any_other_range_is_the_whole(evening: tuple[Recorded, Recorded]) -> None:
    yes, _ = evening
    for name in ("two", "backwards", "of another", "weakly of the same", "of a time"):
        assert yes.parts[name].status == 200, name
        assert yes.parts[name].body == yes.answer.body, name
        assert "content-range" not in {one.lower() for one in yes.parts[name].headers}


def test_nobody_else_hears_it_but_administrators_whose_look_is_written_down(
    evening: tuple[Recorded, Recorded],
) -> None:
    yes, _ = evening
    assert (yes.for_others, yes.for_administrators) == (404, 200)
    done = {(act["action"], act["subject"]) for act in yes.acts}
    of_call = f"call:{yes.call['id']}"
    assert {("call.recording_start", of_call), ("consent.given", of_call)} <= done
    assert ("admin.read", f"calls {yes.call['id']}") in done


def test_after_a_no_nothing_is_kept(evening: tuple[Recorded, Recorded]) -> None:
    _, no = evening
    assert no.states == ["asking", "declined"]
    assert no.call["recording"] == "declined"
    assert (no.answer.status, no.answer.body["code"]) == (404, "not_found")
    assert any("nothing is recorded" in turn["heard"] for turn in no.turns)
