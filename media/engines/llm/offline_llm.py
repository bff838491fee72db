"""The offline language model: a script that holds a short talk, with no network and no chance.

It answers by the tables of `offline_rules`, says the caller's words back, asks open questions and
picks what it has not said yet. It claims no knowledge, says so when asked, and keeps nothing: all
it goes by is the prompt, so the same prompt always gets the same reply.
"""

import re
from collections.abc import AsyncIterator

from media.dialogue import Prompt, Turn, asks_for_summary, says_goodbye, split_sentences
from media.engines.llm import offline_rules as rules
from media.engines.llm.offline_letters import letter, summary
from media.engines.llm.offline_rules import Rule
from media.engines.llm.reflection import echo, first_clause, reflect
from media.wishes.reading import wish_so_far

_TOPIC_WORDS = 5  # a longer topic, or one that is a question, is called "this"
_QUESTION_WORDS = 16
_CAUGHT_WORDS = 7
_REMEMBERED = 24  # characters that tell one reply from another
_LONG_WORD = 5
_REPEATED_WORDS = 24
_RECALLED_WORDS = 14
_ASKING = frozenset(
    ("what", "was", "were", "is", "are", "my", "the", "i", "a", "do", "did", "you", "remember")
)
_REPETITION = re.compile(r"^(?:I said|Once more): ")


class OfflineLanguageModel:
    """LanguageModel without a model, for machines with no accounts and for tests."""

    async def think(self, prompt: Prompt) -> AsyncIterator[str]:
        """The reply, a sentence at a time; at most two or three short ones. Never fails."""
        if prompt.form in {"letter", "summary"}:
            yield letter(prompt) if prompt.form == "letter" else summary(prompt)
            return
        sentences, last = split_sentences(reply(prompt))
        for sentence in sentences:
            yield f"{sentence} "
        if last:
            yield last

    async def close(self) -> None:
        """Nothing is held."""


def reply(prompt: Prompt) -> str:
    """What to say next: one or two short sentences, under 30 words, not what was said last."""
    said = " ".join(turn.heard for turn in prompt.turns if turn.speaker == "agent")
    subject = _subject(prompt.topic)
    caller = _last_words(prompt.turns).replace("’", "'")
    rule, words = _match(caller)
    wish = wish_so_far((turn.speaker == "caller", turn.heard) for turn in prompt.turns)
    if wish != "no":
        return _fresh(rules.STOPPED if wish == "yes" else rules.MAKE_SURE, said)
    if rule and rule.kind == "final":
        return _fresh(rule.replies, said)
    if prompt.hint == "urgent":
        return _fresh(rules.URGENT, said)
    if prompt.hint == "wrap_up" and any(
        _index(question, said) >= 0 for question in rules.CLOSING_QUESTIONS
    ):
        return _fresh(rules.CLOSINGS, said)
    if wanted := asks_for_summary(caller):
        return _fresh(rules.SUMMARIES[wanted], said)
    if rule and rule.name in {"emergency", "grief"}:
        return _fresh(rule.replies, said)
    if not prompt.turns:
        return _opening(prompt.topic, subject, prompt.earlier)
    if caller and rules.REPEAT.search(caller) and (last := _last_question(prompt.turns)):
        return _fresh(rules.REPETITIONS, said, subject, last)
    if rules.RECALL_TOPIC.search(caller) and subject != "this":
        return _fresh(rules.TOPIC_RECALLED, said, subject)
    if words_before := _recalled(caller, prompt):
        question = _fresh(rules.QUESTIONS, said, subject)
        return f"{_fresh(rules.RECALLED, said, subject, words_before)} {question}"
    if rule and rule.kind == "reply" and prompt.hint == "none":
        return _fresh(rule.replies, said, subject, words)
    reaction = _reaction(caller, rule, said, subject, prompt.topic)
    questions = rules.CLOSING_QUESTIONS if prompt.hint == "wrap_up" else rules.QUESTIONS
    return f"{reaction} {_fresh(questions, said, subject)}"


