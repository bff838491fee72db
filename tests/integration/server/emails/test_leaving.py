"""Getting no more: the link, the mail program's button, the page; and answers by e-mail."""

from media.languages.language import sentence
from tests.integration.server.emails.post import GIVEN, Post, until
from tests.support.client import Json, User


def link(mail: Json) -> str:
    """The unsubscribe link's path."""
    return "/unsubscribe/" + str(mail["headers"]["List-Unsubscribe"]).rpartition("/")[2].strip(">")


async def arrived(post: Post, user: User, to: str | None = None) -> tuple[Json, Json]:
    """An e-mail that arrived, and as the mail company has it."""
    email = await post.until(user, await post.send(user, recipient_email=to), "delivered")
    (mail,) = await post.sent(email)
    return email, mail


async def test_one_press_in_the_mail_program_stops_mail_texts_and_calls(post: Post) -> None:
    user = await post.user("premium")
    _, mail = await arrived(post, user)
    await post.press(mail, "one-click")
    (pressed,) = (await post.sent({"id": mail["custom_args"]["email_id"]}))[0]["one_clicks"]
    assert pressed["status"] == 200
    answer = await user.ask("POST", "/v1/emails", GIVEN)
    assert (answer.status, answer.body["code"]) == (403, "opted_out")
    assert (await user.get("/v1/usage"))["emails"]["reserved"] == 0


async def test_a_person_who_unsubscribes_is_not_texted_either(post: Post) -> None:
    user = await post.user(phone="+12025550177")
    _, mail = await arrived(post, user)
    await post.press(mail, "one-click")
    answer = await user.ask("POST", "/v1/conversations", {"topic": "x"})
    assert (answer.status, answer.body["code"]) == (403, "opted_out")


async def test_who_unsubscribes_with_one_address_of_a_mailbox_gets_no_mail_at_the_others(
    post: Post,
) -> None:
    user = await post.user("pro")
    _, mail = await arrived(post, user, "leo.some+1@gmail.com")
    await post.press(mail, "one-click")
    for other in ("LEO.some+2@gmail.com", "leosome@googlemail.com", "l.e.o.some@gmail.com"):
        answer = await user.ask("POST", "/v1/emails", {**GIVEN, "recipient_email": other})
        assert (answer.status, answer.body["code"]) == (403, "opted_out")


async def test_looking_at_the_page_changes_nothing_and_its_button_does(post: Post) -> None:
    user = await post.user("pro")
    _, mail = await arrived(post, user)
    http, url = post.clients.http, post.world.url + link(mail)
    for method in ("HEAD", "GET", "GET"):
        async with http.request(method, url) as answer:
            assert answer.status == 200
    async with http.get(url) as answer:
        page = await answer.text()
    assert '<form method="post">' in page
    assert mail["to"][0] not in page
    await post.send(user)
    for _ in range(2):
        async with http.post(url) as answer:
            assert (answer.status, "Done" in await answer.text()) == (200, True)
            assert "script" not in answer.headers["Content-Security-Policy"]
    answer2 = await user.ask("POST", "/v1/emails", GIVEN)
    assert answer2.body["code"] == "opted_out"
    for method in ("GET", "POST"):
        async with http.request(method, f"{post.world.url}/unsubscribe/nonsense") as answer:
            assert (answer.status, "<h1>" in await answer.text()) == (404, True)


async def test_the_page_is_in_the_language_of_the_email_whoever_reads_it(post: Post) -> None:
    user = await post.user("pro")
    _, mail = await arrived(post, user)
    assert (await user.ask("PATCH", "/v1/me", {"language": "fr-CA"})).status == 200
    async with post.clients.http.get(post.world.url + link(mail)) as answer:
        page = await answer.text()
    assert '<html lang="fr">' in page
    assert f"<h1>{sentence('fr', 'unsubscribe', 'ask')}</h1>" in page
    another = await post.user("pro")
    assert (await another.ask("PATCH", "/v1/me", {"language": "de"})).status == 200
    _, mail = await arrived(post, user, (await another.get("/v1/me"))["email"])
    async with post.clients.http.get(post.world.url + link(mail)) as answer:
        assert f"<h1>{sentence('en', 'unsubscribe', 'ask')}</h1>" in await answer.text()


