"""People who text, and as much of the phone company's Messages API as a load needs.

Each person writes the next text once the last one was answered. Status callbacks come twice and in
any order, and what the node does not take is brought again, as from a carrier that never gives up.
"""

import asyncio
import random
import secrets
import time
from email.utils import formatdate
from urllib.parse import urldefrag

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator

OURS = "+12025550199"
_RETRY_SECONDS = 0.2


class Person:
    """One phone: what it got, and how often it wrote."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.got: list[str] = []  # sids of the texts that reached it
        self.written = 0
        self.asked_at = 0.0
        self.answered = asyncio.Event()


class Texts:
    """The carrier's texts. `answers_ms` are times from a text to the carrier taking its answer."""

    def __init__(self, http: aiohttp.ClientSession, tasks: asyncio.TaskGroup, token: str) -> None:
        self.people: dict[str, Person] = {}
        self.answers_ms: list[float] = []
        self.node_url = ""
        self.is_open = True
        self._records: dict[str, list[dict[str, object]]] = {}
        self._http = http
        self._tasks = tasks
        self._signer = RequestValidator(token)
        self._luck = random.Random(1)

    def routes(self, app: web.Application) -> None:
        """Serve the Messages resource."""
        path = "/2010-04-01/Accounts/{account}/Messages.json"
        app.router.add_post(path, self._create)
        app.router.add_get(path, self._list)

    def person(self, number: str) -> Person:
        """Somebody with this number."""
        return self.people.setdefault(number, Person(number))

    async def write(self, person: Person, body: str) -> None:
        """A text of theirs, brought until the node has taken it."""
        person.written += 1
        person.answered.clear()
        sid = f"SM{secrets.token_hex(16)}"
        person.asked_at = time.perf_counter()
        form = {"From": person.number, "To": OURS, "Body": body, "NumMedia": "0"}
        await self._post(f"{self.node_url}/webhooks/twilio/sms", sid, form)

    async def _create(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        sid, person = f"SM{secrets.token_hex(16)}", self.person(form["To"])
        record: dict[str, object] = {
            "sid": sid, "to": form["To"], "from": form["From"], "body": form["Body"],
            "status": "sent", "error_code": None, "date_created": formatdate(),
        }  # fmt: skip
        self._records.setdefault(form["To"], []).insert(0, record)
        person.got.append(sid)
        if person.written:
            self.answers_ms.append((time.perf_counter() - person.asked_at) * 1000)
        person.answered.set()
        self._tasks.create_task(self._tell(form["StatusCallback"], sid, form))
        return web.json_response({**record, "status": "queued"}, status=201)

    async def _list(self, request: web.Request) -> web.Response:
        found = self._records.get(request.query.get("To", ""), [])
        return web.json_response({"messages": found, "page_size": 50, "next_page_uri": None})

    async def _tell(self, callback: str, sid: str, form: dict[str, str]) -> None:
        told = ["sent", "delivered"] * 2
        self._luck.shuffle(told)
        for status in told:
            await asyncio.sleep(self._luck.random() * 0.05)
            more = {"MessageStatus": status, "To": form["To"], "From": form["From"]}
            await self._post(callback, sid, more)

    async def _post(self, url: str, sid: str, more: dict[str, str]) -> None:
        url = urldefrag(url).url
        form = {"MessageSid": sid, "SmsSid": sid, "AccountSid": "AC" + "0" * 32, **more}
        headers = {"X-Twilio-Signature": self._signer.compute_signature(url, form)}
        while self.is_open:
            try:
                async with self._http.post(url, data=form, headers=headers) as answer:
                    if answer.status < 300:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(_RETRY_SECONDS)  # the carrier's patience
