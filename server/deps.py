"""Everything a whole node has, in one value that the composition root builds once.

Rooms never see it whole: each asks for its part by a Protocol (`<room>/deps.py`).
"""

import msgspec

from media.engines.base import Engines
from server.audit.refusals import Refusals
from server.billing.turns import Turns
from server.calls.recorder import Recorder
from server.calls.registry import CallRegistry
from server.calls.unwritten import Unwritten
from server.cluster.probe import DatabaseProbe
from server.core.bus import Bus, NoBus
from server.core.identity.auth import Keys
from server.core.keyed_locks import KeyedLocks
from server.core.node import NodeParts
from server.core.rate_limits import Admitted, Rates
from server.core.units_of_work import UnitsOfWork
from server.live.hub import Hub
from server.live.meters import Meters
from server.live.sign_ins import SignIns
from server.recordings.keeping import Keeping
from server.tracing.watching import Watching
from server.vendors.sendgrid.client import SendgridMail
from server.vendors.stripe.client import StripeBilling
from server.vendors.supabase import SupabaseAdmin
from server.vendors.twilio.calls import TwilioCalls
from server.vendors.twilio.messages import TwilioTexts
from server.webhooks.sender import WebhookSender


class BillingParts(NodeParts, frozen=True, kw_only=True):
    """What billing's work without a person needs, so that a command can do it beside a node.

    `clock` is epoch seconds that never step back; `stripe` is None where nothing can be bought;
    `turns` keep what concerns one customer apart.
    """

    hub: Hub
    stripe: StripeBilling | None = None
    turns: Turns = msgspec.field(default_factory=Turns)


class Deps(BillingParts, frozen=True, kw_only=True):
    """What a whole node needs; `phrases` are sentences spoken in advance; `mail` is None where no
    e-mail can be sent, `sign_in` where nobody can be deleted at the sign-in service, `traced` where
    no call is."""

    live: CallRegistry
    recorder: Recorder
    recordings: Keeping
    twilio: TwilioCalls
    texts: TwilioTexts
    engines: Engines
    keys: Keys
    units: UnitsOfWork
    phrases: dict[str, bytes]
    node: str
    rates: Rates
    strangers: Rates
    admitted: Admitted
    sign_ins: SignIns
    probe: DatabaseProbe
    mail: SendgridMail | None = None
    hooks: WebhookSender
    sign_in: SupabaseAdmin | None = None
    traced: Watching | None = None
    refusals: Refusals = msgspec.field(default_factory=Refusals)
    locks: KeyedLocks = msgspec.field(default_factory=KeyedLocks)
    bus: Bus = msgspec.field(default_factory=NoBus)
    unwritten: Unwritten = msgspec.field(default_factory=Unwritten)
    meters: Meters = msgspec.field(default_factory=Meters)
