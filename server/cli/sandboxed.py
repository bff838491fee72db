"""Sandbox and node side by side on this machine, for somebody with no accounts.

Both are ordinary child processes; the node finds the sandbox by the same settings that would
point it at the real services. Knows nothing of what is inside either.
"""

import asyncio
import os
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from db.accounts import users
from media.providers import registry
from server.cli import demo_call
from server.cli.failures import FailedError
from server.cli.one_at_a_time import alone_in
from server.cli.operations import billing
from server.cli.ports import check_port_free
from server.cli.supervision.children import Child, ready, say, started, until_stopped
from server.core.config import Config, load
from server.database import owner

SLOW_SECONDS = 1.0
# The sandbox's own, public on purpose: they guard make-believe money.
STRIPE_KEY = "sk_test_sandbox_0123456789abcdef"
SIGN_IN_KEY = "sandbox-secret-key"
STRIPE_WEBHOOK_SECRET = "whsec_sandbox_0123456789abcdef"  # noqa: S105

SENDGRID_KEY = "SG.sandbox0123456789abcdef.sandbox0123456789abcdef0123456789abcdef0"
SENDGRID_PUBLIC_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETkdCmANmRVG1UvV9NEHT1HgKcgO6S2f9xf27srNX6gh3wL+P6XQgj5Bs"
    "SxryXp4tQnQtvHf0VK2MPXREs4A6Hw=="
)
SENDGRID_INBOUND_KEY = "sandbox-inbound-key"
REPLY_DOMAIN = "replies.example.com"


class Places(msgspec.Struct, frozen=True):
    """Where things are; two copies on a machine differ in ports and data folder."""

    config: Path
    data: Path
    port: int
    sandbox_port: int
    nodes: int = 1  # on that port; 0 is one per core
    providers: tuple[str, ...] = ()  # makers whose engines come before the offline ones

    @property
    def node_url(self) -> str:
        """The node's origin."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox_url(self) -> str:
        """The sandbox's origin."""
        return f"http://127.0.0.1:{self.sandbox_port}"


async def only_the_sandbox(places: Places) -> int:
    """The sandbox until Ctrl-C."""
    token = secrets.token_hex(16)
    async with _sandbox(places, token) as sandbox:
        await ready(sandbox)
        say(f"sandbox   {places.sandbox_url}   phone   {places.sandbox_url}/phone   stop   Ctrl-C")
        say("A node finds it with")
        for name, value in _settings(places, token).items():
            say(f"  export {name}={value}")
        ended = await until_stopped(sandbox)
    return _done(ended)


async def up(places: Places, *, with_call: bool) -> int:
    """Sandbox and node until Ctrl-C, with a first call to show that it works."""
    async with both(places, say) as children, aiohttp.ClientSession() as http:
        client = demo_call.Client(http, places.node_url, places.sandbox_url)
        await billing.put_up_prices(_config(places))
        await _give_premium(places, await client.sign_in_demo())
        say("")
        say(f"console   {places.node_url}/")
        account = f"{demo_call.DEMO_EMAIL}   password   {demo_call.DEMO_PASSWORD}"
        say(f"sign in   {account}   (premium plan)")
        say(f"sandbox   {places.sandbox_url}/world   people   {places.sandbox_url}/people")
        say(f"phone     {places.sandbox_url}/phone   a telephone of your own, to be called on")
        say(f"mail      {places.sandbox_url}/mail")
        say("stop      Ctrl-C\n")
        async with asyncio.TaskGroup() as tasks:
            first = tasks.create_task(_first_call(client, places)) if with_call else None
            ended = await until_stopped(*children)
            if first is not None:
                first.cancel()
    return _done(ended)


def _done(ended: str | None) -> int:
    if ended is not None:
        raise FailedError(ended)
    return 0


async def _first_call(client: demo_call.Client, places: Places) -> None:
    wanted = demo_call.Wanted("talker", None, "learning to bake sourdough bread", as_json=False)
    try:
        await demo_call.run(client, places.data, wanted, say)
        say("\nBoth stay up; call from the console, or stop them with Ctrl-C.")
    except (FailedError, aiohttp.ClientError) as error:
        say(f"the first call failed: {error}")


