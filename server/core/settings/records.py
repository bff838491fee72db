"""What a node tells of itself and of what is done, as two sections of the configuration."""

from typing import Literal

import msgspec

from server.core.settings.loading import Secret


class Audit(msgspec.Struct, frozen=True):
    """What signs the audit log's chain: several keys by commas, of which the first signs."""

    key: Secret = Secret("")


class Telemetry(msgspec.Struct, frozen=True):
    """What the operator sees of a node."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "text"] = "json"
