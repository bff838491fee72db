"""Taking part: mute, take over, give back, keys, verdict and transfer, seen from all sides."""

import io
import uuid
import wave

import numpy as np

from db.accounts.users import give_plan
from media.audio.mulaw import encode
from tests.integration.server.carrier import Carrier
from tests.integration.server.live.people import make_admin
from tests.integration.server.operators.operator_fixture import (
    OperatorFixture,
    joined,
    loop_of,
    talking,
)
from tests.integration.server.test_api_keys import by, made
from tests.support.client import Answer, Clients, Json, User
from tests.support.patience import patience
from tests.support.people import human
from tests.support.sound import loudest, tone


async def turns(talk: OperatorFixture) -> list[tuple[str, str]]:
    found = (await talk.user.get(f"/v1/calls/{talk.id}/transcript"))["turns"]
    return [(turn["speaker"], turn["spoken"]) for turn in found]


async def test_an_operator_is_heard_in_the_agents_place_and_written_down(
    clients: Clients,
) -> None:
    async with talking(clients) as talk, talk.listener() as listener:
        async with talk.operator() as operator:
            await talk.sees("takeover.started")
            await talk.phone.until(lambda: talk.phone.clears > 0)
            talk.phone.heard = b""
            assert await talk.refused("takeover") == "wrong_state"
            await operator.says(tone(1300, 1000) + b"\xff" * 8000)
            await talk.phone.until(lambda: loudest(talk.phone.heard, 1300) > 0.9)
            await listener.until(lambda: loudest(listener.tracks[2], 1300) > 0.9)
            assert operator.tracks[2] == b""
            said = await talk.sees("transcript.final", speaker="operator")
            assert said["segment"].startswith("operator:")
            talk.phone.saying = loop_of(900)
            await operator.until(lambda: loudest(operator.tracks[0], 900) > 0.9)
            enough = talk.phone.said + 4800  # a syllable over somebody's voice may be its echo
            await talk.phone.until(lambda: talk.phone.said > enough)
            talk.phone.saying = b""
            await talk.sees("transcript.final", speaker="caller")
            assert [who for who, _ in await turns(talk)][-2:] == ["operator", "caller"]
            await talk.does("release")
            await talk.sees("takeover.ended", reason="released")
            assert await operator.code() == 1000
        talk.phone.heard = b""
        await talk.phone.until(lambda: loudest(talk.phone.heard, 400) > 0.5)  # the agent goes on
        assert await talk.refused("release") == "wrong_state"


