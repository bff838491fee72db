"""What a node tells of itself and of what is done, as sections of the configuration."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from server.core.settings.loading import Secret
from server.core.settings.types import NoOrHttpUrl


class Audit(msgspec.Struct, frozen=True):
    """What signs the audit log's chain: several keys by commas, of which the first signs."""

    key: Secret = Secret("")


class Telemetry(msgspec.Struct, frozen=True):
    """What the operator sees of a node."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "text"] = "json"


class Tracing(msgspec.Struct, frozen=True):
    """Calls as traces, for a collector that takes OTLP over HTTP; none without an address."""

    endpoint: NoOrHttpUrl = ""
    headers: Secret = Secret("")
    share: Annotated[float, Meta(ge=0, le=1)] = 1.0
