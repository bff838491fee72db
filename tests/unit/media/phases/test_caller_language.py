"""Which language a call goes on in, by what its caller speaks."""

import pytest

from media.agent import Agent
from media.call import fold
from media.effects import Record, Say, Think
from media.events import Recognised, RecordStartAsked, SpeechBegan, SpeechPaused
from media.languages.language import SENTENCES, sentence
from media.phases.talking.state import Talking
from media.settings import ConversationSettings, Settings
from tests.support.script import Script

ALL = ("de", "en", "es", "fr")
ANN = Agent("1", "ann", "Ann", instructions="Be kind.", languages=ALL)
SPANISH = "Quisiera hablar de mi jardín"


def play(agent: Agent | None = ANN, settings: Settings | None = None) -> Script:
    return Script(settings, agent=agent).quiet()


def says(script: Script, text: str, language: str) -> Script:
    """One more utterance, whole; the agent's answer is not waited for."""
    script._utterance += 1
    number = script._utterance
    script.hears(SpeechBegan(number), SpeechPaused(number, 1, script.now))
    script.later(0.3)
    return script.hears(Recognised(number, 1, text, language=language))


def language_of(script: Script) -> str:
    return script.call.settings.language


def test_a_clear_turn_changes_all_that_is_said_and_what_the_model_is_told() -> None:
    script = says(play(), SPANISH, "es").later(2)
    assert language_of(script) == "es"
    told = [effect for effect in script.all if isinstance(effect, Record) and effect.language]
    assert [(one.type, one.language) for one in told] == [("call.language", "es")]
    think = next(effect for effect in reversed(script.all) if isinstance(effect, Think))
    assert think.prompt.language == "es"
    assert think.prompt.instructions == "Be kind.\nYour language is Spanish."
    said = {effect.text for effect in script.all if isinstance(effect, Say)}
    assert said & set(SENTENCES["es"]["conversation"]["fillers"]), "meanwhile"
    again = fold(Settings(), script.journal)
    assert again == script.call


@pytest.mark.parametrize("language", ["en", "", "it", "xx"])
def test_its_own_language_none_and_one_we_have_no_words_of_change_nothing(language: str) -> None:
    script = says(says(play(), SPANISH, language), SPANISH, language)
    assert language_of(script) == "en"
    assert not [effect for effect in script.all if isinstance(effect, Record) and effect.language]


def test_a_few_words_change_it_when_said_in_two_utterances_running() -> None:
    script = says(play(), "Sí, claro", "es")
    assert language_of(script) == "en"
    script.hears(SpeechPaused(1, 2, script.now), Recognised(1, 2, "Sí, claro", language="es"))
    assert language_of(script) == "en", "the same utterance, looked at again"
    assert language_of(says(script, "Muy bien", "es")) == "es"


def test_a_few_words_of_one_and_then_of_another_are_none_of_both() -> None:
    script = says(says(says(play(), "Sí, claro", "es"), "No.", "en"), "Bien.", "es")
    assert language_of(script) == "en"
    assert language_of(says(script, "Oui.", "fr")) == "en"


def test_back_in_the_first_language_its_own_words_are_said_again() -> None:
    own = ConversationSettings(silence_prompt="Anybody there?")
    script = says(play(settings=Settings(conversation=own)), SPANISH, "es")
    prompt = sentence("es", "conversation", "silence_prompt")
    assert script.call.settings.conversation.silence_prompt == prompt
    says(script, "I would rather speak English", "en")
    assert script.call.settings.conversation == own


@pytest.mark.parametrize("agent", [None, Agent("1", "ann", "Ann", language="en")])
def test_an_agent_that_goes_by_its_own_language_stays_in_it(agent: Agent | None) -> None:
    assert language_of(says(play(agent), SPANISH, "es")) == "en"


def test_what_an_operator_says_changes_nothing() -> None:
    script = play()
    script.hears(Recognised(1, 1, SPANISH, "operator", language="es"))
    assert language_of(script) == "en"


def test_the_answer_to_a_question_that_was_asked_in_one_language_is_read_in_it() -> None:
    script = Script(agent=ANN).talking()
    settings = script.call.settings.recording
    script.agent_finishes().hears(RecordStartAsked()).agent_finishes()
    says(script, "Sí, por supuesto, adelante", "es")
    assert language_of(script) == "en"
    script.later(2)
    agreed = [e.agreed_to for e in script.all if isinstance(e, Record) and e.agreed_to]
    assert agreed == [settings.question]
    says(script, SPANISH, "es")
    assert language_of(script) == "es"


def test_another_node_goes_on_in_the_language_that_is_spoken() -> None:
    script = says(play(), SPANISH, "es")
    taken = fold(Settings(), script.journal)
    assert isinstance(taken.phase, Talking)
    assert taken.settings.language == "es"
    assert taken.first is not None
    assert taken.first.language == "en"