async def test_a_second_operator_leaves_the_first_ones_takeover_alone_or_ends_it_by_name(
    clients: Clients,
) -> None:
    anna, ben = [await make_admin(clients, await clients.sign_up(), "operator") for _ in range(2)]
    assert (await anna.ask("PATCH", "/v1/me", {"name": "Anna"})).status == 200
    async with talking(clients) as talk:

        async def asks(who: User, verb: str, body: Json) -> Answer:
            return await who.ask("POST", f"/v1/calls/{talk.id}/{verb}", body)

        taken = await asks(anna, "takeover", {})
        async with (
            joined(clients.world, taken.body["ticket"]) as operator,
            talk.listener() as owner,
        ):
            assert (await talk.sees("takeover.started"))["by"] == str(anna.id)
            verbs: dict[str, Json] = {
                "release": {}, "takeover": {}, "mute": {}, "hangup": {}, "dtmf": {"digits": "1"},
                "transfer": {"to": "+12125550199"}, "say": {"text": "Hi.", "interrupt": True},
                "recording/start": {}, "recording/stop": {},
            }  # fmt: skip
            for verb, body in verbs.items():
                answer = await asks(ben, verb, body)
                refused = (answer.status, answer.body["code"], answer.body["held_by"])
                assert refused == (409, "held_by_another", str(anna.id)), verb
            assert await talk.refused("release") == "held_by_another", "the call's owner neither"
            by_owner = await asks(talk.user, "release", {"of": str(anna.id)})
            assert by_owner.body["code"] == "forbidden"
            standing = await ben.get(f"/v1/calls/{talk.id}/operators")
            assert (standing["held_by"], standing["held_by_name"]) == (str(anna.id), "Anna")
            told = await talk.user.get(f"/v1/calls/{talk.id}/operators")
            assert (told["held_by"], told["held_by_name"]) == (str(anna.id), None)
            called = f"/v1/admin/users/{anna.id}"
            assert (await ben.get(called))["name"] == "Anna"
            assert (await talk.user.ask("GET", called)).status == 403
            assert (await ben.ask("GET", f"/v1/admin/users/{uuid.uuid4()}")).status == 404
            program = by(ben, await made(ben, "read", "calls"))
            for other in (await clients.sign_up(), program):
                answer = await other.ask("GET", f"/v1/calls/{talk.id}/operators")
                assert (answer.status, answer.body["code"]) == (404, "not_found")
            blind = by(talk.user, await made(talk.user, "emails"))
            answer = await blind.ask("GET", f"/v1/calls/{talk.id}/operators")
            assert answer.body["code"] == "scope_required"
            assert (await asks(ben, "unlisten", {})).status == 200
            assert (await asks(ben, "release", {"of": str(ben.id)})).status == 409
            assert not operator.closed and not owner.closed  # noqa: PT018
            assert (await asks(ben, "release", {"of": str(anna.id)})).status == 200
            assert await operator.code() == 1000
            assert not owner.closed, "it is theirs to end"
        async with clients.world.rows() as rows:
            named = (
                "select data ->> 'of' from app.audit_log"
                " where action = 'call.release' and actor_id = $1"
            )
            assert await rows.fetchval(named, ben.id) == str(anna.id)


async def test_an_operator_whose_sound_is_gone_may_come_back_or_loses_the_call(
    clients: Clients,
) -> None:
    async with talking(clients) as talk:
        first = (await talk.does("takeover"))["ticket"]
        async with joined(clients.world, first):
            await talk.sees("takeover.started")
        again = await _once_away(talk)
        async with joined(clients.world, again) as operator:
            await operator.says(tone(1300, 400))
            await talk.phone.until(lambda: loudest(talk.phone.heard, 1300) > 0.9)
        ended = await talk.sees("takeover.ended")
        assert ended == {"takeover": 1, "reason": "away"}
        assert len(talk.dashboard.events("takeover.started")) == 1


async def _once_away(talk: OperatorFixture) -> str:
    async with patience():
        while True:
            ack = await talk.dashboard.command("call.takeover", call=talk.id)
            if ack["ok"]:
                return str(ack["data"]["ticket"])


async def test_an_operator_that_sends_faster_than_it_speaks_is_cut_off(clients: Clients) -> None:
    async with talking(clients) as talk:
        async with talk.operator() as operator:
            for _ in range(100):
                await operator.socket.send(b"\xff" * 800)
            assert await operator.code() == 4007
        ticket = (await _again(talk))["ticket"]
        async with joined(clients.world, ticket) as operator:
            await operator.socket.send(b"\xff" * 801)
            assert await operator.code() == 4500


async def _again(talk: OperatorFixture) -> Json:
    return {"ticket": await _once_away(talk)}


async def test_a_muted_agent_is_silent_and_keeps_listening(clients: Clients) -> None:
    async with talking(clients) as talk:
        await talk.does("ai_mute")
        await talk.sees("ai.muted")
        await talk.phone.until(lambda: talk.phone.clears > 0)
        assert await talk.refused("ai_mute") == "wrong_state"
        talk.phone.heard = b""
        talk.phone.saying = loop_of(700)
        enough = talk.phone.said + 4800
        await talk.phone.until(lambda: talk.phone.said > enough)
        talk.phone.saying = b""
        await talk.sees("transcript.final", speaker="caller")
        assert talk.phone.heard == b""
        await talk.does("dtmf", digits="5#")
        await talk.sees("dtmf.sent", digits="5#")
        await talk.phone.until(lambda: len(talk.phone.heard) >= 2 * 1280)
        assert loudest(talk.phone.heard[:800], 770) > 0.4 < loudest(talk.phone.heard[:800], 1336)
        assert loudest(talk.phone.heard[1280:2080], 941) > 0.4
        await talk.does("ai_unmute")
        await talk.sees("ai.unmuted")
        await talk.phone.until(lambda: loudest(talk.phone.heard, 400) > 0.5)
        assert await talk.refused("ai_unmute") == "wrong_state"


