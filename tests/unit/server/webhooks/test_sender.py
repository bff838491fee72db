"""Attempts, on real sockets: to where the checked address is, and what is made of answers."""

import asyncio
import contextlib
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from server.core.settings.building import Webhooks
from server.webhooks.sender import AtOnce, Outcome, WebhookSender

ANSWERS = {
    b"ok": b"HTTP/1.1 204 No Content\r\n\r\n",
    b"moved": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    b"busy": b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
    b"later": b"HTTP/1.1 429 Busy\r\nDate: Mon, 30 Nov 2026 23:59:30 GMT\r\nContent-Length: 0\r\n"
    b"Retry-After: Tue, 01 Dec 2026 00:01:00 GMT\r\n\r\n",
    b"undated": b"HTTP/1.1 429 Busy\r\nContent-Length: 0\r\n"
    b"Retry-After: Tue, 01 Dec 2026 00:01:00 GMT\r\n\r\n",
    b"never": b"HTTP/1.1 429 Busy\r\nDate: Mon, 30 Nov 2026 23:59:30 GMT\r\nContent-Length: 0\r\n"
    b"Retry-After: Tue, 01 Dec 2026 00:01:00 +99999999999\r\n\r\n",
    b"endless": b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\nmore",
    b"told": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"odd": b"what?\r\n\r\n",
}


class Names(AbstractResolver):
    """Names that lead where the test says, another place each time."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)

    async def resolve(
        self, host: str, port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002
    ) -> list[ResolveResult]:  # fmt: skip
        address = self.addresses.pop(0)
        return [ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET,
                              proto=0, flags=0)]  # fmt: skip

    async def close(self) -> None:
        pass


@asynccontextmanager
async def receiver() -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that answers by path; its port, and the heads it read."""
    heads: list[bytes] = []
    tasks: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        head = await reader.readuntil(b"\r\n\r\n")
        heads.append(head)
        name = head.split(b" ")[1].strip(b"/")
        if name == b"silent":
            await reader.read()
        writer.write(ANSWERS.get(name, b""))
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], heads
        await asyncio.gather(*filter(None, tasks))


async def tried(
    path: str, settings: Webhooks, *addresses: str, most_bytes: int = 0
) -> tuple[Outcome, list[bytes]]:
    async with receiver() as (port, heads):
        sender = WebhookSender(settings, Names(*addresses) if addresses else None)
        host = "hooks.example.com" if addresses else "127.0.0.1"
        url = f"http://{host}:{port}/{path}"
        outcome = await sender.post(url, {"webhook-id": "m"}, b"{}", most_bytes=most_bytes)
        await sender.close()
        return outcome, heads


@pytest.mark.parametrize(
    ("path", "status", "error", "wait"),
    [
        ("ok", 204, None, 0.0),
        ("moved", 302, None, 0.0),  # and nobody was asked where it leads
        ("busy", 503, None, 7.0),
        ("later", 429, None, 90.0),
        ("undated", 429, None, 0.0),
        ("never", 429, None, 0.0),
        ("endless", 200, None, 0.0),
        ("odd", None, "connection", 0.0),
        ("nothing", None, "connection", 0.0),
    ],
)
async def test_what_comes_back_is_an_outcome(
    path: str, status: int | None, error: str | None, wait: float
) -> None:
    outcome, heads = await tried(path, Webhooks(allow_private=True))
    assert (outcome.status, outcome.error, outcome.wait_seconds) == (status, error, wait)
    assert len(heads) == 1
    assert b"webhook-id: m" in heads[0]


@pytest.mark.parametrize(
    ("path", "most_bytes", "error", "body"),
    [("told", 5, None, b"hello"), ("told", 0, None, b""), ("told", 4, "too_long", b""),
     ("endless", 3, "too_long", b""), ("endless", 9, "connection", b"")],
)  # fmt: skip
async def test_so_much_of_an_answer_is_read_as_is_asked_for(
    path: str, most_bytes: int, error: str | None, body: bytes
) -> None:
    outcome, _ = await tried(path, Webhooks(allow_private=True), most_bytes=most_bytes)
    assert (outcome.error, outcome.body) == (error, body)


async def test_a_receiver_that_says_nothing_is_left() -> None:
    outcome, _ = await tried("silent", Webhooks(allow_private=True, attempt_seconds=0.2))
    assert (outcome.status, outcome.error) == (None, "timeout")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254"])
async def test_a_name_that_leads_inside_is_not_followed(address: str) -> None:
    outcome, heads = await tried("ok", Webhooks(), address)
    assert (outcome.status, outcome.error) == (None, "address_not_allowed")
    assert heads == []


@pytest.mark.parametrize(("most", "of_one"), [(1, 1), (2, 1), (8, 4), (9, 4)])
def test_one_person_takes_no_more_than_half_of_the_places(most: int, of_one: int) -> None:
    at_once, users = AtOnce(most), [uuid.uuid4() for _ in range(most + 1)]
    lanes = {user: uuid.uuid4() for user in users}
    took = [at_once.begin(lanes[users[0]], users[0]) for _ in range(of_one + 1)]
    assert took == [True] * of_one + [False]
    assert not at_once.may_have_place(lanes[users[0]])
    assert at_once.may_have_place(lanes[users[1]]) == (most > of_one)
    took = [at_once.begin(lanes[user], user) for user in users[1:]]
    assert took == [number < most - of_one for number in range(most)]
    assert not at_once.may_have_place(lanes[users[1]])
    at_once.end(users[0])
    assert at_once.may_have_place(lanes[users[0]])
    assert at_once.begin(lanes[users[-1]], users[-1])


async def test_an_address_in_digits_is_not_connected_to_either() -> None:
    outcome, heads = await tried("ok", Webhooks())
    assert (outcome.status, outcome.error) == (None, "address_not_allowed")
    assert heads == []


async def test_a_name_is_resolved_for_each_attempt_and_judged_each_time() -> None:
    names = Names("127.0.0.1", "127.0.0.1")
    sender = WebhookSender(Webhooks(attempt_seconds=1), names)
    for _ in range(2):
        outcome = await sender.post("https://hooks.example.com/", {}, b"")
        assert outcome.error == "address_not_allowed"
    assert names.addresses == []
    await sender.close()
