"""The phone company as a test plays it: signed webhooks and media streams made by hand.

The real sandbox places the call and lets it ring; here somebody picks up in its name, so a test
can say and sign anything. Signatures are the carrier's own library's.
"""

import base64
import re
from collections.abc import Mapping
from typing import Any

import msgspec
from multidict import CIMultiDict
from twilio.request_validator import RequestValidator
from websockets.asyncio.client import connect

from tests.support.client import Answer, Clients, Json, User
from tests.support.people import human

SILENCE = b"\xff" * 160
STREAM = "MZ" + "0" * 32


class RingingCall(msgspec.Struct, frozen=True):
    """A call that rings at the sandbox and is answered by nobody but the test."""

    user: User
    id: str
    sid: str

    async def now(self) -> Json:
        """The call as it stands."""
        call: Json = await self.user.get(f"/v1/calls/{self.id}")
        return call

    async def hang_up(self) -> Answer:
        """Let it end."""
        return await self.user.ask("POST", f"/v1/calls/{self.id}/hangup", {})


class Carrier:
    """Signs what it sends with the world's own token."""

    def __init__(self, clients: Clients) -> None:
        self.clients = clients
        self.world = clients.world
        self._validator = RequestValidator(self.world.auth_token)

    async def ringing_call(self) -> RingingCall:
        """A new user's call to somebody who never picks up."""
        user = await self.clients.sign_up()
        number = await self.clients.sandbox.add(human(answers="no-answer"))
        async with user.live() as dashboard:
            ack = await dashboard.command("call.start", topic="signatures", to=number)
            call = await dashboard.until_status(ack["data"]["call"]["id"], "ringing")
        return RingingCall(user, call["id"], call["twilio_call_sid"])

    def sign(self, path: str, fields: Mapping[str, str]) -> str:
        """The signature of a webhook."""
        return str(self._validator.compute_signature(self.world.url + path, dict(fields)))

    async def post(
        self, path: str, fields: Mapping[str, str], signatures: list[str] | None = None
    ) -> Answer:
        """A webhook, well signed unless told otherwise."""
        signed = [self.sign(path, fields)] if signatures is None else signatures
        headers = CIMultiDict([("X-Twilio-Signature", each) for each in signed])
        url = self.world.url + path
        async with self.clients.http.post(url, data=dict(fields), headers=headers) as answer:
            return Answer(answer.status, await answer.read(), dict(answer.headers))

    async def answers(self, call: RingingCall) -> str:
        """Somebody picks up: the one-use token the product hands out for the sound."""
        path = f"/webhooks/twilio/voice/{call.id}"
        reply = await self.post(path, {"CallSid": call.sid, "CallStatus": "in-progress"})
        assert reply.status == 200, reply
        found = re.search(rb'name="token" value="([^"]+)"', reply.body)
        assert found is not None, reply
        return found[1].decode()

    async def verdict(self, call: RingingCall, answered_by: str = "human") -> Answer:
        """What machine detection found."""
        fields = {"CallSid": call.sid, "AccountSid": "AC" + "0" * 32, "AnsweredBy": answered_by}
        return await self.post(f"/webhooks/twilio/amd/{call.id}", fields)

    def media(self, signature: str | None = None, compression: str | None = None) -> connect:
        """A media socket, well signed unless told otherwise; "" sends no signature."""
        url = f"{self.world.url.replace('http', 'ws', 1)}/media"
        signed = self._validator.compute_signature(url, {}) if signature is None else signature
        headers = {"x-twilio-signature": signed} if signed else {}
        return connect(
            url, additional_headers=headers, compression=compression, ping_interval=1,
            close_timeout=2,
        )  # fmt: skip


def started(token: str, sid: str, stream: str = STREAM) -> str:
    """The `start` message (Twilio, "Media Streams - WebSocket Messages")."""
    return _text(
        event="start",
        sequenceNumber="1",
        streamSid=stream,
        start={
            "accountSid": "AC" + "0" * 32,
            "streamSid": stream,
            "callSid": sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {"token": token},
        },
    )


def sound(mulaw: bytes = SILENCE, stream: str = STREAM) -> str:
    """A `media` message."""
    media = {"track": "inbound", "chunk": "1", "timestamp": "0", "payload": _base64(mulaw)}
    return _text(event="media", sequenceNumber="2", streamSid=stream, media=media)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _text(**members: Any) -> str:
    return msgspec.json.encode(members).decode()
