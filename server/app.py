"""The composition root: opens everything a node stands on, and makes the app that serves it.

Imported by the command line and by tests only. `opened` owns every resource and closes them in
reverse order; `create_app` only wires addresses to handlers.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import structlog
from quart import Quart, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from db.core.pool import Pools
from media.engines.base import Engines
from server import engines
from server.accounts import actions as accounts
from server.accounts import api_key_routes, sign_out, statistics
from server.accounts import routes as accounts_routes
from server.admin import routes as admin_routes
from server.agents import routes as agents_routes
from server.annotations import routes as annotations_routes
from server.audit.keys import audit_keys
from server.billing import routes as billing_routes
from server.billing import webhook as billing_webhook
from server.calls import forwarding, milestones, verbs
from server.calls import routes as calls_routes
from server.calls.recorder import Recorder
from server.calls.registry import CallRegistry
from server.calls.spill import Spill
from server.calls.verbs import REVISION
from server.calls.verbs import VERBS as CALL_VERBS
from server.cluster import health, jobs, round_trip, sampling
from server.cluster.heartbeat import Heartbeat
from server.cluster.nats_bus import NatsBus
from server.cluster.probe import DatabaseProbe
from server.cluster.relay import Relay
from server.cluster.shared_events import SharedEvents
from server.cluster.supervision import Service, supervised
from server.consent import routes as consent_routes
from server.core.bus import NoBus
from server.core.config import Config
from server.core.errors import AppError
from server.core.identity.auth import Keys
from server.core.node import NodeParts
from server.core.rate_limits import Admitted, Rates
from server.core.settings.loading import ConfigError
from server.core.times import steady_clock
from server.core.units_of_work import UnitsOfWork
from server.dashboard import asyncapi
from server.dashboard import socket as dashboard_socket
from server.dashboard import sse as dashboard_sse
from server.database import OpenDatabase, database
from server.deps import Deps
from server.emails import routes as emails_routes
from server.emails import unsubscribe
from server.emails import webhook as emails_webhook
from server.http import headers, measured, openapi
from server.http.body_limits import request_class
from server.http.client_address import networks
from server.http.console import pages, reference
from server.http.failures import failure, http_refusal
from server.http.routing import check_address, problem_reply, register, signed_in
from server.live import sign_ins
from server.live.hub import Hub
from server.live.sign_ins import SignIns
from server.operators import audio_socket as operators_audio_socket
from server.operators import remote_listeners
from server.operators import routes as operators_routes
from server.operators.remote_listeners import RemoteListeners
from server.operators.verbs import STANDING
from server.operators.verbs import VERBS as OPERATOR_VERBS
from server.ownership import callbacks, leases
from server.ownership import media_socket as calls_media_socket
from server.ownership import webhook as calls_webhook
from server.privacy import everywhere
from server.privacy import exports as privacy_exports
from server.privacy import routes as privacy_routes
from server.recordings import routes as recordings_routes
from server.recordings.keeping import Keeping
from server.retention import routes as retention_routes
from server.scheduled_calls import routes as scheduled_calls_routes
from server.texts import own_numbers
from server.texts import routes as texts_routes
from server.texts import webhook as texts_webhook
from server.tracing import requests as traced_requests
from server.tracing.watching import Watching
from server.transport.front import Handler
from server.transport.websocket import WebSocket
from server.vendors.sendgrid.client import SendgridMail
from server.vendors.stripe.client import StripeBilling
from server.vendors.supabase import SupabaseAdmin
from server.vendors.twilio.calls import TwilioCalls
from server.vendors.twilio.messages import TwilioTexts
from server.webhooks import routes as webhooks_routes
from server.webhooks.sender import WebhookSender
from server.work import all_work

if TYPE_CHECKING:
    from server.tracing.export import Exporter

log = structlog.get_logger(__name__)

HTTP_TIMEOUT_SECONDS = 5.0
IDLE_LEASES = 2  # after so many of them in mid-transaction a node is frozen, and others wait for it


@asynccontextmanager
async def wired(
    config: Config,
    pools: Pools,
    clock: Callable[[], float],
    speech: Engines,
    phrases: dict[str, bytes],
) -> AsyncIterator[Deps]:
    """All parts of a node around a database and engines, vendors' clients open; no service runs."""
    name = config.cluster.node or f"{socket.gethostname()}:{config.server.port}"
    async with AsyncExitStack() as stack:
        http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=HTTP_TIMEOUT_SECONDS))
        stack.push_async_callback(http.close)
        carrier = TwilioCalls(config.twilio)
        stack.push_async_callback(carrier.close)
        texts = TwilioTexts(config.twilio)
        stack.push_async_callback(texts.close)
        payments = StripeBilling(config.stripe) if config.stripe.secret_key else None
        if payments is not None:
            stack.push_async_callback(payments.close)
        mail = SendgridMail(config.sendgrid) if config.sendgrid.api_key else None
        if mail is not None:
            stack.callback(mail.close)
        hooks = WebhookSender(config.webhooks)
        stack.push_async_callback(hooks.close)
        hub = Hub()
        hub.on_committed.append(milestones.see)
        traced = None
        if config.tracing.endpoint:
            exporter = _exporter(config, name)
            stack.push_async_callback(asyncio.to_thread, exporter.close)
            traced = Watching(exporter.export, clock, config.tracing.share)
            hub.on_committed.append(traced.see)
        units = UnitsOfWork(await stack.enter_async_context(asyncio.TaskGroup()))
        live = CallRegistry(await stack.enter_async_context(asyncio.TaskGroup()))
        key = audit_keys(config, pools.keyring).key
        node = NodeParts(config=config, pools=pools, clock=clock, hub=hub, audit_key=key)
        limits = config.limits
        recorder = Recorder(node, hub, live.drop, _spill(config, pools))
        yield Deps(
            config=config,
            pools=pools,
            hub=hub,
            audit_key=key,
            live=live,
            recorder=recorder,
            recordings=Keeping(node, recorder.settled),
            twilio=carrier,
            texts=texts,
            engines=speech,
            keys=Keys(http, config.auth, clock),
            units=units,
            clock=clock,
            phrases=phrases,
            node=name,
            rates=Rates(limits.requests_per_minute / 60, limits.requests_per_minute),
            strangers=Rates(
                limits.refusals_per_minute_per_address / 60, limits.refusals_per_minute_per_address
            ),
            admitted=Admitted(),
            sign_ins=SignIns(clock),
            bus=NatsBus(config.cluster.bus, name, clock) if config.cluster.bus else NoBus(),
            probe=DatabaseProbe(pools),
            stripe=payments,
            mail=mail,
            hooks=hooks,
            sign_in=SupabaseAdmin(http, config.auth) if config.auth.service_key else None,
            traced=traced,
        )


