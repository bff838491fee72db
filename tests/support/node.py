"""A world for tests: the sandbox and its nodes as the child processes people really start.

Every world has ports, data and credentials of its own. It knows how to start, watch, stop and
kill them, and how to look into the nodes' logs and rows; not what anybody does with them. Most
worlds have one node; those of several are made in `cluster.py`.
"""

import secrets
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from db.core import embedded
from sandbox.core.settings import SECRET_KEY, SENDGRID_KEY, SENDGRID_PUBLIC_KEY
from tests.support import clusters, processes
from tests.support.keyed import keyed
from tests.support.processes import free_port, scratch_folder
from tests.support.unbounded import AT_ANY_HOUR, UNBOUNDED

START_SECONDS = 90.0
STOP_SECONDS = 60.0
LOG_TAIL = 3000
INBOUND_KEY = "test-inbound-key"
REPLY_DOMAIN = "replies.example.com"
SCRIPTED = {  # for whoever does not listen to words
    "SPEECH__RECOGNISER": "scripted", "SPEECH__VOICE": "scripted", "THINKER__ENGINE": "scripted",
}  # fmt: skip


TOLD_SOON = {  # for whoever acts before a greeting of some length is over
    "CONVERSATION__GREETING": "Hello. You asked for a call on {topic}. How shall we begin?",
    "CONVERSATION__DISCLOSURE": "Hello.", "CONVERSATION__DISCLOSURE_WORDS": "hello",
}  # fmt: skip
TOLD_SECONDS = 1.0  # since the greeting's first sound


