"""What sending to webhooks needs of a node."""

from typing import Protocol

from server.core.node import Node
from server.webhooks.sender import WebhookSender


class WebhookDeps(Node, Protocol):
    """`hooks` does the sending."""

    @property
    def hooks(self) -> WebhookSender: ...
