"""Sign-in, the carrier, payments and mail: each is really asked, and told nothing.

What is theirs to call us at is compared with our public address. No secret and no number of a
person gets into a finding; whatever an address holds after its path is left out.
"""

from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp
import msgspec

from server.cli.doctor.findings import Finding, failed, ok, warning
from server.cli.doctor.looked import Looked
from server.core.validation import JSON_FAULTS
from server.vendors.outcome import NotTakenError, RefusedError, UnknownOutcomeError
from server.vendors.sendgrid.client import EventHook, SendgridMail
from server.vendors.signatures import mail_key
from server.vendors.stripe.client import API_VERSION, StripeBilling, StripeRefusedError
from server.vendors.stripe.shapes import StripeAwayError
from server.vendors.twilio import standing

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_STRIPE_EVENTS = {
    "customer.subscription.created", "customer.subscription.updated",
    "customer.subscription.deleted", "invoice.paid", "invoice.payment_failed",
}  # fmt: skip


class _Key(msgspec.Struct, frozen=True):
    kty: str = ""


class _KeySet(msgspec.Struct, frozen=True):
    keys: list[_Key]


async def sign_in(looked: Looked) -> list[Finding]:
    """Whether access tokens can be checked, and the console's key is the project's."""
    auth = looked.config.auth
    issuer = auth.issuer.rstrip("/")
    do = "set TALKING_AUTH__ISSUER to https://PROJECT.supabase.co/auth/v1"
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as http:
        async with http.get(f"{issuer}/.well-known/jwks.json") as answer:
            if "Date" in answer.headers:
                looked.told_time("the sign-in", parsedate_to_datetime(answer.headers["Date"]))
            body = await answer.read()
            if answer.status != 200:
                return [failed("sign-in", f"{issuer} answered {answer.status} for its keys", do)]
        try:
            keys = msgspec.json.decode(body, type=_KeySet).keys
        except JSON_FAULTS:
            return [failed("sign-in", f"{issuer} answered with something else than keys", do)]
        if not any(key.kty in {"EC", "RSA"} for key in keys):
            do = "choose asymmetric signing keys (ES256) in the project's JWT settings"
            return [failed("sign-in", f"no ES256 or RS256 key at {issuer}", do)]
        async with http.get(
            f"{issuer}/settings", headers={"apikey": auth.publishable_key}
        ) as answer:
            status = answer.status
    if status != 200:
        do = "set TALKING_AUTH__PUBLISHABLE_KEY to the project's publishable (anon) key"
        return [failed("sign-in", f"{issuer} refuses the publishable key ({status})", do)]
    if not auth.service_key:
        do = "set TALKING_AUTH__SERVICE_KEY to the project's secret key"
        return [warning("sign-in", "without a service key nobody can be deleted there", do)]
    return [ok("sign-in", f"{len(keys)} signing key(s) at {issuer}; the publishable key is taken")]


async def carrier(looked: Looked) -> list[Finding]:
    """The account, the numbers we call and text from, and where texts to us go."""
    config = looked.config
    numbers = {config.twilio.from_number, config.text_number}
    if not config.twilio.auth_token:
        do = "set TALKING_TWILIO__AUTH_TOKEN"
        return [Finding("carrier", "unknown", "Twilio is not asked without a token", do)]
    try:
        account = await standing.look(config.twilio, numbers)
    except RefusedError as error:
        do = "set TALKING_TWILIO__ACCOUNT_SID and __AUTH_TOKEN to those of the Twilio console"
        return [failed("carrier", f"Twilio refuses the account ({error.status})", do)]
    except UnknownOutcomeError:
        do = "let this machine reach it, or mend twilio.base_url"
        return [failed("carrier", f"no usable answer from {config.twilio.base_url}", do)]
    if account.status != "active":
        do = "settle what the Twilio console says about it"
        return [failed("carrier", f"the account is {account.status}", do)]
    found = [ok("carrier", f"account active at {config.twilio.base_url}")]
    if account.is_trial:
        do = "upgrade it"
        found = [warning("carrier", "a trial account reaches verified numbers only", do)]
    return [*found, _calls(looked, account), *_inbound(looked, account), _texts(looked, account)]


