"""The offline mind: one talk as it should read, what it must never do, and the hints it follows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.dialogue import Hint, Prompt, Turn, says_goodbye, split_sentences
from media.engines.llm.offline_llm import OfflineLanguageModel, reply
from media.engines.llm.offline_rules import QUESTIONS, RULES

GOLDEN_TALK = """
A: Hello, I am a scripted assistant, here to talk about growing tomatoes. Where shall we start?
C: Hello?
A: Hello, good to hear you. What matters most to you about growing tomatoes?
C: Well, I grow them on my balcony every summer.
A: So you grow them on your balcony every summer. When did you first think about growing tomatoes?
C: I love the smell of the leaves.
A: What do you like most about the smell of the leaves?
C: Could you say that again?
A: I said: What do you like most about the smell of the leaves?
C: It reminds me of my grandmother's garden.
A: I hear that it reminds you of your grandmother's garden. Can you give me an example?
C: Are you a robot?
A: I am a scripted offline assistant, not a person, and I cannot look up facts. \
What is the hardest part of it?
C: Why do snails like them?
A: Good question. What would your own answer be?
C: I think they are hungry.
A: What makes you think they are hungry?
C: I don't know.
A: That is fine. Who else plays a part in this?
C: My wife hates the snails.
A: What does your wife think about growing tomatoes?
C:
A: I am still here. What would you change about growing tomatoes if you could?
C: Thanks.
A: You are welcome. What has surprised you most so far?
C: I want to water them in the evening.
A: What would help you to water them in the evening?
[wrap_up]
C: A longer hose.
A: I see. Time is nearly up, so what is the one thing to keep?
C: That snails come at night.
A: Thank you, that was good to hear. Goodbye.
"""


def agent(text: str) -> Turn:
    return Turn("agent", text, text)


def caller(text: str) -> Turn:
    return Turn("caller", text, text)


def answer(said: str, hint: Hint = "none", before: str = "Where shall we start?") -> str:
    return reply(Prompt("growing tomatoes", (agent(before), caller(said)), hint))


def test_a_whole_talk_reads_like_this() -> None:
    turns: list[Turn] = []
    hint: Hint = "none"
    for line in GOLDEN_TALK.strip().splitlines():
        who, _, text = line.partition(":")
        if who == "[wrap_up]":
            hint = "wrap_up"
        elif who == "C":
            turns += [caller(text.strip())] if text.strip() else []
        else:
            assert reply(Prompt("growing tomatoes", tuple(turns), hint)) == text.strip()
            turns.append(agent(text.strip()))


async def test_the_reply_is_given_a_sentence_at_a_time_and_keeps_its_spaces() -> None:
    prompt = Prompt("tea", (agent("Shall we start?"), caller("Yes.")))
    pieces = [piece async for piece in OfflineLanguageModel().think(prompt)]
    assert pieces == ["Good. ", "What matters most to you about tea?"]


WORDS = """I you we my your like think tomatoes growing because why what how are robot again say
goodbye no yes not the a is it thanks hate want to , . ? ' can know wife I'll we've who you're"""
SAYINGS = st.one_of(
    st.text(max_size=120),
    st.lists(
        st.sampled_from(WORDS.split()),
        max_size=25,
    ).map(" ".join),
    st.sampled_from(
        ["", "Yes.", "What?", "I see.", "Are you a robot?", "Stop calling me.", "Wait"]
    ),
)
TOPICS = st.one_of(
    st.sampled_from(["growing tomatoes", "How was your delivery?", "", "my new job", "{words}"]),
    st.text(max_size=80),
)


@given(
    TOPICS, st.lists(st.tuples(SAYINGS, st.sampled_from(["none", "wrap_up", "urgent"])), max_size=8)
)
def test_no_talk_holds_an_empty_a_long_or_a_repeated_reply(
    topic: str, talk: list[tuple[str, Hint]]
) -> None:
    turns: list[Turn] = []
    before = ""
    for said, hint in [("", "none"), *talk]:
        if turns:
            turns.append(caller(said))
        text = reply(Prompt(topic, tuple(turns), hint))
        assert text.strip()
        assert len(text.split()) <= 30
        assert text != before
        turns.append(agent(text))
        before = text


@given(SAYINGS, st.sampled_from(["none", "wrap_up", "urgent"]))
def test_the_same_prompt_always_gets_the_same_reply(said: str, hint: Hint) -> None:
    assert answer(said, hint) == answer(said, hint)


@pytest.mark.parametrize(
    "question",
    ["Are you a robot?", "Am I talking to a machine?", "Is this a real person?", "Are you human?"],
)
@pytest.mark.parametrize("hint", ["none", "wrap_up"])
def test_it_says_plainly_that_it_is_a_script_without_facts(question: str, hint: Hint) -> None:
    text = answer(question, hint)
    assert "scripted offline assistant" in text
    assert "cannot look up facts" in text


@pytest.mark.parametrize(
    "said",
    [
        "Goodbye.",
        "Okay, bye bye.",
        "I have to go now.",
        "That's all for today, thanks.",
        "Please stop calling me.",
        "Don't call me again.",
        "You have the wrong number.",
        "I'm driving.",
        "Have a nice day.",
    ],
)
@pytest.mark.parametrize("hint", ["none", "wrap_up", "urgent"])
def test_who_wants_to_end_the_call_gets_a_goodbye(said: str, hint: Hint) -> None:
    assert says_goodbye(answer(said, hint))


@pytest.mark.parametrize(
    "said",
    [
        "I have to go to the dentist tomorrow.",
        "It is a good time to plant.",
        "My phone never stops.",
        "I do not drive to work.",
        "That is all I ever wanted from a garden.",
    ],
)
def test_a_talkative_caller_is_not_sent_away(said: str) -> None:
    assert not says_goodbye(answer(said))


def test_urgent_is_one_sentence_that_says_goodbye() -> None:
    text = answer("I like the red ones best.", "urgent")
    assert says_goodbye(text)
    sentences, rest = split_sentences(text)
    assert len([*sentences, *filter(None, [rest])]) == 1


def test_wrap_up_asks_for_a_last_thought_once_and_then_says_goodbye() -> None:
    first = answer("The red ones are best.", "wrap_up")
    assert "Time is nearly up" in first
    assert not says_goodbye(first)
    turns = (caller("The red ones are best."), agent(first), caller("The red ones."))
    assert says_goodbye(reply(Prompt("growing tomatoes", turns, "wrap_up")))


def test_an_emergency_is_sent_to_those_who_can_help_even_at_the_end() -> None:
    for hint in ("none", "wrap_up"):
        assert "emergency number" in answer("I need an ambulance!", hint)


def test_no_question_comes_twice_before_all_have_been_asked() -> None:
    turns: list[Turn] = [agent("Where shall we start?")]
    asked = []
    for _ in QUESTIONS:
        turns.append(caller("Yes."))
        text = reply(Prompt("tea", tuple(turns)))
        asked.append(text.split(". ")[-1] if ". " in text else text)
        turns.append(agent(text))
    assert len(set(asked)) == len(QUESTIONS)


def test_a_question_cut_off_before_it_was_heard_is_asked_again() -> None:
    full = answer("Yes.")
    turns = (caller("Yes."), Turn("agent", full, "Good."), caller("Sorry, go ahead."))
    assert full.removeprefix("Good. ") in reply(Prompt("growing tomatoes", turns))


def test_the_topic_of_a_caller_is_spoken_of_as_theirs() -> None:
    assert "your new job" in reply(Prompt("my new job", ()))


def test_every_rule_has_two_replies_or_more_and_a_name_of_its_own() -> None:
    assert all(len(rule.replies) >= 2 for rule in RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_rules_that_end_the_call_and_only_those_say_goodbye() -> None:
    for rule in RULES:
        for text in rule.replies:
            assert says_goodbye(text) == (rule.kind == "final"), rule.name


def told(*lines: str) -> Prompt:
    """A talk on tomatoes whose lines are the agent's and the caller's in turn."""
    turns = (Turn("agent" if n % 2 == 0 else "caller", line, line) for n, line in enumerate(lines))
    return Prompt("growing tomatoes", tuple(turns))


@pytest.mark.parametrize(
    "said",
    [
        "I paid 3.50 for it.",
        "We have 1,500 plants at 3:30.",
        "I paid one hundred and fifty dollars.",
    ],
)
def test_numbers_are_said_back_as_they_were_said(said: str) -> None:
    words = said.removeprefix("I ").removeprefix("We ").rstrip(".")
    assert words in reply(told("Hello.", said))


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("What was my budget?", "your budget is 2,500 dollars"),
        ("What did I say about the budget?", "your budget is 2,500 dollars"),
        ("What are we talking about?", "growing tomatoes"),
        ("What is the capital of France?", "cannot look up"),
    ],
)
def test_what_it_was_told_it_does_not_deny(asked: str, answer: str) -> None:
    assert answer in reply(told("Hello.", "My budget is 2,500 dollars.", "I see.", asked))


@pytest.mark.parametrize(
    "said", ["My wife died last week.", "I lost my job.", "My grandmother passed away."]
)
def test_grief_is_answered_with_sympathy_and_no_form(said: str) -> None:
    answer = reply(told("Hello.", said))
    assert "sorry" in answer
    assert "tomatoes" not in answer


@pytest.mark.parametrize("said", ["My phone died.", "He is dead tired.", "I lost my keys."])
def test_no_grief_is_made_up(said: str) -> None:
    assert "sorry" not in reply(told("Hello.", said))
