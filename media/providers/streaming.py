"""Speech to text by a service that listens all the time: its stream, and whole utterances by it.

What is the same with every such vendor: sound goes out in packets, words come back with times of
the stream, and a message asks for what is still missing. A vendor's `Dialect` says what its
messages are and mean, purely. It knows nothing of calls.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import msgspec
from websockets.asyncio.client import ClientConnection

from media.audio.mulaw import SAMPLE_RATE, SILENCE
from media.consumption import consumed, consumed_sound
from media.engines.base import EngineError, SpeechStream, Understood
from media.providers.sockets import Address, first_of, opened, received, say

_PACKET_BYTES = SAMPLE_RATE * 60 // 1000  # no vendor takes less than 50 ms, none wants over 1 s
_MOST_PACKET_BYTES = SAMPLE_RATE // 2
_SHARE = 0.3  # of an utterance's length, in which a service reads it when it comes all at once
_BEFORE_SECONDS = 0.05  # words that end so shortly after an utterance's start are of the one before


class Words(msgspec.Struct, frozen=True):
    """What a message tells: words that end `until` seconds of sound after the stream's start.

    Unless they are `settled` they take the place of those before that were not. `answers` is true
    of what a request to finish has made the vendor say. `language` is that of most of them.
    """

    text: str = ""
    until: float | None = None
    settled: bool = False
    answers: bool = False
    complete: float | None = None
    language: str = ""


Message: TypeAlias = bytes | str | dict[str, Any]


class Dialect(Protocol):
    """How one vendor talks; the state of one connection."""

    name: str  # of the service, under which its sound is counted
    is_by_time: bool  # paid for as long as the connection is open, not for the sound
    idle_seconds: float  # so long nothing may be sent before `idle` is
    patience_seconds: float  # so long an answer to `finish` is waited for; some never come

    def sound(self, mulaw: bytes) -> Message:
        """The message that carries it."""

    def idle(self) -> Message:
        """What keeps the connection open, or more sound."""

    def finish(self) -> Message:
        """What asks for the words of all sound that was sent."""

    def read(self, message: Any) -> Sequence[Words]:
        """What a message of the vendor's means. Raises EngineError when it tells of a failure."""


