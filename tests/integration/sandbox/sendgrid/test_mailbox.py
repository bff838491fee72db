"""The mailbox and what its readers do; mail from outside to the product."""

import email
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from sandbox.core.settings import VERIFIED_SENDERS
from tests.integration.sandbox.sendgrid.harness import SendGridHarness, harness, mail

ANN = "ann@example.com"


class Tags(HTMLParser):
    """Every tag of a document as a browser would see it."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


async def delivered(o: SendGridHarness, **changes: Any) -> str:
    message_id = await o.send(mail(ANN, **changes))
    await o.product.until(ANN, "delivered")
    return message_id


async def test_the_mailbox_lists_the_newest_first_for_everybody_or_one(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        first = await o.send(mail(ANN, subject="Older"))
        second = await o.send(mail("bounce@example.com", subject="Newer"))
        await o.product.until("bounce@example.com", "bounce")
        page = await o.page("/mail")
        links = [str(one["href"]) for one in Tags(page).all("a")]
        assert links == [f"/mail/{second}?to=bounce@example.com", f"/mail/{first}?to={ANN}"]
        assert "Who gets no more mail" in page
        assert "Newer" not in await o.page("/mail", to=ANN)
        assert "Report spam" not in await o.page(links[0])


async def test_hostile_mail_cannot_run_on_the_page(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        attack = "\"'></iframe></pre></title><script>alert(1)</script><img src=x onerror=alert(2)>"
        message_id = await delivered(
            o,
            subject=attack,
            content=[
                {"type": "text/plain", "value": attack},
                {"type": "text/html", "value": f"<a href='javascript:alert(3)'>x</a>{attack}"},
            ],
            headers={"X-Attack": attack},
            attachments=[{"content": "eA==", "filename": attack, "type": attack}],
        )
        frames = []
        for path in ("/mail", f"/mail/{message_id}"):
            async with o.http.get(f"{o.base_url}{path}") as response:
                page, policy = await response.text(), response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "script" not in policy
            tags = Tags(page)
            assert tags.all("script") == tags.all("img") == []
            assert not [name for _, attrs in tags.tags for name in attrs if name.startswith("on")]
            assert not [one for one in tags.all("a") if str(one["href"]).startswith("java")]
            frames += tags.all("iframe")
        assert [frame["sandbox"] for frame in frames] == [None]
        assert frames[0]["srcdoc"] == f"<a href='javascript:alert(3)'>x</a>{attack}"
        assert (await o.press(message_id, "click", url="javascript:alert(3)"))[0] == 400


async def test_a_reader_opens_and_clicks(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        message_id = await delivered(o, custom_args={"email_id": "e-1"})
        status, leads, _ = await o.press(message_id, "open")
        assert (status, leads) == (303, f"/mail/{message_id}?to={ANN}")
        opened = await o.product.until(ANN, "open")
        assert (opened["email_id"], opened["sg_machine_open"]) == ("e-1", False)
        status, leads, _ = await o.press(message_id, "click", url="http://product.test/c")
        assert (status, leads) == (303, "http://product.test/c")
        assert (await o.product.until(ANN, "click"))["url"] == "http://product.test/c"
        assert (await o.press(message_id, "open", recipient="bob@example.com"))[0] == 404
        assert (await o.press("other", "open"))[0] == 404


async def test_what_is_not_tracked_is_not_told(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        off = {"enable": False}
        message_id = await delivered(
            o, tracking_settings={"open_tracking": off, "click_tracking": off}
        )
        assert (await o.press(message_id, "open"))[0] == 400
        assert (await o.press(message_id, "click", url="http://product.test/c"))[0] == 303
        assert (await o.press(message_id, "unsubscribe"))[0] == 400
        await o.press(message_id, "report-spam")
        await o.product.until(ANN, "spamreport")
        assert o.product.kinds(ANN) == ["processed", "delivered", "spamreport"]


async def test_one_click_posts_as_a_mail_program_does(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        headers = {
            "List-Unsubscribe": f"<mailto:u@example.com>, <{o.origin}/unsubscribe?t=1>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        message_id = await delivered(o, headers=headers)
        assert "one click" in await o.page(f"/mail/{message_id}")
        assert (await o.press(message_id, "one-click"))[0] == 303
        assert o.product.unsubscribes == [
            ("/unsubscribe?t=1", {"List-Unsubscribe": "One-Click"}, "")
        ]
        (kept,) = await o.json("GET", "/world/mails")
        assert (kept["one_clicks"][0]["recipient"], kept["one_clicks"][0]["status"]) == (ANN, 200)


async def test_a_mail_that_does_not_ask_for_one_click_gets_none(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        headers = {"List-Unsubscribe": f"<{o.origin}/unsubscribe>"}
        message_id = await delivered(o, headers=headers)
        assert (await o.press(message_id, "one-click"))[0] == 400
        assert o.product.unsubscribes == []


async def test_a_reply_reaches_the_product_as_inbound_parse_posts_it(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        message_id = await delivered(o, reply_to={"email": "replies+1@example.com"})
        (kept,) = await o.json("GET", "/world/mails")
        assert (await o.press(message_id, "reply", text="Call me <b>later</b>, Zoë"))[0] == 303
        await o.product.wait(lambda: bool(o.product.letters))
        form = o.product.letters[0]
        assert (form["from"], form["to"]) == (ANN, "replies+1@example.com")
        assert form["subject"] == "Re: Your call"
        assert form["text"].startswith("Call me <b>later</b>, Zoë\n\nOn ")
        assert "> You talked for 3 minutes." in form["text"]
        assert "Call me &lt;b&gt;later" in form["html"]
        assert json.loads(form["envelope"]) == {"to": ["replies+1@example.com"], "from": ANN}
        assert json.loads(form["charsets"])["text"] == "UTF-8"
        assert (form["attachments"], form["SPF"]) == ("0", "pass")
        assert (form["dkim"], form["sender_ip"]) == ("{@example.com : pass}", "192.0.2.25")
        headers = email.message_from_string(form["headers"])
        assert headers["In-Reply-To"] == headers["References"] == kept["smtp_id"]
        assert headers["Message-ID"] not in ("", kept["smtp_id"])
        letter = await o.posted()
        assert letter == (await o.json("GET", "/world"))["inbound_mails"][0]
        assert (letter["outcome"], letter["in_reply_to"]) == ("taken", kept["smtp_id"])
        assert "reply from" in await o.page(f"/mail/{message_id}")


async def test_anybody_can_write_to_the_product(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        message_id = await delivered(o)
        smtp_id = (await o.json("GET", "/world/mails"))[0]["smtp_id"]
        letter = {"from": "Eve <eve@example.net>", "to": VERIFIED_SENDERS[0], "subject": "Grüße"}
        made = await o.json(
            "POST", "/world/mails", 201, **letter, text="hi", in_reply_to=message_id, spf="fail",
            headers={"Auto-Submitted": "auto-replied"},
        )  # fmt: skip
        await o.product.wait(lambda: bool(o.product.letters))
        form = o.product.letters[0]
        assert (form["text"], form["subject"], form["SPF"]) == ("hi", "Grüße", "fail")
        assert json.loads(form["envelope"])["from"] == "eve@example.net"
        headers = email.message_from_string(form["headers"])
        assert headers["In-Reply-To"] == made["in_reply_to"] == smtp_id
        assert (headers["Auto-Submitted"], headers["Message-ID"]) == (
            "auto-replied", made["message_id"],
        )  # fmt: skip
        await o.json("POST", "/world/mails", 400, **{**letter, "from": "nobody"}, text="hi")
        await o.json("POST", "/world/mails", 400, **{**letter, "subject": "a\r\nBcc: x"}, text="")
        await o.json("POST", "/world/mails", 400, to="x@example.com")


async def test_mail_to_a_failing_product_is_tried_again_but_lost_when_refused(
    tmp_path: Path,
) -> None:
    async with harness(tmp_path, sendgrid_retry_seconds=(0.01, 0.01)) as o:
        letter = {"from": ANN, "to": "replies@example.com", "subject": "x", "text": "y"}

        async def outcome_after(status: int, posts: int) -> tuple[str, list[int]]:
            o.product.status = status
            o.product.letters.clear()
            await o.json("POST", "/world/mails", 201, **letter)
            await o.product.wait(lambda: len(o.product.letters) == posts)
            one = await o.posted()
            return one["outcome"], [post["status"] for post in one["posts"]]

        assert await outcome_after(503, 3) == ("given up", [503, 503, 503])
        assert await outcome_after(404, 1) == ("dropped", [404])
        assert await outcome_after(200, 1) == ("taken", [200])


async def test_without_an_address_for_it_nothing_is_posted(tmp_path: Path) -> None:
    async with harness(tmp_path, sendgrid_webhook_url="", inbound_parse_url="") as o:
        letter = {"from": ANN, "to": "replies@example.com", "subject": "x", "text": "y"}
        made = await o.json("POST", "/world/mails", 201, **letter)
        assert (made["outcome"], made["posts"]) == ("nowhere", [])
        await o.send(mail(ANN))
        kept = await o.mail_to(ANN, "delivered")
        assert [(one["lost"], one["posts"]) for one in kept["events"]] == [(False, [])] * 2
