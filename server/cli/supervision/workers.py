"""Several nodes on one port: with `server.workers` above 1, `talking serve` supervises them.

It listens once, and every worker, a whole node in an interpreter of its own, inherits the listening
socket. Measured on two cores against a listener of each worker's own (`reuse_port`): neither lost
a connection in a rolling restart, but with all workers killed and started again 1,355 of 3,642
were refused there and none here, where they wait in the one queue; and only this way serves a
socket in the file system. Its price: whoever is idle takes the next connection, so the spread is
uneven (180 to 620 of 800, one after the other) while nobody is busy.

A worker is named after a number that no other has, which is free again once it has ended. Between
it and the supervisor is a pair of sockets: a byte says that the worker is ready, and its end that
the worker shall leave, as others have the port (or as the supervisor is gone): it takes no new
connections from then on. SIGTERM is for the end of all: the port stays open, as calls that end in
peace still need it. Knows processes and signals, nothing of calls.
"""

import asyncio
import itertools
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import structlog

from server.cli.ports import listen
from server.cli.supervision.local_bus import find_program, local_bus
from server.cli.supervision.restarts import failures_after, pause_seconds
from server.core.config import Config

log = structlog.get_logger(__name__)

START_SECONDS = 120.0
BUS = "TALKING_CLUSTER__BUS"
MARGIN_SECONDS = 5.0  # a worker that hangs ends itself before it is killed


async def supervise(config: Config, path: Path) -> int:
    """Keep the configured number of workers until SIGTERM or SIGINT; `path` is their configuration.

    Raises PortTakenError when it cannot listen.
    """
    server = config.server
    count = server.workers or os.cpu_count() or 1
    name = config.cluster.node or f"{socket.gethostname()}:{server.port}"
    patience_seconds = server.drain_seconds + server.close_seconds + MARGIN_SECONDS
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(listen(server.host, server.port, "TALKING_SERVER__PORT"))
        environment = {}
        if count > 1 and not config.cluster.bus and (program := find_program()):
            environment[BUS] = await stack.enter_async_context(local_bus(program))
        supervisor = Supervisor(listener, path, name, environment, patience_seconds)
        return await supervisor.run(count)


class Worker:
    """One process. `ready` turns out false when it ends before."""

    def __init__(self, number: int, failures: int, process: Process, line: socket.socket) -> None:
        self.number = number
        self.failures = failures
        self.process = process
        self.line = line
        self.ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.ended = asyncio.Event()
        self.is_wanted = True

    async def until_ready(self) -> bool:
        """Its word that it listens; one that never says it is killed."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(START_SECONDS):
                return bool(await loop.sock_recv(self.line, 1))
        except TimeoutError:
            self.kill()
        except OSError:
            pass  # it ended and left something unread
        return False

    def kill(self) -> None:
        """End it now."""
        if self.process.returncode is None:
            self.process.kill()


class Supervisor:
    """Keeps workers; `environment` is what they get on top of ours."""

    def __init__(
        self,
        listener: socket.socket,
        path: Path,
        name: str,
        environment: Mapping[str, str],
        patience_seconds: float,
    ) -> None:
        self._listener = listener
        self._path = path
        self._name = name
        self._environment = environment
        self._patience_seconds = patience_seconds
        self._numbers: set[int] = set()
        self._workers: list[Worker] = []
        self._tasks = asyncio.TaskGroup()
        self._stop = asyncio.Event()
        self._reload = asyncio.Event()
        self._was_ready = False
        self._code = 0

    async def run(self, count: int) -> int:
        """So many workers until a signal; how it went."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGHUP, self._reload.set)
        async with self._tasks as tasks:
            for _ in range(count):
                await self._start()
            tasks.create_task(self._reloads())
            await self._stop.wait()
            self._reload.set()  # whoever waits for that sees that it is over
            self._listener.close()
            for worker in self._workers:
                tasks.create_task(self._terminate(worker))
        return self._code

    def _asked_to_stop(self) -> None:
        if self._stop.is_set():
            log.warning("workers_killed")
            for worker in self._workers:
                worker.kill()
        self._stop.set()

    async def _terminate(self, worker: Worker) -> None:
        if worker.process.returncode is None:
            worker.process.send_signal(signal.SIGTERM)
        await self._until_ended(worker)

    async def _start(self, failures: int = 0, *, on_trial: bool = False) -> Worker:
        """Another worker; one on trial counts from when it is ready."""
        number = next(each for each in itertools.count(1) if each not in self._numbers)
        self._numbers.add(number)
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            kept = (self._listener.fileno(), theirs.fileno())
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "server", "serve", "--config", str(self._path),
                "--worker", *map(str, kept), pass_fds=kept,
                env={**os.environ, **self._environment,
                     "TALKING_CLUSTER__NODE": f"{self._name}-{number}"},
                start_new_session=True,  # Ctrl-C is for us
            )  # fmt: skip
        worker = Worker(number, failures, process, ours)
        worker.is_wanted = not on_trial
        self._workers.append(worker)
        log.info("worker_started", worker=number, pid=process.pid)
        self._tasks.create_task(self._attend(worker))
        if self._stop.is_set():  # it was being started meanwhile
            self._tasks.create_task(self._terminate(worker))
        return worker

    async def _attend(self, worker: Worker) -> None:
        """From start to end; one that nobody told to leave is followed by another."""
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        is_ready = await worker.until_ready()
        if is_ready:
            worker.is_wanted = self._was_ready = True
            log.info("worker_ready", worker=worker.number)
        worker.ready.set_result(is_ready)
        code = await worker.process.wait()
        lived_seconds = loop.time() - began_at
        worker.line.close()
        self._workers.remove(worker)
        self._numbers.discard(worker.number)
        worker.ended.set()
        log.info("worker_ended", worker=worker.number, code=code, seconds=round(lived_seconds, 1))
        if self._stop.is_set():
            self._code = self._code or min(abs(code), 1)
        elif not self._was_ready:  # as it is: what it printed says why
            self._code = max(code, 1)
            self._stop.set()
        elif worker.is_wanted:
            await self._follow(failures_after(worker.failures, lived_seconds))

    async def _follow(self, failures: int) -> None:
        seconds = pause_seconds(failures)
        log.error("worker_lost", failures=failures, pause_seconds=seconds)
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            await self._start(failures)

    async def _reloads(self) -> None:
        """With every SIGHUP, one worker after the other is replaced; those of now at most once."""
        while True:
            await self._reload.wait()
            if self._stop.is_set():
                return
            self._reload.clear()
            for worker in list(self._workers):
                if not await self._replace(worker):
                    log.error("reload_given_up", worker=worker.number)
                    break
            else:
                log.info("reloaded")

    async def _replace(self, old: Worker) -> bool:
        """Start another, and have `old` leave once that is ready; false when it never is."""
        new = await self._start(on_trial=True)
        if not await new.ready or self._stop.is_set():
            return False
        leaving = new if old.ended.is_set() else old  # who died by itself has been followed
        leaving.is_wanted = False
        leaving.line.close()
        await self._until_ended(leaving)
        return True

    async def _until_ended(self, worker: Worker) -> None:
        try:
            async with asyncio.timeout(self._patience_seconds):
                await worker.ended.wait()
        except TimeoutError:
            log.error("worker_killed", worker=worker.number)
            worker.kill()
            await worker.ended.wait()
