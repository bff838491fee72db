"""The sandbox as one running thing: carrier, sign-in, payments, mail and people behind one server.

Puts the parts together and takes them apart again; every task lives in one group.
"""

import asyncio

import structlog
from hypercorn.asyncio import serve as serve_http
from hypercorn.config import Config
from quart import Quart, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from sandbox.core.clock import Clock
from sandbox.core.settings import Settings
from sandbox.people.person import read_people
from sandbox.phone.exchange import Exchange
from sandbox.phone.routes import phone_blueprint
from sandbox.providers.routes import provider_blueprints
from sandbox.providers.speech import Speech
from sandbox.sendgrid.pages import mail_pages_blueprint
from sandbox.sendgrid.rest import mail_blueprint
from sandbox.sendgrid.service import MailService
from sandbox.stripe.pages import pages_blueprint
from sandbox.stripe.rest import stripe_blueprint
from sandbox.stripe.service import StripeService
from sandbox.supabase.rest import auth_blueprint
from sandbox.supabase.service import AuthService
from sandbox.supabase.store import AuthStore
from sandbox.twilio.account import number_blueprint
from sandbox.twilio.carrier import Carrier
from sandbox.twilio.messages.rest import messages_blueprint
from sandbox.twilio.messages.store import MessageStore
from sandbox.twilio.voice.rest import calls_blueprint
from sandbox.world.front import front_blueprint
from sandbox.world.rest import world_blueprint

log = structlog.get_logger(__name__)


def create_app(
    exchange: Exchange,
    service: AuthService,
    payments: StripeService,
    mail: MailService,
    speech: Speech,
) -> Quart:
    """All routes."""
    app, texts = Quart(__name__), exchange.texts
    carrier = texts.carrier
    app.register_blueprint(number_blueprint(carrier.settings))
    app.register_blueprint(calls_blueprint(carrier))
    app.register_blueprint(messages_blueprint(texts))
    app.register_blueprint(auth_blueprint(service, carrier.settings))
    app.register_blueprint(stripe_blueprint(payments))
    app.register_blueprint(pages_blueprint(payments))
    app.register_blueprint(mail_blueprint(mail))
    app.register_blueprint(mail_pages_blueprint(mail))
    app.register_blueprint(phone_blueprint(exchange))
    for blueprint in provider_blueprints(speech, lambda: carrier.faults):
        app.register_blueprint(blueprint)
    app.register_blueprint(world_blueprint(texts, service, payments, mail))
    app.register_blueprint(front_blueprint(carrier.settings.console_url))
    app.register_error_handler(HTTPException, _refused)
    return app


async def _refused(error: HTTPException) -> HTTPException | tuple[Response, int]:
    """What no room answered, in JSON: the shape is that of whose address it is."""
    status = error.code or 500
    if status < 400:
        return error
    words, path = error.name, request.path
    if path.startswith("/2010-04-01/"):
        more = f"https://www.twilio.com/docs/errors/20{status}"
        said = {"code": 20000 + status, "message": words, "more_info": more, "status": status}
    elif path.startswith("/v3/"):
        said = {"errors": [{"message": words.lower(), "field": None, "help": None}]}
    else:
        said = {"error": words.lower()}
    return jsonify(said), status


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Run until `stop` is set. Raises OSError when the address is taken, BadPersonError when a
    person's file is wrong."""
    service = AuthService(
        AuthStore(settings.data / "auth.json"),
        f"{settings.base_url}/auth/v1",
        settings.console_url,
        confirms=settings.confirm_sign_ups,
    )
    await service.add_known_users()
    config = Config()
    config.bind = [f"{settings.host}:{settings.port}"]
    config.graceful_timeout = 1.0
    async with asyncio.TaskGroup() as group:
        carrier = Carrier(settings, read_people(), group)
        payments = StripeService(settings, Clock())
        mail = MailService(settings)
        speech = Speech(carrier.text_to_speech)
        running = [group.create_task(payments.run()), group.create_task(mail.run())]
        try:
            exchange = Exchange(MessageStore(carrier))
            app = create_app(exchange, service, payments, mail, speech)
            log.info("sandbox serving", url=settings.base_url)
            await serve_http(app, config, shutdown_trigger=lambda: _stopped(stop, exchange))
        finally:
            for task in running:
                task.cancel()
            await payments.close()
            await mail.close()
            speech.close()
            await carrier.close()


async def _stopped(stop: asyncio.Event, exchange: Exchange) -> None:
    await stop.wait()
    exchange.close()