class VendorStream:
    """SpeechStream over one websocket, opened when it is run."""

    def __init__(self, address: Address, dialect: Dialect) -> None:
        self._address = address
        self._dialect = dialect
        self._unsent = bytearray()
        self._fed_bytes = 0  # since the stream's start
        self._padding_bytes = 0  # of the utterance: silence that was never fed
        self._begun_bytes = 0
        self._settled: list[str] = []
        self._settled_bytes = 0
        self._pending = Words()  # not settled yet
        self._complete: float | None = None
        self._languages: Counter[str] = Counter()  # words of each, of those that are settled
        self._is_finishing = False
        self._to_send = asyncio.Event()
        self._answered = asyncio.Event()
        self._failure: EngineError | None = None
        self._counted_at = 0.0

    def begin(self) -> None:
        """What is fed from now on is another utterance."""
        self._begun_bytes, self._settled_bytes, self._padding_bytes = self._fed_bytes, 0, 0
        self._settled.clear()
        self._languages.clear()
        self._pending, self._complete = Words(), None

    def feed(self, mulaw: bytes) -> None:
        """More of the utterance: kept until a packet is full."""
        self._unsent += mulaw
        self._fed_bytes += len(mulaw)
        if len(self._unsent) >= _PACKET_BYTES:
            self._to_send.set()

    @property
    def understood(self) -> Understood:
        """Of the utterance, so far."""
        settled = " ".join(self._settled)
        languages = self._languages + _told(self._pending)
        language = max(languages, key=languages.__getitem__, default="")
        pending = self._pending.text
        return Understood(settled, self._settled_bytes, pending, self._complete, language)

    async def finish(self) -> Understood:
        """Words of all that was fed. Where the vendor owes an answer, those it gave are taken.

        Raises EngineError when the connection failed.
        """
        return await self.finished(self._dialect.patience_seconds)

    async def finished(self, patience_seconds: float) -> Understood:
        """The same, with another patience."""
        self._answered.clear()
        self._is_finishing = True
        self._to_send.set()
        if self._failure is None:
            try:
                async with asyncio.timeout(patience_seconds):
                    await self._answered.wait()
            except TimeoutError:
                if not (self._settled or self._pending.text):
                    raise EngineError("no words came in time") from None
        if self._failure is not None:
            raise self._failure
        return self.understood

    async def run(self) -> None:
        """Carry sound and words until cancelled, or until the connection is gone."""
        try:
            connection = await opened(self._address)
            self._counted_at = asyncio.get_running_loop().time()
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._send(connection))
                    await self._read(connection)
            finally:
                self._count()
                await connection.close()
        except* Exception as failures:  # noqa: BLE001 - whoever finishes is told, whatever it is
            self._fail(first_of(failures))

    def _fail(self, failure: EngineError) -> None:
        self._failure = failure
        self._answered.set()

    async def _send(self, connection: ClientConnection) -> None:
        while True:
            try:
                async with asyncio.timeout(self._dialect.idle_seconds):
                    await self._to_send.wait()
            except TimeoutError:
                await self._idle(connection)
                continue
            self._to_send.clear()
            while self._unsent:
                packet = bytes(self._unsent[:_MOST_PACKET_BYTES])
                del self._unsent[:_MOST_PACKET_BYTES]
                packet = self._padded(packet)
                self._count(packet)
                await say(connection, self._dialect.sound(packet))
            if self._is_finishing:
                self._is_finishing = False
                await say(connection, self._dialect.finish())

    async def _idle(self, connection: ClientConnection) -> None:
        message = self._dialect.idle()
        if isinstance(message, bytes):  # sound that was never fed
            self._fed_bytes += len(message)
            self._padding_bytes += len(message)
        self._count(message if isinstance(message, bytes) else b"")
        await say(connection, message)

    def _count(self, mulaw: bytes = b"") -> None:
        """What is paid for since it was counted last."""
        if not self._dialect.is_by_time:
            consumed_sound(self._dialect.name, len(mulaw))
            return
        ms = int((asyncio.get_running_loop().time() - self._counted_at) * 1000)
        self._counted_at += ms / 1000
        consumed(self._dialect.name, ms)

    def _padded(self, packet: bytes) -> bytes:
        missing = max(0, _PACKET_BYTES - len(packet))
        self._fed_bytes += missing
        self._padding_bytes += missing
        return packet + bytes([SILENCE]) * missing

    async def _read(self, connection: ClientConnection) -> None:
        while True:
            for words in self._dialect.read(await received(connection)):
                self._take(words)

    def _take(self, words: Words) -> None:
        until = self._fed_bytes if words.until is None else int(words.until * SAMPLE_RATE)
        if until > self._begun_bytes + _BEFORE_SECONDS * SAMPLE_RATE:
            if words.complete is not None:
                self._complete = words.complete
            if words.settled:
                self._pending = Words()
                if words.text:
                    self._settled.append(words.text)
                    self._languages += _told(words)
                    covered = min(until, self._fed_bytes) - self._begun_bytes
                    self._settled_bytes = max(0, covered - self._padding_bytes)
            else:
                self._pending = words
        if words.answers:
            self._answered.set()


def _told(words: Words) -> Counter[str]:
    """How many words of which language, where it was told."""
    return Counter({words.language: len(words.text.split())} if words.language else {})


class VendorSpeechToText:
    """StreamingSpeechToText by a vendor's stream; a whole utterance is sent as fast as it goes."""

    def __init__(self, address: Address, new_dialect: Callable[[], Dialect]) -> None:
        self._address = address
        self._new_dialect = new_dialect

    def open(self) -> SpeechStream:
        """A stream of its own for each side of a call."""
        return VendorStream(self._address, self._new_dialect())

    async def recognise(self, mulaw: bytes) -> Understood:
        """Words of one utterance by a connection of its own. Raises EngineError."""
        stream = VendorStream(self._address, self._new_dialect())
        stream.feed(mulaw)
        patience = self._address.open_seconds + _SHARE * len(mulaw) / SAMPLE_RATE
        try:
            async with asyncio.TaskGroup() as group:
                running = group.create_task(stream.run())
                understood = await stream.finished(patience)
                running.cancel()
        except* EngineError as failures:
            failure = first_of(failures)
        else:
            return understood
        raise failure

    async def glimpse(self, mulaw: bytes) -> str | None:
        """Nothing: what a stream has understood is shown as it is."""
        del mulaw
        return None

    async def close(self) -> None:
        """Each stream closes with its call."""
