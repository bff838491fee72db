"""E-mails from the request to the mailbox: whose words, what they carry, what they cost."""

import asyncio
import re
from typing import Any

from tests.integration.server.emails.post import GIVEN, Post
from tests.support.client import Json

NOBODY = "nobody-in-particular@example.org"


async def test_given_words_reach_the_users_own_mailbox_and_count_once(post: Post) -> None:
    user = await post.user()
    own = (await user.get("/v1/me"))["email"]
    async with user.live() as dashboard:
        email = await post.send(user, content="One & two <three>.\n\nFour.")
        assert (email["status"], email["delivery"], email["recipient_email"]) == (
            "pending", "queued", own,
        )  # fmt: skip
        await dashboard.until(lambda m: m.get("type") == "email.delivered")
        subject = f"email:{email['id']}"
        assert [one["type"] for one in dashboard.events("email", subject)] == [
            "email.queued", "email.sent", "email.delivered",
        ]  # fmt: skip
        revs = [one["rev"] for one in dashboard.events("email", subject)]
        assert revs == sorted(set(revs))
        assert len(dashboard.events("limit.reached")) == 1
    (mail,) = await post.sent(email)
    assert (mail["to"], mail["subject"], mail["from"]["email"]) == (
        [own], "Bread", "talking@example.com",
    )  # fmt: skip
    assert mail["text"].startswith("One & two <three>.\n\nFour.\n\n--\n")
    assert "<p>One &amp; two &lt;three&gt;.</p>\n<p>Four.</p>" in mail["html"]
    link = re.search(r"<(http\S+/unsubscribe/\S+)>", mail["headers"]["List-Unsubscribe"])
    assert link is not None
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link[1] in mail["text"]
    assert f'href="{link[1]}"' in mail["html"]
    assert re.fullmatch(r"reply\+[0-9a-f]{32}@replies.example.com", mail["reply_to"][0])
    assert mail["custom_args"] == {"email_id": email["id"]}
    now = await user.get(f"/v1/emails/{email['id']}")
    assert (now["status"], now["sendgrid_message_id"]) == ("sent", mail["message_id"])
    assert (await user.get("/v1/usage"))["emails"] == {
        "used": 1, "reserved": 0, "limit": 1, "left": 0,
    }  # fmt: skip
    async with user.live() as dashboard:
        snapshot = await dashboard.until(lambda m: m["op"] == "snapshot")
    assert snapshot["data"]["emails"] == [now]


async def test_the_mind_writes_what_nobody_gave(post: Post) -> None:
    user = await post.user()
    async with user.live() as dashboard:
        ack = await dashboard.command("email.send", topic="growing garlic", type="custom")
        email = ack["data"]["email"]
        assert (email["content"], email["delivery"]) == ("", "writing")
        await dashboard.until(lambda m: m.get("type") == "email.delivered")
        queued = dashboard.events("email.queued", f"email:{email['id']}")
    assert [one["data"]["email"]["delivery"] for one in queued] == ["writing", "queued"]
    assert queued[0]["cause"]
    (mail,) = await post.sent(email)
    assert mail["subject"] == "growing garlic"
    assert "a letter about growing garlic" in mail["text"]
    assert (await user.get(f"/v1/emails/{email['id']}"))["content"] in mail["text"]


async def test_what_was_said_before_goes_to_the_user_alone(post: Post) -> None:
    user = await post.user("pro")
    first = await post.send(user, topic="my secret garden", subject="A")
    await post.until(user, first, "delivered")
    (mail,) = await post.sent(first)
    await post.press(mail, "reply", text="I will dig up the pear tree in spring.")
    async with user.live() as dashboard:
        await dashboard.until(lambda m: m["op"] == "snapshot")
        if not await post.letters(user):
            await dashboard.until(lambda m: m.get("type") == "email.received")

    async def letter(recipient: str | None) -> str:
        body: Json = {"topic": "my secret garden", "type": "custom", "recipient_email": recipient}
        answer = await user.ask("POST", "/v1/emails", body)
        return str((await post.until(user, answer.body, "delivered"))["content"])

    mine, theirs = await asyncio.gather(letter(None), letter(NOBODY))
    assert "pear tree" in mine
    assert "pear tree" not in theirs


async def test_a_template_is_filled_and_named(post: Post) -> None:
    user = await post.user()
    variables = {"summary": "All <b>well</b>. {{ 7 * 7 }}", "points": ["Rest {% raw %}", "Fold"]}
    body = {
        "topic": "dough", "type": "template", "template": "summary", "variables": variables,
        "recipient_email": "Ann+Bread@Example.com",
    }  # fmt: skip
    answer = await user.ask("POST", "/v1/emails", body)
    assert (answer.status, answer.body["template"]) == (201, "summary")
    await post.until(user, answer.body, "delivered")
    (mail,) = await post.sent(answer.body)
    assert (mail["subject"], mail["to"]) == ("Summary: dough", ["ann+bread@example.com"])
    assert "All <b>well</b>. {{ 7 * 7 }}" in mail["text"]
    assert "- Rest {% raw %}\n- Fold" in mail["text"]
    assert "All &lt;b&gt;well&lt;/b&gt;. {{ 7 * 7 }}" in mail["html"]
    assert "<li>Rest {% raw %}</li>" in mail["html"]


