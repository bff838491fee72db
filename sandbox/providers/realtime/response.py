"""One response of a session: its events in their order, its sound in pieces, and its end.

Words come a little before their sound, and all of it faster than it is played, as from the service.
"""

import asyncio
import base64
import itertools
import json
from typing import TYPE_CHECKING, Any

from sandbox.providers.realtime.conversation import Item
from sandbox.providers.replies import about_result, pieces, reply, tool_call

if TYPE_CHECKING:
    from sandbox.providers.realtime.session import Session

_PIECE_BYTES = 1600  # 200 ms
_WORDS_AHEAD = 2
_numbers = itertools.count(1)


class Response:
    """`asked` is what `response.create` asks for beyond the session's settings."""

    def __init__(self, session: "Session", asked: dict[str, Any]) -> None:
        self.id = f"resp_{next(_numbers):08d}"
        self._session = session
        self._asked = asked
        self._item = Item(f"reply_{self.id}", "assistant", status="in_progress")
        self._reason = ""
        self._cancelled = asyncio.Event()

    def cancel(self, reason: str) -> None:
        """Say no more."""
        self._reason = self._reason or reason
        self._cancelled.set()

    async def begin(self) -> None:
        """It is being made."""
        await self._session.tell("response.created", response=self._body("in_progress"))

    async def run(self) -> None:
        """All of it, or until it is cancelled."""
        session = self._session
        faults = session.faults()
        if faults.is_limited:
            error = {"type": "requests", "code": "rate_limit_exceeded", "message": "Rate limit."}
            await self._done("failed", {"type": "failed", "error": error})
            return
        said = await session.said()
        await self._pause(faults.first_ms / 1000)
        last = session.conversation.items[-1].call if session.conversation.items else None
        called = tool_call(said, self._offered())
        if last is None and called is not None:
            await self._call(*called)
            return
        text = reply(said) if last is None else about_result(last.get("output", ""))
        sound = await session.speech.spoken(text)
        before = session.conversation.add(self._item)
        at = {"response_id": self.id, "output_index": 0}
        await session.tell("response.output_item.added", **at, item=self._item.body())
        await session.added(self._item, before)
        self._item.text, self._item.sound = "", b""
        at |= {"item_id": self._item.id, "content_index": 0}
        part = {"type": "audio", "transcript": ""}
        await session.tell("response.content_part.added", **at, part=part)
        await self._say(text, sound, at, faults.speed)
        await self._end(at, before)

    def _offered(self) -> dict[str, dict[str, Any]]:
        if self._asked.get("tool_choice", self._session.settings["tool_choice"]) == "none":
            return {}
        return {one["name"]: one["parameters"] for one in self._session.settings["tools"]}

    async def _call(self, name: str, arguments: dict[str, Any]) -> None:
        """A function's call, and nothing said."""
        session, item, given = self._session, self._item, json.dumps(arguments)
        item.call = {
            "type": "function_call", "call_id": f"call_{self.id}", "name": name, "arguments": "",
        }  # fmt: skip
        before = session.conversation.add(item)
        at = {"response_id": self.id, "output_index": 0}
        await session.tell("response.output_item.added", **at, item=item.body())
        await session.added(item, before)
        about = {**at, "item_id": item.id, "call_id": item.call["call_id"]}
        kind = "response.function_call_arguments"
        await session.tell(f"{kind}.delta", **about, delta=given)
        item.call["arguments"], item.status = given, "completed"
        await session.tell(f"{kind}.done", **about, name=name, arguments=given)
        await session.tell("conversation.item.done", item=item.body(), previous_item_id=before)
        await session.tell("response.output_item.done", **at, item=item.body())
        await self._done("completed", None)

    async def _say(self, text: str, sound: bytes, at: dict[str, Any], speed: float) -> None:
        session, words = self._session, pieces(text)
        count = max(1, -(-len(sound) // _PIECE_BYTES))
        given = 0
        session.has_spoken = session.has_spoken or bool(sound)
        for number in range(count):
            due = min(len(words), (number + 1) * len(words) // count + _WORDS_AHEAD)
            for word in words[given:due]:
                self._item.text = f"{self._item.text}{word}"
                await session.tell("response.output_audio_transcript.delta", **at, delta=word)
            given = max(given, due)
            piece = sound[number * _PIECE_BYTES : (number + 1) * _PIECE_BYTES]
            self._item.sound = (self._item.sound or b"") + piece
            delta = base64.b64encode(session.from_telephone(piece)).decode()
            await session.tell("response.output_audio.delta", **at, delta=delta)
            await self._pause(len(piece) / 8000 / speed)
            if self._cancelled.is_set():
                return

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._cancelled.wait()
        except TimeoutError:
            return

    async def _end(self, at: dict[str, Any], before: str | None) -> None:
        session, transcript = self._session, self._item.text
        await session.tell("response.output_audio.done", **at)
        await session.tell("response.output_audio_transcript.done", **at, transcript=transcript)
        part = {"type": "audio", "transcript": transcript}
        await session.tell("response.content_part.done", **at, part=part)
        status = "cancelled" if self._cancelled.is_set() else "completed"
        self._item.status = "incomplete" if self._cancelled.is_set() else "completed"
        body = self._item.body()
        await session.tell("conversation.item.done", item=body, previous_item_id=before)
        about = {"response_id": self.id, "output_index": 0}
        await session.tell("response.output_item.done", **about, item=body)
        reason = {"type": status, "reason": self._reason} if self._reason else None
        await self._done(status, reason)

    async def _done(self, status: str, details: dict[str, Any] | None) -> None:
        output = [] if self._item.sound is None and self._item.call is None else [self._item.body()]
        usage = {"total_tokens": 2, "input_tokens": 1, "output_tokens": 1}
        body = self._body(status) | {"status_details": details, "output": output, "usage": usage}
        await self._session.tell("response.done", response=body)
        limit = {"name": "requests", "limit": 1000, "remaining": 999, "reset_seconds": 0.06}
        await self._session.tell("rate_limits.updated", rate_limits=[limit])

    def _body(self, status: str) -> dict[str, Any]:
        return {
            "object": "realtime.response", "id": self.id, "status": status, "status_details": None,
            "output": [], "conversation_id": "conv_1", "max_output_tokens": "inf", "usage": None,
            "output_modalities": self._asked.get("output_modalities", ["audio"]),
            "metadata": self._asked.get("metadata"),
        }  # fmt: skip