def _exporter(config: Config, name: str) -> "Exporter":
    """Raises ConfigError where what sends traces is not installed."""
    try:
        from server.tracing.export import Exporter  # noqa: PLC0415 - an extra
    except ImportError:
        install = "pip install opentelemetry-exporter-otlp-proto-http"
        fault = f"tracing.endpoint: needs a package that is not there; {install}"
        raise ConfigError([fault]) from None
    return Exporter(config.tracing, name)


def _spill(config: Config, pools: Pools) -> Spill:
    """Where live calls' entries go that memory has no room for, sealed as their rows are."""
    keyring = pools.keyring
    key = keyring.system if keyring.seals("app.call_journal") else None
    return Spill(Path(config.database.data_dir) / "unwritten", key)


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Deps]:
    """Everything a node stands on, running; leaving it closes all of it."""
    async with AsyncExitStack() as stack:
        found, engine = await _database_and_engines(config, stack)
        deps = await stack.enter_async_context(
            wired(config, found.pools, steady_clock(), engine.engines, engine.phrases)
        )
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        restarts = deps.meters.restarts
        recording = supervised("recorder", deps.recorder.run, restarts)
        running = [tasks.create_task(recording, name="recorder")]
        deps.recorder.recover()
        await deps.recorder.settled()  # before other epochs of its calls begin and it is refused
        await leases.forfeit(deps)
        leases.follow(deps)
        everywhere.follow(deps)
        sign_ins.follow(deps)
        deps.keys.session_ended = partial(sign_ins.tell, deps)
        relay, heartbeat = Relay(deps), Heartbeat(deps)
        await relay.begin()
        work = all_work(deps)
        services: dict[str, Service] = {
            "relay": relay.run,
            "heartbeat": heartbeat.run,
            "leases": lambda: leases.run(deps),
            "webhooks": lambda: deps.unwritten.run(partial(callbacks.record, deps)),
            "jobs": lambda: jobs.run(deps, work),
            "probe": deps.probe.run,
            "sampling": lambda: sampling.run(deps),
            "refusals": lambda: deps.refusals.run(deps),
            "recordings": deps.recordings.run,
        }
        if config.cluster.bus:
            asked = (*CALL_VERBS, *OPERATOR_VERBS, REVISION, STANDING)
            deps.bus.answer(forwarding.ASK, verbs.answerer(deps, asked))
            deps.bus.answer(remote_listeners.JOIN, RemoteListeners(deps).join)
            services |= {"bus": deps.bus.run, "shared_events": SharedEvents(deps).run}
        running.append(tasks.create_task(deps.keys.warm(), name="keys"))
        running += [
            tasks.create_task(supervised(service, run, restarts), name=service)
            for service, run in services.items()
        ]
        try:
            yield deps
            if not deps.live.draining:
                await come_to_rest(deps, deps.live.end_all())
            deps.recorder.give_up()
            await heartbeat.try_beat("stopped")
        finally:
            deps.live.drop_all()
            for task in running:
                task.cancel()


