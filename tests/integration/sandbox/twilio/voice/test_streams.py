"""Media streams and people: what a product's socket sees, and what the person hears."""

import asyncio
import base64
import time
from pathlib import Path
from typing import Any

import numpy as np

from sandbox.core.audio import rms, write_wav
from tests.integration.sandbox.world import PERSON, SDK_WARNINGS, Stream, loud, twilio, world

pytestmark = SDK_WARNINGS
STAY = [{"after_ms": 60_000}]
SLOW_MS = 10_000  # later than a busy machine is, and long before 20 s of sound are over


def events(call: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [entry for entry in call["timeline"] if entry["event"] == name]


def samples(wav: bytes) -> np.ndarray[Any, np.dtype[np.int16]]:
    return np.frombuffer(wav[44:], "<i2")


async def test_a_stream_opens_signed_and_keeps_a_frame_every_20_ms(tmp_path: Path) -> None:
    arrivals: list[float] = []
    opened: list[dict[str, Any]] = []
    media: list[dict[str, Any]] = []

    async def watch(stream: Stream) -> None:
        for _ in range(102):
            message = await stream.receive()
            assert message is not None
            if message["event"] == "media":
                arrivals.append(time.monotonic())
                media.append(message)
            else:
                opened.append(message)

    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = watch
        await w.add_person(steps=STAY)
        placed_at = time.monotonic()
        sid = await w.place(client)
        await w.over(sid)
        assert w.product.handshake_signed is True
    connected, start = opened
    assert connected == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    stream_sid = start["streamSid"]
    assert stream_sid.startswith("MZ")
    assert start["sequenceNumber"] == "1"
    assert start["start"] == {
        "accountSid": "AC" + "0" * 32,
        "streamSid": stream_sid,
        "callSid": sid,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": "t-1"},
    }
    assert [message["sequenceNumber"] for message in media] == [str(n) for n in range(2, 102)]
    assert [message["media"]["chunk"] for message in media] == [str(n) for n in range(1, 101)]
    assert [message["media"]["timestamp"] for message in media] == [str(n * 20) for n in range(100)]
    assert {len(base64.b64decode(message["media"]["payload"])) for message in media} == {160}
    # An absolute clock: whatever single frames do, a hundred of them take two seconds.
    assert arrivals[-1] - placed_at >= 1.85


async def test_marks_come_back_when_the_sound_before_them_was_played(tmp_path: Path) -> None:
    echoes: list[tuple[str, float]] = []

    async def play(stream: Stream) -> None:
        stream.sid = (await stream.until("start"))["streamSid"]
        began = time.monotonic()
        await stream.mark("at once")
        await stream.play(loud(400))
        await stream.mark("first")
        await stream.play(loud(200))
        await stream.mark("second")
        for _ in range(3):
            name = (await stream.until("mark"))["mark"]["name"]
            echoes.append((name, time.monotonic() - began))

    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = play
        await w.add_person(steps=STAY)
        sid = await w.place(client)
        call = await w.over(sid)
        heard = samples(await w.get(f"/world/calls/{sid}/heard.wav"))
    assert [name for name, _ in echoes] == ["at once", "first", "second"]
    at_once, first, second = (seconds for _, seconds in echoes)
    assert at_once < first
    assert first >= 0.36  # played in real time, not at once
    assert second >= first + 0.1
    assert np.count_nonzero(np.abs(heard) > 1000) > 0.6 * 8000 * 0.8
    (spoke,) = events(call, "agent_speech_started")
    assert spoke["at_ms"] >= events(call, "stream_started")[0]["at_ms"]


async def test_clear_returns_pending_marks_in_order_at_once_and_the_rest_is_not_heard(
    tmp_path: Path,
) -> None:
    echoes: list[str] = []

    async def barge_in(stream: Stream) -> None:
        stream.sid = (await stream.until("start"))["streamSid"]
        for name in ("a", "b", "c"):
            await stream.play(loud(5000))
            await stream.mark(name)
        for _ in range(25):
            await stream.until("media")
        await stream.send("clear")
        echoes.extend([(await stream.until("mark"))["mark"]["name"] for _ in range(3)])

    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = barge_in
        await w.add_person(steps=STAY)
        sid = await w.place(client)
        call = await w.over(sid)
        heard = samples(await w.get(f"/world/calls/{sid}/heard.wav"))
    assert echoes == ["a", "b", "c"]
    (clear,) = events(call, "clear")
    assert 13_000 < clear["fields"]["dropped_ms"] < 15_000
    assert np.count_nonzero(np.abs(heard) > 1000) < 8000 * 1.5


async def test_a_wrong_message_is_dropped_and_reported_once_per_kind(tmp_path: Path) -> None:
    async def misbehave(stream: Stream) -> None:
        stream.sid = (await stream.until("start"))["streamSid"]
        await stream.socket.send_bytes(b"\xff" * 160)
        await stream.socket.send_bytes(b"\xff" * 160)
        await stream.send("media", media={"payload": "AAAA", "track": "outbound"})
        await stream.send("clear", reason="because")
        await stream.send("shout")
        await stream.socket.send_json({"event": "clear", "streamSid": "MZ0"})
        await stream.socket.send_str("no json")
        await stream.mark("still here")
        assert (await stream.until("mark"))["mark"]["name"] == "still here"

    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = misbehave
        await w.add_person(steps=STAY)
        call = await w.over(await w.place(client))
    assert [alert["fields"]["code"] for alert in call["alerts"]] == [31950, 31951]
    assert events(call, "clear") == []


async def test_a_person_who_hangs_up_stops_the_stream_and_ends_the_call(tmp_path: Path) -> None:
    seen: list[dict[str, Any]] = []
    closed: list[int | None] = []

    async def listen(stream: Stream) -> None:
        await stream.drain()
        seen.extend(stream.messages)
        closed.append(stream.socket.close_code)

    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = listen
        await w.add_person(steps=[{"after_ms": 300}, {"press": "4#"}, {"hang_up": True}])
        sid = await w.place(client)
        call = await w.over(sid)
    stop = seen[-1]
    assert stop["event"] == "stop"
    assert stop["stop"] == {"accountSid": "AC" + "0" * 32, "callSid": sid}
    assert closed == [1000]
    keys = [message["dtmf"] for message in seen if message["event"] == "dtmf"]
    assert keys == [
        {"track": "inbound_track", "digit": "4"},
        {"track": "inbound_track", "digit": "#"},
    ]
    assert call["status"] == "completed"


async def close_soon(stream: Stream) -> None:
    await stream.until("media")


async def test_when_the_product_closes_the_stream_the_action_says_what_follows(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = w.product.stream_twiml.replace(
            "<Connect>", '<Connect action="/after">'
        ).replace("<Stream ", f'<Stream statusCallback="{w.product.origin}/stream" ')
        w.product.documents["/after"] = "<Response><Hangup/></Response>"
        w.product.media = close_soon
        await w.add_person(steps=STAY)
        await w.over(await w.place(client))
        assert len(w.product.got("/after")) == 1
        told = await w.product.wait_for("/stream", 2)
        assert [params["StreamEvent"] for params in told] == ["stream-started", "stream-stopped"]
        assert told[0]["StreamName"] == told[0]["StreamSid"]
        assert told[0]["Timestamp"].endswith("Z")
        assert w.product.unsigned == []


async def test_new_twiml_by_rest_ends_the_running_stream(tmp_path: Path) -> None:
    flowing = asyncio.Event()
    last: list[str] = []

    async def listen(stream: Stream) -> None:
        await stream.until("media")
        flowing.set()
        await stream.drain()
        last.append(stream.messages[-1]["event"])

    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = listen
        await w.add_person(steps=STAY)
        sid = await w.place(client)
        await flowing.wait()
        await client.calls(sid).update_async(twiml="<Response><Hangup/></Response>")
        call = await w.over(sid)
    assert last == ["stop"]
    assert call["status"] == "completed"


async def test_a_stop_can_go_missing_and_a_link_can_break(tmp_path: Path) -> None:
    last: list[str] = []
    codes: list[int | None] = []

    async def listen(stream: Stream) -> None:
        await stream.drain()
        last.append(stream.messages[-1]["event"])
        codes.append(stream.socket.close_code)

    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = listen
        await w.add_person(steps=[{"after_ms": 300}, {"hang_up": True}])
        await w.set_faults(drop_stop=True)
        await w.over(await w.place(client))
        await w.set_faults(reset_stream_after_ms=100)
        call = await w.over(await w.place(client))
    assert last == ["media", "media"]
    assert codes == [1000, 1006]
    assert call["alerts"][0]["fields"]["code"] == 31903


async def test_a_stream_that_cannot_be_connected_is_an_alert_and_the_next_verb_runs(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        twiml = w.product.stream_twiml
        await w.add_person(steps=STAY)
        for replaced, by, code in (
            ("/media", "/elsewhere", 31920),
            ("/media", "/media?token=1", 31920),
            ("ws://", "http://", 31922),
        ):
            w.product.documents["/voice"] = twiml.replace(replaced, by)
            call = await w.over(await w.place(client))
            assert [alert["fields"]["code"] for alert in call["alerts"]] == [code]


async def test_a_recorded_caller_speaks_a_line_each_time_the_agent_stops(tmp_path: Path) -> None:
    async def talk(stream: Stream) -> None:
        stream.sid = (await stream.until("start"))["streamSid"]
        await stream.play(loud(400))
        quiet = 0
        while (message := await stream.receive()) is not None:
            if message["event"] != "media":
                continue
            spoke = base64.b64decode(message["media"]["payload"]) != b"\xff" * 160
            if spoke:
                quiet = -1
            elif quiet < 0:  # the person's line has just ended: answer 100 ms later
                quiet = 5
            elif quiet > 0:
                quiet -= 1
                if quiet == 0:
                    await stream.play(loud(300))

    line = loud(500) + b"\xff" * 8000 + loud(300)
    wav = base64.b64encode(write_wav(line)).decode()
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = talk
        await w.add_person(wav=wav)
        sid = await w.place(client)
        call = await w.over(sid)
        said = samples(await w.get(f"/world/calls/{sid}/said.wav"))
        heard = samples(await w.get(f"/world/calls/{sid}/heard.wav"))
    turns = [
        (entry["event"], entry["at_ms"]) for entry in call["timeline"] if "speech" in entry["event"]
    ]
    names = [name.removesuffix("_started") for name, _ in turns if name.endswith("_started")]
    assert names == ["agent_speech", "person_speech"] * 2 + ["agent_speech"]
    stops = [at for name, at in turns if name == "agent_speech_stopped"]
    starts = [at for name, at in turns if name == "person_speech_started"]
    for stop, start in zip(stops, starts, strict=False):
        assert 950 <= start - stop < SLOW_MS
    reactions = call["latencies"]["reactions"]
    assert reactions[0]["after_person_stopped_ms"] is None
    assert all(0 < reaction["after_person_stopped_ms"] < SLOW_MS for reaction in reactions[1:])
    assert len(said) == len(heard)


async def test_an_interrupter_speaks_over_the_agent_and_the_clear_is_timed(tmp_path: Path) -> None:
    async def talk(stream: Stream) -> None:
        stream.sid = (await stream.until("start"))["streamSid"]
        await stream.play(loud(20_000))
        while rms(base64.b64decode((await stream.until("media"))["media"]["payload"])) < 500:
            pass
        await stream.send("clear")
        await stream.drain()

    steps = [
        {"interrupt_after_ms": 500},
        {"say": "Sorry, can I stop you there?"},
        {"hang_up": True},
    ]
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = talk
        await w.add_person(steps=steps)
        call = await w.over(await w.place(client))
    (agent,) = events(call, "agent_speech_started")
    (person,) = events(call, "person_speech_started")
    assert 450 < person["at_ms"] - agent["at_ms"] < SLOW_MS
    (clear_ms,) = call["latencies"]["clears_after_person_started_ms"]
    assert 0 <= clear_ms < SLOW_MS
    (stopped,) = events(call, "agent_speech_stopped")
    assert stopped["at_ms"] - person["at_ms"] < SLOW_MS


async def test_a_wav_we_cannot_play_is_refused_with_the_reason(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        wav = write_wav(loud(500))
        hertz_44100 = wav[:24] + (44_100).to_bytes(4, "little") + wav[28:]
        for wrong, reason in (
            (base64.b64encode(hertz_44100).decode(), "44100"),
            (base64.b64encode(b"not a wav").decode(), "not a PCM WAV"),
            ("%%%", "base64"),
            (base64.b64encode(write_wav(b"\xff" * 8000)).decode(), "no speech"),
        ):
            person = {"name": "x", "number": PERSON, "wav": wrong}
            async with w.http.post(f"{w.base_url}/people", json=person) as response:
                assert response.status == 400
                assert reason in (await response.json())["error"]
