"""One call as a client of the public interfaces sees it: signs up, dials, watches, sums up.

Uses only REST, the live socket and the sandbox's own pages, so what it shows is what anybody
could see. Knows nothing of the node's insides.
"""

import base64
import io
import statistics
import time
import uuid
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
import msgspec
import numpy as np
import websockets

from media.audio import mulaw
from media.engines.moonshine import Moonshine
from media.engines.threads import Workers
from server.cli.failures import FailedError

SANDBOX_KEY = "sandbox-publishable-key"
DEMO_EMAIL = "demo@example.com"
DEMO_PASSWORD = "talking-demo"  # noqa: S105 - the sandbox's public demo account
UNLIMITED = -1  # as a limit is told
TERMINAL = {"ended", "busy", "no_answer", "failed", "canceled", "lost"}
WAV_NUMBER = "+12025550190"
CALL_SECONDS = 300.0

Print: TypeAlias = Callable[[str], None]
Json: TypeAlias = dict[str, Any]


class Wanted(msgspec.Struct, frozen=True):
    """Which call to make."""

    person: str
    caller: Path | None
    topic: str
    as_json: bool


class Client:
    """A signed-in client."""

    def __init__(self, http: aiohttp.ClientSession, node_url: str, sandbox_url: str) -> None:
        self._http = http
        self._node_url = node_url
        self.sandbox_url = sandbox_url
        self._token = ""

    async def sign_up(self) -> None:
        """A new user, so that every trial has a free call."""
        who = {"email": f"trial-{uuid.uuid4().hex[:12]}@example.com", "password": uuid.uuid4().hex}
        answer = await self.sandbox("POST", "/auth/v1/signup", who)
        self._token = answer["access_token"]

    async def sign_in_demo(self) -> uuid.UUID:
        """The sandbox's demo user; its id, once the product knows it too."""
        who = {"email": DEMO_EMAIL, "password": DEMO_PASSWORD}
        answer = await self.sandbox("POST", "/auth/v1/token?grant_type=password", who)
        self._token = answer["access_token"]
        return uuid.UUID((await self.node("GET", "/v1/me"))["id"])

    async def node(self, method: str, path: str, body: Json | None = None) -> Json:
        """A REST request of the user."""
        headers = {"Authorization": f"Bearer {self._token}"}
        return await self._request(method, f"{self._node_url}{path}", body, headers)

    async def sandbox(self, method: str, path: str, body: Json | None = None) -> Json:
        """A request to the sandbox."""
        return await self._request(
            method, f"{self.sandbox_url}{path}", body, {"apikey": SANDBOX_KEY}
        )

    async def fetch(self, path: str) -> bytes:
        """A file of the sandbox."""
        async with self._http.get(f"{self.sandbox_url}{path}") as answer:
            return await answer.read()

    async def _request(
        self, method: str, url: str, body: Json | None, headers: dict[str, str]
    ) -> Json:
        async with self._http.request(method, url, json=body, headers=headers) as answer:
            data: Json = await answer.json(content_type=None)
            if answer.status >= 400:
                said = data.get("detail") or data.get("error") or data.get("msg")
                said = said or data.get("message") or answer.reason
                raise FailedError(f"{method} {url} was refused: {said}")
            return data

    def live(self) -> websockets.connect:
        """The live socket."""
        address = f"{self._node_url.replace('http', 'ws', 1)}/live"
        return websockets.connect(
            address, subprotocols=[websockets.Subprotocol("dash.v1")], compression=None
        )


async def run(client: Client, data: Path, wanted: Wanted, show: Print) -> int:
    """Make the signed-in client's call and show it; 0 when it came to a proper end."""
    number = await _number(client, wanted)
    before = await client.node("GET", "/v1/usage")
    show(f"calling   {wanted.person if wanted.caller is None else wanted.caller.name}")
    call, phases, metrics = await _watch(client, number, wanted.topic, show)
    seen = await client.sandbox("GET", f"/world/calls/{call['twilio_call_sid']}")
    sound = await client.fetch(f"/world/calls/{call['twilio_call_sid']}/heard.wav")
    (data / "heard.wav").write_bytes(sound)
    transcript = await client.node("GET", f"/v1/calls/{call['id']}/transcript")
    report = {
        "call": call,
        "phases": phases,
        "transcript": transcript["turns"],
        "heard_text": await recognise(sound),
        "latencies": {**seen["latencies"], "turns": metrics},
        "usage_before": before["calls"],
        "usage_after": (await client.node("GET", "/v1/usage"))["calls"],
        "heard_wav": str(data / "heard.wav"),
    }
    if wanted.as_json:
        print(msgspec.json.encode(report).decode())  # noqa: T201 - the command's output
    else:
        _sum_up(report, show)
    return 1 if call["status"] in {"lost", "failed"} else 0