async def test_templates_can_be_seen_before(post: Post) -> None:
    user = await post.user()
    listed = (await user.get("/v1/emails/templates"))["templates"]
    assert [one["name"] for one in listed] == ["invitation", "note", "summary"]
    for one in listed:
        seen = await user.get(f"/v1/emails/templates/{one['name']}/preview")
        assert seen["subject"]
        assert "unsubscribe" in seen["text"]
        assert seen["html"].startswith("<!doctype html>")
    path = '/v1/emails/templates/note/preview?variables={"message":"<i>Hi","sender":"Bo"}&topic=tea'
    seen = await user.get(path)
    assert (seen["subject"], "&lt;i&gt;Hi" in seen["html"]) == ("A note on tea", True)
    for query, status in (("variables=[", 400), ('variables={"message":"x"}', 400)):
        answer = await user.ask("GET", f"/v1/emails/templates/note/preview?{query}")
        assert (answer.status, answer.body["code"]) == (status, "bad_request")
    answer = await user.ask("GET", "/v1/emails/templates/..%2Fnote/preview")
    assert answer.status == 404
    answer = await user.ask("GET", "/v1/emails/templates/nope/preview")
    assert (answer.status, answer.body["code"]) == (404, "unknown_template")


NOTE = {"message": "Hi", "sender": "Bo"}
REFUSED: dict[str, tuple[Json, str, str]] = {
    "no-topic": ({"topic": "  "}, "bad_request", "topic"),
    "no-type": ({"type": "letter"}, "bad_request", "type"),
    "no-address": ({"recipient_email": "nobody"}, "bad_request", "recipient_email"),
    "two-addresses": ({"recipient_email": "a@b.cc,c@d.ee"}, "bad_request", "recipient_email"),
    "header-in-address": ({"recipient_email": "a@b.cc\r\nBcc: x@y.zz"}, "bad_request", "recip"),
    "broken-subject": ({"subject": "a\x00b"}, "bad_request", "subject"),
    "endless-subject": ({"subject": "x" * 201}, "bad_request", "subject"),
    "empty-content": ({"content": " \n "}, "bad_request", "content"),
    "endless-content": ({"content": "x" * 20_001}, "bad_request", "content"),
    "template-for-custom": ({"template": "note"}, "bad_request", "template"),
    "no-template": ({"type": "template"}, "bad_request", "template"),
    "unknown-template": (
        {"type": "template", "template": "../note", "subject": None, "content": None},
        "unknown_template", "templates",
    ),
    "content-for-template": (
        {"type": "template", "template": "note", "variables": NOTE}, "bad_request", "content",
    ),
    "missing-variables": (
        {"type": "template", "template": "note", "subject": None, "content": None},
        "bad_request", "`message` is missing, `sender` is missing",
    ),
    "unknown-variable": (
        {"type": "template", "template": "note", "subject": None, "content": None,
         "variables": {**NOTE, "__class__": "x"}},
        "bad_request", "`__class__` is unknown",
    ),
    "variable-of-another-kind": (
        {"type": "template", "template": "note", "subject": None, "content": None,
         "variables": {**NOTE, "message": {"__html__": "x"}}},
        "bad_request", "variables.message",
    ),
}  # fmt: skip


async def test_what_cannot_be_sent_is_refused_with_its_field_and_costs_nothing(post: Post) -> None:
    user = await post.user()
    for name, (change, code, word) in REFUSED.items():
        answer = await user.ask("POST", "/v1/emails", {**GIVEN, **change})
        assert (answer.body["code"], word in answer.body["detail"]) == (code, True), (name, answer)
    assert (await user.get("/v1/emails"))["emails"] == []
    assert (await user.get("/v1/usage"))["emails"]["reserved"] == 0
    stranger = await post.user()
    email = await post.send(stranger)
    assert (await user.ask("GET", f"/v1/emails/{email['id']}")).status == 404


async def test_a_key_sends_once_and_a_page_ends(post: Post) -> None:
    user = await post.user("pro")
    headers = {"Idempotency-Key": "letter-1"}
    answers = [await user.ask("POST", "/v1/emails", GIVEN, headers) for _ in range(3)]
    assert len({one.body["id"] for one in answers}) == 1
    other = await user.ask("POST", "/v1/emails", {**GIVEN, "topic": "tea"}, headers)
    assert other.body["code"] == "idempotency_mismatch"
    await post.until(user, answers[0].body, "delivered")
    assert len(await post.sent(answers[0].body)) == 1
    second = await post.send(user, topic="tea")
    first_page = await user.get("/v1/emails?limit=1")
    assert [one["id"] for one in first_page["emails"]] == [second["id"]]
    last = await user.get(f"/v1/emails?limit=1&cursor={first_page['cursor']}")
    assert ([one["id"] for one in last["emails"]], last["cursor"]) == (
        [answers[0].body["id"]], None,
    )  # fmt: skip


async def test_of_fifty_at_once_a_free_user_gets_one(post: Post) -> None:
    user = await post.user()
    answers: list[Any] = await asyncio.gather(
        *(user.ask("POST", "/v1/emails", {**GIVEN, "topic": f"no {i}"}) for i in range(50))
    )
    taken = [one for one in answers if one.status == 201]
    refused = [one.body["code"] for one in answers if one.status != 201]
    assert (len(taken), set(refused)) == (1, {"plan_limit"})
    await post.until(user, taken[0].body, "delivered")
    assert (await user.get("/v1/usage"))["emails"]["used"] == 1
    assert len(await post.sent(taken[0].body)) == 1