def _calls(looked: Looked, account: standing.AccountSeen) -> Finding:
    seen = account.numbers.get(looked.config.twilio.from_number)
    if seen is None or not seen.can_call:
        what = "is no number of this account" if seen is None else "cannot call"
        do = "set TALKING_TWILIO__FROM_NUMBER to a voice number that the account has"
        return failed("calling number", f"twilio.from_number {what}", do)
    return ok("calling number", "the account has it, and it can call")


def _inbound(looked: Looked, account: standing.AccountSeen) -> list[Finding]:
    """Where calls to the number go; nobody has to take any."""
    check, seen = "inbound calls", account.numbers.get(looked.config.twilio.from_number)
    if seen is None or not seen.is_ours:
        return []
    want = f"{looked.config.server.public_url}/webhooks/twilio/inbound-voice"
    do = f"set its voice webhook to {want} and its call status changes to {want}-status (POST)"
    voice, status = (url.partition("#")[0] for url in (seen.voice_url, seen.status_url))
    if voice != want:
        if not voice:
            return [warning(check, "calls to the number go nowhere", do)]
        return [failed(check, f"calls to the number go to {shown(voice)}", do)]
    if status != f"{want}-status":
        return [warning(check, "how a call ended is not told to us", do)]
    return [ok(check, f"calls to the number go to {want}")]


def _texts(looked: Looked, account: standing.AccountSeen) -> Finding:
    check, want = "texts", f"{looked.config.server.public_url}/webhooks/twilio/sms"
    seen = account.numbers.get(looked.config.text_number)
    if seen is None or not seen.can_text:
        do = "set TALKING_SMS__FROM_NUMBER to a number of the account that can text"
        return warning(check, "the number that texts come from cannot text", do)
    if seen.sms_url.partition("#")[0] == want:  # it may say how often we are asked again
        return ok(check, f"texts to the number go to {want}")
    do = f"set its messaging webhook to {want} (POST)"
    if not seen.sms_url:
        return warning(check, "the number itself sends texts nowhere", f"{do}, or its service's")
    return failed(check, f"texts to the number go to {shown(seen.sms_url)}", do)


async def payments(looked: Looked) -> list[Finding]:
    """The account, and where it sends events."""
    settings, check = looked.config.stripe, "payments"
    if not settings.secret_key:
        do = "set TALKING_STRIPE__SECRET_KEY, unless everybody is to stay on their plan"
        return [warning(check, "no account, so nobody can buy a plan", do)]
    client = StripeBilling(settings)
    try:
        endpoints = await client.endpoints()
    except StripeRefusedError as error:
        do = "set TALKING_STRIPE__SECRET_KEY to a key that may also read webhook endpoints"
        return [failed(check, f"Stripe refuses the key ({error.code})", do)]
    except StripeAwayError as error:
        do = "let this machine reach it, or mend stripe.base_url"
        return [failed(check, f"no usable answer from {settings.base_url} ({error})", do)]
    finally:
        await client.close()
    want = f"{looked.config.server.public_url}/webhooks/stripe"
    ours = [one for one in endpoints if one["url"] == want and one["status"] == "enabled"]
    found = ok(check, f"account reachable at {settings.base_url}")
    return [found, _events("payment events", want, endpoints, ours)]


def _events(
    check: str, want: str, endpoints: list[dict[str, object]], ours: list[dict[str, object]]
) -> Finding:
    if not ours:
        others = ", ".join(sorted(shown(str(one["url"])) for one in endpoints)) or "nowhere"
        do = f"make a webhook endpoint for {want}, and set TALKING_STRIPE__WEBHOOK_SECRET"
        return failed(check, f"Stripe sends events to {others}", do)
    kinds = ours[0]["enabled_events"]
    missing = _STRIPE_EVENTS - set(kinds if isinstance(kinds, list) else ())
    if missing and kinds != ["*"]:
        do = f"add {', '.join(sorted(missing))} to the endpoint's events"
        return failed(check, "the endpoint does not get all events we need", do)
    version = ours[0].get("api_version")
    if version != API_VERSION:
        do = f"make the endpoint anew with API version {API_VERSION}"
        return warning(check, f"the endpoint speaks API version {version or 'of the account'}", do)
    return ok(check, f"Stripe sends events to {want}")


