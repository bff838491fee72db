"""Lists from outside: filters, orders, cursors that belong to them, and what is put into rows."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

import pytest

from db.accounts.users import give_plan
from tests.integration.server.live.people import make_admin
from tests.support.client import Clients, User
from tests.support.people import patient

DAY = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
CALLS = [
    ("ended", 30), ("busy", None), ("ended", 240), ("no_answer", None), ("ended", 600),
    ("busy", None), ("ended", 30),
]  # fmt: skip


async def a_user_of_seven_calls(clients: Clients) -> tuple[User, list[str]]:
    """One call a day from the first of November on, oldest first."""
    user = await clients.sign_up()
    await user.get("/v1/me")  # the product knows a user from the first request on
    async with clients.world.rows() as connection:
        made = []
        for day, (status, seconds) in enumerate(CALLS):
            at = DAY + dt.timedelta(days=day)
            call_id = await connection.fetchval(
                """
                insert into public.calls (user_id, user_phone_number, topic, status,
                    initiated_time, duration_seconds, created_at)
                values ($1, '+12025550100', 'tomatoes', $2, $3, $4, $3) returning id
                """,
                user.id, status, at, seconds,
            )  # fmt: skip
            await connection.execute(
                "insert into app.call_details (call_id, user_id) values ($1, $2)", call_id, user.id
            )
            made.append(str(call_id))
    return user, made


async def listed(user: User, path: str, **query: Any) -> list[str]:
    """The ids of a whole list, two at a time."""
    name = path.rpartition("/")[2]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        given = {**query, "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = await user.get(f"{path}?{urlencode(given)}")
        seen += [row["id"] for row in page[name]]
        cursor = page["cursor"]
        if cursor is None:
            return seen


async def test_calls_are_filtered_and_sorted_over_pages(clients: Clients) -> None:
    user, made = await a_user_of_seven_calls(clients)

    async def days(**query: Any) -> list[int]:
        return [made.index(one) + 1 for one in await listed(user, "/v1/calls", **query)]

    assert await days() == [7, 6, 5, 4, 3, 2, 1]
    assert await days(sort="created_at") == [1, 2, 3, 4, 5, 6, 7]
    assert await days(status="busy") == [6, 2]
    assert await days(since="2026-11-03", until="2026-11-05") == [5, 4, 3]
    assert await days(since="2026-11-03T12:00:00Z", until="2026-11-05T12:00:00Z") == [4, 3]
    assert await days(min_duration_seconds=31, max_duration_seconds=300) == [3]
    assert await days(max_duration_seconds=0) == [6, 4, 2]
    lengths = [CALLS[day - 1][1] or 0 for day in await days(sort="-duration_seconds")]
    assert lengths == [600, 240, 30, 30, 0, 0, 0]
    upwards = await days(sort="duration_seconds", status="ended", since="2026-11-02")
    assert upwards == [7, 3, 5]
    assert await days(status="lost") == []
    stranger = await clients.sign_up()
    assert await listed(stranger, "/v1/calls", status="busy") == []


async def test_a_cursor_is_good_for_its_own_list_only(clients: Clients) -> None:
    user, _ = await a_user_of_seven_calls(clients)
    cursor = (await user.get("/v1/calls?limit=1&status=busy"))["cursor"]
    for query in ("", "&status=ended", "&status=busy&sort=created_at", "&sort=-duration_seconds"):
        answer = await user.ask("GET", f"/v1/calls?limit=1&cursor={cursor}{query}")
        assert (answer.status, answer.body["code"]) == (400, "cursor_mismatch")
    answer = await user.ask("GET", f"/v1/calls?limit=50&status=busy&cursor={cursor}")
    assert len(answer.body["calls"]) == 1


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/v1/calls?state=busy", "min_duration_seconds"),
        ("/v1/calls?sort=topic", "-duration_seconds"),
        ("/v1/calls?status=loud", "no_answer"),
        ("/v1/calls?since=yesterday", "2026-11-29"),
        ("/v1/calls?expand=transcript&limit=21", "20"),
        ("/v1/calls?min_duration_seconds=-1", "min_duration_seconds"),
        ("/v1/conversations?direction=inbound", "topic"),
        ("/v1/conversations?expand=messages&limit=50", "20"),
        ("/v1/emails?delivery=lost", "delivered"),
        ("/v1/emails?expand=messages", "direction"),
    ],
)
async def test_what_no_list_knows_is_refused_with_what_there_is(
    clients: Clients, path: str, told: str
) -> None:
    answer = await (await clients.sign_up()).ask("GET", path)
    assert (answer.status, answer.body["code"]) == (400, "bad_request")
    assert told in answer.body["detail"]


async def test_a_topic_is_found_in_any_case_and_a_call_has_its_words_in_it(
    clients: Clients,
) -> None:
    user = await clients.sign_up()
    number = await clients.sandbox.add(patient())
    async with user.live() as dashboard:
        call = await user.start_call(number, "Growing tomatoes")
        await dashboard.until_status(call["id"], "talking")
        await user.ask("POST", f"/v1/calls/{call['id']}/hangup", {})
        await dashboard.until_over(call["id"])
    words = (await user.get(f"/v1/calls/{call['id']}/transcript"))["turns"]
    found = (await user.get("/v1/calls?topic=growing%20TOMATOES&expand=transcript"))["calls"]
    assert [one["id"] for one in found] == [call["id"]]
    assert found[0]["transcript"] == words
    assert (await user.get(f"/v1/calls/{call['id']}?expand=transcript"))["transcript"] == words
    assert "transcript" not in (await user.get("/v1/calls"))["calls"][0]
    assert await listed(user, "/v1/calls", topic="Growing") == []
    assert await listed(await clients.sign_up(), "/v1/calls", topic="Growing tomatoes") == []


async def test_conversations_come_with_their_messages(clients: Clients) -> None:
    user = await clients.sign_up()
    number = await clients.sandbox.add(patient())
    given = {"topic": "Bread", "phone_number": number, "consent": "I agree to get texts."}
    await user.get("/v1/me")
    async with clients.world.rows() as connection:
        await connection.execute(
            "update public.users set subscription_plan_id = 'premium' where id = $1", user.id
        )
    answer = await user.ask("POST", "/v1/conversations", given)
    assert answer.status == 201, answer
    made = answer.body["id"]
    thread = await user.get(f"/v1/conversations/{made}")
    (shown,) = (await user.get("/v1/conversations?expand=messages&topic=bread"))["conversations"]
    assert [one["id"] for one in shown["messages"]][: len(thread["messages"])] == [
        one["id"] for one in thread["messages"]
    ]
    assert "messages" not in (await user.get("/v1/conversations"))["conversations"][0]
    await user.ask("POST", f"/v1/conversations/{made}/end", {})
    assert await listed(user, "/v1/conversations", status="ended", sort="created_at") == [made]
    assert await listed(user, "/v1/conversations", status="active") == []


async def test_emails_are_filtered_by_how_far_they_got_and_which_way(clients: Clients) -> None:
    user = await clients.sign_up()
    sent = await user.ask("POST", "/v1/emails", {"topic": "Bread", "type": "custom"})
    assert sent.status == 201, sent
    row = await user.get(f"/v1/emails/{sent.body['id']}")
    assert await listed(user, "/v1/emails", direction="outbound") == [row["id"]]
    assert await listed(user, "/v1/emails", direction="inbound") == []
    assert await listed(user, "/v1/emails", topic="BREAD", since="2020-01-01") == [row["id"]]
    assert await listed(user, "/v1/emails", delivery="spamreport") == []
    async with clients.world.rows() as connection:
        await connection.execute(
            "update app.email_details set delivery = 'spamreport' where user_id = $1", user.id
        )
    assert await listed(user, "/v1/emails", delivery="spamreport") == [row["id"]]
    assert await listed(await clients.sign_up(), "/v1/emails", delivery="spamreport") == []


async def test_administrators_filter_everybodys_and_the_look_is_at_whom_they_name(
    clients: Clients,
) -> None:
    user, made = await a_user_of_seven_calls(clients)
    admin = await make_admin(clients, await clients.sign_up())
    path = "/v1/admin/calls"
    mine = {"user_id": str(user.id)}
    assert await listed(admin, path, **mine, status="busy") == [made[5], made[1]]
    assert await listed(admin, path, **mine, min_duration_seconds=600) == [made[4]]
    assert set(made) <= set(await listed(admin, path, since="2026-11-01", until="2026-11-07"))
    looks = (await admin.get(f"/v1/admin/audit-log?user_id={user.id}&action=admin.read"))["acts"]
    assert {(look["subject"], look["actor_id"]) for look in looks} == {("calls", str(admin.id))}
    assert (await user.ask("GET", f"{path}?status=busy")).status == 403


async def test_conversations_and_emails_are_found_by_what_was_written(clients: Clients) -> None:
    user, other = await clients.sign_up(), await clients.sign_up()
    await user.get("/v1/me")
    async with clients.world.rows() as connection:
        await give_plan(connection, user.id, "premium")
    number = await clients.sandbox.number_of("talker")
    begun = await user.ask(
        "POST", "/v1/conversations",
        {"topic": "Rye bread", "phone_number": number, "consent": "I agree."},
    )  # fmt: skip
    text = {"text": "Seven Alpacas eat it."}
    path = f"/v1/conversations/{begun.body['id']}"
    assert (await user.ask("POST", f"{path}/messages", text)).status == 201
    mails = [
        await user.ask(
            "POST", "/v1/emails",
            {"recipient_email": f"ann{n}@example.org", "topic": "farms", "type": "custom",
             "subject": f"Farm {n}", "content": words},
        )
        for n, words in enumerate(("We keep\nseven alpacas.", "Llamas only.", "None of them."))
    ]  # fmt: skip
    conversation, emails = [begun.body["id"]], [mail.body["id"] for mail in mails]

    async def found(words: str, who: User = user) -> tuple[list[str], list[str]]:
        return (
            await listed(who, "/v1/conversations", search=words),
            await listed(who, "/v1/emails", search=words),
        )

    assert await found("SEVEN alpacas") == (conversation, emails[:1])
    assert await found("rye") == (conversation, [])
    assert await found(number[-7:]) == (conversation, [])
    assert await found("Farm 1") == ([], emails[1:2])
    assert await found("ann2@") == ([], emails[2:])
    assert await found("xylophones") == ([], [])
    assert await found("alpacas", other) == ([], [])
    for name in ("conversations", "emails"):
        long = await user.ask("GET", f"/v1/{name}?search=farm&limit=21")
        assert (long.status, long.body["code"]) == (400, "bad_request")
        short = await user.ask("GET", f"/v1/{name}?search=f")
        assert (short.status, short.body["code"]) == (400, "bad_request")
