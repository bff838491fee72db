"""Every service that engines can be had from: a line each, with what it can do.

A line names its code by module and function, so that nobody's library is loaded before it is
wanted. It knows the settings of each vendor, which are sections of the configuration.
"""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from media.languages.language import LANGUAGES
from media.providers.anthropic.settings import AnthropicSettings
from media.providers.assemblyai.settings import AssemblyAISettings
from media.providers.cartesia.settings import CartesiaSettings
from media.providers.deepgram.settings import DeepgramSettings
from media.providers.elevenlabs.settings import ElevenLabsSettings
from media.providers.openai.settings import OpenAISettings

Kind = Literal["speech_to_text", "text_to_speech", "llm", "speech_to_speech"]


class ProviderSections(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of every vendor, by the name of its section."""

    deepgram: DeepgramSettings
    elevenlabs: ElevenLabsSettings
    cartesia: CartesiaSettings
    assemblyai: AssemblyAISettings
    openai: OpenAISettings
    anthropic: AnthropicSettings


class Provider(msgspec.Struct, frozen=True):
    """An engine of a vendor: `make` in `module` makes it of the vendor's settings and a language.

    `is_streaming` is whether it takes sound while it is said; `ends_turns` whether it tells how
    finished a turn is; no `languages` means that it knows more than we do, but that a model whose
    name, by this setting, ends with a language (`model_by`) knows that one alone. Ears tell the
    language they hear with a model whose name, by `tells_by`, holds one of `telling`.
    """

    module: str
    make: str
    is_streaming: bool = False
    ends_turns: bool = False
    languages: tuple[str, ...] = ()
    model_by: str = ""
    tells_by: str = ""
    telling: tuple[str, ...] = ()
    needs_key: bool = True


PROVIDERS: Mapping[Kind, Mapping[str, Provider]] = {
    "speech_to_text": {
        "deepgram": Provider(
            "deepgram.stt",
            "speech_to_text",
            is_streaming=True,
            ends_turns=True,
            model_by="stt_model",
            tells_by="stt_model",
            telling=("nova-3", "flux-general-multi"),
        ),
        "assemblyai": Provider(
            "assemblyai.stt",
            "speech_to_text",
            is_streaming=True,
            ends_turns=True,
            languages=("en", "es", "fr", "de", "it", "pt"),
            tells_by="stt_multilingual_model",
            telling=("multilingual",),
        ),
        "openai": Provider(
            "openai.stt",
            "OpenAISpeechToText",
            tells_by="stt_model",
            telling=("gpt-transcribe", "whisper"),
            needs_key=False,
        ),
    },
    "text_to_speech": {
        "deepgram": Provider("deepgram.tts", "DeepgramVoice", model_by="tts_model"),
        "elevenlabs": Provider("elevenlabs.tts", "ElevenLabsVoice"),
        "cartesia": Provider("cartesia.tts", "CartesiaVoice"),
        "openai": Provider("openai.tts", "OpenAIVoice", needs_key=False),
    },
    "llm": {"anthropic": Provider("anthropic.llm", "AnthropicLanguageModel")},
    "speech_to_speech": {
        "openai": Provider("openai.realtime", "OpenAIRealtime", needs_key=False),
    },
}


def names(kind: Kind) -> list[str]:
    """The services of a kind; one of OpenAI's protocol is a language model by `[thinker]`."""
    return [*PROVIDERS[kind], *(["openai"] if kind == "llm" else [])]


REALTIME = "realtime"  # the name of OpenAI's model that speaks itself, beside its other engines
ALL_NAMES = tuple(sorted({REALTIME, *(name for kind in PROVIDERS for name in PROVIDERS[kind])}))


def make(kind: Kind, name: str, sections: ProviderSections, language: str) -> Any:
    """The engine; nothing is asked of the vendor yet."""
    provider = PROVIDERS[kind][name]
    module = importlib.import_module(f"media.providers.{provider.module}")
    return getattr(module, provider.make)(getattr(sections, name), language)


def languages_of(
    kind: Kind, name: str, sections: ProviderSections, among: Sequence[str]
) -> tuple[str, ...]:
    """Which of these languages this engine knows."""
    if name in _ENGLISH_ONLY:
        return tuple(one for one in among if one == "en")
    provider = PROVIDERS[kind].get(name)
    if provider is None:
        return tuple(among)
    known = provider.languages or tuple(among)
    if provider.model_by:
        _, _, last = str(getattr(getattr(sections, name), provider.model_by)).rpartition("-")
        known = (last,) if last in among else known
    return tuple(one for one in among if one in known)


def tells_language(name: str, sections: ProviderSections) -> bool:
    """Whether these ears can tell which language they hear, so can be made of "auto"."""
    provider = PROVIDERS["speech_to_text"].get(name)
    if provider is None or not provider.telling:
        return False
    model = str(getattr(getattr(sections, name), provider.tells_by))
    return any(part in model for part in provider.telling)


_ENGLISH_ONLY = frozenset({"moonshine", "hibari", "offline"})
_OFFLINE: Mapping[Kind, tuple[str, ...]] = {
    "speech_to_text": ("moonshine", "scripted"),
    "text_to_speech": ("hibari", "scripted"),
    "llm": ("offline", "openai", "scripted"),
    "speech_to_speech": (),
}


def all_faults(
    sections: ProviderSections,
    recognisers: tuple[str, ...],
    voices: tuple[str, ...],
    models: tuple[str, ...],
    language: str,
    realtime: tuple[str, ...] = (),
) -> list[str]:
    """What keeps these engines, each in their order, from being used; by the file's keys. Calls do
    without a model that speaks itself."""
    found = [
        *_faults("speech_to_text", "speech.recogniser", recognisers, sections, language),
        *_faults("text_to_speech", "speech.voice", voices, sections, language),
        *_faults("llm", "thinker.engine", models, sections, language),
        *(
            _faults("speech_to_speech", "speech.realtime", realtime, sections, language)
            if realtime
            else []
        ),
    ]
    return list(dict.fromkeys(found))


def _faults(
    kind: Kind, key: str, names: tuple[str, ...], sections: ProviderSections, language: str
) -> list[str]:
    found = [] if names else [f"{key}: must name one at least"]
    for name in names:
        if name in _OFFLINE[kind]:
            continue
        provider = PROVIDERS[kind].get(name)
        if provider is None:
            known = ", ".join([*_OFFLINE[kind], *PROVIDERS[kind]])
            found.append(f"{key}: must be of {known}")
        elif provider.needs_key and not getattr(sections, name).api_key:
            found.append(f"{name}.api_key: is required; set TALKING_{name.upper()}__API_KEY")
        elif not languages_of(kind, name, sections, (*LANGUAGES, language)).count(language):
            known = ", ".join(provider.languages) or "the language of its model"
            found.append(f"{key}: {name} knows {known} only")
    return found