async def mail(looked: Looked) -> list[Finding]:
    """The account and the sender, by a mail that is checked and not sent; its webhooks."""
    config, check = looked.config, "mail"
    settings = config.sendgrid
    if not settings.api_key:
        do = "set TALKING_SENDGRID__API_KEY, unless no e-mail is to be sent"
        return [warning(check, "no account, so no e-mail is sent", do)]
    client = SendgridMail(settings)
    try:
        await client.check(config.email.from_email, config.email.from_name)
        found = [ok(check, f"account reachable at {settings.base_url}; the sender is taken")]
        return [*found, await _mail_events(looked, client), *await _answers(looked, client)]
    except RefusedError as error:
        do = "check TALKING_SENDGRID__API_KEY, what it may do, and email.from_email"
        return [failed(check, f"mail is refused ({error.status}): {error.reason}", do)]
    except (NotTakenError, UnknownOutcomeError):
        do = "let this machine reach it, or mend sendgrid.base_url"
        return [failed(check, f"no usable answer from {settings.base_url}", do)]
    finally:
        client.close()


async def _mail_events(looked: Looked, client: SendgridMail) -> Finding:
    check, key = "mail events", looked.config.sendgrid.public_key
    want = f"{looked.config.server.public_url}/webhooks/sendgrid"
    if key and mail_key(key) is None:
        do = "copy the verification key of SendGrid's Event Webhook anew"
        return failed(check, "sendgrid.public_key is no verification key", do)
    try:
        hooks = await client.event_hooks()
    except RefusedError as error:
        do = "give the key the right to read mail settings, or look at Event Webhook by hand"
        return Finding(check, "unknown", f"the key may not read webhooks ({error.status})", do)
    ours = [one for one in hooks if one.url == want and one.enabled]
    if not ours:
        others = ", ".join(sorted(shown(one.url) for one in hooks)) or "nowhere"
        do = f"let Event Webhook post to {want}, signed, and set TALKING_SENDGRID__PUBLIC_KEY"
        return failed(check, f"SendGrid posts events to {others}", do)
    if ours[0].public_key != key:
        do = "turn signing on and set TALKING_SENDGRID__PUBLIC_KEY to the key it shows"
        return failed(check, "SendGrid signs events with another key than ours, or not", do)
    return _kinds(check, want, ours[0])


def _kinds(check: str, want: str, hook: EventHook) -> Finding:
    wanted = ("delivered", "bounce", "dropped", "spam_report", "unsubscribe")
    missing = [name for name in wanted if not getattr(hook, name)]
    if missing:
        return failed(check, "not all events are posted", f"turn on {', '.join(missing)}")
    return ok(check, f"SendGrid posts events to {want}, signed")


async def _answers(looked: Looked, client: SendgridMail) -> list[Finding]:
    check, host = "mail answers", looked.config.email.reply_domain
    if not host:
        return []
    key = looked.config.sendgrid.inbound_key.reveal()
    want = f"{looked.config.server.public_url}/webhooks/sendgrid/inbound"
    do = f"let Inbound Parse post mail to {host} to {want}?key=TALKING_SENDGRID__INBOUND_KEY"
    try:
        hooks = [one for one in await client.parse_hooks() if one.hostname == host]
    except RefusedError as error:
        return [Finding(check, "unknown", f"the key may not read them ({error.status})", do)]
    if not hooks:
        return [failed(check, f"mail to {host} is posted nowhere", do)]
    if hooks[0].url != f"{want}?key={key}":
        is_key = shown(hooks[0].url) == want
        what = "with another key" if is_key else f"to {shown(hooks[0].url)}"
        return [failed(check, f"mail to {host} is posted {what}", do)]
    return [ok(check, f"mail to {host} is posted to {want}")]


def shown(url: str) -> str:
    """An address without what may be secret in it: user, password, query."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
