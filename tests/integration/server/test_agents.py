"""Agents: who may make and change them, and what a call placed with one does."""

import asyncio
import uuid
from typing import Any

import pytest

from media.languages.language import sentence
from tests.integration.server.live.people import make_admin
from tests.support.client import Clients, Dashboard, User
from tests.support.people import brief, human, patient

GREETING = "Good morning, Ann speaking about {topic}. Where shall we begin?"


async def operator_of(clients: Clients) -> User:
    return await make_admin(clients, await clients.sign_up(), "operator")


async def made(operator: User, **values: Any) -> dict[str, Any]:
    body = {"slug": f"a{uuid.uuid4().hex[:12]}", "name": "Ann", **values}
    answer = await operator.ask("POST", "/v1/agents", body)
    assert answer.status == 201, answer
    agent: dict[str, Any] = answer.body
    assert agent.pop("tool_secrets") == {}
    return agent


async def placed(user: User, to: str, agent: str, topic: str = "roses") -> str:
    answer = await user.ask("POST", "/v1/calls", {"topic": topic, "to": to, "agent": agent})
    assert answer.status == 201, answer
    return str(answer.body["id"])


def agents_words(dashboard: Dashboard) -> list[str]:
    return [
        event["data"]["heard"]
        for event in dashboard.events("transcript.final")
        if event["data"]["speaker"] == "agent"
    ]


async def test_operators_make_change_and_delete_agents(clients: Clients) -> None:
    operator = await operator_of(clients)
    agent = await made(operator, greeting=GREETING, limit_seconds=60, language="en")
    path = f"/v1/agents/{agent['id']}"
    assert (agent["rev"], agent["enabled"], agent["voicemail_message"]) == (1, True, None)
    assert await operator.get(path) == agent
    changed = await operator.ask(
        "PATCH", path, {"name": "Bea", "greeting": None, "voicemail_message": "", "rev": 1}
    )
    assert changed.status == 200
    assert changed.body == {
        **agent, "tool_secrets": {}, "rev": 2,
        "name": "Bea", "greeting": None, "voicemail_message": "",
        "updated_at": changed.body["updated_at"],
    }  # fmt: skip
    assert (await operator.ask("PATCH", path, {"name": "Bea"})).body["rev"] == 2, "as it was"
    assert (await operator.ask("DELETE", f"{path}?rev=2")).status == 200
    for method in ("GET", "PATCH", "DELETE"):
        answer = await operator.ask(method, path, {} if method == "PATCH" else None)
        assert (answer.status, answer.body["code"]) == (410, "agent_deleted")
    async with clients.world.rows() as rows:
        acts = await rows.fetch(
            "select action, actor_kind, actor_id, data from app.audit_log"
            " where subject = $1 order by at",
            f"agent:{agent['id']}",
        )
    assert [act["action"] for act in acts] == ["agent.made", "agent.changed", "agent.deleted"]
    assert {(act["actor_kind"], act["actor_id"]) for act in acts} == {("operator", operator.id)}
    assert "Bea" not in repr(acts)
    assert "greeting" in repr(acts)
    again = await made(operator, slug=agent["slug"])
    assert again["id"] != agent["id"], "the slug is free again"


async def test_an_edit_of_an_older_revision_changes_nothing(clients: Clients) -> None:
    operator = await operator_of(clients)
    agent = await made(operator)
    path = f"/v1/agents/{agent['id']}"
    answers = await asyncio.gather(
        *(operator.ask("PATCH", path, {"name": f"Ann {n}", "rev": 1}) for n in range(4))
    )
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
    (won,) = (answer for answer in answers if answer.status == 200)
    assert await operator.get(path) | {"tool_secrets": {}} == won.body
    stale = await operator.ask("DELETE", f"{path}?rev=1")
    assert (stale.status, stale.body["code"], stale.body["rev"]) == (409, "stale_rev", 2)


