"""The mail company's client against a peer that answers badly: what is known of each sending."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import pytest

from server.core.settings.loading import Secret
from server.core.settings.vendors import Sendgrid
from server.vendors.outcome import NotTakenError, RefusedError, UnknownOutcomeError
from server.vendors.sendgrid.client import OutgoingMail, SendgridMail, payload
from tests.support.processes import free_port

MAIL = OutgoingMail(
    email_id="e-1", to="ann@example.org", from_email="talking@example.com", from_name="Talking App",
    subject="Grüße", text="Hi.", html="<p>Hi.</p>", unsubscribe_url="https://x.yz/unsubscribe/1",
    reply_to="reply+1@r.yz",
)  # fmt: skip
Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter
Peer = Callable[[Reader, Writer], Awaitable[None]]


@asynccontextmanager
async def client_of(peer: Peer) -> AsyncIterator[SendgridMail]:
    """A client whose company is this peer."""
    server = await asyncio.start_server(peer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    mail = client_at(port)
    async with server:
        yield mail
    mail.close()


def client_at(port: int) -> SendgridMail:
    settings = Sendgrid(
        api_key=Secret("SG.x"), base_url=f"http://127.0.0.1:{port}", timeout_seconds=0.3
    )
    return SendgridMail(settings)


def answers(raw: bytes, *, hangs: bool = False) -> Peer:
    """Reads the head of a request, then sends this and closes, or hangs."""

    async def peer(reader: Reader, writer: Writer) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(raw)
            await writer.drain()
            if hangs:
                await reader.read()
        finally:
            writer.close()

    return peer


def status(line: str, body: bytes = b"") -> bytes:
    return f"HTTP/1.1 {line}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


UNKNOWN: dict[str, Peer] = {
    "closes": answers(b""),
    "hangs": answers(b"", hangs=True),
    "half-a-line": answers(b"HTTP/1.1 20"),
    "no-http": answers(b"hello\r\n\r\n"),
    "half-a-body": answers(b"HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\nx"),
    "500": answers(status("500 Oh")),
    "504": answers(status("504 Oh")),
    "599": answers(status("599 Oh")),
}


@pytest.mark.parametrize("peer", UNKNOWN.values(), ids=UNKNOWN)
async def test_no_clear_answer_leaves_the_outcome_open(peer: Peer) -> None:
    async with client_of(peer) as mail:
        with pytest.raises(UnknownOutcomeError):
            await mail.send(MAIL)


@pytest.mark.parametrize("code", [400, 401, 403, 413])
async def test_a_clear_no_is_a_refusal(code: int) -> None:
    body = b'{"errors":[{"message":"No.","field":null},{"message":"Really."}]}'
    async with client_of(answers(status(f"{code} No", body))) as mail:
        with pytest.raises(RefusedError) as refused:
            await mail.send(MAIL)
    assert (refused.value.status, refused.value.reason) == (code, "No. Really.")


async def test_nobody_there_or_too_busy_took_nothing() -> None:
    with pytest.raises(NotTakenError):
        await client_at(free_port()).send(MAIL)
    async with client_of(answers(status("429 Slow down"))) as mail:
        with pytest.raises(NotTakenError):
            await mail.send(MAIL)


async def test_the_loop_goes_on_while_the_company_hangs_and_late_ones_are_not_sent() -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async with client_of(answers(b"", hangs=True)) as mail, asyncio.TaskGroup() as tasks:
        other = tasks.create_task(others())
        sendings = (mail.send(MAIL) for _ in range(12))
        found = await asyncio.gather(*sendings, return_exceptions=True)
        other.cancel()
    assert turns > 100
    assert {type(one) for one in found} == {UnknownOutcomeError, NotTakenError}


def test_an_email_carries_what_it_must_and_is_not_tracked() -> None:
    body: dict[str, Any] = payload(MAIL)
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    assert body["custom_args"] == {"email_id": "e-1"}
    assert body["headers"]["List-Unsubscribe"] == "<https://x.yz/unsubscribe/1>"
    assert body["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert body["reply_to"] == {"email": "reply+1@r.yz"}
    assert [one["enable"] for one in body["tracking_settings"].values()] == [False] * 3
    assert body["personalizations"] == [{"to": [{"email": "ann@example.org"}]}]
