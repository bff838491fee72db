"""Which engines may be configured, and what is said of those that may not."""

from media.providers.anthropic.settings import AnthropicSettings
from media.providers.assemblyai.settings import AssemblyAISettings
from media.providers.cartesia.settings import CartesiaSettings
from media.providers.deepgram.settings import DeepgramSettings
from media.providers.elevenlabs.settings import ElevenLabsSettings
from media.providers.openai.settings import OpenAISettings
from media.providers.registry import PROVIDERS, ProviderSections, all_faults, make
from media.settings import Secret

BARE = ProviderSections(
    deepgram=DeepgramSettings(),
    elevenlabs=ElevenLabsSettings(Secret("k")),
    cartesia=CartesiaSettings(),
    assemblyai=AssemblyAISettings(Secret("k")),
    openai=OpenAISettings(),
    anthropic=AnthropicSettings(),
)


def test_offline_engines_need_nothing() -> None:
    assert all_faults(BARE, ("moonshine",), ("hibari",), ("offline",), "en") == []


def test_a_service_needs_its_key_and_is_told_of_once() -> None:
    told = all_faults(BARE, ("deepgram", "moonshine"), ("deepgram",), ("offline",), "en")
    assert told == ["deepgram.api_key: is required; set TALKING_DEEPGRAM__API_KEY"]


def test_one_of_that_protocol_may_have_no_key() -> None:
    assert all_faults(BARE, ("openai",), ("openai",), ("offline",), "en") == []


def test_unknown_ones_are_told_with_those_there_are() -> None:
    [told] = all_faults(BARE, ("whisper",), ("hibari",), ("offline",), "en")
    assert told.startswith("speech.recogniser: must be of moonshine, scripted, deepgram")


def test_a_language_it_does_not_know_is_told() -> None:
    [told] = all_faults(BARE, ("assemblyai",), ("elevenlabs",), ("offline",), "ja")
    assert told == "speech.recogniser: assemblyai knows en, es, fr, de, it, pt only"


def test_none_at_all_is_a_fault() -> None:
    assert all_faults(BARE, (), ("hibari",), ("offline",), "en") == [
        "speech.recogniser: must name one at least"
    ]


async def test_every_line_makes_an_engine() -> None:
    for kind, providers in PROVIDERS.items():
        for name in providers:
            await make(kind, name, BARE, "en").close()


def test_calls_do_without_a_model_that_speaks_itself_or_have_one_there_is() -> None:
    offline = (("moonshine",), ("hibari",), ("offline",), "en")
    assert all_faults(BARE, *offline, ()) == []
    assert all_faults(BARE, *offline, ("openai",)) == []
    [told] = all_faults(BARE, *offline, ("deepgram",))
    assert told == "speech.realtime: must be of openai"
