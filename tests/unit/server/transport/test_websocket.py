"""A websocket against a client in memory: what each side may do, and what becomes of the other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from server.transport import backpressure, websocket
from server.transport import turns as turn_taking
from server.transport.frames import FRAMES_PER_SECOND
from server.transport.turns import Turns
from server.transport.websocket import MOST_WAITING, TURN_BYTES, ClosedError
from tests.support.patience import patience
from tests.support.websocket_peer import Peer


@pytest.fixture(autouse=True)
def _never_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No loop here is behind, so a peer gets its one turn and no more, however slow the machine."""
    monkeypatch.setattr(turn_taking, "time", SimpleNamespace(monotonic=lambda: 0.0))


def opened(
    subprotocols: tuple[str, ...] = (), max_bytes: int = 64 * 1024, turns: Turns | None = None
) -> Peer:
    peer = Peer(subprotocols, max_bytes=max_bytes, turns=turns)
    peer.socket.accept(subprotocols[0] if subprotocols else None)
    return peer.read()


async def turns(count: int = 20) -> None:
    """Let the loop take so many turns."""
    for _ in range(count):
        await asyncio.sleep(0)


async def ends(wait: Awaitable[object]) -> bool:
    """Whether it raises ClosedError, within reason."""
    try:
        async with patience():
            await wait
    except ClosedError:
        return True
    return False


async def test_nothing_is_read_before_the_handshake_is_accepted() -> None:
    peer = Peer(["dash.v1", "other"])
    assert peer.is_handshake
    assert not peer.transport.reads
    assert peer.socket.subprotocols == ("dash.v1", "other")
    assert peer.socket.headers("Host") == ["node.test"]
    peer.pour(Frame(Opcode.TEXT, b"early").serialize(mask=True))
    await turns()
    peer.socket.accept("dash.v1")
    assert (peer.read().status, peer.is_open) == (101, True)
    assert await peer.socket.receive() == "early"
    await turns()
    assert peer.transport.reads


async def test_a_refusal_has_a_status_and_ends_the_connection() -> None:
    peer = Peer()
    peer.socket.refuse()
    assert peer.read().status == 403
    assert peer.transport.is_ended
    with pytest.raises(ClosedError):
        peer.socket.accept()
    with pytest.raises(ClosedError):
        await peer.socket.send("x")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", b"426"),
        (b"GET / HTTP/1.0\r\nUpgrade: websocket\r\n\r\n", b"505"),
        (b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * 9000 + b"\r\n\r\n", b"431"),
        (b"nonsense\r\n\r\n", b"400"),
    ],
)
async def test_what_is_no_handshake_is_answered_and_ended(head: bytes, status: bytes) -> None:
    peer = Peer()
    socket = websocket.WebSocket(peer.transport, Turns(), 1000, lambda: None)
    assert not socket.begin(head, b"")
    assert bytes(peer.transport.written).split(b" ")[1] == status
    assert (socket.closed, peer.transport.is_ended) == (True, True)


async def test_messages_go_both_ways() -> None:
    peer = opened()
    peer.say("one", b"two")
    assert [await peer.socket.receive(), await peer.socket.receive()] == ["one", b"two"]
    await peer.socket.send("three")
    await peer.socket.send_bytes(b"four")
    assert not peer.transport.written, "what one turn of the loop says goes out in one piece"
    await turns()
    assert peer.read().heard == ["three", b"four"]
    await peer.socket.send("five")
    await peer.socket.send_all(["six", "seven"])
    assert peer.read().heard[2:] == ["five", "six", "seven"], "at once, and after what waited"


async def test_what_was_said_before_leaving_is_still_received() -> None:
    peer = opened()
    peer.say("last words")
    peer.leave(1001)
    assert await peer.socket.receive() == "last words"
    assert await ends(peer.socket.receive())
    assert peer.read().close_code == 1001
    assert peer.transport.is_ended


