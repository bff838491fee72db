"""Who acts on what is somebody else's: operators, by name; administrators only look."""

import pytest

from tests.integration.server.carrier import Carrier
from tests.integration.server.live.people import make_admin
from tests.support.client import Clients

VERBS = {
    "mute": {}, "unmute": {}, "takeover": {}, "release": {}, "listen": {}, "unlisten": {},
    "dtmf": {"digits": "1"}, "verdict": {"answered_by": "human"}, "hangup": {},
    "say": {"text": "Hello."},
}  # fmt: skip


async def test_an_administrator_sees_a_call_and_touches_nothing(clients: Clients) -> None:
    call = await Carrier(clients).ringing_call()
    admin = await make_admin(clients, await clients.sign_up())
    assert (await admin.get(f"/v1/calls/{call.id}"))["id"] == call.id
    for verb, body in VERBS.items():
        answer = await admin.ask("POST", f"/v1/calls/{call.id}/{verb}", body)
        assert (answer.status, answer.body["code"]) == (403, "forbidden"), verb
    await call.hang_up()


async def test_an_operator_acts_and_it_is_written_down_who_did(clients: Clients) -> None:
    call = await Carrier(clients).ringing_call()
    operator = await make_admin(clients, await clients.sign_up(), "operator")
    assert (await operator.get("/v1/me"))["role"] == "operator"
    async with call.user.live() as dashboard:
        answer = await operator.ask("POST", f"/v1/calls/{call.id}/hangup", {})
        assert answer.status == 200, answer
        await call.hang_up()
        await dashboard.until_over(call.id)
    journal = (await call.user.get(f"/v1/calls/{call.id}/journal"))["events"]
    asked = [line["event"] for line in journal if line["event"]["type"] == "hang_up_asked"]
    assert asked[0]["operator_id"] == str(operator.id)
    assert all(one.get("operator_id") is None for one in asked[1:]), (
        "what the owner asks is unsigned"
    )
    views = (await operator.get("/v1/admin/views"))["views"]
    assert (f"did call.hangup {call.id}", str(operator.id)) in [
        (view["what"], view["admin_id"]) for view in views
    ]


@pytest.mark.parametrize(("role", "status"), [("admin", 403), ("operator", 200)])
async def test_conversations_are_moved_by_their_owner_and_operators(
    clients: Clients, role: str, status: int
) -> None:
    user = await clients.sign_up()
    number = await clients.sandbox.number_of("talker")
    body = {"topic": "moss", "phone_number": number, "consent": "I agree."}
    begun = await user.ask("POST", "/v1/conversations", body)
    assert begun.status == 201, begun
    path = f"/v1/conversations/{begun.body['id']}"
    other = await make_admin(clients, await clients.sign_up(), role)
    for verb in ("pause", "resume", "end"):
        answer = await other.ask("POST", f"{path}/{verb}", {})
        assert answer.status == status, answer
