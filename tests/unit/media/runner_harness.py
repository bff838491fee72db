"""A running call in a box: the real runner, scripted engines, a carrier and a phone.

The phone plays what it is sent in real time and returns marks as the carrier does; the event log
keeps the journal and lets a test wait for what it wants to see. Nothing here sleeps.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from msgspec import to_builtins

from media.audio.two_tracks import Piece
from media.call import Call, begin, fold
from media.effects import Publish, Transfer
from media.engines.base import Engines, SpeechToSpeech
from media.engines.scripted import (
    ScriptedDetector,
    ScriptedLanguageModel,
    ScriptedSpeechToText,
    ScriptedTextToSpeech,
)
from media.events import (
    AmdVerdict,
    Answered,
    CarrierSilent,
    CarrierStatus,
    Dialled,
    DialRefused,
    DialUnknown,
    Event,
    HangUpAsked,
    Requested,
    Transferred,
    TransferRefused,
    TransferUnknown,
)
from media.phases.ending import Ended
from media.ports import Emitted
from media.runner import CallRunner
from media.settings import AmdSettings, ConversationSettings, Settings, SpeechSettings
from tests.support.patience import patience
from tests.support.script import SID, row, status

LOUD, QUIET = b"\x10" * 160, b"\xff" * 160
TALK = ConversationSettings(
    greeting="Hello there.",
    sorry_again="Sorry, again please.",
    disclosure="Hello there.",
    disclosure_words="Hello there",
    line_back="There you are.",
    line_resumed="So.",
)
QUICK = Settings(
    amd=AmdSettings(patience_seconds=0.2),
    conversation=TALK,
    speech=SpeechSettings(
        lead_ms=60, packet_ms=20, mark_every_ms=100, sentence_gap_ms=20, mark_patience_ms=500,
        short_silence_ms=310, finished_silence_ms=320, unfinished_silence_ms=400,
        longest_silence_ms=420, recognise_timeout_seconds=60, think_timeout_seconds=60,
        think_gap_seconds=60, speak_timeout_seconds=60,
    ),
)  # fmt: skip
# Where an engine that hangs is what a test is about.
IMPATIENT = msgspec.structs.replace(
    QUICK,
    speech=msgspec.structs.replace(
        QUICK.speech, recognise_timeout_seconds=0.5, think_timeout_seconds=0.5,
        think_gap_seconds=0.5, speak_timeout_seconds=0.5,
    ),
)  # fmt: skip


class EventLog:
    """Keeps what was noted, and lets a test wait for it."""

    def __init__(self) -> None:
        self.journal: list[tuple[float, Event]] = []
        self.seqs: list[int] = []
        self.emitted: list[Emitted] = []
        self.passing: list[tuple[float, Publish]] = []
        self.pieces: list[Piece] = []
        self._news = asyncio.Event()

    def append(self, seq: int, at: float, event: Event, emitted: Sequence[Emitted]) -> None:
        self.seqs.append(seq)
        self.journal.append((at, event))
        self.emitted += emitted
        self._news.set()

    def keep(self, piece: Piece) -> None:
        self.pieces.append(piece)
        self._news.set()

    def publish_ephemeral(self, at: float, news: Publish) -> None:
        self.passing.append((at, news))
        self._news.set()

    async def until(self, happened: Callable[[], bool]) -> None:
        async with patience():
            while not happened():
                self._news.clear()
                await self._news.wait()

    async def sees(self, kind: type[Event], count: int = 1) -> None:
        await self.until(lambda: sum(isinstance(e, kind) for _, e in self.journal) >= count)

    def heard(self, speaker: str) -> list[str]:
        """What the transcript says was heard of a speaker."""
        finals = [
            t for t in self.emitted if isinstance(t, Publish) and t.event.type == "transcript.final"
        ]
        return [
            str(to_builtins(final.event)["heard"])
            for final in finals
            if to_builtins(final.event)["speaker"] == speaker
        ]

    async def hears(self, text: str, speaker: str = "agent") -> None:
        await self.until(lambda: text in self.heard(speaker))

    @property
    def row(self) -> dict[str, Any]:
        return row(list(self.emitted))


class ScriptedCarrier:
    """The phone company as far as one call sees it; hanging up is confirmed by a callback."""

    def __init__(self, dial: Dialled | DialRefused | DialUnknown | Exception) -> None:
        self._dial = dial
        self.hang_ups = 0
        self.reconnected = 0
        self.transferred_to = ""
        self.transfers = asyncio.Event()
        self.transfers.set()
        self.transfer_answer: Transferred | TransferRefused | TransferUnknown = Transferred()
        self.hung_up = False
        self.refuses_to_hang_up = False
        self.release = asyncio.Event()
        self.release.set()
        self.post: Callable[[Event], None] | None = None

    async def dial(self, _call: Call) -> Dialled | DialRefused | DialUnknown:
        if isinstance(self._dial, Exception):
            raise self._dial
        return self._dial

    async def look_up(self, _call: Call) -> CarrierStatus | Dialled | CarrierSilent:
        return CarrierSilent(answered=True)

    async def reconnect(self, _call: Call) -> None:
        self.reconnected += 1

    async def transfer(
        self, _call: Call, wanted: Transfer
    ) -> Transferred | TransferRefused | TransferUnknown:
        await self.transfers.wait()
        self.transferred_to = wanted.to
        return self.transfer_answer

    async def hang_up(self, _call: Call) -> None:
        self.hang_ups += 1
        if self.refuses_to_hang_up:
            raise RuntimeError("no hanging up today")
        if self.post is not None:
            self.post(status("completed"))
        await self.release.wait()
        self.hung_up = True


class Phone:
    """The carrier's end of the socket: plays in real time, returns marks, and can speak."""

    def __init__(self, runner: CallRunner, sid: str = "MZ1") -> None:
        self.sid = sid
        self.got: list[dict[str, Any]] = []
        self.news = asyncio.Event()
        self.free = asyncio.Event()
        self.free.set()
        self._runner = runner
        self._until = 0.0
        self._pending: list[tuple[str, asyncio.TimerHandle]] = []
        self.is_replaced = False
        runner.attach(sid, self.send, self._replaced)

    def _replaced(self) -> None:
        self.is_replaced = True

    async def send(self, texts: Sequence[str]) -> None:
        for text in texts:
            await self.free.wait()
            self._take(text)

    def _take(self, text: str) -> None:
        loop, message = asyncio.get_running_loop(), json.loads(text)
        assert message["streamSid"] == self.sid
        self.got.append(message)
        self.news.set()
        match message["event"]:
            case "media":
                size = len(base64.b64decode(message["media"]["payload"]))
                self._until = max(self._until, loop.time()) + size / 8000
            case "mark":
                name = message["mark"]["name"]
                at = max(self._until, loop.time())
                self._pending.append((name, loop.call_at(at, self._runner.mark, name)))
            case "clear":
                self._until = loop.time()
                for name, timer in self._pending:
                    timer.cancel()
                    loop.call_soon(self._runner.mark, name)
                self._pending.clear()
            case other:
                raise AssertionError(other)

    def speaks(self, frames: int = 20) -> None:
        """A burst of speech and the silence after it, as a stalled network delivers it."""
        for frame in [LOUD] * frames + [QUIET] * 15:
            self._runner.frame(frame)

    async def receives(self, event: str, count: int = 1) -> None:
        async with patience():
            while sum(message["event"] == event for message in self.got) < count:
                self.news.clear()
                await self.news.wait()

    def events(self) -> list[str]:
        return [message["event"] for message in self.got]


