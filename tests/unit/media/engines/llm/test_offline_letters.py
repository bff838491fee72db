"""Letters and summaries of the offline mind hold what was said, and nothing else."""

from media.dialogue import Prompt, Turn
from media.engines.llm.offline_llm import OfflineLanguageModel, reply

SAID = (
    Turn("agent", "Where shall we start?", "Where shall we start?"),
    Turn("caller", "My dough never rises.", "My dough never rises."),
    Turn("caller", "I see.", "I see."),
    Turn("caller", "My dough never rises.", "My dough never rises."),
)


async def written(prompt: Prompt) -> str:
    return "".join([piece async for piece in OfflineLanguageModel().think(prompt)])


async def test_a_letter_takes_up_what_they_said_each_thing_once() -> None:
    letter = await written(Prompt("baking bread", (), form="letter", earlier=SAID))
    assert letter.count("My dough never rises.") == 1
    assert "I see." not in letter
    assert "Where shall we start?" not in letter
    assert "scripted assistant" in letter


async def test_a_letter_about_something_new_claims_nothing() -> None:
    letter = await written(Prompt("baking bread", (), form="letter"))
    assert "We have not talked about it yet" in letter
    assert "baking bread" in letter


async def test_a_summary_is_in_their_own_words() -> None:
    summary = await written(Prompt("baking bread", SAID, form="summary"))
    assert summary == 'We talked about baking bread. You said: "My dough never rises."'


async def test_a_summary_of_nothing_says_so() -> None:
    summary = await written(Prompt("baking bread", (), form="summary"))
    assert "nothing you said to sum up" in summary


async def test_long_talks_are_cut_to_what_came_last() -> None:
    turns = tuple(
        Turn("caller", text, text)
        for text in (f"This is thing number {n}. " * 20 for n in range(9))
    )
    summary = await written(Prompt("tea", turns, form="summary"))
    assert "number 8." in summary
    assert "number 2." not in summary
    assert len(summary) < 6 * 170 + 100


def test_a_talk_begins_with_what_they_said_last_time() -> None:
    opening = reply(Prompt("baking bread", (), earlier=SAID))
    assert opening.startswith("Hello again")
    assert "your dough never rises" in opening


def test_a_talk_that_never_was_is_not_remembered() -> None:
    only_ours = (Turn("agent", "Hello?", "Hello?"), Turn("caller", "Yes.", "Yes."))
    assert "again" not in reply(Prompt("baking bread", (), earlier=only_ours))


def test_a_summary_is_promised_by_the_way_it_was_asked_for() -> None:
    def asked(text: str) -> str:
        return reply(Prompt("tea", (Turn("agent", "Hi.", "Hi."), Turn("caller", text, text))))

    assert "text you a summary" in asked("Can you text me a summary afterwards?")
    assert "mail you a summary" in asked("Please send me a summary by e-mail.")