async def _number(client: Client, wanted: Wanted) -> str:
    if wanted.caller is not None:
        try:
            sound = wanted.caller.read_bytes()
        except OSError as error:
            raise FailedError(f"{wanted.caller} cannot be read: {error.strerror}") from None
        person = {
            "name": "wav", "number": WAV_NUMBER,
            "wav": base64.b64encode(sound).decode(),
        }  # fmt: skip
        await client.sandbox("POST", "/people", person)
        return WAV_NUMBER
    people = await client.sandbox("GET", "/people")
    numbers = {person["name"]: number for number, person in people.items()}
    if wanted.person not in numbers:
        raise FailedError(f"nobody is called {wanted.person!r}; there are {', '.join(numbers)}")
    return str(numbers[wanted.person])


async def _watch(
    client: Client, number: str, topic: str, show: Print
) -> tuple[Json, list[Json], list[Json]]:
    """Start the call over the live socket and follow it to its end."""
    ticket = (await client.node("POST", "/v1/tickets", {}))["ticket"]
    phases: list[Json] = []
    metrics: list[Json] = []
    async with client.live() as socket:
        await socket.send(msgspec.json.encode({"op": "hello", "ticket": ticket}).decode())
        args = {"topic": topic, "to": number}
        command = {"op": "cmd", "id": uuid.uuid4().hex, "name": "call.start", "args": args}
        await socket.send(msgspec.json.encode(command).decode())
        started = time.monotonic()
        async for frame in socket:
            message = msgspec.json.decode(frame)
            if message["op"] == "ping":
                await socket.send('{"op":"pong"}')
            elif message["op"] == "ack" and not message["ok"]:
                raise FailedError(f"the call was refused: {message['error']['message']}")
            elif message["op"] == "event":
                at = time.monotonic() - started
                call = _show(message, at, phases, metrics, show)
                if call is not None and call["status"] in TERMINAL:
                    return call, phases, metrics
    raise FailedError("the live socket was closed before the call ended")


def _show(
    event: Json, at: float, phases: list[Json], metrics: list[Json], show: Print
) -> Json | None:
    kind, data = event["type"], event["data"]
    if kind == "transcript.final":
        cut = "" if data["heard"] == data["text"] else "  [cut off]"
        show(f"{at:6.1f} s  {data['speaker']:<7} {data['heard']}{cut}")
    elif kind == "call.amd.result":
        who = "somebody, taken for a human" if data.get("assumed") else data.get("verdict")
        by = ", says the carrier" if data.get("by") == "carrier" else ""
        show(f"{at:6.1f} s  answered by {who or data['answered_by']}{by}")
    elif kind == "turn.metrics":
        metrics.append(data)
    elif kind.startswith("call.") and "call" in data:
        call: Json = data["call"]
        if not phases or phases[-1]["status"] != call["status"]:
            phases.append({"status": call["status"], "at": event["ts"], "seconds": round(at, 3)})
            show(f"{at:6.1f} s  {call['status']}")
        return call
    return None


def _sum_up(report: Json, show: Print) -> None:
    call, latencies = report["call"], report["latencies"]
    show("")
    show(f"ended     {call['status']} ({call['end_reason']}), {call['duration_seconds']} s")
    after = report["usage_after"]
    most = "unlimited" if after["limit"] == UNLIMITED else after["limit"]
    show(f"usage     {report['usage_before']['used']} -> {after['used']} of {most} calls")
    if latencies["verdict_to_agent_ms"] is not None:
        show(f"verdict   to first word {latencies['verdict_to_agent_ms']:.0f} ms")
    elif latencies["answered_to_agent_ms"] is not None:
        show(f"answered  to first word {latencies['answered_to_agent_ms']:.0f} ms")
    turns = latencies["turns"]
    if turns:
        parts = ("endpointing", "recognising", "thinking", "speaking", "total")
        medians = {part: statistics.median(turn[f"{part}_ms"] for turn in turns) for part in parts}
        text = ", ".join(f"{part} {value:.0f}" for part, value in medians.items())
        show(f"answers   median of {len(turns)}, ms: {text}")
    show(f"heard     {report['heard_text'] or '(nothing)'}")
    show(f"sound     {report['heard_wav']}")


async def recognise(sound: bytes) -> str:
    """The words in a WAV the person heard, by the offline recogniser."""
    with wave.open(io.BytesIO(sound)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    workers = Workers(1)
    speech_to_text = Moonshine(workers)
    try:
        await speech_to_text.warm()
        return await speech_to_text.recognise(mulaw.encode(samples))
    finally:
        await speech_to_text.close()
        workers.close()
