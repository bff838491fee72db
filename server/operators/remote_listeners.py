"""Listeners at other nodes of a call that runs here: sound to them, and an operator's voice back.

Who listens joins by a request and repeats it every second; one that falls silent is gone. Sound
goes over the bus as it comes, numbered, so that what is late or doubled is told from what is new.
What was lost on the way stays lost. Knows no sockets.
"""

import asyncio
import struct
import uuid
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from media.audio.audio_fanout import AudioListener, Cleared
from server.calls.deps import CallDeps
from server.calls.registry import LiveCall

JOIN = "calls.join_audio"
JOINED, ELSEWHERE = "joined", "elsewhere"
KEEP_SECONDS = 1.0
EXPIRY_SECONDS = 5.0
MOST_LISTENERS = 8
MOST_REMEMBERED = 1000

OUT = struct.Struct(">IQB")  # lease epoch, number, kind
IN = struct.Struct(">Q")  # number; nothing after it: they left
SOUND, CLEARED, ENDED = range(3)

_Forget: TypeAlias = Callable[[str, str], None]
Refused: TypeAlias = Literal["forbidden", "too_many"]


class Join(msgspec.Struct, frozen=True):
    """Somebody with this name wants to hear a call, or to speak in this takeover of it."""

    name: str
    call_id: uuid.UUID
    takeover: int | None
    user_id: uuid.UUID | None = None


def out_subject(name: str) -> str:
    """Where their sound is told."""
    return f"calls.audio_out.{name}"


def in_subject(name: str) -> str:
    """Where an operator's voice is told, and that they left."""
    return f"calls.audio_in.{name}"


def refused(live: LiveCall, takeover: int | None) -> Refused | None:
    """Why nobody more may join, or not for this takeover."""
    operators = live.runner.operators
    if takeover is not None and not operators.is_talkable(live.runner.call, takeover):
        return "forbidden"
    return "too_many" if len(operators.listeners()) >= MOST_LISTENERS else None


_decode_join = msgspec.json.Decoder(Join).decode


class RemoteListeners:
    """All of them, by name."""

    def __init__(self, deps: CallDeps) -> None:
        self._deps = deps
        self._here: dict[str, _Remote] = {}
        self._ended: OrderedDict[str, str] = OrderedDict()  # a late request brings nobody back

    async def join(self, body: bytes) -> bytes:
        """Answer whoever joins or stays: "joined", "elsewhere", why they are refused, or how their
        listening ended."""
        asked = _decode_join(body)
        known = self._here.get(asked.name)
        if known is not None:
            known.keep()
            return JOINED.encode()
        if asked.name in self._ended:
            return self._ended[asked.name].encode()
        live = self._deps.live.get(asked.call_id)
        if live is None:
            return ELSEWHERE.encode()
        why = refused(live, asked.takeover)
        if why is not None:
            return why.encode()
        self._here[asked.name] = _Remote(self._deps, live, asked, self._forget)
        return JOINED.encode()

    def _forget(self, name: str, why: str) -> None:
        self._here.pop(name, None)
        if why not in {"moved", "silent"}:
            self._ended[name] = why
            if len(self._ended) > MOST_REMEMBERED:
                self._ended.popitem(last=False)


class _Remote:
    """One of them."""

    def __init__(self, deps: CallDeps, live: LiveCall, asked: Join, forget: _Forget) -> None:
        self._bus = deps.bus
        self._live = live
        self._name = asked.name
        self._forget = forget
        self._number = int(deps.clock() * 1000)  # above those of an earlier time here
        self._heard = -1
        self._stop = deps.bus.follow(in_subject(asked.name), self._take)
        self._listener = AudioListener(
            self._pass_on,
            asked.name[:12],
            talk=asked.takeover is not None,
            whose=asked.user_id,
        )
        self._expiry = asyncio.get_running_loop().call_later(EXPIRY_SECONDS, self._leave, "silent")
        live.runner.operators.listen(self._listener)

    def keep(self) -> None:
        """They are still there."""
        self._expiry.cancel()
        self._expiry = asyncio.get_running_loop().call_later(EXPIRY_SECONDS, self._leave, "silent")

    def _pass_on(self) -> None:
        listener = self._listener
        while (item := listener.take()) is not None:
            if isinstance(item, Cleared):
                self._tell(CLEARED, b"")
            else:
                self._tell(SOUND, item)
        if listener.ended is not None:
            self._tell(ENDED, listener.ended.encode())
            self._end(listener.ended)

    def _tell(self, kind: int, body: bytes) -> None:
        self._number += 1
        head = OUT.pack(self._live.lease_epoch, self._number, kind)
        self._bus.tell(out_subject(self._name), head + body)

    def _take(self, body: bytes) -> None:
        (number,) = IN.unpack_from(body)
        if number <= self._heard:
            return
        self._heard = number
        if len(body) == IN.size:
            self._leave("left")
        else:
            self._live.runner.operators.talk(self._listener, body[IN.size :])

    def _leave(self, why: str) -> None:
        self._live.runner.operators.unlisten(self._listener)
        self._end(why)

    def _end(self, why: str) -> None:
        self._expiry.cancel()
        self._stop()
        self._forget(self._name, why)
