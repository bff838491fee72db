"""A load balancer for tests: TCP connections go to the backends of one address in turn.

Backends are ports of this machine. It passes bytes on and knows nothing of what they mean; asked
to, it looks at one path of each backend now and then, and leaves out those that did not answer
200 when it last looked (a new one until then).
It runs in a thread of its own, so a test may use it with or without a loop, and may change
`backends` at any time. A connection's end is passed on as it came: half closed, closed or reset.
"""

import asyncio
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

POLL_SECONDS = 0.2
HEALTH_SECONDS = 1.0  # a frozen process accepts connections and says nothing
_CHUNK_BYTES = 65_536
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing throws away what is left and sends RST


class RoundRobin:
    """Whom connections go to, and what became of it. Every backend is tried once at most."""

    def __init__(self, listener: socket.socket, backends: Iterable[int], health_path: str) -> None:
        self.backends = list(backends)
        self.port: int = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.taken: Counter[int] = Counter()  # connections that each backend has had
        self.healthy: frozenset[int] = frozenset()
        self._listener, self.health_path = listener, health_path
        self._turn = 0
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._open: set[asyncio.Task[None]] = set()  # a loop's own references are weak

    def run(self) -> None:
        """Serve until `stop`; all connections end with it."""
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    def stop(self) -> None:
        """End it, from any thread."""
        self._loop.call_soon_threadsafe(self._stop.set)

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._take, sock=self._listener)
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._watch()) if self.health_path else None
            await self._stop.wait()
            server.close()
            if watching:
                watching.cancel()

    def _next_in_turn(self) -> list[int]:
        """Whom to try. When nobody is healthy everybody is tried: a bad answer beats none."""
        known = list(self.backends)
        chosen = [port for port in known if port in self.healthy] or known
        self._turn += 1
        first = self._turn % len(chosen) if chosen else 0
        return chosen[first:] + chosen[:first]

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        await self._connect(reader, writer)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for port in self._next_in_turn():
            try:
                backend_reader, backend_writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                continue
            self.taken[port] += 1
            break
        else:
            _reset(writer)
            return
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pass_on(reader, backend_writer))
                group.create_task(_pass_on(backend_reader, writer))
        except* OSError:
            _reset(writer)
            _reset(backend_writer)
        finally:
            writer.close()
            backend_writer.close()

    async def _watch(self) -> None:
        while True:
            ports = list(self.backends)
            answers = await asyncio.gather(*map(self._answers_200, ports))
            pairs = zip(ports, answers, strict=True)
            self.healthy = frozenset(port for port, is_healthy in pairs if is_healthy)
            await asyncio.sleep(POLL_SECONDS)

    async def _answers_200(self, port: int) -> bool:
        request = f"GET {self.health_path} HTTP/1.1\r\nHost: {port}\r\nConnection: close\r\n\r\n"
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(HEALTH_SECONDS):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    writer.write(request.encode())
                    return (await reader.readline()).split()[1:2] == [b"200"]
                finally:
                    writer.close()
        return False


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Everything from one end to the other, its end included. Raises OSError on a reset."""
    while data := await reader.read(_CHUNK_BYTES):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection the way a crash does."""
    if not writer.transport.is_closing():
        with suppress(OSError):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


@contextmanager
def round_robin(
    backends: Iterable[int], port: int = 0, health_path: str = ""
) -> Iterator[RoundRobin]:
    """A running one on `port` (0: any). With a `health_path` backends are polled there."""
    proxy = RoundRobin(socket.create_server(("127.0.0.1", port)), backends, health_path)
    thread = threading.Thread(target=proxy.run, name="round robin")
    thread.start()
    try:
        yield proxy
    finally:
        proxy.stop()
        thread.join()
