"""Mail by the official SDK: accepted, refused, and under faults."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import sendgrid

from sandbox.core.settings import SENDGRID_KEY
from sandbox.sendgrid.rest import MOST_BYTES
from tests.integration.sandbox.sendgrid.harness import SENDER, harness, mail


async def test_a_mail_is_taken_kept_and_delivered(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        sent = mail(
            "ann@example.com", custom_args={"email_id": "e-1"}, categories=["summary"],
            headers={"List-Unsubscribe": "<http://product.test/u>"},
            reply_to={"email": "replies@example.com"},
        )  # fmt: skip
        message_id = await o.send(sent)
        await o.product.until("ann@example.com", "delivered")
        (kept,) = await o.json("GET", "/world/mails")
        assert kept.keys() == (await o.json("GET", "/world"))["mails"][0].keys()
        assert (kept["id"], kept["message_id"]) == (message_id, message_id)
        assert kept["from"] == {"email": SENDER, "name": "Talking App"}
        assert (kept["to"], kept["reply_to"]) == (["ann@example.com"], ["replies@example.com"])
        assert (kept["subject"], kept["html"]) == (sent["subject"], sent["content"][1]["value"])
        assert kept["text"] == sent["content"][0]["value"]
        assert kept["headers"] == sent["headers"]
        assert kept["status"] == {"ann@example.com": "delivered"}
        assert [one["event"] for one in kept["events"]] == ["processed", "delivered"]


async def test_each_personalization_is_a_mail_of_its_own(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        people = [
            {"to": [{"email": "ann@example.com"}], "substitutions": {"-name-": "Ann"}},
            {
                "to": [{"email": "bob@example.com"}], "cc": [{"email": "cy@example.com"}],
                "substitutions": {"-name-": "Bob"}, "subject": "For -name-",
                "custom_args": {"email_id": "e-2"},
            },
        ]  # fmt: skip
        content = [{"type": "text/plain", "value": "Hello -name-"}]
        args = {"email_id": "e-1"}
        sent = mail("x@example.com", personalizations=people, content=content, custom_args=args)
        message_id = await o.send(sent)
        first, second = await o.json("GET", "/world/mails")
        assert (first["text"], first["subject"]) == ("Hello Ann", "Your call")
        assert (second["text"], second["subject"]) == ("Hello Bob", "For Bob")
        assert first["message_id"] == second["message_id"] == message_id != second["id"]
        assert set(second["status"]) == {"bob@example.com", "cy@example.com"}
        event = await o.product.until("cy@example.com", "delivered")
        assert event["email_id"] == "e-2"


async def test_a_wrong_key_is_refused(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        stranger = sendgrid.SendGridAPIClient("SG.other", host=o.base_url)
        status, errors, _ = await o.refused(mail("ann@example.com"), stranger)
        assert (status, set(errors[0])) == (401, {"message", "field", "help"})
        assert await o.json("GET", "/world/mails") == []


async def test_a_bad_mail_is_refused_by_field_and_leaves_no_trace(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        status, errors, _ = await o.refused(mail("ann@example", content=[], subject=""))
        assert status == 400
        assert [one["field"] for one in errors] == [
            "personalizations.0.to.0.email", "subject", "content",
        ]  # fmt: skip
        status, errors, _ = await o.refused({**mail("ann@example.com"), "custom_args": {"n": 1}})
        assert (status, errors[0]["field"]) == (400, "custom_args")
        assert await o.json("GET", "/world/mails") == []


async def test_a_sender_must_be_verified(tmp_path: Path) -> None:
    async with harness(tmp_path, verified_senders=("hello@example.org",)) as o:
        status, errors, _ = await o.refused(mail("ann@example.com"))
        assert (status, errors[0]["field"]) == (403, "from")
        await o.send(mail("ann@example.com", **{"from": {"email": "Hello@example.org"}}))


async def test_a_mail_can_be_too_large(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        content = [{"type": "text/plain", "value": "x" * MOST_BYTES}]
        status, errors, _ = await o.refused(mail("ann@example.com", content=content))
        assert (status, len(errors)) == (413, 1)
        # One that is larger still is refused before it is read.
        reader, writer = await asyncio.open_connection("127.0.0.1", int(o.base_url.split(":")[2]))
        writer.write(
            b"POST /v3/mail/send HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 30000000\r\n"
            b"Authorization: Bearer " + SENDGRID_KEY.encode() + b"\r\n\r\n"
        )
        answer = await reader.readuntil(b'"help":null}]}')
        assert answer.startswith(b"HTTP/1.1 413 ")
        writer.close()
        await writer.wait_closed()


async def test_sandbox_mode_only_checks(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        sent = mail("ann@example.com", mail_settings={"sandbox_mode": {"enable": True}})
        response = await asyncio.to_thread(o.client.send, sent)
        assert (response.status_code, response.headers["X-Message-Id"]) == (200, None)
        assert (await o.refused({**sent, "subject": ""}))[0] == 400
        assert await o.json("GET", "/world/mails") == []


@pytest.mark.parametrize(
    ("fault", "status", "kept"),
    [("429", 429, 0), ("500", 500, 0), ("500_after_commit", 500, 1)],
)
async def test_a_fault_of_requests_applies_as_often_as_asked(
    tmp_path: Path, fault: str, status: int, kept: int
) -> None:
    async with harness(tmp_path) as o:
        await o.faults(mail_send=fault, mail_send_times=2)
        for _ in range(2):
            got, _, headers = await o.refused(mail("ann@example.com"))
            assert got == status
            if fault == "429":
                assert headers["X-RateLimit-Remaining"] == "0"
                assert int(headers["X-RateLimit-Reset"]) > 1_700_000_000
                assert int(headers["X-RateLimit-Limit"]) > 0
        await o.send(mail("ann@example.com"))
        assert len(await o.json("GET", "/world/mails")) == 2 * kept + 1


async def test_a_mail_can_go_out_though_its_answer_never_came(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        await o.faults(mail_send="timeout_after_commit", mail_send_hold_ms=60_000)
        body: Any = mail("ann@example.com", custom_args={"email_id": "e-1"})

        async def ask() -> None:
            key = {"Authorization": f"Bearer {SENDGRID_KEY}"}
            async with o.http.post(f"{o.base_url}/v3/mail/send", json=body, headers=key):
                raise AssertionError("it was answered")

        async with asyncio.TaskGroup() as group:
            asked = group.create_task(ask())
            event = await o.product.until("ann@example.com", "delivered")
            asked.cancel()
        assert event["email_id"] == "e-1"
        await o.faults(mail_send="timeout_after_commit", mail_send_hold_ms=1)
        assert (await o.refused(body))[0] == 504