async def test_an_answer_joins_the_email_it_answers(post: Post) -> None:
    user = await post.user("pro")
    email, mail = await arrived(post, user, "ann@example.org")
    async with user.live() as dashboard:
        await post.press(mail, "reply", text="Thank you, Zoë!\n\nMore soon.")
        told = await dashboard.until(lambda m: m.get("type") == "email.received")
    (answer,) = await post.letters(user)
    assert told["data"]["email"]["id"] == answer["id"]
    assert answer["content"] == "Thank you, Zoë!\n\nMore soon."
    assert (answer["from_email"], answer["recipient_email"]) == (
        "ann@example.org", "talking@example.com",
    )  # fmt: skip
    assert (answer["subject"], answer["topic"], answer["status"], answer["delivery"]) == (
        "Re: Bread", "sourdough", "sent", "received",
    )  # fmt: skip
    assert answer["in_reply_to"] == email["id"]
    again = await user.ask("POST", "/v1/emails", {**GIVEN, "recipient_email": "ann@example.org"})
    assert again.status == 201


async def _write(
    post: Post, to: str, text: str, sender: str = "ann@example.net", **more: str
) -> None:
    """A mail from somebody, posted by the sandbox until the node took it."""
    letter = {"from": sender, "to": to, "subject": "Re: Bread", "text": text}
    made = await post.sandbox.send("POST", "/world/mails", {**letter, "headers": more})

    async def outcome() -> str:
        letters: list[Json] = await post.sandbox.get("/world/inbound_mails")
        return next(str(one["outcome"]) for one in letters if one["id"] == made["id"])

    assert await until(outcome, lambda now: now != "waiting") == "taken"


async def test_stop_by_answer_stops_and_a_machine_saying_so_does_not(post: Post) -> None:
    user = await post.user("pro")
    _, mail = await arrived(post, user, "ann@example.net")
    to = mail["reply_to"][0].upper()
    await _write(post, to, "I am away. Unsubscribe me", **{"Auto-Submitted": "auto-replied"})
    await _write(post, to, "Unsubscribe me", Precedence="bulk")
    assert len(await post.letters(user)) == 2
    body = {**GIVEN, "recipient_email": "ann@example.net"}
    assert (await user.ask("POST", "/v1/emails", body)).status == 201
    await _write(post, to, "Please take me off your list.\n\n> unrelated")
    answer = await user.ask("POST", "/v1/emails", body)
    assert answer.body["code"] == "opted_out"
    assert len(await post.letters(user)) == 3


async def test_an_unclear_wish_by_mail_is_asked_about_by_mail(post: Post) -> None:
    user = await post.user("pro")
    _, mail = await arrived(post, user, "una@example.net")
    await _write(post, mail["reply_to"][0], "I never signed up for this.", sender="una@example.net")
    body = {**GIVEN, "recipient_email": "una@example.net"}

    async def asked() -> list[Json]:
        mails: list[Json] = await post.sandbox.get("/world/mails")
        return [one for one in mails if "Answer STOP or NO" in one["text"]]

    (question,) = await until(asked, bool)
    assert (await user.get("/v1/usage"))["emails"]["used"] == 1
    await _write(post, question["reply_to"][0], "Yes, please", sender="una@example.net")
    assert (await user.ask("POST", "/v1/emails", body)).body["code"] == "opted_out"
    await _write(post, question["reply_to"][0], "START", sender="una@example.net")
    assert (await user.ask("POST", "/v1/emails", body)).status == 201