def _opening(topic: str, subject: str, earlier: tuple[Turn, ...]) -> str:
    """The first words of a talk: what they last said about it, if they can be said back; a topic
    that is a question is simply asked."""
    for turn in reversed(earlier):
        if turn.speaker == "caller" and (words := echo(turn.heard)):
            return _fresh(rules.RETURNS, "", subject, words)
    question = " ".join(topic.split())
    if question.endswith("?") and len(question.split()) <= _QUESTION_WORDS:
        return _fresh(rules.QUESTION_OPENINGS, "", subject, question)
    return _fresh(rules.OPENINGS, "", subject)


def _match(caller: str) -> tuple[Rule | None, str]:
    """The first rule that fits, and the caught words turned round."""
    if says_goodbye(caller):
        return next(rule for rule in rules.RULES if rule.name == "goodbye"), ""
    for rule in rules.RULES:
        if found := rule.pattern.search(caller):
            if "words" not in found.groupdict():
                return rule, ""
            if words := reflect(first_clause(found["words"], _CAUGHT_WORDS)):
                return rule, words
    return None, ""


def _reaction(caller: str, rule: Rule | None, said: str, subject: str, topic: str) -> str:
    """One sentence that shows the caller was heard, before the next question."""
    if not caller:
        return _fresh(rules.SILENCES, said)
    if rule and rule.kind == "reaction":
        return _fresh(rule.replies, said, subject)
    if words := echo(caller):
        return _fresh(rules.ECHOES, said, subject, words)
    if words := _shared_word(caller, topic):
        return _fresh(rules.TOPIC_REACTIONS, said, subject, words)
    return _fresh(rules.REACTIONS, said)


def _fresh(candidates: tuple[str, ...], said: str, subject: str = "", words: str = "") -> str:
    """The candidate not said yet, else the one said longest ago."""
    return min(candidates, key=lambda candidate: _index(candidate, said)).format(
        subject=subject, words=words
    )


def _index(candidate: str, said: str) -> int:
    """Where the candidate was last said, -1 when it was not; told by how it begins."""
    return said.rfind(candidate.partition("{")[0][:_REMEMBERED])


def _subject(topic: str) -> str:
    """The topic as part of a sentence, seen from the agent's side."""
    words = " ".join(topic.split()).rstrip(" .!")
    turned = reflect(words)
    if not words or words.endswith("?") or len(turned.split()) > _TOPIC_WORDS:
        return "this"
    return turned


def _last_words(turns: tuple[Turn, ...]) -> str:
    """What the caller said since anybody else spoke; "" for silence."""
    words: list[str] = []
    for turn in reversed(turns):
        if turn.speaker != "caller":
            break
        words.insert(0, turn.heard)
    return " ".join(words).strip()


def _last_question(turns: tuple[Turn, ...]) -> str:
    """The last sentence the agent said, without an earlier "I said:"; "" when there is none."""
    for turn in reversed(turns):
        if turn.speaker == "agent" and turn.heard.strip():
            sentences, rest = split_sentences(turn.heard.strip())
            last = _REPETITION.sub("", rest or sentences[-1])
            return " ".join(last.split()[:_REPEATED_WORDS])
    return ""


def _recalled(caller: str, prompt: Prompt) -> str:
    """What they ask to be told again, as they said it: about a thing they name, else the last."""
    asked = rules.RECALL.search(caller)
    if asked is None:
        return ""
    words = {_bare(word) for word in caller.split()} - _ASKING
    spoken = [turn.heard for turn in (*prompt.earlier, *prompt.turns) if turn.speaker == "caller"]
    sentences = [sentence for heard in spoken[:-1] for sentence in _sentences(heard)]
    for sentence in reversed(sentences):
        told = {_bare(word) for word in sentence.split()}
        is_meant = bool(words & told if asked["thing"] else told) and not sentence.endswith("?")
        if is_meant and (back := echo(sentence, _RECALLED_WORDS)):
            return back
    return ""


def _sentences(text: str) -> list[str]:
    sentences, rest = split_sentences(text)
    return [*sentences, rest] if rest else sentences


def _shared_word(caller: str, topic: str) -> str:
    """A long word of the topic that the caller used too."""
    theirs = {_bare(word) for word in caller.split()}
    for word in topic.split():
        if len(_bare(word)) >= _LONG_WORD and _bare(word) in theirs:
            return _bare(word)
    return ""


def _bare(word: str) -> str:
    return word.strip(".,;:!?\"'()").lower()
