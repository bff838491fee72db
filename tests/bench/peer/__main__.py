"""Pipecat under the same phones as the `detector` part, and our own node beside it.

`python -m tests.bench.peer PYTHON`, where PYTHON has pipecat installed; it is no dependency:

    python -m venv PEER
    PEER/bin/pip install "pipecat-ai[websocket,silero]==1.14.0" uvicorn==0.54.0 \
        uvloop==0.23.0
    python -m tests.bench.peer PEER/bin/python

Both run Silero over recorded speech at 40 % talk, on the same core, one after the other. Pipecat
only says back what it hears; the node takes turns, keeps its journal and paces what it says.
"""

import argparse
import asyncio
import os
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import aiohttp
import msgspec
import uvloop

from tests.bench import load
from tests.bench.machine import NODE_CORE, OTHER_CORE, describe, say, table, usage
from tests.bench.phone import FRAME_SECONDS, Phone, Window, payloads
from tests.support.processes import free_port

_ECHO = Path(__file__).with_name("pipecat_echo.py")
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.1
_SETTLE_SECONDS = 8.0  # until everybody has begun to talk
_FRAME_CHARS = 216  # 20 ms of sound as the wire has it
_HEADS = (
    "calls", "cpu ms per call-s", "core %", "core wait %", "RSS MiB", "talk %", "said back %",
    "times speech began",
)  # fmt: skip


class _Sound(msgspec.Struct, frozen=True):
    payload: str


class _Message(msgspec.Struct, frozen=True):
    media: _Sound | None = None


_decoder = msgspec.json.Decoder(_Message)


class Talker(Phone):
    """A phone that waits for no answer: of an echo there is no end."""

    frames_back = 0.0

    def received(self, text: bytes) -> None:
        """Its own words, and its own silence."""
        message = _decoder.decode(text)
        if message.media is not None:
            self.frames_back += len(message.media.payload) / _FRAME_CHARS

    def _take_turns(self, now: float) -> None:  # noqa: ARG002
        has_begun = self._frames * FRAME_SECONDS >= self._pause_seconds
        frames = self._frames - self._first_loud_frame
        if has_begun and not self._talk_left and self._loud_frames <= self._talk_share * frames:
            self._talk_left = len(self._talk)


async def _measure(python: Path, calls: int, seconds: float) -> None:
    """One window of calls that all talk."""
    kind, port, window = await load.detector(), free_port(), Window()
    talk = payloads(kind.said)
    async with _server(python, port) as pid, aiohttp.ClientSession() as http:
        phones = [_phone(port, talk, kind.talk_share, number, window) for number in range(calls)]
        loop = asyncio.get_running_loop()
        for phone in phones:
            await loop.create_connection(partial(_itself, phone), "127.0.0.1", port)
        await asyncio.sleep(_SETTLE_SECONDS)
        window = Window()
        for phone in phones:
            phone.window = window
            phone.frames_back = 0
        heard, before, began_at = await _heard(http, port), usage(pid), time.perf_counter()
        await asyncio.sleep(seconds)  # the window
        after, took = usage(pid), time.perf_counter() - began_at
        heard = await _heard(http, port) - heard
        back = sum(phone.frames_back for phone in phones)
        for phone in phones:
            phone.hang_up()
    cpu_ms = (after.cpu_seconds - before.cpu_seconds) / took * 1000
    say(f"pipecat's echo with its own Silero: {took:.0f} s, lost {window.lost}")
    row = [str(calls), f"{cpu_ms / calls:.2f}", f"{cpu_ms / 10:.0f}"]
    row += [f"{(after.waited_seconds - before.waited_seconds) / took * 100:.0f}"]
    row += [f"{after.rss_mib:.0f}", f"{window.talk_share * 100:.0f}"]
    row += [f"{back / max(1, window.frames) * 100:.0f}", str(heard)]
    table([_HEADS, row])
    say("said back: of what was said to it; well below 100 it did not keep up.")


def _itself(phone: Talker) -> Talker:
    return phone


def _phone(port: int, talk: Sequence[str], share: float, number: int, window: Window) -> Talker:
    url, sid = f"ws://127.0.0.1:{port}/media", f"CA{secrets.token_hex(16)}"
    return Talker(url, "", sid, "", talk, 5.0 * (number * 0.618034 % 1), window, share)


async def _heard(http: aiohttp.ClientSession, port: int) -> int:
    async with http.get(f"http://127.0.0.1:{port}/heard") as answer:
        return int((await answer.json())["began"])


@asynccontextmanager
async def _server(python: Path, port: int) -> AsyncIterator[int]:
    """The peer's process id, once it answers; on the core that our node has otherwise."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = await asyncio.create_subprocess_exec(python, _ECHO, str(port), env=env)
    os.sched_setaffinity(process.pid, {NODE_CORE})
    try:
        async with asyncio.timeout(_START_SECONDS), aiohttp.ClientSession() as http:
            while process.returncode is None:
                try:
                    await _heard(http, port)
                    break
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(_POLL_SECONDS)  # polls a condition with a deadline
        if process.returncode is not None:
            raise RuntimeError("the peer did not start")
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(_STOP_SECONDS):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


def main() -> int:
    """The peer first, then the node."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.peer", description=__doc__, formatter_class=formatter
    )
    parser.add_argument("python", type=Path, metavar="PYTHON", help="of pipecat's environment")
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0)
    chosen = parser.parse_args()
    os.sched_setaffinity(0, {OTHER_CORE})
    say(f"machine   {describe()}")
    with (
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        tempfile.TemporaryDirectory(prefix="talking-bench-") as data,
    ):
        runner.run(_measure(chosen.python, chosen.calls, chosen.seconds))
        say()
        kind = runner.run(load.detector())
        runner.run(load.ladder(Path(data), [chosen.calls], chosen.seconds, kind))
    return 0


if __name__ == "__main__":
    sys.exit(main())