async def test_one_whose_voice_there_is_no_more_is_switched_off(clients: Clients) -> None:
    operator = await operator_of(clients)
    agent = await made(operator)
    path = f"/v1/agents/{agent['id']}"
    async with clients.world.rows() as rows:
        await rows.execute("update app.agents set voice = 'gone' where id = $1", agent["id"])
    on = await operator.ask("PATCH", path, {"enabled": True, "name": "Bea"})
    assert (on.status, on.body["code"]) == (400, "bad_request")
    off = await operator.ask("PATCH", path, {"enabled": False})
    assert (off.status, off.body["enabled"], off.body["name"]) == (200, False, "Ann")


async def test_two_that_want_a_slug_get_one(clients: Clients) -> None:
    operator = await operator_of(clients)
    body = {"slug": f"a{uuid.uuid4().hex[:12]}", "name": "Ann"}
    answers = await asyncio.gather(*(operator.ask("POST", "/v1/agents", body) for _ in range(3)))
    assert sorted(answer.status for answer in answers) == [201, 409, 409]
    assert {a.body["code"] for a in answers if a.status == 409} == {"slug_taken"}
    reserved = await operator.ask("POST", "/v1/agents", {"slug": "default", "name": "Ann"})
    assert reserved.body["code"] == "slug_taken"


async def test_others_read_what_is_switched_on_and_change_nothing(clients: Clients) -> None:
    operator, user = await operator_of(clients), await clients.sign_up()
    admin = await make_admin(clients, await clients.sign_up())
    shown, hidden = await made(operator), await made(operator, enabled=False)
    for who, sees in ((user, {shown["id"]}), (admin, {shown["id"], hidden["id"]})):
        listed = {one["id"] for one in (await who.get("/v1/agents"))["agents"]}
        assert listed & {shown["id"], hidden["id"]} == sees
        for method, path, body in (
            ("POST", "/v1/agents", {"slug": "mine", "name": "Mine"}),
            ("PATCH", f"/v1/agents/{shown['id']}", {"name": "Mine"}),
            ("DELETE", f"/v1/agents/{shown['id']}", None),
        ):
            answer = await who.ask(method, path, body)
            assert (answer.status, answer.body["code"]) == (403, "forbidden")
    assert await user.get(f"/v1/agents/{shown['id']}") == shown
    for agent_id in (hidden["id"], str(uuid.uuid4())):
        answer = await user.ask("GET", f"/v1/agents/{agent_id}")
        assert (answer.status, answer.body["code"]) == (404, "not_found")
    key = await user.ask("POST", "/v1/keys", {"name": "k", "scopes": ["read", "calls"]})
    session = {"user": {"id": str(user.id)}, "access_token": key.body["key"]}
    program = User(user._http, user.world, session)
    assert (await program.get("/v1/agents"))["agents"]
    answer = await program.ask("POST", "/v1/agents", {"slug": "mine", "name": "Mine"})
    assert answer.body["code"] == "scope_required"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "Not A Slug"),
        ("greeting", ""),
        ("greeting", "bell \x07"),
        ("voice", "nobody"),
        ("recogniser", "nobody"),
        ("language_model", "nobody"),
        ("language", "xx"),
        ("limit_seconds", 29),
        ("limit_seconds", 181),
        ("name", "a" * 61),
        ("follows_caller", True),
    ],
)
async def test_a_field_at_fault_is_named(clients: Clients, field: str, value: Any) -> None:
    operator = await operator_of(clients)
    answer = await operator.ask("POST", "/v1/agents", {"slug": "x", "name": "Ann", field: value})
    assert (answer.status, answer.body["code"]) == (400, "bad_request")
    assert field in answer.body["detail"]


