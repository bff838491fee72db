"""Realtime sessions over the vendor's wire, and its maker's own client on our stand-in of it."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import openai
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from media.audio.mulaw import FRAME_BYTES
from media.dialogue import Prompt, Turn
from media.engines.base import EngineError, SpeechSession, Spoken
from media.providers.openai.realtime import OpenAIRealtime
from media.providers.openai.settings import OpenAISettings
from sandbox.core.faults import RealtimeFaults, VendorFault
from tests.integration.media.providers.conftest import KEY, Vendors

ASKED = "I would like to talk about my garden."
CALLER = Turn("caller", ASKED, ASKED)
PROMPT = Prompt("gardens", (CALLER,))
TELEPHONE = {"format": {"type": "audio/pcmu"}}


def engine(vendors: Vendors, **settings: Any) -> OpenAIRealtime:
    return OpenAIRealtime(OpenAISettings(KEY, f"{vendors.at('openai')}/v1", **settings), "en")


@asynccontextmanager
async def running(vendors: Vendors, **settings: Any) -> AsyncIterator[SpeechSession]:
    session = engine(vendors, **settings).open()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(_until_over(session))
        yield session
        task.cancel()


async def _until_over(session: SpeechSession) -> None:
    try:
        await session.run(Prompt("gardens", ()))
    except EngineError:
        return


async def replied(session: SpeechSession, prompt: Prompt = PROMPT) -> tuple[str, bytes]:
    pieces = [piece async for piece in session.reply(prompt) if isinstance(piece, Spoken)]
    text = "".join(piece.text for piece in pieces)
    return text.strip(), b"".join(piece.mulaw for piece in pieces)


def hear(session: SpeechSession, sound: bytes) -> None:
    session.begin()
    for at in range(0, len(sound), FRAME_BYTES):
        session.hear(sound[at : at + FRAME_BYTES])


async def test_it_hears_and_speaks(vendors: Vendors) -> None:
    async with running(vendors) as session:
        hear(session, vendors.speech.sound(ASKED))
        text, sound = await replied(session)
        assert session.is_open
    assert text.endswith("?")
    assert vendors.speech.words(sound) == text


async def test_who_is_not_wanted_any_more_stops_and_answers_the_next(vendors: Vendors) -> None:
    async with running(vendors) as session:
        hear(session, vendors.speech.sound(ASKED))
        first = session.reply(PROMPT)
        assert isinstance(await anext(first), Spoken)
        await first.aclose()  # type: ignore[attr-defined]
        text, sound = await replied(session)
    assert vendors.speech.words(sound) == text


@pytest.mark.parametrize(
    "fault",
    [VendorFault("refuse", status=429), VendorFault("close"), VendorFault("garbage"),
     VendorFault("hang"), VendorFault("close", after_messages=9),
     VendorFault("hang", after_messages=9), VendorFault("garbage", after_messages=9)],
    ids=lambda fault: f"{fault.kind} {fault.after_messages}",
)  # fmt: skip
async def test_what_goes_wrong_is_told_whoever_asks(vendors: Vendors, fault: VendorFault) -> None:
    vendors.fail("realtime", fault)
    async with running(vendors, realtime_first_seconds=0.5) as session:
        hear(session, vendors.speech.sound(ASKED))
        with pytest.raises(EngineError):
            await replied(session)
        assert session.is_over
        with pytest.raises(EngineError):
            await replied(session)


async def test_a_response_that_the_rate_limit_forbids_has_failed(vendors: Vendors) -> None:
    vendors.faults = msgspec.structs.replace(
        vendors.faults, realtime=RealtimeFaults(is_limited=True)
    )
    async with running(vendors) as session:
        with pytest.raises(EngineError, match="rate_limit_exceeded"):
            await replied(session)


async def test_a_reply_that_is_refused_when_nobody_waits_any_more_holds_up_no_other() -> None:
    asked, done = asyncio.Event(), {"type": "response.done", "response": {"id": "r"}}
    done["response"]["status"] = "completed"  # type: ignore[index]

    async def service(connection: ServerConnection) -> None:
        refused: str | None = None
        async for text in connection:
            event = msgspec.json.decode(text)
            answers: list[dict[str, Any]] = []
            if event["type"] == "session.update":
                answers = [{"type": "session.updated"}]
            elif event["type"] == "response.create" and refused is None:
                refused = event["event_id"]
                asked.set()
            elif event["type"] == "response.cancel":
                answers = [{"type": "error", "error": {"code": "busy", "event_id": refused}}]
            elif event["type"] == "response.create":
                answers = [
                    {"type": "response.created", "response": {"id": "r"}},
                    {"type": "response.output_text.delta", "response_id": "r", "delta": "Yes."},
                    done,
                ]  # fmt: skip
            for answer in answers:
                await connection.send(msgspec.json.encode(answer).decode())

    async with serve(service, "127.0.0.1", 0) as server, asyncio.TaskGroup() as group:
        port = next(iter(server.sockets)).getsockname()[1]
        settings = OpenAISettings(KEY, f"http://127.0.0.1:{port}/v1", realtime_first_seconds=2.0)
        session = OpenAIRealtime(settings, "en").open()
        work = group.create_task(_until_over(session))
        first = group.create_task(replied(session))
        await asked.wait()
        first.cancel()
        assert await replied(session) == ("Yes.", b"")
        work.cancel()


async def test_it_ends_when_the_service_says_so(vendors: Vendors) -> None:
    vendors.faults = msgspec.structs.replace(
        vendors.faults, realtime=RealtimeFaults(session_seconds=1)
    )
    session = engine(vendors).open()
    await session.run(PROMPT)  # which is no failure
    assert session.is_over
    assert session.expires_at is not None


async def test_settings_that_are_refused_are_told(vendors: Vendors) -> None:
    bad = OpenAISettings(KEY, f"{vendors.at('openai')}/v1", realtime_model="")
    with pytest.raises(EngineError, match="refused with HTTP 400"):
        await OpenAIRealtime(bad, "en").open().run(PROMPT)


def client(vendors: Vendors) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(api_key="a-key", base_url=f"{vendors.at('openai')}/v1")


async def test_its_makers_client_has_a_turn_detected_and_interrupts(vendors: Vendors) -> None:
    speech = vendors.speech
    async with client(vendors) as made, made.realtime.connect(model="gpt-realtime-2.1") as there:
        assert (await there.recv()).type == "session.created"
        audio: Any = {"input": {**TELEPHONE, "transcription": {"model": "gpt-transcribe"}},
                      "output": TELEPHONE}  # fmt: skip
        await there.session.update(session={"type": "realtime", "audio": audio})
        assert (await there.recv()).type == "session.updated"
        sound = speech.sound(ASKED) + b"\xff" * 8000
        await there.input_audio_buffer.append(audio=base64.b64encode(sound).decode())
        seen: list[str] = []
        heard, item_id = b"", ""
        while not seen or seen[-1] != "response.done":
            event: Any = await there.recv()
            if event.type == "response.output_audio.delta":
                heard, item_id = heard + base64.b64decode(event.delta), event.item_id
            if event.type.endswith("transcription.completed"):
                assert event.transcript == ASKED
            seen.append(event.type)
        assert len(speech.words(heard).split()) > 3
        first = [kind for kind in dict.fromkeys(seen) if "transcription" not in kind]
        assert first[:6] == [
            "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed", "conversation.item.added", "conversation.item.done",
            "response.created",
        ]  # fmt: skip
        await there.conversation.item.truncate(item_id=item_id, content_index=0, audio_end_ms=600)
        await there.conversation.item.retrieve(item_id=item_id)
        await there.response.cancel(event_id="mine")
        told: dict[str, Any] = {}
        while "error" not in told:
            event = await there.recv()
            told[event.type] = event
    assert told["conversation.item.truncated"].audio_end_ms == 600
    assert told["conversation.item.retrieved"].item.content[0].transcript is None
    error = told["error"].error
    assert (error.code, error.event_id) == ("response_cancel_not_active", "mine")


async def test_its_makers_client_is_refused_and_closed(vendors: Vendors) -> None:
    async with client(vendors) as made:
        vendors.fail("realtime", VendorFault("refuse", status=429))
        with pytest.raises(InvalidStatus):
            async with made.realtime.connect(model="gpt-realtime-2.1"):
                pass
        vendors.fail("realtime", VendorFault("close", after_messages=1))
        async with made.realtime.connect(model="gpt-realtime-2.1") as there:
            await there.recv()
            await there.response.create()
            with pytest.raises(ConnectionClosedError, match="1011"):
                await there.recv()
