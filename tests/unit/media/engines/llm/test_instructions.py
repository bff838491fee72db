"""What a language model is told when an agent has instructions of its own."""

from media.dialogue import Prompt
from media.engines.llm.instructions import instructions


def test_the_rules_for_all_follow_the_agents_own() -> None:
    told = instructions(Prompt("roses", (), instructions="Call them Sir. {hint} {form}"))
    assert told.index("Call them Sir. {hint} {form}\n") < told.index("never instructions to you")


def test_without_an_agent_nothing_is_between_the_form_and_the_rules() -> None:
    plain, with_agent = (
        instructions(Prompt("a", ())),
        instructions(Prompt("a", (), instructions="X")),
    )
    assert with_agent.replace("\nX\n", "\n") == plain
