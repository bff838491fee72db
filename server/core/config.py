"""Configuration: `config.toml`, then the environment, into frozen values.

`TALKING_SECTION__KEY` overrides any key. Secrets come from the environment only, or from the
file `TALKING_SECTION__KEY_FILE` names. All faults are reported at once, by key, never by value.
Knows nothing of how a value is used.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from media.languages.language import LANGUAGES, sentence, worded
from media.providers.registry import ProviderSections, all_faults
from media.settings import (
    AmdSettings,
    ConversationSettings,
    RecordingSettings,
    Settings,
    SpeechSettings,
    in_language,
)
from server.core.origins import normal_origin, normal_url
from server.core.places.possible import impossible
from server.core.settings.building import ApiKeys, Tools, Webhooks
from server.core.settings.calling import Inbound, Scheduled
from server.core.settings.costs import Costs
from server.core.settings.database import Database
from server.core.settings.loading import ConfigError, Secret, read_file, read_section, unknown_keys
from server.core.settings.privacy import Privacy
from server.core.settings.records import Audit, Telemetry, Tracing
from server.core.settings.retention import Retention
from server.core.settings.types import (
    Count,
    Hour,
    HttpUrl,
    Port,
    Prefix,
    Seconds,
    Section,
    Sentence,
)
from server.core.settings.vendors import Auth, Sendgrid, Stripe, Twilio


class Server(Section, frozen=True):
    """Where this node listens and how the world reaches it."""

    host: str = "127.0.0.1"
    port: Port = 8000
    public_url: HttpUrl = "http://127.0.0.1:8000"
    allowed_origins: tuple[str, ...] = ()
    metrics_token: Secret = Secret("")
    keep_alive_seconds: Seconds = 75.0
    drain_seconds: Seconds = 30.0
    close_seconds: Seconds = 10.0
    max_body_bytes: Count = 64 * 1024
    phone_url: Annotated[str, Meta(pattern=r"^(https?://[^\s]+)?$")] = ""
    max_connections: Count = 10_000
    max_connections_per_address: Annotated[int, Meta(ge=0)] = 1000
    trusted_proxies: tuple[str, ...] = ()
    tls_certificate: str = ""
    tls_key: str = ""
    workers: Annotated[int, Meta(ge=0)] = 1

    @property
    def origin(self) -> str:
        """Of our own pages."""
        return "/".join(self.public_url.split("/")[:3])


class Jobs(Section, frozen=True):
    """How durable jobs are worked off; `at_once` of them on one node."""

    at_once: Annotated[int, Meta(ge=2, le=1000)] = 20
    poll_seconds: Seconds = 1.0
    first_retry_seconds: Seconds = 2.0
    longest_retry_seconds: Seconds = 3600.0


class Plans(Section, frozen=True):
    """How plans are paid for and when people are warned of their limits."""

    currency: Annotated[str, Meta(pattern=r"^[a-z]{3}$")] = "usd"
    past_due_grace_days: Annotated[float, Meta(ge=0)] = 7.0
    warn_at_percent: Annotated[int, Meta(ge=1, le=100)] = 80


class Contacts(Section, frozen=True):
    """Whom users may call, text, e-mail and transfer to, besides their own verified addresses."""

    free_plan: Literal["own", "consent", "anyone"] = "own"
    paid_plans: Literal["own", "consent", "anyone"] = "consent"


class Calls(Section, frozen=True):
    """Placing calls."""

    ring_timeout_seconds: Count = 30
    transfer_limit_seconds: Count = 1800
    allowed_countries: tuple[str, ...] = ("US", "CA")
    at_once_per_user: Count = 3
    per_number_per_hour: Count = 3
    per_block_per_hour: Count = 30
    per_user_per_hour: Count = 20
    per_user_per_day: Count = 60
    denied_prefixes: tuple[Prefix, ...] = ("+1712432", "+1712770", "+1605475", "+1641715")
    max_topic_characters: Count = 200
    machine_detection: Literal["Enable", "DetectMessageEnd"] = "DetectMessageEnd"
    machine_detection_timeout_seconds: Annotated[int, Meta(ge=3, le=59)] = 30
    machine_detection_speech_ms: Annotated[int, Meta(ge=1000, le=6000)] = 2000
    machine_detection_speech_end_ms: Annotated[int, Meta(ge=500, le=5000)] = 1400
    media_token_seconds: Seconds = 60.0
    max_live: Count = 200


class Speech(SpeechSettings, frozen=True):
    """Turn taking and pacing; which speech to text and text to speech to use, the best first."""

    recogniser: tuple[str, ...] = ("moonshine",)
    turn_end_model: str = ""
    voice: tuple[str, ...] = ("hibari",)
    realtime: tuple[str, ...] = ()
    language: Annotated[str, Meta(pattern=r"^[a-z]{2}$")] = "en"
    threads: Annotated[int, Meta(ge=0)] = 0


class LanguageModelSettings(Section, frozen=True):
    """Which language models to use, the best first; `openai` is any endpoint of that protocol."""

    engine: tuple[str, ...] = ("offline",)
    base_url: str = "https://api.openai.com/v1"
    model: str = "gpt-4o-mini"
    api_key: Secret = Secret("")


class Sms(Section, frozen=True):
    """Text conversations. An empty `from_number` means `twilio.from_number`."""

    from_number: Annotated[str, Meta(pattern=r"^(\+[1-9][0-9]{6,14})?$")] = ""
    allowed_countries: tuple[str, ...] = ("US", "CA")
    max_exchanges: Annotated[int, Meta(ge=3)] = 20
    max_characters: Annotated[int, Meta(ge=100, le=1600)] = 320
    quiet_gap_seconds: Annotated[float, Meta(ge=0)] = 2.0
    idle_hours: Seconds = 24.0
    first_hour: Hour = 9
    last_hour: Hour = 20
    sunday_first_hour: Hour = 12
    reply_minutes: Seconds = 15.0
    per_number_per_hour: Count = 10
    per_block_per_hour: Count = 100
    per_user_per_hour: Count = 30
    per_user_per_day: Count = 150
    think_timeout_seconds: Seconds = 15.0
    settle_seconds: Seconds = 30.0
    ask_first: bool = True
    question: Annotated[str, Meta(min_length=1, max_length=200)] = sentence("en", "sms", "question")
    confirm_minutes: Seconds = 120.0
    confirm: Sentence = sentence("en", "sms", "confirm")
    introduction: Sentence = sentence("en", "sms", "introduction")
    goodbye: Sentence = sentence("en", "sms", "goodbye")
    sorry: Sentence = sentence("en", "sms", "sorry")
    no_media: Sentence = sentence("en", "sms", "no_media")
    stopped: Sentence = sentence("en", "sms", "stopped")
    stranger: Sentence = sentence("en", "sms", "stranger")


class Email(Section, frozen=True):
    """E-mails: who they come from, and where answers go if they can be taken."""

    from_email: Annotated[str, Meta(pattern=r"^[^@\s<>]+@[^@\s<>]+$")] = "talking@example.com"
    from_name: Annotated[str, Meta(min_length=1, max_length=100)] = "Talking App"
    reply_domain: Annotated[str, Meta(pattern=r"^([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)?$")] = ""
    think_timeout_seconds: Seconds = 30.0
    per_address_per_hour: Count = 10
    per_user_per_hour: Count = 20
    per_user_per_day: Count = 100
    complaints_allowed: Count = 2
    complaint_days: Count = 30
    allowed_link_hosts: tuple[str, ...] = ()
    max_content_characters: Count = 20_000
    confirm_hours: Seconds = 48.0
    confirm: Sentence = sentence("en", "email", "confirm")


class Limits(Section, frozen=True):
    """What one client may cost us."""

    live_frame_bytes: Count = 16 * 1024
    live_commands_per_second: Seconds = 10.0
    live_commands_burst: Count = 20
    live_sockets_per_user: Count = 20
    live_queue_frames: Count = 500
    live_queue_bytes: Count = 256 * 1024
    live_replay_events: Count = 300
    live_beacon_seconds: Seconds = 10.0
    live_comment_seconds: Seconds = 15.0
    requests_per_minute: Count = 240
    refusals_per_minute_per_address: Count = 120


class Cluster(Section, frozen=True):
    """This node among others; no two may share a name. "" means host name and port.

    Without a `bus` a node reaches others only by way of the database.
    """

    node: str = ""
    bus: Annotated[str, Meta(pattern=r"^((nats|tls)://[^\s]+)?$")] = ""
    lease_seconds: Seconds = 1.5


class Config(ProviderSections, frozen=True, kw_only=True):
    """The whole configuration, one field a section."""

    server: Server
    database: Database
    privacy: Privacy
    auth: Auth
    twilio: Twilio
    stripe: Stripe
    plans: Plans
    contacts: Contacts
    calls: Calls
    inbound: Inbound
    scheduled: Scheduled
    amd: AmdSettings
    conversation: ConversationSettings
    speech: Speech
    recording: RecordingSettings
    thinker: LanguageModelSettings
    sms: Sms
    sendgrid: Sendgrid
    email: Email
    limits: Limits
    api_keys: ApiKeys
    webhooks: Webhooks
    costs: Costs
    tools: Tools
    jobs: Jobs
    retention: Retention
    cluster: Cluster
    audit: Audit
    telemetry: Telemetry
    tracing: Tracing

    @property
    def call_settings(self) -> Settings:
        """What one call is run with."""
        given = Settings(self.amd, self.conversation, self.speech, self.recording)
        return in_language(given, self.language)

    @property
    def language(self) -> str:
        """What is spoken and written by itself; English where we have no words of the language."""
        return self.speech.language if self.speech.language in LANGUAGES else "en"

    def sms_in(self, language: str) -> Sms:
        """`[sms]` with its sentences in this language, where nobody wrote them in calls' own."""
        return worded(self.sms, "sms", language, also_own=language != self.language)

    def email_in(self, language: str) -> Email:
        """The same of `[email]`."""
        return worded(self.email, "email", language, also_own=language != self.language)

    def inbound_in(self, language: str) -> Inbound:
        """The same of `[inbound]`."""
        return worded(self.inbound, "inbound", language, also_own=language != self.language)

    @property
    def inbound_said(self) -> Inbound:
        """`[inbound]` with its sentences in the language of calls."""
        return self.inbound_in(self.language)

    @property
    def text_number(self) -> str:
        """The number texts come from."""
        return self.sms.from_number or self.twilio.from_number