async def test_whoever_waits_learns_that_the_peer_vanished() -> None:
    peer = opened()
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(ends(peer.socket.receive()))
        await turns()
        peer.vanish()
        assert await waiting
    assert peer.is_lost
    assert await ends(peer.socket.send("x"))


async def test_our_close_tells_the_code_and_drops_what_comes_after() -> None:
    peer = opened()
    peer.socket.close(4002, "reads too slowly")
    peer.say("too late")
    assert await ends(peer.socket.receive())
    assert peer.read().close_code == 4002
    peer.flush()
    assert peer.transport.is_ended
    peer.socket.close(1000)
    assert peer.read().close_code == 4002


async def test_a_peer_that_never_answers_our_close_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(websocket, "LINGER_SECONDS", 0.01)
    peer = opened()
    peer.socket.close(1000)
    async with patience():
        while not peer.is_lost:
            await peer.transport.came.wait()
            peer.transport.came.clear()
    assert peer.transport.is_aborted


async def test_a_close_before_the_handshake_is_an_answer() -> None:
    peer = Peer()
    peer.socket.close(1011, "failed")
    assert peer.read().status == 500


async def test_a_message_over_the_limit_is_not_taken_in() -> None:
    peer = opened(max_bytes=1000)
    peer.pour(b"\x81\xfe\x03\xe9\x00\x00\x00\x00")  # the head of a frame of 1001 bytes
    assert peer.read().close_code == 1009
    assert await ends(peer.socket.receive())


def framed(*frames: Frame) -> bytes:
    return b"".join(frame.serialize(mask=True) for frame in frames)


BEGUN = Frame(Opcode.TEXT, b"", fin=False)
MORE = Frame(Opcode.CONT, b"", fin=False)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (framed(Frame(Opcode.TEXT, b"\xff\xfe")), 1007),
        (framed(Frame(Opcode.CONT, b"x")), 1002),
        (framed(BEGUN, Frame(Opcode.TEXT, b"")), 1002),
        (framed(BEGUN, *[MORE] * 99), 1009),
        (b"\xc1\x80\x00\x00\x00\x00", 1002),
        (b"\x81\x01x", 1002),
        (framed(*[Frame(Opcode.PING, b"")] * (FRAMES_PER_SECOND + 1)), 1008),
    ],
    ids=["no-utf8", "no-beginning", "two-at-once", "parts", "compressed", "unmasked", "pings"],
)
async def test_frames_against_the_rules_close_with_their_code(data: bytes, code: int) -> None:
    peer = opened()
    peer.pour(data)
    await turns()
    assert peer.read().close_code == code
    assert await ends(peer.socket.receive())


async def test_a_flood_is_read_no_more() -> None:
    peer = opened()
    flood = framed(*[Frame(Opcode.PONG, b"")] * 5000)
    peer.pour(flood)
    await turns(200)
    assert peer.read().close_code == 1008
    peer.pour(flood)
    await turns()
    assert peer.transport.reads


async def test_a_heap_of_frames_is_looked_at_in_pieces() -> None:
    peer = opened()
    frame = Frame(Opcode.TEXT, b"x" * 100).serialize(mask=True)
    count = 2 * TURN_BYTES // len(frame)
    peer.pour(frame * count)
    assert peer.socket.closed is False
    received: list[str | bytes] = []
    async with asyncio.TaskGroup() as tasks:
        carrying = tasks.create_task(ends(peer.socket.carry(received.append, 60)))
        await turns(1)
        assert len(received) < count, "all of it in one turn of the loop"
        await turns()
        assert len(received) == count
        peer.vanish()
        assert await carrying


async def test_who_does_not_receive_makes_the_peer_wait() -> None:
    peer = opened()
    for number in range(3 * MOST_WAITING):
        peer.say(str(number))
    assert not peer.transport.reads
    found = [await peer.socket.receive() for _ in range(3 * MOST_WAITING)]
    assert found == [str(number) for number in range(3 * MOST_WAITING)]
    await turns()
    assert peer.transport.reads


