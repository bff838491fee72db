"""An agent as a call has it: the values of who talks, as they were when the call was placed.

They go into the call's first event, so whoever runs the call, or replays it, has the same. What an
agent leaves open is as the settings say; that a machine speaks it cannot leave out. Pure; it knows
no rows.
"""

import msgspec
from msgspec.structs import replace

from media.languages.language import NAMES
from media.settings import AmdSettings, ConversationSettings, Settings, in_language
from media.tools import Builtin, Tool, built_in

_TOPIC = "{topic}"


class Agent(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who talks. None is what the settings say; a `voicemail_message` of "" leaves none. `tools` of
    whoever runs it may be called, and those of ours that are named; `transfer_to` are the numbers
    that callers may be connected to. `voice`, `recogniser` and `language_model` are the engines to
    ask first, and `call_budget` is what a call may cost. `languages` are those that a call may
    change to once its caller speaks one; none: it stays in the agent's."""

    id: str
    slug: str
    name: str
    instructions: str = ""
    greeting: str | None = None
    voice: str | None = None
    limit_seconds: int | None = None
    voicemail_message: str | None = None
    tools: tuple[Tool, ...] = ()
    builtin_tools: tuple[Builtin, ...] = ()
    transfer_to: tuple[str, ...] = ()
    language: str | None = None
    recogniser: str | None = None
    language_model: str | None = None
    call_budget: str | None = None
    languages: tuple[str, ...] = ()


def offered(agent: Agent | None) -> tuple[Tool, ...]:
    """What the language model may call."""
    if agent is None:
        return ()
    ours = (built_in(name, agent.transfer_to) for name in agent.builtin_tools)
    return (*ours, *agent.tools)


def answering(settings: Settings) -> Settings:
    """The settings of a call that somebody makes to us."""
    talk = settings.conversation
    return replace(settings, conversation=replace(talk, greeting=talk.inbound_greeting))


def settings_of(agent: Agent | None, settings: Settings) -> Settings:
    """The settings of a call that this agent talks in; never longer than they were."""
    if agent is None:
        return settings
    if agent.language is not None and agent.language != settings.language:
        settings = in_language(settings, agent.language, also_own=True)
    return replace(
        settings,
        conversation=_conversation(agent, settings.conversation),
        amd=_amd(agent, settings),
    )


def _conversation(agent: Agent, talk: ConversationSettings) -> ConversationSettings:
    if agent.greeting is not None:
        talk = replace(talk, greeting=_told_first(agent.greeting, talk))
    if agent.limit_seconds is None or agent.limit_seconds >= talk.limit_seconds:
        return talk
    earlier = talk.limit_seconds - agent.limit_seconds
    return replace(
        talk,
        wrap_up_seconds=max(0.0, talk.wrap_up_seconds - earlier),
        urgent_seconds=max(0.0, talk.urgent_seconds - earlier),
        limit_seconds=float(agent.limit_seconds),
    )


def _amd(agent: Agent, settings: Settings) -> AmdSettings:
    message = agent.voicemail_message
    if message is None:
        return settings.amd
    if message:
        message = _told_first(message, settings.conversation)
    return replace(settings.amd, voicemail_message=message)


def _told_first(text: str, talk: ConversationSettings) -> str:
    """The agent's words after the disclosure, as a template in which nothing but the topic is put:
    whatever else is in braces is what the operator wrote."""
    words = text.replace("{", "{{").replace("}", "}}").replace("{" + _TOPIC + "}", _TOPIC)
    disclosure = talk.disclosure.replace("{", "{{").replace("}", "}}")
    return words if words.startswith(disclosure) else f"{disclosure} {words}"


def instructions(own: str, language: str | None) -> str:
    """What a language model is told of an agent: its own instructions, and its language's name."""
    spoken = f"Your language is {NAMES[language]}." if language in NAMES else ""
    return f"{own}\n{spoken}".strip()