async def test_an_operator_decides_the_waiting_room_and_the_carrier_comes_too_late(
    clients: Clients,
) -> None:
    carrier = Carrier(clients)
    call = await carrier.ringing_call()
    path = f"/v1/calls/{call.id}/verdict"
    early = await call.user.ask("POST", path, {"answered_by": "machine"})
    assert early.body["code"] == "wrong_state"
    async with call.user.live() as dashboard:
        await carrier.answers(call)
        await dashboard.until_status(call.id, "waiting")
        assert (await call.user.ask("POST", path, {"answered_by": "fax"})).status == 400
        assert (await call.user.ask("POST", path, {"answered_by": "machine"})).status == 200
        told = await dashboard.until(lambda message: message.get("type") == "call.amd.result")
        assert told["data"].pop("took_ms") >= 0
        assert told["data"] == {"answered_by": "machine_start", "by": "operator"}
        assert (await carrier.verdict(call, "human")).status == 204
        again = await call.user.ask("POST", path, {"answered_by": "human"})
        assert again.body["code"] == "wrong_state"
        assert (await call.now())["answered_by"] == "machine_start"
        await call.hang_up()


async def test_a_person_at_the_phone_hears_the_operator(clients: Clients) -> None:
    user = await clients.sign_up()
    number = await clients.sandbox.add(human({"after_ms": 60_000}, verdict_ms=300))
    async with user.live() as dashboard:
        call = await user.start_call(number)
        await dashboard.until_status(call["id"], "talking")
        state = await user.get(f"/v1/calls/{call['id']}/operators")
        assert state == {
            "phase": "talking", "floor": "speaking", "muted": False, "operator": "",
            "transferring": False, "listeners": 0, "held_by": None, "held_by_name": None,
        }  # fmt: skip
        taken = await user.ask("POST", f"/v1/calls/{call['id']}/takeover", {})
        async with joined(clients.world, taken.body["ticket"]) as operator:
            await operator.says(tone(1300, 1000))
            state = await user.get(f"/v1/calls/{call['id']}/operators")
            assert (state["floor"], state["operator"]) == ("aside", "present")
            await user.ask("POST", f"/v1/calls/{call['id']}/hangup", {})
            assert await operator.code() == 4510
        over = await dashboard.until_over(call["id"])
        assert (await user.ask("GET", f"/v1/calls/{call['id']}/operators")).status == 409
        with wave.open(io.BytesIO(await clients.sandbox.heard(over["twilio_call_sid"]))) as file:
            heard = encode(np.frombuffer(file.readframes(file.getnframes()), np.int16))
        assert loudest(heard, 1300) > 0.9


async def test_a_call_is_transferred_and_leaves_us_in_peace(clients: Clients) -> None:
    user = await clients.sign_up()
    number = await clients.sandbox.add(human({"after_ms": 60_000}, verdict_ms=300))
    async with user.live() as dashboard:
        call = await user.start_call(number)
        await dashboard.until_status(call["id"], "talking")
        early = await dashboard.command("call.transfer", call=call["id"], to="+12125550199")
        assert early["error"]["code"] == "wrong_state", "they are not told who called yet"
        await dashboard.until(lambda message: message.get("type") == "transcript.final")
        beyond = await dashboard.command("call.transfer", call=call["id"], to="+12125550199")
        assert beyond["error"]["code"] == "plan_limit", "a transfer is another call"
        async with clients.world.rows() as rows:
            await give_plan(rows, user.id, "premium")
        bad = await dashboard.command("call.transfer", call=call["id"], to="12")
        assert bad["error"]["code"] == "invalid_number"
        other = "+1 212 555 0199 x42"
        assert (await dashboard.command("call.transfer", call=call["id"], to=other))["ok"]
        over = await dashboard.until_over(call["id"])
        assert (over["status"], over["end_reason"]) == ("ended", "transferred")
        seen = await clients.sandbox.call(over["twilio_call_sid"])
        names = [entry["event"] for entry in seen["timeline"]]
        (dialled,) = [one for one in seen["timeline"] if one["event"] == "dialled_on"]
        assert dialled["fields"] == {"number": "+12125550199", "keys": "W42"}
        assert "ended" not in names, "the caller goes on talking, to somebody else"


