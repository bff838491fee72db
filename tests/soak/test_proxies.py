"""The recipes of `deploy/`, for real: two nodes behind each proxy that is installed.

Only addresses and certificates are put in. The sandbox calls through the proxy as the phone company
would, over TLS and signed: one call shows webhooks and the sound's websocket.
"""

import asyncio
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import aiohttp
import pytest
from twilio.request_validator import RequestValidator

from tests.support import processes
from tests.support.certificates import certified
from tests.support.client import Clients, User
from tests.support.node import SCRIPTED, World, settings
from tests.support.processes import ROOT, free_port, scratch_folder

pytestmark = pytest.mark.timeout(300)
REQUESTS = 400
Put = Callable[[str, int, list[int], Path, Path], str]


def replaced(text: str, pairs: dict[str, str]) -> str:
    """Each of these exactly where the recipe says that it is to be put in."""
    for old, new in pairs.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def haproxy(text: str, port: int, nodes: list[int], certificate: Path, key: Path) -> str:
    both = certificate.with_name("talking.pem")
    both.write_text(certificate.read_text() + key.read_text())
    return replaced(text, {
        "bind :443": f"bind 127.0.0.1:{port}", "/etc/haproxy/talking.pem": str(both),
        "10.0.0.1:8000": f"127.0.0.1:{nodes[0]}", "10.0.0.2:8000": f"127.0.0.1:{nodes[1]}",
    })  # fmt: skip


def nginx(text: str, port: int, nodes: list[int], certificate: Path, key: Path) -> str:
    return replaced(text, {
        "listen 443": f"listen 127.0.0.1:{port}",
        "/etc/nginx/talking.crt": str(certificate), "/etc/nginx/talking.key": str(key),
        "10.0.0.1:8000": f"127.0.0.1:{nodes[0]}", "10.0.0.2:8000": f"127.0.0.1:{nodes[1]}",
    })  # fmt: skip


def caddy(text: str, port: int, nodes: list[int], certificate: Path, key: Path) -> str:
    return replaced(text, {
        "{\n\tservers": "{\n\tadmin off\n\tauto_https disable_redirects\n\tservers",
        "talking.example.com {": f"https://localhost:{port} {{\n\ttls {certificate} {key}",
        "10.0.0.1:8000": f"127.0.0.1:{nodes[0]}", "10.0.0.2:8000": f"127.0.0.1:{nodes[1]}",
    })  # fmt: skip


RECIPES: dict[str, tuple[str, Put, tuple[str, ...]]] = {
    "haproxy": ("haproxy.cfg", haproxy, ("-db", "-f")),
    "nginx": ("nginx.conf", nginx, ("-g", "daemon off; pid nginx.pid; error_log stderr;", "-c")),
    "caddy": ("Caddyfile", caddy, ("run", "--adapter", "caddyfile", "--config")),
}


class ProxiedWorld(World):
    """Two nodes that the world knows by the proxy's address alone."""

    def __init__(self, name: str, data: Path) -> None:
        port, nodes = free_port(), [free_port(), free_port()]
        self.tls = ssl.create_default_context(cafile=certified(data)[0])
        recipe, put, arguments = RECIPES[name]
        config = data / recipe
        text = (ROOT / "deploy" / recipe).read_text()
        config.write_text(put(text, port, nodes, data / "cert.pem", data / "key.pem"))
        program = installed(name)
        assert program is not None
        prefix = ["-p", str(data)] if name == "nginx" else []
        with (data / "proxy.log").open("w") as log:
            self.proxy = processes.start_binary(
                [program, *prefix, *arguments, str(config)], {"XDG_DATA_HOME": str(data)},
                stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        public = settings({
            "SERVER__PUBLIC_URL": f"https://localhost:{port}",
            "SERVER__MAX_CONNECTIONS_PER_ADDRESS": "0", "SERVER__DRAIN_SECONDS": "1", **SCRIPTED,
        })  # fmt: skip
        super().__init__(data, public, port, nodes)
        self.url = f"https://localhost:{port}"

    def close(self) -> None:
        super().close()
        self.proxy.terminate()
        self.proxy.wait()


@contextmanager
def proxied(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProxiedWorld]:
    """A started world behind this proxy."""
    with scratch_folder() as data:
        monkeypatch.setenv("SSL_CERT_FILE", str(data / "cert.pem"))  # whom the sandbox believes
        with closing(ProxiedWorld(name, data)) as world:
            world.until_ready()
            yield world


def installed(name: str) -> str | None:
    return shutil.which(name, path="/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin")


def events_of(http: aiohttp.ClientSession, user: User) -> "aiohttp.client._RequestContextManager":
    """A stream of the user's events."""
    return http.get(
        f"{user.world.url}/v1/events?topic=me", headers={"Authorization": f"Bearer {user.token}"}
    )


async def refused_unsigned(http: aiohttp.ClientSession, world: World, call_id: str) -> None:
    """What is signed for another address comes to nothing; so the others were believed."""
    path = f"/webhooks/twilio/voice/{call_id}"
    for origin, status in (("https://evil.example.com", 403), (world.url, 200)):
        signature = RequestValidator(world.auth_token).compute_signature(origin + path, {})
        headers = {"X-Twilio-Signature": signature, "X-Forwarded-Host": "evil.example.com"}
        async with http.post(world.url + path, data={}, headers=headers) as answer:
            assert answer.status == status
    socket = f"{world.url.replace('http', 'ws', 1)}/media"
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await http.ws_connect(socket)
    assert refused.value.status == 403


async def while_one_drains(http: aiohttp.ClientSession, world: World) -> tuple[int, int]:
    """How many requests fail, and of how many, from before the second node is told to end until
    after it has."""
    over, enough = asyncio.Event(), asyncio.Event()
    statuses: list[int] = []

    async def asks() -> None:
        while not over.is_set():
            try:
                async with http.get(f"{world.url}/healthz") as answer:
                    statuses.append(answer.status)
            except aiohttp.ClientError:
                statuses.append(0)
            if len(statuses) >= REQUESTS:
                enough.set()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(8):
            tasks.create_task(asks())
        world.nodes[1].terminate()
        await asyncio.to_thread(world.nodes[1].wait)
        await enough.wait()
        over.set()
    return sum(status != 200 for status in statuses), len(statuses)


@pytest.mark.parametrize("name", [
    pytest.param(name, marks=pytest.mark.skipif(not installed(name), reason=f"no {name}"))
    for name in RECIPES
])  # fmt: skip
async def test_a_recipe_passes_all_that_a_node_does(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxied(name, monkeypatch) as world:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=world.tls)) as http:
            async with asyncio.timeout(30):  # until the proxy has looked at the nodes
                while (await http.get(f"{world.url}/readyz")).status != 200:
                    pass
            user = await Clients(http, world).sign_up()
            async with user.live() as dashboard, events_of(http, user) as told:
                call = await user.start_call("+12025550100")
                # signed webhooks and the signed handshake of /media have come
                await dashboard.until_status(call["id"], "talking")
                await user.ask("POST", f"/v1/calls/{call['id']}/hangup")
                await dashboard.until_over(call["id"])
                async for line in told.content:  # not held back: the stream goes on
                    if call["id"].encode() in line:
                        break
            await refused_unsigned(http, world, call["id"])
            failed, asked = await while_one_drains(http, world)
            sys.stdout.write(f"{name}: {failed} of {asked} requests failed as a node drained\n")
            assert failed == 0
