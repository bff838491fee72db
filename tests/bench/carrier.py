"""The world outside the node, as little of it as a load needs: sign-in keys, Calls API, webhooks.

Every call is picked up at once by a human (the verdict comes with the sound), and a `Phone`
carries its sound. Requests are signed as Twilio signs them. Shares the phones' process and loop.
"""

import asyncio
import secrets
import time
import uuid
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from urllib.parse import urldefrag, urlsplit

import aiohttp
import jwt
import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from twilio.request_validator import RequestValidator

from tests.bench.people import Texts
from tests.bench.phone import Phone, Window, payloads

_CLOSE_SECONDS = 10.0


def _pause_seconds(number: int) -> float:
    """Spreads people evenly over five seconds, however many, so that they do not talk in chorus."""
    return 5.0 * (number * 0.618034 % 1)


class Carrier:
    """Everybody the node talks to; `phones` are the calls with sound."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        tasks: asyncio.TaskGroup,
        port: int,
        talk: bytes,
        talk_share: float,
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.auth_token = secrets.token_hex(16)
        self.window = Window()
        self.phones: list[Phone] = []
        self._talk = payloads(talk)
        self._talk_share = talk_share
        self._http = http
        self._tasks = tasks
        self._signer = RequestValidator(self.auth_token)
        self.texts = Texts(http, tasks, self.auth_token)
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def issuer(self) -> str:
        """What `auth.issuer` must be."""
        return f"{self.url}/auth/v1"

    def bearer(self, user_id: uuid.UUID) -> str:
        """An access token as Supabase Auth issues them."""
        claims = {
            "iss": self.issuer, "aud": "authenticated", "role": "authenticated",
            "sub": str(user_id), "email": f"{user_id}@example.com",
            "exp": int(time.monotonic() + _EPOCH_OFFSET) + 3600,
        }  # fmt: skip
        return jwt.encode(claims, self._key, "ES256", headers={"kid": "bench"})

    def watch(self) -> Window:
        """Measure into a new window from now on; returns it."""
        self.window = Window()
        for phone in self.phones:
            phone.window = self.window
        return self.window

    def app(self) -> web.Application:
        """The addresses the node asks."""
        app = web.Application()
        account = "/2010-04-01/Accounts/{account}"
        app.router.add_get("/auth/v1/.well-known/jwks.json", self._keys)
        app.router.add_post(f"{account}/Calls.json", self._create)
        app.router.add_post(f"{account}/Calls/{{sid}}.json", self._update)
        self.texts.routes(app)
        return app

    async def hang_up_all(self) -> None:
        """Every person puts the phone down; returns when the node has closed every stream."""
        for phone in self.phones:
            phone.hang_up()
        async with asyncio.timeout(_CLOSE_SECONDS):
            for phone in self.phones:
                await phone.closed.wait()
        self.phones.clear()

    async def _keys(self, request: web.Request) -> web.Response:  # noqa: ARG002
        public = msgspec.json.decode(jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key()))
        return web.json_response({"keys": [{**public, "kid": "bench", "alg": "ES256"}]})

    async def _create(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        sid = "CA" + secrets.token_hex(16)
        self._tasks.create_task(self._live_or_lose(sid, form))
        return web.json_response({"sid": sid, "status": "queued"}, status=201)

    async def _update(self, request: web.Request) -> web.Response:
        return web.json_response({"sid": request.match_info["sid"], "status": "completed"})

    async def _live_or_lose(self, sid: str, form: dict[str, str]) -> None:
        try:
            await self._live(sid, form)
        except aiohttp.ClientConnectionError:
            self.window.lost += 1  # the node is gone, and why is known to whoever started it

    async def _live(self, sid: str, form: dict[str, str]) -> None:
        """One call's life: it rings, it is answered, sound flows until somebody ends it."""
        await self.post(form["StatusCallback"], CallSid=sid, CallStatus="ringing")
        await self.post(form["StatusCallback"], CallSid=sid, CallStatus="in-progress")
        twiml = ET.fromstring(await self.post(form["Url"], CallSid=sid, CallStatus="in-progress"))
        stream = twiml.find("./Connect/Stream")
        if stream is None:
            raise RuntimeError("the node gave no stream to connect")
        parameters = {each.attrib["name"]: each.attrib["value"] for each in stream}
        url = stream.attrib["url"]
        phone = Phone(
            url,
            self._signer.compute_signature(url, {}),
            sid,
            parameters["token"],
            self._talk,
            _pause_seconds(len(self.phones)),
            self.window,
            self._talk_share,
        )
        address = urlsplit(url)
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: phone, str(address.hostname), address.port or 80)
        self.phones.append(phone)
        await self.post(
            form["AsyncAmdStatusCallback"], CallSid=sid, AnsweredBy="human",
            MachineDetectionDuration="100",
        )  # fmt: skip
        await phone.closed.wait()
        await self.post(
            form["StatusCallback"], CallSid=sid, CallStatus="completed", CallDuration="30"
        )

    async def post(self, url: str, **form: str) -> str:
        """A signed webhook; the part after "#" is for us and neither sent nor signed."""
        url = urldefrag(url).url
        form |= {"AccountSid": "AC" + "0" * 32, "Timestamp": formatdate(usegmt=True)}
        signature = self._signer.compute_signature(url, form)
        async with self._http.post(
            url, data=form, headers={"X-Twilio-Signature": signature}
        ) as answer:
            answer.raise_for_status()
            return await answer.text()


_EPOCH_OFFSET = time.time() - time.monotonic()  # noqa: TID251 - tokens carry wall-clock times


@asynccontextmanager
async def carrier(port: int, talk: bytes, talk_share: float = 1.0) -> AsyncIterator[Carrier]:
    """The carrier, serving on `port`; `talk` is the mu-law that people say again and again, in
    turns that fill no more than `talk_share` of their time."""
    # A connection for each webhook: one kept from the last may be closing at the other end.
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as http, asyncio.TaskGroup() as tasks:
        world = Carrier(http, tasks, port, talk, talk_share)
        runner = web.AppRunner(world.app(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield world
        finally:
            world.texts.is_open = False  # nobody is told anything any more
            await world.hang_up_all()
            await runner.cleanup()
