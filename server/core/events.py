"""What every event on the live channel has, and what events can be about.

An event is one frozen Struct, built by whoever makes it true and encoded as it stands: its fields
are the `data` that clients get and rows keep. Knows no event by itself; each room has its own.
"""

import uuid

import msgspec

from media.published import Published


class Event(Published, frozen=True):
    """An event that the server makes true; what a call itself publishes has the same base."""


class Subject(msgspec.Struct, frozen=True):
    """What an event is about: whose it is, its name ("call:<id>"), the revision it then has, and
    the id of the command that the event follows from."""

    user_id: uuid.UUID
    name: str
    rev: int = 0
    cause: str | None = None


def of_call(
    user_id: uuid.UUID, call_id: uuid.UUID, rev: int = 0, cause: str | None = None
) -> Subject:
    """A phone call; its revision is the number of its last journal entry."""
    return Subject(user_id, f"call:{call_id}", rev, cause)


def of_conversation(
    user_id: uuid.UUID, conversation_id: uuid.UUID, rev: int, cause: str | None = None
) -> Subject:
    """A text conversation."""
    return Subject(user_id, f"conv:{conversation_id}", rev, cause)


def of_email(
    user_id: uuid.UUID, email_id: uuid.UUID, rev: int, cause: str | None = None
) -> Subject:
    """An e-mail."""
    return Subject(user_id, f"email:{email_id}", rev, cause)


def of_plan(user_id: uuid.UUID, cause: str | None = None) -> Subject:
    """A user's plan."""
    return Subject(user_id, f"user:{user_id}", 0, cause)


def of_webhook(user_id: uuid.UUID, webhook_id: uuid.UUID) -> Subject:
    """A webhook of the user's own."""
    return Subject(user_id, f"webhook:{webhook_id}")


def of_metric(user_id: uuid.UUID, metric: str) -> Subject:
    """One limit of a user's plan."""
    return Subject(user_id, f"usage:{metric}")
