"""What can be done that is written down, by whom, and where from: names and values.

Where a request comes from is known where it comes in; it is remembered for whatever is done for it
(also in tasks begun on its behalf), so that nobody has to hand it on. Knows no rows.
"""

import uuid
from contextvars import ContextVar
from typing import Literal, TypeAlias

import msgspec

from db.audit import ActorKind
from server.core.identity.auth import Identity

CallVerb: TypeAlias = Literal[
    "call.hangup", "call.say", "call.ai_mute", "call.ai_unmute", "call.takeover", "call.release",
    "call.dtmf", "call.transfer", "call.verdict", "call.listen", "call.unlisten",
    "call.recording_start", "call.recording_pause", "call.recording_stop",
]  # fmt: skip
AnnotationVerb: TypeAlias = Literal[
    "call.tagged", "call.untagged", "call.noted", "call.note_changed", "call.note_deleted"
]
TextVerb: TypeAlias = Literal["sms.send", "conv.active", "conv.paused", "conv.ended"]
Action: TypeAlias = (
    CallVerb
    | AnnotationVerb
    | TextVerb
    | Literal[
        "admin.read", "admin.denied", "act.denied", "auth.refused",
        "plan.requested", "plan.changed",
        "call.in_quiet_hours", "consent.given", "consent.withdrawn", "opt_out.made",
        "opt_out.lifted",
        "profile.changed", "number.proved",
        "data.exported", "data.downloaded", "person.erasure_asked", "person.erased",
        "hold.placed", "hold.lifted", "retention.ran",
        "agent.made", "agent.changed", "agent.deleted",
        "data.sealed", "data.unsealed", "keys.rotated", "keys.destroyed",
    ]
)  # fmt: skip


class Actor(msgspec.Struct, frozen=True):
    """Who acts: somebody with an id, or something with a name ("stripe", "talking keys rotate")."""

    kind: ActorKind
    id: uuid.UUID | None = None
    name: str = ""


SYSTEM = Actor("system")


class Origin(msgspec.Struct, frozen=True):
    """Where what is done just now comes from: a request's id, the keyed hash of the address it came
    from, and who signed in for it. None of it for what a node does by itself."""

    request_id: str = ""
    address_hash: bytes | None = None
    actor: Actor | None = None


_NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=_NOWHERE)


def origin() -> Origin:
    """Of what this task does."""
    return _origin.get()


def begin(found: Origin) -> None:
    """From now on this task, and what it begins, acts on behalf of this."""
    _origin.set(found)


def acting(actor: Actor) -> None:
    """The request this task serves turned out to be theirs."""
    _origin.set(msgspec.structs.replace(_origin.get(), actor=actor))


def by(who: Identity) -> Actor:
    """Somebody who signed in. Towards what is their own they are a user, whatever else they are:
    that is seen where the act is written down."""
    kind: ActorKind = "operator" if who.operator else "administrator" if who.admin else "user"
    return Actor(kind, who.user_id)


def command(name: str) -> Actor:
    """Whoever ran a command beside a node."""
    return Actor("system", name=name)


def bearer(of: str) -> Actor:
    """Somebody who showed what we had given to one person only."""
    return Actor("user", name=of)


def provider(name: str) -> Actor:
    """A vendor, by what it told us."""
    return Actor("provider", name=name)