async def come_to_rest(deps: Deps, ending: Awaitable[None], patience_seconds: float = 0) -> None:
    """See the node's calls to their end here, for so long, and have everything written down. What
    the carrier or the database holds up for longer than a part of `server.close_seconds` is left.
    """
    share_seconds = deps.config.server.close_seconds / 3
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience_seconds + share_seconds):
            await ending
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(share_seconds):
            await deps.recorder.settled()
            await deps.recordings.written()


async def _database_and_engines(
    config: Config, stack: AsyncExitStack
) -> tuple[OpenDatabase, engines.Engine]:
    """Both at once, as one waits for the disk and other processes while the other computes. What
    did open is closed with `stack` even when the other could not."""
    idle_seconds = IDLE_LEASES * config.cluster.lease_seconds
    opening = database(config.database, config.privacy, idle_seconds=idle_seconds)
    found, engine = await asyncio.gather(
        stack.enter_async_context(opening),
        engines.start(config),
        return_exceptions=True,
    )
    if not isinstance(engine, BaseException):
        stack.push_async_callback(engine.close)
    if isinstance(found, BaseException):
        raise found
    if isinstance(engine, BaseException):
        raise engine
    return found, engine


def create_app(deps: Deps) -> Quart:
    """All addresses that are no websocket's."""
    app = Quart("server", static_folder=None)
    app.url_map.merge_slashes = False  # it would send on to whatever host is named by who asks
    app.config["MAX_CONTENT_LENGTH"] = deps.config.server.max_body_bytes
    app.config["BODY_TIMEOUT"] = 15
    app.request_class = request_class(_most_bytes(deps.config))
    table = (
        *calls_routes.ROUTES,
        *annotations_routes.ROUTES,
        *scheduled_calls_routes.ROUTES,
        *operators_routes.ROUTES,
        *texts_routes.ROUTES,
        *own_numbers.ROUTES,
        *consent_routes.ROUTES,
        *emails_routes.ROUTES,
        *accounts_routes.ROUTES,
        *api_key_routes.ROUTES,
        *privacy_routes.ROUTES,
        *statistics.ROUTES,
        *billing_routes.ROUTES,
        *admin_routes.ROUTES,
        *retention_routes.ROUTES,
        *webhooks_routes.ROUTES,
        *agents_routes.ROUTES,
    )
    register(app, deps, partial(accounts.admit, deps), table)
    described = (*table, *recordings_routes.ROUTES, *sign_out.ROUTES, *dashboard_sse.ROUTES)
    for described_by in (openapi.routes, reference.routes):
        app.register_blueprint(described_by(described, deps.config.server.public_url))
    app.register_blueprint(asyncapi.routes())
    app.register_blueprint(sign_out.routes(deps, signed_in))
    app.register_blueprint(dashboard_sse.routes(deps, signed_in))
    app.register_blueprint(recordings_routes.routes(deps, signed_in))
    app.register_blueprint(calls_webhook.routes(deps))
    app.register_blueprint(texts_webhook.routes(deps))
    app.register_blueprint(billing_webhook.routes(deps))
    app.register_blueprint(emails_webhook.routes(deps))
    app.register_blueprint(unsubscribe.routes(deps))
    app.register_blueprint(privacy_exports.routes(deps))
    app.register_blueprint(health.routes(deps))
    app.register_blueprint(round_trip.routes(deps))
    app.register_blueprint(pages.routes(deps))
    proxies = networks(deps.config.server.trusted_proxies)
    headers.add(app, deps.config.server.public_url, deps.audit_key, proxies)
    measured.add(app)
    if deps.traced is not None:
        traced_requests.add(app, deps.traced)
    _handle_errors(app)
    return app


def sockets(deps: Deps) -> dict[str, Handler]:
    """The websockets, by path."""

    async def live(socket: WebSocket) -> None:
        if deps.live.draining:  # a call that is to end in peace still needs its sound
            socket.refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            await dashboard_socket.serve(deps, socket)

    return {
        "/media": partial(calls_media_socket.serve, deps),
        "/live": live,
        "/audio": partial(operators_audio_socket.serve, deps),
    }


def _most_bytes(config: Config) -> dict[str, int]:
    """Addresses at which more may come than elsewhere."""
    return {
        billing_webhook.PATH: config.stripe.max_webhook_bytes,
        emails_webhook.EVENTS_PATH: config.sendgrid.max_webhook_bytes,
        emails_webhook.INBOUND_PATH: config.sendgrid.max_inbound_bytes,
    }


def _handle_errors(app: Quart) -> None:
    @app.errorhandler(AppError)
    async def refused(error: AppError) -> Response:
        log.info("request_refused", route=request.endpoint, code=error.code)
        return problem_reply(error)

    @app.errorhandler(HTTPException)
    async def http_error(error: HTTPException) -> Response:
        reply = await refused(http_refusal(error.code or 500, request.max_content_length))
        if isinstance(error, MethodNotAllowed):
            reply.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return reply

    @app.errorhandler(Exception)
    async def failed(error: Exception) -> Response:
        return problem_reply(failure(error, route=request.endpoint))

    @app.before_request
    async def check() -> None:
        check_address()
