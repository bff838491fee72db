"""One Realtime session: events in and out, turn detection, replies in sound faster than life.

It hears and speaks with the stand-ins' ears and voice, off its loop; what it answers is their
script. Sound that is not telephone sound is turned into it at the border.
"""

import asyncio
import base64
import itertools
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import numpy as np

from sandbox.core.audio import decode_mulaw, encode_mulaw, resample
from sandbox.core.clock import utc_now
from sandbox.core.faults import RealtimeFaults
from sandbox.providers.realtime.conversation import Conversation, Item
from sandbox.providers.realtime.errors import RefusedError
from sandbox.providers.realtime.response import Response
from sandbox.providers.realtime.settings import new_settings, silence_ms, updated
from sandbox.providers.realtime.turn_detection import TurnDetection
from sandbox.providers.speech import Speech, floats

Event: TypeAlias = dict[str, Any]
Send: TypeAlias = Callable[[Event], Awaitable[None]]

_RATE, _PCM_RATE = 8000, 24_000
_LEAST_MS = 100  # of sound that is committed
_MOST_BASE64 = 15 * 1024 * 1024
_numbers = itertools.count(1)


class Session:
    """Lives as long as its socket; `group` runs what takes time."""

    def __init__(
        self,
        model: str,
        speech: Speech,
        send: Send,
        faults: Callable[[], RealtimeFaults],
        group: asyncio.TaskGroup,
    ) -> None:
        self.id = f"sess_{next(_numbers):08d}"
        self.seconds = faults().session_seconds
        expires_at = int(utc_now().timestamp()) + self.seconds
        self.settings = new_settings(model, self.id, expires_at)
        self.conversation = Conversation()
        self.speech = speech
        self.faults = faults
        self.has_spoken = False
        self.is_open = True
        self._send = send
        self._group = group
        self._buffer = bytearray()
        self._buffer_start_ms = 0
        self._detection = TurnDetection()
        self._speech_item = ""
        self._response: Response | None = None
        self._understanding: dict[str, asyncio.Task[None]] = {}
        self._handlers: dict[str, Callable[[Event], Awaitable[None]]] = {
            "session.update": self._update,
            "input_audio_buffer.append": self._append,
            "input_audio_buffer.commit": self._commit_asked,
            "input_audio_buffer.clear": self._clear,
            "conversation.item.create": self._create,
            "conversation.item.retrieve": self._retrieve,
            "conversation.item.truncate": self._truncate,
            "conversation.item.delete": self._delete,
            "response.create": self._respond_asked,
            "response.cancel": self._cancel,
        }

    # Events

    async def tell(self, kind: str, **fields: Any) -> None:
        """One event."""
        await self._send({"type": kind, "event_id": new_id("event"), **fields})

    async def created(self) -> None:
        """The first one."""
        await self.tell("session.created", session=self.settings)

    async def take(self, event: Any) -> None:
        """One event of the client's."""
        kind = event.get("type") if isinstance(event, dict) else None
        event_id = event.get("event_id") if isinstance(event, dict) else None
        try:
            handler = self._handlers.get(kind) if isinstance(kind, str) else None
            if handler is None:
                raise RefusedError("invalid_value", f"Invalid value: '{kind}'.", "type")
            await handler(event)
        except RefusedError as error:
            await self.tell("error", error=error.body(event_id))

    async def _update(self, event: Event) -> None:
        self.settings = updated(self.settings, event.get("session"), has_spoken=self.has_spoken)
        await self.tell("session.updated", session=self.settings)

    # What is heard

    async def _append(self, event: Event) -> None:
        audio = event.get("audio")
        if not isinstance(audio, str) or len(audio) > _MOST_BASE64:
            raise RefusedError("invalid_value", "Invalid 'audio'.", "audio")
        try:
            data = base64.b64decode(audio, validate=True)
        except ValueError:
            raise RefusedError("invalid_value", "Invalid base64 audio.", "audio") from None
        mulaw = self._to_telephone(data)
        self._buffer += mulaw
        detection = self.settings["audio"]["input"]["turn_detection"]
        if detection is None:
            return
        for edge, at_ms in self._detection.push(mulaw, silence_ms(detection)):
            if edge == "started":
                await self._started(at_ms, detection)
            else:
                await self._stopped(at_ms, detection)

    async def _started(self, at_ms: int, detection: Event) -> None:
        self._speech_item = new_id("item")
        start_ms = max(0, at_ms - int(detection.get("prefix_padding_ms", 300)))
        del self._buffer[: max(0, start_ms - self._buffer_start_ms) * 8]
        self._buffer_start_ms = max(self._buffer_start_ms, start_ms)
        await self.tell(
            "input_audio_buffer.speech_started", audio_start_ms=start_ms, item_id=self._speech_item
        )
        if detection.get("interrupt_response", True) and self._response is not None:
            self._response.cancel("turn_detected")

    async def _stopped(self, at_ms: int, detection: Event) -> None:
        item_id, self._speech_item = self._speech_item, ""
        await self.tell("input_audio_buffer.speech_stopped", audio_end_ms=at_ms, item_id=item_id)
        await self._commit(item_id)
        if detection.get("create_response", True):
            await self._respond({})

    async def _commit_asked(self, _event: Event) -> None:
        if len(self._buffer) < _LEAST_MS * 8:
            raise RefusedError(
                "input_audio_buffer_commit_empty",
                f"Error committing input audio buffer: buffer too small. Expected at least"
                f" {_LEAST_MS}ms of audio, but buffer only has {len(self._buffer) / 8:.2f}ms.",
            )
        await self._commit(self._speech_item or new_id("item"))

    async def _commit(self, item_id: str) -> None:
        item = Item(item_id, "user", sound=bytes(self._buffer))
        self._forget()
        before = self.conversation.add(item)
        await self.tell("input_audio_buffer.committed", item_id=item_id, previous_item_id=before)
        await self.added(item, before)
        await self.tell("conversation.item.done", item=item.body(), previous_item_id=before)
        self._understanding[item_id] = self._group.create_task(self._understand(item))

    async def _understand(self, item: Item) -> None:
        """What it says; told where the client wants it, by a model beside the one that answers."""
        item.words = await self.speech.understood(item.sound or b"")
        if self.settings["audio"]["input"]["transcription"] is None:
            return
        item.text = item.words
        at = {"item_id": item.id, "content_index": 0}
        kind = "conversation.item.input_audio_transcription"
        if item.words:
            await self.tell(f"{kind}.delta", **at, delta=item.words)
        usage = {"type": "duration", "seconds": item.audio_ms / 1000}
        await self.tell(f"{kind}.completed", **at, transcript=item.words, usage=usage)

    async def _clear(self, _event: Event) -> None:
        self._forget()
        await self.tell("input_audio_buffer.cleared")

    def _forget(self) -> None:
        self._buffer_start_ms += len(self._buffer) // 8
        self._buffer.clear()

    # Items

    async def added(self, item: Item, before: str | None) -> None:
        """An item is in the conversation."""
        await self.tell("conversation.item.added", item=item.body(), previous_item_id=before)

    async def _create(self, event: Event) -> None:
        after = event.get("previous_item_id")
        item, before = self.conversation.create(event.get("item"), after, new_id("item"))
        await self.added(item, before)
        await self.tell("conversation.item.done", item=item.body(), previous_item_id=before)

    async def _retrieve(self, event: Event) -> None:
        item = self.conversation.found(event.get("item_id"))
        await self.tell("conversation.item.retrieved", item=item.body())

    async def _truncate(self, event: Event) -> None:
        at = {key: event.get(key) for key in ("item_id", "content_index", "audio_end_ms")}
        self.conversation.truncate(**at)
        await self.tell("conversation.item.truncated", **at)

    async def _delete(self, event: Event) -> None:
        self.conversation.delete(event.get("item_id"))
        await self.tell("conversation.item.deleted", item_id=event["item_id"])

    # Replies

    async def _respond_asked(self, event: Event) -> None:
        if self._response is not None:
            raise RefusedError(
                "conversation_already_has_active_response",
                f"Conversation already has an active response in progress: {self._response.id}.",
            )
        await self._respond(event.get("response") or {})

    async def _respond(self, asked: Event) -> None:
        if self._response is not None:  # turn detection does not interrupt it
            return
        response = self._response = Response(self, asked)
        await response.begin()
        self._group.create_task(self._responding(response))

    async def _responding(self, response: Response) -> None:
        try:
            await response.run()
        finally:
            self._response = None

    async def _cancel(self, event: Event) -> None:
        response, wanted = self._response, event.get("response_id")
        if response is None or wanted not in {None, response.id}:
            raise RefusedError(
                "response_cancel_not_active", "Cancellation failed: no active response found"
            )
        response.cancel("client_cancelled")

    async def said(self) -> list[str]:
        """All that the person said, in order, once what they spoke is understood."""
        waited = [
            self._understanding[item.id]
            for item in self.conversation.items
            if item.id in self._understanding
        ]
        await asyncio.gather(*waited)
        return [
            item.words or item.text or "" for item in self.conversation.items if item.role == "user"
        ]

    # Sound

    def _to_telephone(self, data: bytes) -> bytes:
        if self.settings["audio"]["input"]["format"]["type"] == "audio/pcmu":
            return data
        samples = np.frombuffer(data[: len(data) & ~1], "<i2").astype(np.int16)
        return encode_mulaw(resample(floats(samples), _PCM_RATE, _RATE)) if samples.size else b""

    def from_telephone(self, mulaw: bytes) -> bytes:
        """In the session's output format."""
        if self.settings["audio"]["output"]["format"]["type"] == "audio/pcmu":
            return mulaw
        return resample(floats(decode_mulaw(mulaw)), _RATE, _PCM_RATE).astype("<i2").tobytes()


def new_id(kind: str) -> str:
    """An id of its own."""
    return f"{kind}_{next(_numbers):012d}"
