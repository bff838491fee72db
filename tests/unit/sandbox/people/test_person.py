"""Who can pick up the phone, and how scripts are read."""

import base64
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sandbox.core.audio import beep, write_wav
from sandbox.people.person import (
    BadPersonError,
    Beep,
    HangUp,
    Pause,
    PersonSpec,
    Play,
    Say,
    WaitForAgent,
    read_people,
    read_person,
)
from sandbox.phone.exchange import BLOCK

PROMISED = {
    "talker", "busy", "no-answer", "voicemail", "voicemail-no-beep", "silent", "screener", "ivr",
    "interrupter", "hangs-up", "slow-carrier", "texter", "opts-out", "unreachable", "slow-texter",
    "mailbox-gap", "fax", "speakerphone", "call-screening", "recorded-menu", "recorded-mailbox",
    "street", "television", "german",
}  # fmt: skip


def person(**fields: Any) -> PersonSpec:
    return msgspec.convert({"name": "x", "number": "+12025550155", **fields}, PersonSpec)


def test_everybody_promised_is_there_on_a_fictional_number() -> None:
    people = read_people()
    assert {someone.spec.name for someone in people.values()} == PROMISED
    assert all(number.startswith("+120255501") for number in people)
    assert people["+12025550100"].spec.name == "talker"
    assert not people.keys() & set(BLOCK), "phones in a browser have these"


def test_a_script_is_read_step_by_step() -> None:
    steps = [
        {"after_ms": 0},
        {"say": "Hi"},
        {"wait_for_agent": True, "quiet_ms": 900},
        {"wait_for_agent": True},
    ]
    assert read_person(person(steps=steps)).script == (
        Pause(0),
        Say("Hi"),
        WaitForAgent(900, 15_000),
        WaitForAgent(1000, 15_000),
    )


@pytest.mark.parametrize(
    "step",
    [
        {},
        {"quiet_ms": 900},
        {"say": "a", "after_ms": 1},
        {"say": "a", "quiet_ms": 900},
        {"say": "a", "hertz": 2100},
        {"prompt": ["vm-intro"]},
        {"or_say": "a"},
        {"wav": "no-such.wav"},
        {"wav": "../people.py"},
    ],
)
def test_a_step_that_is_not_one_action_is_refused(step: dict[str, Any]) -> None:
    with pytest.raises(BadPersonError):
        read_person(person(steps=[step]))


@pytest.mark.parametrize(
    "fields",
    [
        {"number": "12"},
        {"steps": [{"sing": "la"}]},
        {"pitch": 3},
        {"answers": "perhaps"},
        {"steps": [{"prompt": ["../../secret"], "or_say": "a"}]},
        {"line": {"codec": "opus"}},
        {"line": {"echo_db": 3}},
        {"line": {"echo_db": -20, "echo_delay_ms": 5}},
        {"line": {"loss": 0.9}},
        {"line": {"eccho_db": -20}},
        {"texts": {"delivery": "perhaps"}},
        {"texts": {"replies": [{"say": ["Hi", ""]}]}},
        {"texts": {"replies": [{"say": [], "media": ["https://a.example/b.png"]}]}},
    ],
)
def test_a_person_that_cannot_be_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        person(**fields)


def test_a_recording_is_spoken_line_by_line_or_whole() -> None:
    mulaw = beep(400) + b"\xff" * 8000 + beep(300)
    wav = base64.b64encode(write_wav(mulaw)).decode()
    lines = read_person(person(wav=wav)).script
    assert [type(step) for step in lines] == [
        WaitForAgent, Play, WaitForAgent, Play, WaitForAgent, HangUp,
    ]  # fmt: skip
    whole = read_person(person(wav=wav, whole=True)).script
    assert [type(step) for step in whole] == [Play, WaitForAgent, HangUp]
    assert whole[0] == Play(mulaw)


def test_a_prompt_is_a_recording_where_it_is_installed_and_words_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.people.person.PROMPTS", tmp_path)
    step = {"prompt": ["hello", "digits/7"], "or_say": "Hello, seven."}
    (tmp_path / "hello.wav").write_bytes(write_wav(beep(100)))
    assert read_person(person(steps=[step])).script == (Say("Hello, seven."),)
    (tmp_path / "digits").mkdir()
    (tmp_path / "digits" / "7.wav").write_bytes(write_wav(beep(60)))
    assert read_person(person(steps=[step])).script == (Play(beep(100) + beep(60)),)


def test_a_tone_has_a_pitch() -> None:
    step = {"beep_ms": 3000, "hertz": 2100}
    assert read_person(person(steps=[step])).script == (Beep(3000, 2100.0),)


def test_steps_and_a_recording_exclude_each_other() -> None:
    with pytest.raises(BadPersonError, match="either"):
        read_person(person(wav="AAAA", steps=[{"hang_up": True}]))


def test_a_reply_by_text_is_one_text_or_a_burst_or_a_picture_or_silence() -> None:
    says: list[Any] = ["Hi", ["Hi", "there"], []]
    written = [{"say": say} for say in says] + [{"say": "", "media": ["https://a.example/b.png"]}]
    texts = person(texts={"replies": written}).texts
    assert [reply.texts for reply in texts.replies] == [["Hi"], ["Hi", "there"], [], [""]]


def test_everybody_answers_as_their_name_promises() -> None:
    texts = {someone.spec.name: someone.spec.texts for someone in read_people().values()}
    assert [len(reply.texts) for reply in texts["texter"].replies] == [2, 1, 1, 1]
    assert texts["opts-out"].replies[0].texts == ["STOP"]
    assert (texts["unreachable"].delivery, texts["unreachable"].error_code) == (
        "undelivered",
        30003,
    )
    assert texts["slow-texter"].replies[0].after_ms == 3000
    assert len(texts["talker"].replies) == 3
    assert texts["busy"].arrives
    assert texts["busy"].replies == []
