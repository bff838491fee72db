"""A caller's last words, when the sound ends before anybody knows them.

People ask for something and hang up; whoever said "never call me again" must not be called because
they were quick. The words enter the history whenever they are known, also after the call is over.
"""

from msgspec.structs import replace

from media.barge_in.own_words import without_own_words
from media.dialogue import Turn, asks_for_summary
from media.effects import Effect
from media.events import Recognised
from media.phases.facts import CallFacts, final
from media.wishes.reading import wish_so_far

AUDIBLE_WORDS, WORDS_AHEAD = 16, 4  # of ours, before and after where they cut in


def asks_something(facts: CallFacts) -> bool:
    """Whether the caller may have asked for what is done after a call."""
    said = [(turn.speaker == "caller", turn.heard) for turn in facts.turns]
    asked = any(is_theirs and asks_for_summary(heard) for is_theirs, heard in said)
    return asked or wish_so_far(said) != "no"


def audible(facts: CallFacts, unspoken_text: str) -> str:
    """Words of ours around the place where the caller cut in; "" if they did not."""
    if not unspoken_text or not facts.turns:
        return ""
    heard = facts.turns[-1].heard.split()[-AUDIBLE_WORDS:]
    return " ".join(heard + unspoken_text.split()[:WORDS_AHEAD])


def known(facts: CallFacts, event: Recognised, now: float) -> tuple[CallFacts, list[Effect]]:
    """The words are a turn, if they are those that were waited for."""
    words = facts.last_words
    if words is None or event.side != "caller":
        return facts, []
    if (event.utterance, event.revision) != (words.utterance, words.revision):
        return facts, []
    facts = replace(facts, last_words=None)
    text = without_own_words(event.text, words.audible)
    if not text:
        return facts, []
    turn = Turn("caller", text, text, now)
    said = final("caller", text, text, f"caller:{event.utterance}")
    return replace(facts, turns=(*facts.turns, turn)), [said]
