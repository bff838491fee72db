"""A typed client of Talking App, sync and async.

`Client` and `AsyncClient` speak REST, `Live` and `AsyncLive` follow the live channel, `verify`
proves a webhook.
"""

from talking_client.client import Client
from talking_client.client_async import AsyncClient
from talking_client.contract import API_VERSION, CONTRACT, LIVE_PROTOCOL
from talking_client.errors import (
    ConflictError,
    ConnectionFailedError,
    ForbiddenError,
    InvalidError,
    LiveRefusedError,
    NotFoundError,
    PaymentRequiredError,
    ProblemError,
    RateLimitedError,
    TalkingError,
    UnauthenticatedError,
    UnavailableError,
    WebhookRefusedError,
)
from talking_client.live import Live
from talking_client.live_async import AsyncLive
from talking_client.positions import Position
from talking_client.retries import Retries
from talking_client.sockets import data_of
from talking_client.webhooks import Received, verify

__all__ = [
    "API_VERSION",
    "CONTRACT",
    "LIVE_PROTOCOL",
    "AsyncClient",
    "AsyncLive",
    "Client",
    "ConflictError",
    "ConnectionFailedError",
    "ForbiddenError",
    "InvalidError",
    "Live",
    "LiveRefusedError",
    "NotFoundError",
    "PaymentRequiredError",
    "Position",
    "ProblemError",
    "RateLimitedError",
    "Received",
    "Retries",
    "TalkingError",
    "UnauthenticatedError",
    "UnavailableError",
    "WebhookRefusedError",
    "data_of",
    "verify",
]
