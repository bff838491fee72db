"""What becomes of a mail to one recipient, by the recipient's address.

The local part, up to a plus sign, names the outcome; mail to any other address is delivered. Pure
data; how events look is in `events`, and who was suppressed before is the service's to know.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from sandbox.sendgrid.mail import BOUNCE, SPAM, UNSUBSCRIBE, Mail

DROP_REASONS = {
    BOUNCE: "Bounced Address",
    SPAM: "Spam Reporting Address",
    UNSUBSCRIBE: "Unsubscribed Address",
}


class Step(msgspec.Struct, frozen=True):
    """One event, some seconds after the one before."""

    after: float
    kind: str
    fields: Mapping[str, Any] = {}


_PROCESSED = Step(0.05, "processed")
_DELIVERED = Step(0.3, "delivered", {"response": "250 2.0.0 OK", "tls": 1})
_DEFERRED = Step(
    0.3, "deferred", {"response": "451 4.2.1 Try again later", "attempt": "1", "tls": 1}
)
_BOUNCED = {
    "reason": "550 5.1.1 The email account that you tried to reach does not exist",
    "status": "5.1.1",
    "type": "bounce",
    "bounce_classification": "Invalid Address",
    "tls": 1,
}
_BLOCKED = {
    "reason": "554 5.7.1 Message blocked because of the sender's reputation",
    "status": "5.7.1",
    "type": "blocked",
    "bounce_classification": "Reputation",
    "tls": 1,
}

OUTCOMES = {
    "bounce": (_PROCESSED, Step(0.3, "bounce", _BOUNCED)),
    "blocked": (_PROCESSED, Step(0.3, "bounce", _BLOCKED)),
    "dropped": (_PROCESSED, Step(0.1, "dropped", {"reason": "Spam Content", "status": "5.0.0"})),
    "deferred": (_PROCESSED, _DEFERRED, msgspec.structs.replace(_DELIVERED, after=2.0)),
    "slow": (_PROCESSED, msgspec.structs.replace(_DELIVERED, after=20.0)),
}
DESCRIPTIONS = {
    "bounce": "bounces for good; later mail to it is dropped as Bounced Address",
    "blocked": "is refused this time; later mail is tried again",
    "dropped": "is dropped by the mail service itself",
    "deferred": "is put off once and delivered two seconds later",
    "slow": "is delivered after twenty seconds",
}
DELIVERED_OUTCOME = (_PROCESSED, _DELIVERED)


def outcome_of(mail: Mail, recipient: str, suppressed: Iterable[str]) -> tuple[Step, ...]:
    """The events to come, in order. `suppressed` is why the recipient gets no more mail, as kinds
    of events."""
    for kind in DROP_REASONS:
        if kind in suppressed and kind not in mail.bypasses:
            dropped = {"reason": DROP_REASONS[kind], "status": "5.0.0"}
            return (_PROCESSED, Step(0.1, "dropped", dropped))
    local = recipient.partition("@")[0].partition("+")[0].lower()
    return OUTCOMES.get(local, DELIVERED_OUTCOME)