async def test_a_peer_that_is_behind_is_waited_for_and_then_goes_on() -> None:
    peer = opened()
    peer.transport.is_full = True
    async with asyncio.TaskGroup() as tasks:
        await peer.socket.send("one")
        await turns()
        assert peer.socket.backpressure.is_on
        sending = tasks.create_task(peer.socket.send("two"))
        await turns()
        assert not sending.done()
        peer.keep_reading()
        await sending
    await peer.socket.send("three")
    await turns()
    assert peer.read().heard == ["one", "two", "three"]


async def test_a_peer_that_stays_behind_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backpressure, "STALL_SECONDS", 0.01)
    peer = opened()
    peer.transport.is_full = True
    await peer.socket.send("x")
    await turns()
    assert await ends(peer.socket.send("y"))
    assert peer.transport.is_aborted


@asynccontextmanager
async def carried(
    peer: Peer, received: Callable[[str | bytes], None], silence_seconds: float = 60.0
) -> AsyncIterator[asyncio.Task[None]]:
    """While the socket's messages are carried to `received`."""
    async with asyncio.TaskGroup() as tasks:
        carrying = tasks.create_task(peer.socket.carry(received, silence_seconds))
        await turns()
        yield carrying
        carrying.cancel()


LONG, LONGER = "x" * 300, "y" * 400


class Got(list[str | bytes]):
    """Carried messages, which come in slots."""

    def __init__(self) -> None:
        super().__init__()
        self._more = asyncio.Event()

    def take(self, message: str | bytes) -> None:
        self.append(message)
        self._more.set()

    async def all_of(self, count: int) -> None:
        async with patience():
            while len(self) < count:
                self._more.clear()
                await self._more.wait()


async def test_carried_messages_come_in_plain_calls_those_that_waited_first() -> None:
    peer, got = opened(), Got()
    peer.say("waited")
    async with carried(peer, got.take):
        peer.say("a", "b")
        await got.all_of(3)
        assert got == ["waited", "a", "b"]


async def test_what_many_sockets_carry_comes_in_one_turn_of_the_loop() -> None:
    node, got = Turns(), Got()
    peers = [opened(turns=node) for _ in range(5)]
    async with AsyncExitStack() as stack:
        tasks = [await stack.enter_async_context(carried(peer, got.take)) for peer in peers]
        for peer in peers:
            peer.say(LONG)
            await turns()
            peer.say(LONGER)
        assert not got
        await got.all_of(1)  # who waits for one finds all of them
        assert got == [LONG, LONGER] * 5
        assert not any(task.done() for task in tasks)


async def test_what_is_shorter_than_sound_waits_for_no_slot_but_for_what_came_before_it() -> None:
    peer, got = opened(), Got()
    async with carried(peer, got.take):
        peer.say("at once")
        assert got == ["at once"]
        peer.say(LONG)
        peer.say("after it")
        assert got == ["at once", LONG, "after it"]


async def test_a_socket_that_fails_in_its_slot_takes_no_other_with_it() -> None:
    node, told, loop = Turns(), list[BaseException](), asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
    called = asyncio.Event()

    def fail() -> None:
        raise ValueError

    node.gather(fail)
    node.gather(called.set)
    async with patience():
        await called.wait()
    loop.set_exception_handler(None)
    assert [type(error) for error in told] == [ValueError]