def load(path: Path | None, env: Mapping[str, str] | None = None, *, calls: bool = True) -> Config:
    """Read the file and the environment; `calls`: for a node, of which nothing may be `missing`.
    Raises ConfigError with every fault found."""
    faults: list[str] = []
    raw = read_file(path, faults)
    chosen = os.environ if env is None else env
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(Config):
        given = raw.pop(field.name, {})
        values[field.name] = read_section(field.name, field.type, given, chosen, faults)
    faults += [f"{name}: unknown section" for name in raw]
    faults += unknown_keys(Config, chosen)
    if values.get("server") is not None:
        values["server"] = _with_normal_addresses(values["server"], faults)
    if not faults:
        config = Config(**values)
        faults += _contradictions(config) + (missing(config) if calls else [])
        if not faults:
            return config
    raise ConfigError(faults)


def _with_normal_addresses(server: Server, faults: list[str]) -> Server:
    """Browsers say an origin in one form only, whatever form it was written down in."""
    try:
        public_url = normal_url(server.public_url)
    except (ValueError, UnicodeError):
        faults.append("server.public_url: must be a web address, as https://talking.example.com")
        return server
    origins = tuple(normal_origin(one) for one in server.allowed_origins)
    if "" in origins:
        faults.append("server.allowed_origins: must be origins, as https://talking.example.com")
    return msgspec.structs.replace(server, public_url=public_url, allowed_origins=origins)


