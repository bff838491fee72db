"""What can be asked for is every event of a person's that is kept."""

from typing import get_args

from server.dashboard.events import ALL_EVENTS
from server.webhooks.wire import EventType, WebhookDisabled


def test_every_event_of_a_persons_that_is_kept_can_be_sent_on() -> None:
    kept = {event.type for event in ALL_EVENTS if not event.ephemeral} - {WebhookDisabled.type}
    assert set(get_args(EventType)) == kept