async def _give_premium(places: Places, user_id: uuid.UUID) -> None:
    """The demo user may call as often as they like."""
    async with owner(_config(places).database) as (connection, _):
        await users.give_plan(connection, user_id, "premium")


async def demo(places: Places, wanted: demo_call.Wanted) -> int:
    """One call, shown, and everything stopped again."""
    show = (lambda _: None) if wanted.as_json else say
    async with both(places, show), aiohttp.ClientSession() as http:
        client = demo_call.Client(http, places.node_url, places.sandbox_url)
        await client.sign_up()
        return await demo_call.run(client, places.data, wanted, show)


@asynccontextmanager
async def both(places: Places, show: demo_call.Print) -> AsyncIterator[tuple[Child, Child]]:
    """Sandbox and node, started side by side and ready; the node is stopped first."""
    token = secrets.token_hex(16)
    began_at = time.monotonic()
    show("starting the sandbox and the node ...")
    is_first_start = not (places.data / "postgres").exists()
    settings = _config(places).database
    if settings.url:  # a node does not migrate what is not embedded
        async with owner(settings):
            pass
    async with _alone(places), _sandbox(places, token) as sandbox, _node(places, token) as node:
        # What is quicker needs no words.
        slow = asyncio.get_running_loop().call_later(SLOW_SECONDS, show, _slow(is_first_start))
        try:
            await asyncio.gather(ready(sandbox), ready(node))
        finally:
            slow.cancel()
        count = places.nodes or os.cpu_count() or 1
        nodes = f", {count} nodes on one port" if count > 1 else ""
        show(f"both ready after {time.monotonic() - began_at:.1f} s{nodes}")
        yield sandbox, node


@asynccontextmanager
async def _alone(places: Places) -> AsyncIterator[None]:
    with alone_in(places.data, places.node_url):
        yield


def _slow(is_first_start: bool) -> str:
    database = "makes its database (this once)" if is_first_start else "starts its database"
    return f"  the node {database} and loads its models ..."


@asynccontextmanager
async def _sandbox(places: Places, token: str) -> AsyncIterator[Child]:
    check_port_free("127.0.0.1", places.sandbox_port, "--sandbox-port")
    command = [
        "-m", "sandbox", "--port", str(places.sandbox_port),
        "--data", str(places.data / "sandbox"),
    ]  # fmt: skip
    hooks = f"{places.node_url}/webhooks"
    env = {
        "SANDBOX_AUTH_TOKEN": token,
        "SANDBOX_CONSOLE_URL": places.node_url,
        "SANDBOX_STRIPE_WEBHOOK_URL": f"{hooks}/stripe",
        "SANDBOX_SMS_WEBHOOK_URL": f"{hooks}/twilio/sms",
        "SANDBOX_VOICE_WEBHOOK_URL": f"{hooks}/twilio/inbound-voice",
        "SANDBOX_VOICE_STATUS_URL": f"{hooks}/twilio/inbound-voice-status",
        "SANDBOX_SENDGRID_WEBHOOK_URL": f"{hooks}/sendgrid",
        "SANDBOX_INBOUND_PARSE_URL": f"{hooks}/sendgrid/inbound?key={SENDGRID_INBOUND_KEY}",
    }
    people = f"{places.sandbox_url}/people"
    async with started(places.data, "sandbox", command, env, people) as child:
        yield child


_UNBOUNDED = {
    "SMS__ASK_FIRST": "false", "CONTACTS__FREE_PLAN": "anyone", "CONTACTS__PAID_PLANS": "anyone",
    "SMS__FIRST_HOUR": "0", "SMS__LAST_HOUR": "24", "SMS__SUNDAY_FIRST_HOUR": "0",
}  # fmt: skip
_PACES = (
    "CALLS__AT_ONCE_PER_USER", "CALLS__PER_NUMBER_PER_HOUR", "CALLS__PER_BLOCK_PER_HOUR",
    "CALLS__PER_USER_PER_HOUR", "CALLS__PER_USER_PER_DAY", "SMS__PER_USER_PER_HOUR",
    "SMS__PER_USER_PER_DAY", "EMAIL__PER_USER_PER_HOUR", "EMAIL__PER_USER_PER_DAY",
    "SCHEDULED__PER_USER_PER_DAY", "SCHEDULED__FREE_PER_USER_PER_DAY",
)  # fmt: skip


