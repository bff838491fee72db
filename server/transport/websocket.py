"""One websocket: the `websockets` package's protocol on an asyncio transport, in plain calls.

A frame costs no task and no queue: it is handed over in the call that took it off the network. What
a peer may do to the loop, to memory and to time is bounded here, whatever is said on the socket:
no extension is ever agreed on (RFC 6455, section 9.1), messages have a size, what came has a share
of each turn of the loop, and a peer that neither reads nor speaks is let go. Knows nothing of what
is said.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from http import HTTPStatus

from websockets.frames import Frame
from websockets.http11 import Request, Response
from websockets.protocol import CONNECTING, OPEN
from websockets.server import ServerProtocol

from server.transport.backpressure import Backpressure
from server.transport.frames import Boundary, Fault, Messages, binary_frame, is_long, text_frame
from server.transport.joined_writes import JoinedWrites
from server.transport.turns import Turns

TURN_BYTES = 1024  # of a heap, looked at in one turn of the loop: some 170 of the smallest frames
MOST_WAITING = 16  # messages nobody has received yet; beyond that the peer has to wait
PING_SECONDS = 25.0  # after so long a silence we ask whether anybody is there
PONG_SECONDS = 10.0
OVERDUE_SECONDS = 0.1
LINGER_SECONDS = 3.0  # from our close to the end of the connection

Received = Callable[[str | bytes], None]


class ClosedError(ConnectionError):
    """The peer is gone, or the socket closed."""


class WebSocket(asyncio.Protocol):
    """One peer; only one task may receive. Sending is allowed to anybody."""

    def __init__(
        self,
        transport: asyncio.Transport,
        turns: Turns,
        max_bytes: int,
        gone: Callable[[], None],
    ) -> None:
        """`gone` is called once, when the connection has ended. Nothing is read before `accept`."""
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._turns = turns
        self._writes = JoinedWrites(transport)
        self.backpressure = Backpressure(transport)
        self._protocol = ServerProtocol(max_size=max_bytes)
        self._gone = gone
        self._request: Request | None = None
        self._response: Response | None = None
        self.subprotocols: tuple[str, ...] = ()  # what the peer offers to speak
        self.closed = False  # no more is sent; the peer is gone or was told to go

        self._unread = bytearray()  # came, and waits for its turn of the loop
        self._gathered = b""  # came while messages are carried, and waits for the next slot
        self._is_reading = False
        self._messages = Messages(self._loop.time())
        self._boundary = Boundary()
        self._is_deaf = False  # a flood is not even looked at

        self._inbox: deque[str | bytes] = deque()
        self._receiver: asyncio.Future[None] | None = None
        self._received: Received | None = None
        self._carried: asyncio.Future[None] | None = None
        self._silence_seconds = PING_SECONDS

        self._heard_at = self._message_at = self._loop.time()
        self._pinged = self._is_overdue = False
        self._watch: asyncio.TimerHandle | None = None
        self._deadline: asyncio.TimerHandle | None = None  # of a close

    # The handshake

    def begin(self, head: bytes, rest: bytes) -> bool:
        """Take the connection over. `head` is the request to the end of its head, `rest` what came
        after it. False when it is no handshake; that is answered here."""
        self._transport.pause_reading()
        self._transport.set_protocol(self)
        self._unread += rest
        self._protocol.receive_data(head)
        found = self._protocol.events_received()
        if not found or not isinstance(found[0], Request):
            if not any(self._protocol.writes):  # most of what it cannot read, it does not answer
                self._transport.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            self._flush()
            self._leave()
            return False
        self._request = found[0]
        response = self._protocol.accept(found[0])
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            self._answer(response)
            return False
        self._response = response
        offered = ",".join(self.headers("sec-websocket-protocol"))
        self.subprotocols = tuple(name.strip() for name in offered.split(",") if name.strip())
        return True

    def headers(self, name: str) -> list[str]:
        """Every value of a header of the request, in order."""
        return self._request.headers.get_all(name) if self._request is not None else []

    @property
    def peer(self) -> str:
        """The address at the other end; "" where there is none."""
        found = self._transport.get_extra_info("peername")
        return str(found[0]) if isinstance(found, tuple) else ""

    def accept(self, subprotocol: str | None = None) -> None:
        """Answer 101; from here on the peer is read. Raises ClosedError when it is gone."""
        if self.closed or self._response is None:
            raise ClosedError
        if subprotocol is not None:
            self._response.headers["Sec-WebSocket-Protocol"] = subprotocol
        self._protocol.send_response(self._response)
        self._flush()
        self._heard_at = self._loop.time()
        self._look()
        self._go_on()

    def refuse(self, status: HTTPStatus = HTTPStatus.FORBIDDEN) -> None:
        """Answer with an error and no websocket."""
        if not self.closed:
            self._answer(self._protocol.reject(status, f"{status.phrase}.\n"))

    def _answer(self, response: Response) -> None:
        self._protocol.send_response(response)
        self._flush()
        self._leave()

    # From the peer

    async def receive(self) -> str | bytes:
        """The next message. Raises ClosedError when the peer is gone and nothing is left of it."""
        while not self._inbox:
            if self.closed:
                raise ClosedError
            self._receiver = self._loop.create_future()
            await self._receiver
        message = self._inbox.popleft()
        self._go_on()
        return message

    async def carry(self, received: Received, silence_seconds: float) -> None:
        """Give each message to `received`, in a plain call, until something ends it.

        Raises ClosedError when the peer is gone, TimeoutError without a message for so long, and
        whatever `received` raises; what comes after that is received as before.
        """
        if self.closed and not self._inbox:
            raise ClosedError
        self._carried = self._loop.create_future()
        self._received = received
        self._silence_seconds, self._message_at = silence_seconds, self._loop.time()
        waiting, self._inbox = self._inbox, deque()
        for message in waiting:
            self._deliver(message)
        if self.closed:
            self._end(ClosedError())
        self._go_on()
        self._look()
        try:
            await self._carried
        finally:
            self._received = self._carried = None
            self._silence_seconds = PING_SECONDS

    def data_received(self, data: bytes) -> None:
        """The loop's call: something came. A long text, as sound is, waits for a slot where texts
        are carried; what is shorter says what the peer does, and is heard at once, after those."""
        waits = self._received is not None and not self._unread and is_long(data)
        if waits and len(self._gathered) + len(data) <= TURN_BYTES:
            if not self._gathered:
                self._turns.gather(self._hear)
            self._gathered += data
        else:
            self._hear(data)

    def _hear(self, data: bytes = b"") -> None:
        data, self._gathered = self._gathered + data, b""
        if not data or self._is_deaf:
            return
        self._heard_at, self._pinged = self._loop.time(), False
        if not self._is_reading or self._unread or len(data) > TURN_BYTES:
            self._unread += data
            self._go_on()
        else:
            self._take(data)

    def _go_on(self) -> None:
        """Look at what waits in the next turn of the loop, or at what the network has."""
        if not self.closed and (
            self._protocol.state is CONNECTING or len(self._inbox) >= MOST_WAITING
        ):
            self._read(wanted=False)
        elif not self._unread:
            self._read(wanted=True)
        else:
            self._read(wanted=False)
            self._turns.ask(self._take_turn)

    def _take_turn(self) -> None:
        if self.closed or len(self._inbox) < MOST_WAITING:
            data = bytes(self._unread[:TURN_BYTES])
            del self._unread[:TURN_BYTES]
            self._take(data)
        self._go_on()

    def _read(self, *, wanted: bool) -> None:
        if wanted is self._is_reading or self._transport.is_closing():
            return
        self._is_reading = wanted
        if wanted:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _take(self, data: bytes) -> None:
        texts, end = list[str](), 0
        try:
            if self._boundary.is_reached:
                texts, end = self._messages.take_texts(data, self._heard_at)
            for text in texts:
                if not self.closed:
                    self._deliver(text)
            if end < len(data):
                self._take_any(data[end:])
        except Fault as fault:
            self._is_deaf = fault.is_flood
            self.close(fault.code, fault.reason)
        if len(self._inbox) >= MOST_WAITING:
            self._go_on()

    def _take_any(self, data: bytes) -> None:
        protocol = self._protocol
        self._boundary.pass_over(data)
        protocol.receive_data(data)
        for frame in protocol.events_received():
            if isinstance(frame, Frame):
                message = self._messages.take(frame, self._heard_at)
                if message is not None and not self.closed:
                    self._deliver(message)
        if protocol.writes:
            self._flush()
        if protocol.state is not OPEN:
            self._leave()

    def _deliver(self, message: str | bytes) -> None:
        if self._received is None:
            self._inbox.append(message)
            self._wake()
            return
        self._message_at = self._heard_at
        try:
            self._received(message)
        except Exception as error:  # noqa: BLE001 - raised again in the task that carries
            self._end(error)

    def _end(self, error: Exception) -> None:
        self._received = None
        if self._carried is not None and not self._carried.done():
            self._carried.set_exception(error)

    def _wake(self) -> None:
        if self._receiver is not None and not self._receiver.done():
            self._receiver.set_result(None)

    # To the peer

    async def send(self, text: str) -> None:
        """Send a text; waits while the peer is behind. Raises ClosedError when it is gone."""
        await self.send_frame(text_frame(text.encode()))

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message, as `send` does a text."""
        await self.send_frame(binary_frame(data))

    async def send_all(self, texts: Iterable[str]) -> None:
        """Send texts in one piece, and before this turn of the loop is over; else as `send`."""
        await self.send_frame(b"".join([text_frame(text.encode()) for text in texts]), now=True)

    def write(self, frame: bytes, *, now: bool = False) -> None:
        """Send what `text_frame` made without waiting. Raises ClosedError when the peer is gone."""
        if self.closed:
            raise ClosedError
        self._writes.write(frame, now=now)

    async def send_frame(self, frame: bytes, *, now: bool = False) -> None:
        """Send what `text_frame` made, as `send` does."""
        self.write(frame, now=now)
        if self.backpressure.is_on:
            await self.backpressure.eased()
            if self.closed:
                raise ClosedError

    def close(self, code: int, reason: str = "") -> None:
        """Close from our side; closing what is closed does nothing.

        What the peer had sent by then is read and dropped for a while: to end a connection with
        unread sound or words in it would reset it, and the peer would never learn the code.
        """
        if self.closed:
            return
        if self._protocol.state is CONNECTING:
            self.refuse(HTTPStatus.INTERNAL_SERVER_ERROR)
            return
        if self._protocol.state is OPEN:
            self._protocol.send_close(code, reason)
        self._flush()
        self._inbox.clear()
        self._unread.clear()
        self._leave()

    def _flush(self) -> None:
        self._writes.flush()
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            elif self._transport.can_write_eof():
                with contextlib.suppress(OSError):
                    self._transport.write_eof()
            else:
                self._transport.close()

    def _leave(self) -> None:
        """Nothing more is said from here on: whoever waits learns it, and the peer gets a while."""
        if self.closed:
            return
        self.closed = True
        self._end(ClosedError())
        self._wake()
        self.backpressure.end()
        self._deadline = self._loop.call_later(LINGER_SECONDS, self._transport.abort)
        self._go_on()

    def pause_writing(self) -> None:
        """The loop's call: the peer is behind."""
        if not self.closed:
            self.backpressure.begin()

    def resume_writing(self) -> None:
        """The loop's call: there is room again."""
        self.backpressure.end()

    # The end

    def _look(self) -> None:
        """Is anybody there?"""
        if self._watch is not None:
            self._watch.cancel()
        if self.closed:
            return
        silent = self._loop.time() - (self._message_at if self._received else self._heard_at)
        self._is_overdue = self._is_overdue and silent >= self._silence_seconds
        patience = self._silence_seconds + PONG_SECONDS * self._pinged
        if silent >= patience:
            if self._received is not None or self._pinged:
                if self._unread or self._inbox or not self._is_overdue:
                    # We may have been held up ourselves: what came meanwhile is read first.
                    self._is_overdue = True
                    self._watch = self._loop.call_later(OVERDUE_SECONDS, self._look)
                elif self._received is not None:
                    self._end(TimeoutError())
                else:
                    self._transport.abort()
                return
            self._pinged = True
            patience += PONG_SECONDS
            self._protocol.send_ping(b"")
            self._flush()
        self._watch = self._loop.call_later(max(0.01, patience - silent), self._look)

    def eof_received(self) -> bool:
        """The loop's call: the peer says no more. Nothing is left to say to it either."""
        self._hear()
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - why does not matter
        """The loop's call: the connection has ended."""
        self._hear()
        self.closed = True
        for timer in (self._watch, self._deadline):
            if timer is not None:
                timer.cancel()
        self._turns.drop(self._take_turn)
        self._writes.drop()
        self._unread.clear()
        self._end(ClosedError())
        self._wake()
        self.backpressure.end()
        self._gone()
