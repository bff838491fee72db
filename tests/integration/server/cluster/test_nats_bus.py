"""The bus over a real NATS server: requests, tellings, outages, and who is too slow."""

import asyncio

from structlog.testing import capture_logs

from server.cluster import nats_bus
from server.cluster.nats_bus import NatsBus
from server.core.bus import NoBus
from server.core.times import steady_clock
from tests.support.nats import NatsServer, running, until_connected, until_told
from tests.support.patience import patience

A, B = "host.example:8000", "host.example:8001 *>"


def _buses(server: NatsServer) -> tuple[NatsBus, NatsBus]:
    clock = steady_clock()
    return NatsBus(server.url, A, clock), NatsBus(server.url, B, clock)


async def _echo(body: bytes) -> bytes:
    return b"echo " + body


async def _until_answered(bus: NatsBus, node: str, name: str) -> bytes:
    async with patience():
        while (reply := await bus.request(node, name, b"x", seconds=5)) is None:
            pass  # its server may not know yet who answers
    return reply


async def test_a_node_answers_by_its_name_whatever_characters_that_has(nats: NatsServer) -> None:
    one, other = _buses(nats)
    other.answer("echo", _echo)
    async with running(one, other):
        assert await _until_answered(one, B, "echo") == b"echo x"
        assert await one.request(A, "echo", b"x") is None
        assert await one.request("nobody", "echo", b"x") is None
        assert await one.request(B, "unknown", b"x") is None


async def test_an_answer_that_fails_or_is_late_is_none_and_harms_no_other(nats: NatsServer) -> None:
    one, other = _buses(nats)
    asked = asyncio.Event()

    async def fail(_: bytes) -> bytes:
        raise KeyError("call")

    async def hang(_: bytes) -> bytes:
        asked.set()
        await asyncio.Event().wait()
        return b""

    other.answer("fail", fail)
    other.answer("hang", hang)
    other.answer("echo", _echo)
    async with running(one, other):
        await _until_answered(one, B, "echo")
        with capture_logs() as logs:
            assert await one.request(B, "fail", b"") is None
            assert await one.request(B, "hang", b"") is None
        assert asked.is_set()
        assert [line["error"] for line in logs] == ["KeyError"]
        assert await one.request(B, "echo", b"y", seconds=5) == b"echo y"


async def test_followers_get_what_others_tell_until_they_stop(nats: NatsServer) -> None:
    one, other = _buses(nats)
    heard: list[bytes] = []

    def take(body: bytes) -> None:
        heard.append(body)
        if body == b"bad":
            raise KeyError("handler")

    stop = other.follow("passing.*", take)
    own = one.follow("passing.*", heard.append)
    async with running(one, other):
        await until_told(one, "passing.ready", other)
        heard.clear()
        with capture_logs() as logs:
            for body in (b"bad", b"good"):
                one.tell("passing.1", body)
            await until_told(one, "passing.end", other)
        assert [body for body in heard if body] == [b"bad", b"good"]
        assert [line["event"] for line in logs] == ["bus_handler_failed"]
        stop()
        stop()
        own()
        one.tell("passing.1", b"nobody")
        await until_told(one, "passing.end", other)
        assert b"nobody" not in heard


async def test_an_outage_loses_what_is_told_in_it_ends_by_itself_and_is_logged_once(
    nats: NatsServer,
) -> None:
    one, other = _buses(nats)
    other.answer("echo", _echo)
    heard: list[bytes] = []
    other.follow("passing.1", heard.append)
    async with running(one, other):
        await until_told(one, "passing.1", other)
        with capture_logs() as logs:
            nats.kill()
            await until_connected(one, is_connected=False)
            await until_connected(other, is_connected=False)
            one.tell("passing.1", b"lost")
            assert await one.request(B, "echo", b"x", seconds=60) is None  # at once
            await asyncio.sleep(nats_bus.RECONNECT_SECONDS * 4)  # several attempts fail
            nats.start()
            await until_connected(one)
            await until_connected(other)
            assert await _until_answered(one, B, "echo") == b"echo x"
            await until_told(one, "passing.1", other)
        assert b"lost" not in heard
    events = sorted(line["event"] for line in logs)
    assert events == ["bus_away", "bus_away", "bus_connected", "bus_connected"]


async def test_a_server_that_comes_later_is_found(nats: NatsServer) -> None:
    nats.kill()
    one, _ = _buses(nats)
    async with asyncio.TaskGroup() as tasks:
        service = tasks.create_task(one.run())
        assert await one.request(B, "echo", b"x", seconds=60) is None
        one.tell("passing.1", b"lost")
        nats.start()
        await until_connected(one)
        service.cancel()


async def test_what_is_too_old_is_dropped(nats: NatsServer) -> None:
    late = 0.0
    clock = steady_clock()
    one = NatsBus(nats.url, A, lambda: clock() - late)
    other = NatsBus(nats.url, B, clock)
    other.answer("echo", _echo)
    heard: list[bytes] = []
    other.follow("passing.1", heard.append)
    async with running(one, other):
        await until_told(one, "passing.1", other)
        late = nats_bus.MOST_AGE_SECONDS + 1
        one.tell("passing.1", b"old")
        assert await one.request(B, "echo", b"x") is None
        late = 0.0
        await until_told(one, "passing.1", other)
        assert b"old" not in heard


async def test_who_is_too_slow_loses_messages_and_goes_on(nats: NatsServer) -> None:
    one, other = _buses(nats)
    heard: list[bytes] = []
    other.follow("passing.1", heard.append)
    count = 3 * nats_bus.MOST_WAITING
    async with running(one, other):
        await until_told(one, "passing.1", other)
        heard.clear()
        with capture_logs() as logs:
            for number in range(count):  # without giving the sender a chance in between
                one.tell("passing.1", str(number).encode())
            await until_told(one, "passing.1", other)
        numbers = [int(body) for body in heard if body]
        assert 0 < len(numbers) <= nats_bus.MOST_WAITING
        assert numbers == sorted(numbers)
        assert numbers[0] == count + 1 - nats_bus.MOST_WAITING  # what waits longest goes first
        assert len(logs) <= 1


async def test_a_single_node_reaches_nobody() -> None:
    bus = NoBus()
    bus.answer("echo", _echo)
    bus.tell("passing.1", b"x")
    bus.follow("passing.1", lambda _: None)()
    assert not bus.is_connected
    assert await bus.request(A, "echo", b"x") is None