def _settings(places: Places, token: str) -> dict[str, str]:
    """What points the node at the sandbox."""
    return {
        "TALKING_SERVER__PORT": str(places.port),
        "TALKING_SERVER__PUBLIC_URL": places.node_url,
        "TALKING_DATABASE__DATA_DIR": str(places.data),
        "TALKING_AUTH__ISSUER": f"{places.sandbox_url}/auth/v1",
        "TALKING_AUTH__SERVICE_KEY": SIGN_IN_KEY,
        "TALKING_SERVER__PHONE_URL": f"{places.sandbox_url}/phone",
        "TALKING_TWILIO__BASE_URL": places.sandbox_url,
        "TALKING_TWILIO__AUTH_TOKEN": token,
        "TALKING_STRIPE__BASE_URL": places.sandbox_url,
        "TALKING_STRIPE__SECRET_KEY": STRIPE_KEY,
        "TALKING_STRIPE__WEBHOOK_SECRET": STRIPE_WEBHOOK_SECRET,
        "TALKING_SENDGRID__BASE_URL": places.sandbox_url,
        "TALKING_SENDGRID__API_KEY": SENDGRID_KEY,
        "TALKING_SENDGRID__PUBLIC_KEY": SENDGRID_PUBLIC_KEY,
        "TALKING_SENDGRID__INBOUND_KEY": SENDGRID_INBOUND_KEY,
        "TALKING_EMAIL__REPLY_DOMAIN": REPLY_DOMAIN,
        "TALKING_SERVER__DRAIN_SECONDS": "2",
        "TALKING_AUTH__ADMIN_AAL": "1",
        "TALKING_WEBHOOKS__ALLOW_PRIVATE": "true",
        # Nobody real is reached, so anybody may be, at any hour and often.
        **{f"TALKING_{key}": value for key, value in _UNBOUNDED.items()},
        **{f"TALKING_{key}": "100000" for key in _PACES},
        **_engines(places),
    }


_LISTS: Mapping[registry.Kind, tuple[str, str]] = {
    "speech_to_text": ("TALKING_SPEECH__RECOGNISER", "moonshine"),
    "text_to_speech": ("TALKING_SPEECH__VOICE", "hibari"),
    "llm": ("TALKING_THINKER__ENGINE", "offline"),
}


def _engines(places: Places) -> dict[str, str]:
    """The chosen makers' engines by the sandbox's stand-ins, the offline ones after them."""
    found: dict[str, str] = {}
    for chosen in places.providers:
        name = "openai" if chosen == registry.REALTIME else chosen
        address = f"{places.sandbox_url}/providers/{name}" + ("/v1" if name == "openai" else "")
        for section in (name, "thinker") if name == "openai" else (name,):
            found[f"TALKING_{section.upper()}__BASE_URL"] = address
            found[f"TALKING_{section.upper()}__API_KEY"] = "sandbox"
    for kind, (key, offline) in _LISTS.items():
        names = [name for name in places.providers if name in registry.names(kind)]
        if names:
            found[key] = ",".join([*names, offline])
    if registry.REALTIME in places.providers:
        found["TALKING_SPEECH__REALTIME"] = "openai"
    return found


def _config(places: Places) -> Config:
    """The node's configuration, for what is done beside it."""
    return load(places.config, {**os.environ, **_settings(places, "unused")})


@asynccontextmanager
async def _node(places: Places, token: str) -> AsyncIterator[Child]:
    check_port_free("127.0.0.1", places.port, "--port")
    command = ["-m", "server", "serve", "--config", str(places.config)]
    env = {**_settings(places, token), "TALKING_SERVER__WORKERS": str(places.nodes)}
    async with started(places.data, "node", command, env, f"{places.node_url}/readyz") as child:
        yield child