async def test_what_waits_for_a_slot_is_heard_before_the_end() -> None:
    for ends_it in ("vanish", "leave"):
        peer, got = opened(), Got()
        async with asyncio.TaskGroup() as tasks:
            carrying = tasks.create_task(ends(peer.socket.carry(got.take, 60)))
            await turns()
            peer.say(LONG)
            getattr(peer, ends_it)()
            assert await carrying
        assert got == [LONG]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.one_of(st.text(max_size=300), st.binary(max_size=300)), max_size=8),
    st.lists(st.integers(1, 400), max_size=8),
)
async def test_messages_are_the_same_however_the_network_cuts_and_joins_them(
    said: list[str | bytes], cuts: list[int]
) -> None:
    peer, got, at = opened(), Got(), 0
    data = b"".join(
        Frame(Opcode.TEXT, one.encode()).serialize(mask=True) if isinstance(one, str)
        else Frame(Opcode.BINARY, one).serialize(mask=True)
        for one in said
    )  # fmt: skip
    async with carried(peer, got.take):
        for cut in (*cuts, len(data)):
            if piece := data[at : at + cut]:
                peer.pour(piece)
            at += cut
        await got.all_of(len(said))
        await turns()
    assert got == said


async def test_what_fails_in_carrying_is_raised_there_and_the_socket_goes_on() -> None:
    peer = opened()

    def refuse(message: str | bytes) -> None:
        raise ValueError(message)

    peer.say("first")
    with pytest.raises(ValueError, match="first"):
        await peer.socket.carry(refuse, 60)
    peer.say("second")
    assert await peer.socket.receive() == "second"


async def test_silence_ends_the_carrying() -> None:
    peer = opened()

    async def ping() -> None:
        while True:
            peer.say_frames(Frame(Opcode.PING, b""))
            await asyncio.sleep(0.005)  # a peer's own rhythm

    async with asyncio.TaskGroup() as tasks:
        pinging = tasks.create_task(ping())  # which is no sound
        with pytest.raises(TimeoutError):
            await peer.socket.carry(lambda _: None, 0.02)
        pinging.cancel()
    await peer.socket.send("are you there?")
    assert peer.read().is_open


async def test_who_says_nothing_is_asked_and_then_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "PING_SECONDS", 0.02)
    monkeypatch.setattr(websocket, "PONG_SECONDS", 0.5)
    answers, silent = opened(), opened()
    async with patience():
        while not silent.is_lost:
            await answers.transport.came.wait()
            answers.read().flush()
    assert silent.read().pinged == 1
    assert answers.pinged > 1
    assert not answers.is_lost


async def test_who_is_not_heard_for_our_part_is_not_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(websocket, "PING_SECONDS", 0.02)
    monkeypatch.setattr(websocket, "PONG_SECONDS", 0.02)
    waits, silent = opened(), opened()
    waits.say(*["one more"] * MOST_WAITING)
    assert not waits.transport.reads
    async with patience():
        while not silent.is_lost:
            await silent.transport.came.wait()
            silent.read()
    assert not waits.is_lost
    for _ in range(MOST_WAITING):
        assert await waits.socket.receive() == "one more"
    async with patience():
        while not waits.is_lost:
            await waits.transport.came.wait()
            waits.read()


PIECES = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.builds(
            lambda opcode, data, fin: Frame(opcode, data, fin).serialize(mask=True),
            st.sampled_from([Opcode.TEXT, Opcode.BINARY, Opcode.CONT]),
            st.binary(max_size=20),
            st.booleans(),
        ),
        st.sampled_from([
            Frame(Opcode.PING, b"x").serialize(mask=True),
            Frame(Opcode.PONG, b"").serialize(mask=True),
            Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=True),
            Frame(Opcode.CLOSE, b"").serialize(mask=True),
        ]),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(PIECES, st.booleans())
async def test_whatever_comes_is_a_message_or_a_close(pieces: list[bytes], vanishes: bool) -> None:
    peer, got = opened(max_bytes=64), list[str | bytes]()
    async with asyncio.TaskGroup() as tasks:
        carrying = tasks.create_task(ends(peer.socket.carry(got.append, 60)))
        await turns(2)
        for piece in pieces:
            peer.pour(piece)
        await turns(2)
        if vanishes:
            peer.vanish()
        peer.socket.close(1000)
        assert await carrying
    assert all(len(message) <= 64 for message in got)
