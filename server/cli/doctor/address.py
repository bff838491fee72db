"""The public address as providers reach it: a signed round trip to a node, a websocket, TLS.

A node must run for that. Nothing is written there.
"""

import asyncio
import datetime as dt
import secrets
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import msgspec
import websockets
from cryptography import x509

from server.cli.doctor.findings import Finding, failed, ok, warning
from server.cli.doctor.looked import Looked
from server.cluster import round_trip
from server.core.config import Config
from server.core.times import utc
from server.core.validation import JSON_FAULTS
from server.vendors.signatures import as_twilio_signs

_SECONDS = 10.0
_EXPIRES_SOON = dt.timedelta(days=14)
_CHECK = "public address"
_START = "start a node (`talking serve`) and ask again; then look at DNS, firewall and proxy"


async def public(looked: Looked) -> list[Finding]:
    """Whether what is signed for the public address comes to a node of ours."""
    server = looked.config.server
    url = server.public_url
    if (astray := _unreachable(looked.config)) is not None:
        return [astray]
    try:
        bad = await _round_trip(looked.config)
    except aiohttp.ClientConnectorCertificateError:
        do = "install one for this name that all trust, with its whole chain"
        return [failed("TLS", f"the certificate at {url} is not trusted", do)]
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return [failed(_CHECK, f"nothing answers at {url} ({type(error).__name__})", _START)]
    if bad is not None:
        return [bad]
    found = [ok(_CHECK, f"a signed request to {url} came to a node with our secrets and back")]
    return [*found, await _socket(url)]


def _unreachable(config: Config) -> Finding | None:
    """What no provider can reach, whatever answers there."""
    parts, do = urlsplit(config.server.public_url), "set TALKING_SERVER__PUBLIC_URL"
    is_real = "twilio.com" in (urlsplit(config.twilio.base_url).hostname or "")
    if not is_real:
        return None
    if parts.hostname in {"localhost", "127.0.0.1", "::1"}:
        what = f"Twilio cannot reach {config.server.public_url}"
        return failed(_CHECK, what, f"{do} to where the world reaches this node")
    if parts.scheme != "https":
        what = f"Twilio takes sound over TLS only, and {config.server.public_url} has none"
        return failed(_CHECK, what, f"{do} to an https address")
    return None


async def _round_trip(config: Config) -> Finding | None:
    """What is wrong with it, if anything is."""
    url, token = f"{config.server.public_url}{round_trip.PATH}", config.twilio.auth_token
    form = {"nonce": secrets.token_hex(16)}
    signature = as_twilio_signs(token, url, form)
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS)) as http,
        http.post(
            url, data=form, headers={"X-Twilio-Signature": signature}, allow_redirects=False
        ) as answer,
    ):
        status, body = answer.status, await answer.read()
    if 300 <= status < 400:
        do = "set server.public_url to where it leads; signatures cover the address"
        return failed(_CHECK, f"{config.server.public_url} leads elsewhere ({status})", do)
    if status == 403 and not token:
        do = "set TALKING_TWILIO__AUTH_TOKEN"
        return Finding(_CHECK, "unknown", "a node answers; nothing can be signed for it", do)
    if status == 403:
        do = (
            "let the proxy pass path and X-Twilio-Signature as they come, and give all nodes this"
            " server.public_url and twilio.auth_token"
        )
        return failed(_CHECK, "a node answers and does not take our signature", do)
    try:
        proven = msgspec.json.decode(body, type=round_trip.Answer).proof
    except JSON_FAULTS:
        do = "let the proxy forward everything to the nodes, and have them of this version"
        return failed(_CHECK, f"something else than our node answers there ({status})", do)
    if proven != round_trip.proof(token, form["nonce"]):
        return failed(_CHECK, "a node with other secrets answers there", "mend the proxy's targets")
    return None


async def _socket(url: str) -> Finding:
    address = f"{url.replace('http', 'ws', 1)}/live"
    protocol = [websockets.Subprotocol("dash.v1")]
    try:
        async with websockets.connect(address, subprotocols=protocol, open_timeout=_SECONDS):
            return ok("websockets", f"{address} opens")
    except (websockets.WebSocketException, OSError, TimeoutError) as error:
        do = (
            "let the proxy upgrade /media, /live and /audio (deploy/nginx.conf, deploy/haproxy.cfg)"
        )
        return failed("websockets", f"{address} does not open ({type(error).__name__})", do)


async def certificates(looked: Looked) -> list[Finding]:
    """How long certificates last: the node's own, and the one at the public address."""
    server, found = looked.config.server, []
    now = utc(looked.now())
    if server.tls_certificate:
        found.append(_own(server.tls_certificate, server.tls_key, now))
    parts = urlsplit(server.public_url)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        try:
            async with asyncio.timeout(_SECONDS):
                _, writer = await asyncio.open_connection(
                    parts.hostname, parts.port or 443, ssl=context
                )
        except ssl.SSLCertVerificationError as error:
            do = "install one for this name that all trust, with its whole chain"
            what = f"the certificate at {server.public_url} is refused: {error.verify_message}"
            return [*found, failed("TLS", what, do)]
        except (OSError, TimeoutError):
            what = f"nothing to see at {server.public_url}"
            return [*found, Finding("TLS", "unknown", what, "see the public address")]
        shown = writer.get_extra_info("peercert") or {}
        writer.close()
        until = ssl.cert_time_to_seconds(shown["notAfter"])
        found.append(_lasting(f"the certificate at {server.public_url}", utc(until), now))
    return found or [ok("TLS", "none here, and none needed for an http address")]


def _own(certificate: str, key: str, now: dt.datetime) -> Finding:
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            certificate, key or None
        )
        until = x509.load_pem_x509_certificate(Path(certificate).read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        do = "set server.tls_certificate and server.tls_key to a pair of PEM files"
        return failed("TLS", f"the node's own certificate cannot be used ({error})", do)
    return _lasting("the node's own certificate", until, now)


def _lasting(what: str, until: dt.datetime, now: dt.datetime) -> Finding:
    said = f"{what} is good until {until:%Y-%m-%d}"
    if until < now:
        return failed("TLS", said, "renew it")
    if until - now < _EXPIRES_SOON:
        return warning("TLS", said, "renew it, and see to it that this goes by itself")
    return ok("TLS", said)
