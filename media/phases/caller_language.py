"""Which language a call is in, where its agent goes by the caller's.

Ears tell a language with words. The call changes once the caller clearly speaks another that their
agent may change to: a few words are not enough, as many are the same in several languages, but two
utterances running are. Pure; it knows no engines and no sentences.
"""

from msgspec.structs import replace

from media.events import Recognised
from media.phases.facts import CallFacts, OtherLanguage

CLEAR_WORDS = 4  # in one utterance


def heard_language(facts: CallFacts, language: str, event: Recognised) -> tuple[CallFacts, str]:
    """The language to go on in after this, now that it is `language`, and what is to be remembered
    for the next words. Not before an answer to the question for a recording, which was asked in
    this one."""
    agent = facts.agent
    if agent is None or not agent.languages:
        return facts, language
    if event.side != "caller" or not event.text or facts.recording_consent == "asked":
        return facts, language
    if event.language == language:
        return replace(facts, other_language=None), language
    if event.language not in agent.languages:  # whichever it is, it says nothing
        return facts, language
    before = facts.other_language
    if before is None or before.language != event.language:
        before = OtherLanguage(event.language, event.utterance)
    is_clear = len(event.text.split()) >= CLEAR_WORDS
    if is_clear or before.utterance != event.utterance:
        return replace(facts, other_language=None), event.language
    return replace(facts, other_language=before), language
