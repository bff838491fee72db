"""What a call is run with when an agent talks in it."""

import msgspec
import pytest

from media.agent import Agent, instructions, settings_of
from media.call import begin, fold
from media.events import Requested
from media.phases.facts import prompt
from media.phases.talking.disclosure import greeting
from media.settings import ConversationSettings, Settings

SETTINGS = Settings(conversation=ConversationSettings(disclosure="I am a machine {1}."))


def agent(**values: object) -> Agent:
    return msgspec.convert({"id": "1", "slug": "ann", "name": "Ann", **values}, Agent)


def test_without_an_agent_and_with_one_that_leaves_all_open_the_settings_stay() -> None:
    assert settings_of(None, SETTINGS) is SETTINGS
    assert settings_of(agent(), SETTINGS) == SETTINGS


@pytest.mark.parametrize(
    "words", ["Good day.", "I am no computer voice.", "I am a computer voice, they say. Good day."]
)
def test_the_disclosure_is_said_first_whatever_an_agent_says(words: str) -> None:
    said = settings_of(agent(greeting=words), Settings())
    assert greeting(said.conversation, "roses")[0] == Settings().conversation.disclosure


def test_the_disclosure_is_not_said_twice() -> None:
    said = settings_of(agent(greeting="I am a computer voice. Good day."), Settings())
    assert greeting(said.conversation, "roses") == ("I am a computer voice.", "Good day.")


def test_only_the_topic_is_put_into_what_is_spoken() -> None:
    words = "On {topic}, {topic.__class__} and {0} {} }{."
    found = settings_of(agent(greeting=words, voicemail_message=words), SETTINGS)
    expected = "I am a machine {1}. On {roses}, {topic.__class__} and {0} {} }{."
    assert found.conversation.greeting.format(topic="{roses}") == expected
    assert found.amd.voicemail_message.format(topic="{roses}") == expected


def test_an_agent_may_leave_no_message() -> None:
    assert settings_of(agent(voicemail_message=""), SETTINGS).amd.voicemail_message == ""


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(120, (90.0, 110.0, 120.0)), (30, (0.0, 20.0, 30.0)), (600, (150.0, 170.0, 180.0))],
)
def test_a_call_is_never_longer_than_the_settings_say(
    limit: int, expected: tuple[float, float, float]
) -> None:
    talk = settings_of(agent(limit_seconds=limit), Settings()).conversation
    assert (talk.wrap_up_seconds, talk.urgent_seconds, talk.limit_seconds) == expected


def test_whoever_reads_the_journal_has_the_agent_of_the_request() -> None:
    ann = agent(greeting="Hello, Ann here.", instructions="Speak of roses only.", limit_seconds=60)
    call, _ = begin(Settings(), Requested("roses", agent=ann), 0.0)
    kept = msgspec.json.decode(msgspec.json.encode(Requested("roses", agent=ann)), type=Requested)
    assert fold(Settings(), [(0.0, kept)]) == call
    assert fold(call.settings, [(0.0, kept)]) == call, "whichever settings it begins with"
    assert prompt(call.facts, "none", "en").instructions == "Speak of roses only."


def test_a_request_without_an_agent_is_kept_as_before() -> None:
    assert b"agent" not in msgspec.json.encode(Requested("roses"))


def test_the_language_is_told_after_the_agents_own_instructions() -> None:
    assert instructions("Be brief.", "es") == "Be brief.\nYour language is Spanish."
    assert instructions("", "fr") == "Your language is French."
    assert instructions("Be brief.", None) == "Be brief."
