"""A batch of the mail company's events is read beside the loop, on which calls run."""

import base64
from types import SimpleNamespace
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from quart import Quart

from server.emails.webhook import EVENTS_PATH, routes
from server.vendors.sendgrid.events import read_events
from tests.support.beside import Beside

NOW = 1_800_000_000


async def test_a_batch_is_read_in_a_thread() -> None:
    beside, body, at = Beside(), b'[{"event":"open"},5]', str(NOW)
    key = ec.generate_private_key(ec.SECP256R1())
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    shown = key.public_key().public_bytes(serialization.Encoding.DER, spki)
    sendgrid = SimpleNamespace(public_key=base64.b64encode(shown).decode())
    deps: Any = SimpleNamespace(config=SimpleNamespace(sendgrid=sendgrid), clock=lambda: NOW)
    app = Quart("test")
    app.register_blueprint(routes(deps))
    signature = base64.b64encode(key.sign(at.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
    headers = {
        "X-Twilio-Email-Event-Webhook-Signature": signature,
        "X-Twilio-Email-Event-Webhook-Timestamp": at,
    }
    reply = await app.test_client().post(EVENTS_PATH, data=body, headers=headers)
    assert reply.status_code == 204
    assert read_events in beside.done