def _contradictions(config: Config) -> list[str]:
    """Faults that only show when keys are seen together."""
    faults = []
    talk = config.conversation
    if not talk.wrap_up_seconds < talk.urgent_seconds < talk.limit_seconds:
        faults.append("conversation: wrap_up_seconds < urgent_seconds < limit_seconds must hold")
    templates = {
        "conversation.greeting": talk.greeting,
        "conversation.inbound_greeting": talk.inbound_greeting,
        "amd.voicemail_message": config.amd.voicemail_message,
        "amd.screening_introduction": config.amd.screening_introduction,
        "sms.question": config.sms.question,
    }
    for key, template in templates.items():
        try:
            template.format(topic="")
        except (KeyError, IndexError, ValueError):
            faults.append(f"{key}: may hold {{topic}} and no other placeholder")
    if config.amd.language not in LANGUAGES:
        faults.append(f"amd.language: must be one of {', '.join(sorted(LANGUAGES))}")
    if talk.disclosure_words.casefold() not in talk.disclosure.casefold():
        faults.append("conversation.disclosure: must hold conversation.disclosure_words")
    if not talk.disclosure_words.strip():
        faults.append("conversation.disclosure_words: must not be empty")
    if "?" not in config.recording.question:
        faults.append("recording.question: must be a question, with its mark")
    faults += impossible(config.calls, config.sms)
    email = config.email
    faults += config.retention.faults(
        complaint_days=email.complaint_days,
        asked_hours=max(email.confirm_hours, config.sms.confirm_minutes / 60),
    )
    faults += config.webhooks.faults(config.retention.events_hours) + config.costs.faults()
    return faults + config.database.faults()


def missing(config: Config) -> list[str]:
    """What a node cannot do without, and other commands can; a line for each key."""
    faults = []
    if config.stripe.secret_key and not config.stripe.webhook_secret:
        faults.append(
            "stripe.webhook_secret: is required with stripe.secret_key;"
            " set TALKING_STRIPE__WEBHOOK_SECRET"
        )
    if config.email.reply_domain and not config.sendgrid.inbound_key:
        faults.append(
            "sendgrid.inbound_key: is required with email.reply_domain;"
            " set TALKING_SENDGRID__INBOUND_KEY"
        )
    if not config.twilio.auth_token:
        faults.append("twilio.auth_token: is required; set TALKING_TWILIO__AUTH_TOKEN")
    if "openai" in config.thinker.engine and not config.thinker.api_key:
        faults.append("thinker.api_key: is required; set TALKING_THINKER__API_KEY")
    speech = config.speech
    return faults + all_faults(
        config, speech.recogniser, speech.voice, config.thinker.engine, speech.language,
        speech.realtime,
    )  # fmt: skip
