"""An agent as clients see it and write it. Knows no requests."""

import uuid
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from db.agents import AgentRow
from server.core.times import rfc3339

MOST_NAME_CHARACTERS = 60
MOST_INSTRUCTIONS_CHARACTERS = 8000
MOST_SPOKEN_CHARACTERS = 600
LEAST_CALL_SECONDS = 30

_PRINTABLE = {"pattern": r"^[!-~]([ -~]{0,58}[!-~])?$"}  # what surely is taken
Language: TypeAlias = Literal["de", "en", "es", "fr"]
Slug: TypeAlias = Annotated[
    str,
    Meta(min_length=1, max_length=40, pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$",
         examples=["travel"]),
]  # fmt: skip
Name: TypeAlias = Annotated[
    str,
    Meta(min_length=1, max_length=MOST_NAME_CHARACTERS, examples=["Travel"],
         extra_json_schema=_PRINTABLE),
]  # fmt: skip
Instructions: TypeAlias = Annotated[
    str,
    Meta(max_length=MOST_INSTRUCTIONS_CHARACTERS, examples=["Ask where they would like to go."],
         extra_json_schema=_PRINTABLE),
]  # fmt: skip
Spoken: TypeAlias = Annotated[
    str,
    Meta(min_length=1, max_length=MOST_SPOKEN_CHARACTERS, extra_json_schema=_PRINTABLE,
         examples=["Hello. You asked for a call about {topic}. Where shall we begin?"]),
]  # fmt: skip
Message: TypeAlias = Annotated[
    str, Meta(max_length=MOST_SPOKEN_CHARACTERS, extra_json_schema=_PRINTABLE)
]
Voice: TypeAlias = Annotated[str, Meta(min_length=1, max_length=40)]
Seconds: TypeAlias = Annotated[int, Meta(ge=LEAST_CALL_SECONDS, le=86_400)]


class MakeAgent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new agent. What is null is as the configuration says; a `voicemail_message` of "" leaves
    none. `{topic}` in what is spoken becomes the topic, and the disclosure is said before it.
    `voice` is one of the engines in `speech.voice`."""

    slug: Slug
    name: Name
    instructions: Instructions = ""
    greeting: Spoken | None = None
    voice: Voice | None = None
    language: Language | None = None
    limit_seconds: Seconds | None = None
    voicemail_message: Message | None = None
    enabled: bool = True


class ChangeAgent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be another; what is not there stays. `rev` is that of the agent as it was read:
    if it has another by now nothing is changed."""

    name: Name | UnsetType = UNSET
    instructions: Instructions | UnsetType = UNSET
    greeting: Spoken | UnsetType | None = UNSET
    voice: Voice | UnsetType | None = UNSET
    language: Language | UnsetType | None = UNSET
    limit_seconds: Seconds | UnsetType | None = UNSET
    voicemail_message: Message | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET
    rev: Annotated[int, Meta(ge=1)] | None = None


class AgentOut(msgspec.Struct, frozen=True):
    """An agent. Calls, texts and e-mails name it by `id` or `slug`; `rev` goes up with every
    change."""

    id: uuid.UUID
    slug: str
    name: str
    instructions: str
    greeting: str | None
    voice: str | None
    language: str | None
    limit_seconds: int | None
    voicemail_message: str | None
    enabled: bool
    rev: int
    created_at: str | None
    updated_at: str | None


def agent_out(row: AgentRow) -> AgentOut:
    """An agent in public shape."""
    return AgentOut(
        row.id, row.slug, row.name, row.instructions, row.greeting, row.voice, row.language,
        row.limit_seconds, row.voicemail_message, row.enabled, row.rev, rfc3339(row.created_at),
        rfc3339(row.updated_at),
    )  # fmt: skip