class Child:
    """One child process of this Python, its output in a file; stopped by whoever started it."""

    def __init__(self, arguments: list[str], env: Mapping[str, str], log: Path) -> None:
        self.log = log
        self._arguments, self._env = arguments, env
        self.start()

    def start(self) -> None:
        """Start it; also again, with the same settings, once it has ended."""
        with self.log.open("ab") as output:
            self._process = processes.start(
                self._arguments, self._env, stdout=output, stderr=output
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def until_ready(self, url: str) -> None:
        """Wait until it answers 200; an early end fails with the end of its log."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.running:
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(f"did not start:\n{self.log.read_text('utf-8')[-LOG_TAIL:]}")

    def terminate(self) -> None:
        """Ask it to stop."""
        self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Freeze it: its sockets stay open, and nobody is behind them."""
        self._process.send_signal(signal.SIGSTOP)

    def cont(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        self._process.kill()
        self._process.wait()

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        return self._process.wait(STOP_SECONDS)

    def close(self) -> None:
        """Stop it if it still runs."""
        if self.running:
            self.cont()
            self.terminate()
            try:
                self.wait()
            except subprocess.TimeoutExpired:
                self.kill()


class Node(Child):
    """One node of a world; started again it has the same name and port."""

    def __init__(self, name: str, port: int, env: Mapping[str, str], log: Path) -> None:
        self.name, self.port, self.url = name, port, f"http://127.0.0.1:{port}"
        own = {"TALKING_CLUSTER__NODE": name, "TALKING_SERVER__PORT": str(port)}
        super().__init__(["-m", "server", "serve"], {**env, **own}, log)

    def logged(self, event: str, **fields: Any) -> list[dict[str, Any]]:
        """Its log lines with this event and these fields, oldest first."""
        return logged(self.log, event, **fields)


class World:
    """A sandbox and nodes on the same data, which the world reaches at `port`.

    `env` holds settings of the nodes on top of the usual ones.
    """

    def __init__(
        self, data: Path, env: Mapping[str, str], port: int, node_ports: Sequence[int]
    ) -> None:
        self.data = data
        self.port, self.sandbox_port = port, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        self.auth_token = secrets.token_hex(16)
        self.env = {
            "TALKING_SERVER__PORT": str(self.port),
            "TALKING_SERVER__PUBLIC_URL": self.url,
            "TALKING_DATABASE__DATA_DIR": str(data),
            "TALKING_AUTH__ISSUER": f"{self.sandbox_url}/auth/v1",
            "TALKING_AUTH__SERVICE_KEY": SECRET_KEY,
            "TALKING_TWILIO__BASE_URL": self.sandbox_url,
            "TALKING_TWILIO__AUTH_TOKEN": self.auth_token,
            "TALKING_SENDGRID__BASE_URL": self.sandbox_url,
            "TALKING_STRIPE__BASE_URL": self.sandbox_url,
            "TALKING_SENDGRID__API_KEY": SENDGRID_KEY,
            "TALKING_SENDGRID__PUBLIC_KEY": SENDGRID_PUBLIC_KEY,
            "TALKING_SENDGRID__INBOUND_KEY": INBOUND_KEY,
            "TALKING_EMAIL__REPLY_DOMAIN": REPLY_DOMAIN,
            **settings({**UNBOUNDED, **AT_ANY_HOUR, **provider_addresses(self.sandbox_url)}),
            **env,
        }
        self.sandbox = self._start_sandbox()
        clusters.copy_to(data / "postgres")
        self.nodes = [
            Node(f"node-{number}", node_port, self.env, data / f"node-{number}.log")
            for number, node_port in enumerate(node_ports, 1)
        ]
        self.node = self.nodes[0]
        self.node_log = self.node.log

    def _start_sandbox(self) -> Child:
        arguments = [
            "-m", "sandbox", "--port", str(self.sandbox_port),
            "--data", str(self.data / "sandbox"),
        ]  # fmt: skip
        env = {
            "SANDBOX_AUTH_TOKEN": self.auth_token,
            "SANDBOX_SMS_WEBHOOK_URL": f"{self.url}/webhooks/twilio/sms",
            "SANDBOX_VOICE_WEBHOOK_URL": f"{self.url}/webhooks/twilio/inbound-voice",
            "SANDBOX_VOICE_STATUS_URL": f"{self.url}/webhooks/twilio/inbound-voice-status",
            "SANDBOX_SENDGRID_WEBHOOK_URL": f"{self.url}/webhooks/sendgrid",
            "SANDBOX_INBOUND_PARSE_URL": f"{self.url}/webhooks/sendgrid/inbound?key={INBOUND_KEY}",
        }
        return Child(arguments, env, self.data / "sandbox.log")

    def until_ready(self) -> None:
        """Wait until all answer."""
        self.sandbox.until_ready(f"{self.sandbox_url}/people")
        for node in self.nodes:
            node.until_ready(f"{node.url}/readyz")

    def close(self) -> None:
        """Stop all, the sandbox last: a node that drains still speaks with it."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(Node.close, self.nodes))
        self.sandbox.close()

    def run(self, *arguments: str) -> subprocess.Popen[str]:
        """The `talking` command with this world's settings; its output comes by pipe."""
        pipe = subprocess.PIPE
        return processes.start(["-m", "server", *arguments], self.env, stdout=pipe, stderr=pipe)

    def logged(self, event: str, **fields: Any) -> list[dict[str, Any]]:
        """The nodes' log lines with this event and these fields, oldest first in each."""
        return [line for node in self.nodes for line in node.logged(event, **fields)]

    @asynccontextmanager
    async def rows(self) -> AsyncIterator[asyncpg.Connection]:
        """The schema owner's connection to the nodes' own PostgreSQL, past every rule."""
        server = await embedded.start(self.data / "postgres")
        try:
            async with keyed(server.dsn(), self.data) as connection:
                yield connection
        finally:
            await server.stop()


def logged(log: Path, event: str, **fields: Any) -> list[dict[str, Any]]:
    """The lines of a log with this event and these fields, oldest first."""
    lines = [
        msgspec.json.decode(line)
        for line in log.read_bytes().splitlines(keepends=True)
        if line.startswith(b"{") and line.endswith(b"}\n")  # the last may be being written
    ]
    return [line for line in lines if line["event"] == event and fields.items() <= line.items()]


@contextmanager
def running_world(**env: str) -> Iterator[World]:
    """A started world; everything of it is gone afterwards. Settings as SECTION__KEY=value."""
    with scratch_folder() as data:
        port = free_port()
        with closing(World(data, settings(env), port, [port])) as world:
            world.until_ready()
            yield world


def provider_addresses(sandbox_url: str) -> dict[str, str]:
    """Settings that point at the sandbox's stand-ins of speech and language services."""
    at = f"{sandbox_url}/providers"
    names = ("deepgram", "assemblyai", "elevenlabs", "cartesia", "anthropic")
    protocol = dict.fromkeys(("OPENAI__BASE_URL", "THINKER__BASE_URL"), f"{at}/openai/v1")
    return {**{f"{name.upper()}__BASE_URL": f"{at}/{name}" for name in names}, **protocol}


def settings(env: Mapping[str, str]) -> dict[str, str]:
    """Settings, given as SECTION__KEY, as the variables a node reads."""
    return {f"TALKING_{key}": value for key, value in env.items()}