async def test_a_transfer_that_the_carrier_refuses_does_not_count(clients: Clients) -> None:
    async with talking(clients) as talk, clients.world.rows() as rows:
        await give_plan(rows, talk.user.id, "premium")
        await talk.sees("transcript.final")  # they know who calls
        await talk.does("transfer", to="+12125550199")  # the carrier knows no such call
        await talk.sees("transfer.failed")
        calls = (await talk.user.get("/v1/usage"))["calls"]
        assert (calls["used"], calls["reserved"]) == (1, 0)
        attempts = (
            "select count(*) from app.velocity"
            " where use in (select subject_id from app.reservations where user_id = $1)"
        )
        assert await rows.fetchval(attempts, talk.user.id) == 0


async def test_nothing_of_it_can_be_done_before_the_call_talks(clients: Clients) -> None:
    call = await Carrier(clients).ringing_call()
    attempts: list[tuple[str, Json, int, str]] = [
        ("mute", {}, 409, "wrong_state"),
        ("unmute", {}, 409, "wrong_state"),
        ("takeover", {}, 409, "wrong_state"),
        ("release", {}, 409, "wrong_state"),
        ("dtmf", {"digits": "1"}, 409, "wrong_state"),
        ("transfer", {"to": "+12125550199"}, 409, "wrong_state"),
        ("verdict", {"answered_by": "human"}, 409, "wrong_state"),
        ("dtmf", {"digits": "x"}, 400, "bad_request"),
        ("dtmf", {"digits": "1" * 33}, 400, "bad_request"),
        ("dtmf", {}, 400, "bad_request"),
        ("transfer", {"to": "+442079460000"}, 422, "country_not_allowed"),
        ("mute", {"loudly": True}, 400, "bad_request"),
    ]
    for verb, body, status, code in attempts:
        answer = await call.user.ask("POST", f"/v1/calls/{call.id}/{verb}", body)
        assert (answer.status, answer.body["code"]) == (status, code), verb
    heard = await call.user.ask("POST", f"/v1/calls/{call.id}/listen", {})
    assert heard.body["url"] == "/audio"
    async with joined(clients.world, heard.body["ticket"]) as person:  # before anybody picks up
        assert person.texts[0]["talk"] is False
        await call.hang_up()
        assert await person.code() == 4510


async def test_commands_that_cannot_be_done_say_why(clients: Clients) -> None:
    call, stranger = await Carrier(clients).ringing_call(), await clients.sign_up()
    args: dict[str, Json] = {
        "ai_mute": {}, "ai_unmute": {}, "takeover": {}, "release": {}, "listen": {},
        "unlisten": {}, "dtmf": {"digits": "1"}, "transfer": {"to": "+12125550199"},
        "verdict": {"answered_by": "human"},
    }  # fmt: skip
    async with call.user.live() as mine, stranger.live() as others:
        for name, given in args.items():
            theirs = await others.command(f"call.{name}", call=call.id, **given)
            assert theirs["error"]["code"] == "not_found", name
            wrong = await mine.command(f"call.{name}", call=call.id, more=1, **given)
            assert wrong["error"]["code"] == "bad_request", name
            done = await mine.command(f"call.{name}", call=call.id, **given)
            if name in {"listen", "unlisten"}:
                assert done["ok"]
            else:
                assert done["error"]["code"] == "wrong_state", name
    await call.hang_up()
