"""Sockets that are cut while things happen: nothing missing, nothing twice, the same end.

What a client made of a snapshot and events must be what a client that comes late is shown.
"""

import asyncio

from tests.integration.server.live.people import events_flow, make_admin, talking_call
from tests.integration.server.test_live import without_limit
from tests.integration.server.test_texts import add, begin
from tests.support.client import Clients, Json, User
from tests.support.follower import Follower, View, assert_same
from tests.support.people import patient

CUTS = 100  # a thousand in the benchmarks


async def test_a_hundred_cuts_lose_nothing(clients: Clients) -> None:
    user = await make_admin(clients, await without_limit(clients))
    call_id = await talking_call(user, await clients.sandbox.add(patient()))
    conversation = await begin(user, await add(clients))
    topics = ("me", f"call:{call_id}", f"conv:{conversation}", "all")
    followers = [Follower(user, *topics), Follower(user, *topics, caps=())]
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        flow = tasks.create_task(events_flow(user, call_id, conversation, enough))
        cutting = [
            tasks.create_task(one.cut_often(CUTS // 2, seed)) for seed, one in enumerate(followers)
        ]
        cuts = sum([await task for task in cutting])
        enough.set()
        await flow
        async with user.live() as dashboard:
            await dashboard.command("call.hangup", call=call_id)
            await dashboard.until_over(call_id)
    assert cuts >= CUTS
    for one in followers:
        late = await one.catch_up()
        for topic in topics:
            assert len(one.views[topic].events) > 20
            assert_same(one.views[topic].state, late.views[topic].state, topic)
        assert one.modes.count("resumed") > CUTS


async def test_a_call_and_what_follows_ends_the_same_wherever_it_is_cut(clients: Clients) -> None:
    user = await clients.sign_up()
    number = await clients.sandbox.add(patient())
    texted = await add(clients)
    follower = Follower(user, "me")
    me = follower.views["me"]
    watches = asyncio.Event()

    def is_told_all(_: int) -> bool:
        if me.snapshots:
            watches.set()
        return _types(me)[-1:] == ["email.delivered"]

    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(follower.watch(is_told_all))
        await watches.wait()  # what happened before its snapshot is no event for it
        async with user.live() as dashboard:
            call = await dashboard.command("call.start", "c-1", topic="tea", to=number)
            call_id = call["data"]["call"]["id"]
            await dashboard.until_status(call_id, "talking")
            await dashboard.command("call.say", call=call_id, text="Tea is hot.", interrupt=True)
            await dashboard.until(
                lambda message: (
                    message.get("type") == "transcript.final"
                    and message["data"]["heard"].endswith("Tea is hot.")
                )
            )
            await dashboard.command("call.hangup", call=call_id)
            await dashboard.until_over(call_id)
            conv = await dashboard.command(
                "conv.start", topic="tea", to=texted, consent="I agree to get texts."
            )
            conversation = conv["data"]["conversation"]["id"]
            await dashboard.until(lambda message: message.get("type") == "sms.delivered")
            mail = await dashboard.command(
                "email.send", topic="tea", type="custom", subject="Tea", content="As you wished."
            )
            assert mail["ok"]
        await watching
    _assert_in_order(_types(me), [
        "call.initiating", "call.ringing", "call.answered", "call.waiting", "call.amd.result",
        "call.talking", "usage.updated", "operator.said", "transcript.final", "call.ended",
        "conv.started",
        "sms.queued", "sms.sent", "sms.delivered", "email.queued", "email.sent", "email.delivered",
    ])  # fmt: skip
    assert me.events[0]["cause"] == "c-1"
    late = await follower.catch_up()
    for topic in ("me", f"call:{call_id}", f"conv:{conversation}"):
        await _cut_after_each(user, topic, me, late)


async def _cut_after_each(user: User, topic: str, me: View, late: Follower) -> None:
    """From any place in the story on, the rest is told, and the whole is what is shown now."""
    filtered = topic != "me"
    story = [event for event in me.events if not filtered or event["subject"] == topic]
    newest = Follower(user, topic)
    await newest.watch(lambda _: newest.views[topic].snapshots > 0)
    for place in range(len(story)):
        cursor = {"epoch": story[place]["epoch"], "seq": story[place]["seq"]}
        rest = Follower(user, topic)
        rest.views[topic].cursor = cursor
        wanted = [event["id"] for event in story[place + 1 :]]
        rest.views[topic].state = _empty(topic)
        await rest.watch(lambda taken, rest=rest, wanted=wanted: (  # type: ignore[misc]
            taken > 0 and len(rest.views[topic].events) == len(wanted)
        ))  # fmt: skip
        assert rest.modes == ["resumed"]
        assert [event["id"] for event in rest.views[topic].events] == wanted
    if not filtered:
        assert_same(me.state, late.views["me"].state)


def _empty(topic: str) -> Json:
    if topic == "me":
        return {"calls": {}, "conversations": {}, "emails": {}, "messages": {}, "usage": {}}
    return {"transcript": {}, "messages": {}}


def _types(view: View) -> list[str]:
    return [event["type"] for event in view.events]


def _assert_in_order(told: list[str], wanted: list[str]) -> None:
    place = iter(told)
    for kind in wanted:
        assert kind in place, f"no {kind} at its place in {told}"


async def test_a_snapshot_of_many_calls_comes_in_pages_with_events_after_the_last(
    clients: Clients,
) -> None:
    user = await without_limit(clients)
    for _ in range(13):
        async with asyncio.TaskGroup() as tasks:
            for _ in range(9):
                tasks.create_task(user.start_call("+12125559999"))
    follower = Follower(user, "me")
    async with asyncio.TaskGroup() as tasks:
        for _ in range(3):
            tasks.create_task(user.start_call("+12125559999"))
        await follower.watch(lambda _: follower.views["me"].snapshots > 0)
    late = await follower.catch_up()
    assert len(late.views["me"].state["calls"]) == 120
    assert_same(follower.views["me"].state, late.views["me"].state)
    assert follower.views["me"].folded()["calls"] == late.views["me"].state["calls"]
