"""That a machine speaks: told to everybody who picks up, and told again until it was heard.

Whoever is called must learn it, whatever they, an operator or the line do meanwhile; so it goes
before the agent's next words until a sentence that tells was played to its end. It knows sentences
and what was heard of them; nothing of sound.
"""

from media.dialogue import split_sentences, within
from media.settings import ConversationSettings


def greeting(settings: ConversationSettings, topic: str) -> tuple[str, ...]:
    """The first turn's sentences. One that does not tell by itself is followed by one that does."""
    sentences = _sentences(settings.greeting.format(topic=within(topic)))
    if _tells(sentences, settings):
        return sentences
    return (*sentences[:1], settings.disclosure, *sentences[1:])


def telling(text: str, settings: ConversationSettings) -> tuple[str, ...]:
    """What to say so that `text` is said and they are told."""
    return (text,) if _tells((text,), settings) else (settings.disclosure, text)


def was_told(text: str, heard: str, settings: ConversationSettings) -> bool:
    """Whether a sentence of `text` that tells was heard whole; `heard` is a beginning of `text`."""
    until = 0
    for sentence in _sentences(text):
        until = text.find(sentence, until) + len(sentence)
        if _tells((sentence,), settings):
            return len(heard) >= until
    return False


def _tells(sentences: tuple[str, ...], settings: ConversationSettings) -> bool:
    words = settings.disclosure_words.casefold()
    return any(words in sentence.casefold() for sentence in sentences)


def _sentences(text: str) -> tuple[str, ...]:
    sentences, rest = split_sentences(text)
    return (*sentences, rest.strip()) if rest.strip() else tuple(sentences)