class RunnerHarness(msgspec.Struct):
    """A running call and everything around it."""

    runner: CallRunner
    event_log: EventLog
    carrier: ScriptedCarrier
    speech_to_text: ScriptedSpeechToText
    llm: ScriptedLanguageModel
    text_to_speech: ScriptedTextToSpeech
    task: asyncio.Task[None]

    def engine(
        self, name: str
    ) -> ScriptedSpeechToText | ScriptedLanguageModel | ScriptedTextToSpeech:
        """The engine that `engine.failed` calls so."""
        if name == "recogniser":
            return self.speech_to_text
        return self.llm if name == "thinker" else self.text_to_speech

    def answer(self, verdict: bool = True) -> Phone:
        """A human picks up and sound flows."""
        self.runner.post(Answered(SID))
        phone = Phone(self.runner)
        if verdict:
            self.runner.post(AmdVerdict("human"))
        return phone

    async def over(self) -> None:
        async with patience():
            await self.task


@asynccontextmanager
async def call(
    *,
    said: Sequence[str] | Callable[[bytes], str] = (),
    replies: Sequence[str] = ("Fine.",),
    text_to_speech: ScriptedTextToSpeech | None = None,
    llm: ScriptedLanguageModel | None = None,
    carrier: ScriptedCarrier | None = None,
    settings: Settings = QUICK,
    phrases: dict[str, bytes] | None = None,
    speech_to_speech: SpeechToSpeech | None = None,
) -> AsyncIterator[RunnerHarness]:
    """One call; when the test is done with it, it must end and leave no task behind."""
    loop = asyncio.get_running_loop()
    carrier = carrier or ScriptedCarrier(Dialled(SID))
    speech_to_text, llm = ScriptedSpeechToText(said), llm or ScriptedLanguageModel(replies)
    text_to_speech = text_to_speech or ScriptedTextToSpeech(20)
    engines = Engines(
        speech_to_text, text_to_speech, llm, ScriptedDetector, speech_to_speech=speech_to_speech
    )
    requested, began = Requested("roses"), loop.time()
    first, effects = begin(settings, requested, began)
    event_log = EventLog()
    event_log.journal.append((began, requested))
    runner = CallRunner(first, engines, carrier, event_log, loop.time, phrases or {})
    carrier.post = runner.post
    async with asyncio.TaskGroup() as group:
        task = group.create_task(runner.run(effects))
        harness = RunnerHarness(
            runner, event_log, carrier, speech_to_text, llm, text_to_speech, task
        )
        await event_log.until(lambda: len(event_log.journal) > 1)
        yield harness
        if not task.done():
            runner.post(HangUpAsked("test"))
    if not task.cancelled():
        assert isinstance(runner.call.phase, Ended)
        assert fold(settings, event_log.journal) == runner.call, "the journal is the call"
        assert event_log.seqs == list(range(1, len(event_log.seqs) + 1))
    assert asyncio.all_tasks() == {asyncio.current_task()}