async def test_a_call_names_an_agent_that_there_is(clients: Clients) -> None:
    operator, user = await operator_of(clients), await clients.sign_up()
    gone, hidden = await made(operator), await made(operator, enabled=False)
    await operator.ask("DELETE", f"/v1/agents/{gone['id']}")
    number = await clients.sandbox.add(human(answers="no-answer"))
    for agent, status, code in (
        (gone["id"], 410, "agent_deleted"),
        (gone["slug"], 410, "agent_deleted"),
        (hidden["slug"], 422, "unknown_agent"),
        (str(uuid.uuid4()), 422, "unknown_agent"),
        ("nobody", 422, "unknown_agent"),
    ):
        body: dict[str, Any] = {"topic": "roses", "to": number, "agent": agent}
        answer = await user.ask("POST", "/v1/calls", body)
        assert (answer.status, answer.body["code"]) == (status, code), agent
        async with user.live() as dashboard:
            ack = await dashboard.command("call.start", **body)
        assert ack["error"]["code"] == code
    assert await clients.sandbox.calls_to(number) == []
    assert (await user.get("/v1/calls"))["calls"] == []
    await placed(user, number, "default")
    other = await clients.sandbox.add(human(answers="no-answer"))
    await placed(operator, other, hidden["slug"])  # who wrote it tries it out


async def test_a_call_is_in_the_language_of_its_agent_with_the_engines_it_names(
    clients: Clients,
) -> None:
    operator, user = await operator_of(clients), await clients.sign_up()
    agent = await made(
        operator, language="es", voice="scripted", recogniser="scripted", language_model="scripted"
    )
    assert (agent["recogniser"], agent["language_model"]) == ("scripted", "scripted")
    listed = await user.get("/v1/agents")
    assert listed["languages"] == ["de", "en", "es", "fr"]
    assert listed["recognisers"] == listed["language_models"] == ["scripted"]
    number = await clients.sandbox.add(patient())
    async with user.live() as dashboard:
        call_id = await placed(user, number, agent["slug"], "rosas")
        await dashboard.until(lambda _: bool(agents_words(dashboard)))
        first, *_ = agents_words(dashboard)
        assert (await dashboard.command("call.hangup", call=call_id))["ok"]
        await dashboard.until_over(call_id)
    assert first == sentence("es", "conversation", "greeting").format(topic="rosas")


async def test_a_call_greets_as_its_agent_after_the_disclosure_and_runs_to_its_end(
    clients: Clients,
) -> None:
    agent = await made(await operator_of(clients), greeting=GREETING, instructions="Be kind.")
    user = await clients.sign_up()
    number = await clients.sandbox.add(brief())
    async with user.live() as dashboard:
        call_id = await placed(user, number, agent["slug"])
        over = await dashboard.until_over(call_id)
        assert over["status"] == "ended"
        first, *more = agents_words(dashboard)
    assert first == f"Hello. {GREETING.format(topic='roses')}"
    assert more
    journal = (await user.get(f"/v1/calls/{call_id}/journal"))["events"]
    kept = journal[0]["event"]["agent"]
    assert (kept["id"], kept["instructions"]) == (agent["id"], "Be kind.")


async def test_an_edit_in_mid_call_changes_nothing_of_it(clients: Clients) -> None:
    operator, user = await operator_of(clients), await clients.sign_up()
    agent = await made(operator, greeting=GREETING, instructions="Be kind.", limit_seconds=120)
    number = await clients.sandbox.add(patient())
    async with user.live() as dashboard:
        call_id = await placed(user, number, agent["id"])
        await dashboard.until_status(call_id, "ringing", "answered", "waiting")
        edit = {"greeting": "Go away.", "instructions": "Be rude.", "limit_seconds": 30}
        path = f"/v1/agents/{agent['id']}"
        assert (await operator.ask("PATCH", path, edit)).status == 200
        assert (await operator.ask("DELETE", path)).status == 200
        await dashboard.until(lambda message: message.get("type") == "transcript.final")
        assert agents_words(dashboard)[0] == f"Hello. {GREETING.format(topic='roses')}"
        journal = (await user.get(f"/v1/calls/{call_id}/journal"))["events"]
        assert journal[0]["event"]["agent"]["limit_seconds"] == 120
        assert (await dashboard.command("call.hangup", call=call_id))["ok"]
        await dashboard.until_over(call_id)
    assert (await user.get(f"/v1/calls/{call_id}"))["status"] == "ended"
