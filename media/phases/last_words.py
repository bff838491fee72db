"""A caller's last words, when the sound ends before anybody knows them.

People ask for something and hang up; whoever said "never call me again" must not be called because
they were quick. The words enter the history whenever they are known, also after the call is over.
"""

from msgspec.structs import replace

from media.barge_in.own_words import without_own_words
from media.dialogue import asks_for_summary
from media.effects import Effect
from media.events import Recognised
from media.phases.facts import CallFacts, spoke
from media.wishes.reading import wish_so_far

AUDIBLE_WORDS, WORDS_AHEAD = 16, 4  # of ours, before and after where they cut in


def asks_something(facts: CallFacts) -> bool:
    """Whether the caller may have asked for what is done after a call."""
    theirs = [turn.heard for turn in facts.turns if turn.speaker == "caller"]
    asked = facts.summary is not None or any(map(asks_for_summary, theirs))
    return asked or _wishes(facts)


def asks_more(facts: CallFacts, before: CallFacts) -> bool:
    """Whether the last turn may ask for something of that kind that was not asked for before it."""
    said = facts.turns[-1].heard
    return bool(asks_for_summary(said)) or (_wishes(facts) and not _wishes(before))


def _wishes(facts: CallFacts) -> bool:
    said = [(turn.speaker == "caller", turn.heard) for turn in facts.turns]
    return wish_so_far(said) != "no"


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
    facts, said = spoke(facts, "caller", text, event.utterance, now)
    return facts, [said]
