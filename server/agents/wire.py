"""An agent as clients see it and write it, with its tools. Knows no requests."""

import uuid
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from db.agents import AgentRow, AgentTool
from media.tools import Builtin
from server.core.times import rfc3339
from server.core.validation import PhoneNumber

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
Budget: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$", examples=["0.50"])]
EngineName: TypeAlias = Annotated[str, Meta(min_length=1, max_length=40)]
Seconds: TypeAlias = Annotated[int, Meta(ge=LEAST_CALL_SECONDS, le=86_400)]


class HttpTool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tool of the owner's: the language model may call it, with arguments that the JSON schema
    `parameters` describes, and they are posted to `url`. The caller hears `filler` meanwhile."""

    name: Annotated[str, Meta(pattern=r"^[a-zA-Z][a-zA-Z0-9_-]{0,63}$", examples=["find_order"])]
    description: Annotated[str, Meta(min_length=1, max_length=1000, extra_json_schema=_PRINTABLE)]
    parameters: dict[str, Any]
    url: Annotated[str, Meta(min_length=1, max_length=2000)]
    timeout_seconds: Annotated[float, Meta(ge=1, le=10)] = 5.0
    filler: Message = ""


HttpTools: TypeAlias = Annotated[list[HttpTool], Meta(max_length=16)]
Builtins: TypeAlias = Annotated[list[Builtin], Meta(max_length=4)]
Numbers: TypeAlias = Annotated[list[PhoneNumber], Meta(max_length=20)]


class MakeAgent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new agent. What is null is as the configuration says; a `voicemail_message` of "" leaves
    none. `{topic}` in what is spoken becomes the topic, and the disclosure is said before it.
    `voice` is one of the engines in `speech.voice`, `recogniser` of those in `speech.recogniser`
    and `language_model` of those in `thinker.engine`: it is asked first, the others stand by. In
    calls it may use `tools`, those of ours that `builtin_tools` names, and connect callers to the
    numbers in `transfer_to`. A call ends once it has cost `call_budget` in `costs.currency`. With
    `follows_caller` it begins in `language` and goes on in what the caller speaks, if it is one of
    `caller_languages` in GET /v1/agents."""

    slug: Slug
    name: Name
    instructions: Instructions = ""
    greeting: Spoken | None = None
    voice: EngineName | None = None
    language: Language | None = None
    limit_seconds: Seconds | None = None
    voicemail_message: Message | None = None
    enabled: bool = True
    recogniser: EngineName | None = None
    language_model: EngineName | None = None
    call_budget: Budget | None = None
    follows_caller: bool = False
    builtin_tools: Builtins = []
    transfer_to: Numbers = []
    tools: HttpTools = []


class ChangeAgent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be another; what is not there stays. `rev` is that of the agent as it was read:
    if it has another by now nothing is changed. A tool keeps its secret by its name."""

    name: Name | UnsetType = UNSET
    instructions: Instructions | UnsetType = UNSET
    greeting: Spoken | UnsetType | None = UNSET
    voice: EngineName | UnsetType | None = UNSET
    language: Language | UnsetType | None = UNSET
    limit_seconds: Seconds | UnsetType | None = UNSET
    voicemail_message: Message | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET
    recogniser: EngineName | UnsetType | None = UNSET
    language_model: EngineName | UnsetType | None = UNSET
    call_budget: Budget | UnsetType | None = UNSET
    follows_caller: bool | UnsetType = UNSET
    builtin_tools: Builtins | UnsetType = UNSET
    transfer_to: Numbers | UnsetType = UNSET
    tools: HttpTools | UnsetType = UNSET
    rev: Annotated[int, Meta(ge=1)] | None = None


class AgentOut(msgspec.Struct, frozen=True):
    """An agent. Calls, texts and e-mails name it by `id` or `slug`; `rev` goes up with every
    change. `call_budget`, `transfer_to` and `tools` are shown to administrators alone."""

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
    recogniser: str | None
    language_model: str | None
    call_budget: str | None
    follows_caller: bool
    builtin_tools: list[str]
    transfer_to: list[str]
    tools: list[HttpTool]
    rev: int
    created_at: str | None
    updated_at: str | None


class AgentShown(AgentOut, frozen=True):
    """An agent with the secrets of its new tools by their names, which are shown now and never
    again, also not to whoever repeats the request."""

    tool_secrets: dict[str, str] | None


def agent_out(row: AgentRow, *, is_admin: bool) -> AgentOut:
    """An agent in public shape."""
    numbers = list(row.transfer_to) if is_admin else []
    tools = [_shown(tool) for tool in row.tools] if is_admin else []
    return AgentOut(
        row.id, row.slug, row.name, row.instructions, row.greeting, row.voice, row.language,
        row.limit_seconds, row.voicemail_message, row.enabled, row.recogniser, row.language_model,
        row.call_budget if is_admin else None, row.follows_caller,
        list(row.builtin_tools), numbers, tools, row.rev, rfc3339(row.created_at),
        rfc3339(row.updated_at),
    )  # fmt: skip


def _shown(tool: AgentTool) -> HttpTool:
    return HttpTool(
        tool.name, tool.description, tool.parameters, tool.url, tool.timeout_seconds, tool.filler
    )