async def test_only_who_proves_an_address_speaks_for_it(post: Post) -> None:
    user = await post.user("pro")
    _, mail = await arrived(post, user, "owner@example.net")
    token = mail["reply_to"][0]
    forged = {"from": "Victim <victim@example.com>", "to": token, "subject": "STOP", "text": "STOP",
              "spf": "fail", "dkim": "{@evil.example : pass}"}  # fmt: skip
    await post.sandbox.send("POST", "/world/mails", forged)
    await until(lambda: post.letters(user), bool)
    for address in ("victim@example.com", "owner@example.net"):
        assert (
            await user.ask("POST", "/v1/emails", {**GIVEN, "recipient_email": address})
        ).status == 201
    await _write(post, token, "STOP", sender="owner@example.net")
    refused = await user.ask(
        "POST", "/v1/emails", {**GIVEN, "recipient_email": "owner@example.net"}
    )
    assert refused.body["code"] == "opted_out"


async def test_a_signed_in_owner_takes_back_what_was_asked_for_them(post: Post) -> None:
    user = await post.user("pro")
    _, mail = await arrived(post, user)
    await post.press(mail, "one-click")
    (found,) = (await user.get("/v1/opt-outs"))["opt_outs"]
    assert found["reason"] == "unsubscribe"
    foreign = await user.ask("POST", "/v1/opt-outs/lift", {"address": "somebody@example.org"})
    assert foreign.status == 404
    answer = await user.ask("POST", "/v1/opt-outs/lift", {"address": found["address"].upper()})
    assert (answer.status, answer.body) == (200, {"opt_outs": []})
    assert (await user.ask("POST", "/v1/emails", GIVEN)).status == 201


async def test_a_mail_with_large_attachments_counts_by_its_words(post: Post) -> None:
    user = await post.user("pro")
    _, mail = await arrived(post, user, "big@example.net")
    head = "".join(
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {**FORM, "from": "big@example.net", "to": mail["reply_to"][0],
                            "text": "Stop. Thank you"}.items()
    )  # fmt: skip
    file = b'--B\r\nContent-Disposition: form-data; name="a1"; filename="a.bin"\r\n\r\n'
    body = head.encode() + file + b"\x00" * 200_000 + b"\r\n--B--\r\n"
    path = "/webhooks/sendgrid/inbound?key=test-inbound-key"
    form = {"Content-Type": "multipart/form-data; boundary=B"}
    assert (await post.raw(path, body, form)).status == 200
    refused = await user.ask("POST", "/v1/emails", {**GIVEN, "recipient_email": "big@example.net"})
    assert refused.body["code"] == "opted_out"


FORM = {
    "headers": "Message-ID: <m1@example.net>\nSubject: x\n", "from": "Bea <bea@example.net>",
    "subject": "Re: Bread", "text": "Fine.", "charsets": '{"text":"UTF-8"}',
}  # fmt: skip


async def test_mail_to_nobody_and_mail_that_cannot_be_read_is_taken_and_not_kept(
    post: Post,
) -> None:
    user = await post.user()
    _, mail = await arrived(post, user)
    to = mail["reply_to"][0]
    envelope = '{"to":["%s"],"from":"bea@example.net"}'
    good = {**FORM, "to": to, "envelope": envelope % to}
    for key in ("", "wrong", "é"):
        assert (await post.inbound(good, key)).status == 403
    nobody = to.replace("reply+", "reply+0000")
    elsewhere = to.replace("replies.example.com", "example.com")
    for address in (nobody, elsewhere, "hello@replies.example.com"):
        answer = await post.inbound({**FORM, "to": address, "envelope": envelope % address})
        assert answer.status == 200
    assert (await post.inbound({})).status == 200
    assert (await post.inbound({**good, "from": "", "envelope": "{"})).status == 200
    path = "/webhooks/sendgrid/inbound?key=test-inbound-key"
    form = {"Content-Type": "multipart/form-data; boundary=B"}
    assert (await post.raw(path, b"\xff" * 100, {"Content-Type": "text/plain"})).status == 200
    assert (await post.raw(path, b"x" * 500_000, form)).status == 413
    assert await post.letters(user) == []
    for _ in range(2):  # sent again by the mail company
        assert (await post.inbound(good)).status == 200
    assert (await post.inbound({**good, "headers": "Message-ID: <m2@x.y>", "text": "x" * 300_000})
            ).status == 200  # fmt: skip
    assert sorted(len(one["content"]) for one in await post.letters(user)) == [5, 20_000]
