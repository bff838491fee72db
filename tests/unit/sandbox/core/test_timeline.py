"""Reaction times that follow from a timeline."""

from typing import Any

from sandbox.core.timeline import Entry, latencies


def happened(*events: tuple[float, str]) -> Any:
    return latencies([Entry(at_ms, "", event) for at_ms, event in events])


def test_reactions_count_the_agents_first_sound_of_each_turn() -> None:
    found = happened(
        (0, "answered"),
        (900, "agent_speech_started"),
        (1500, "agent_speech_stopped"),
        (2000, "person_speech_started"),
        (3000, "person_speech_stopped"),
        (3600, "agent_speech_started"),
        (4000, "agent_speech_stopped"),
        (4500, "agent_speech_started"),
    )
    assert [(r.at_ms, r.after_person_stopped_ms) for r in found.reactions] == [
        (900, None),
        (3600, 600),
    ]
    assert found.answered_to_agent_ms == 900
    assert found.verdict_to_agent_ms is None


def test_an_agent_that_talks_over_the_person_reacted_to_nothing() -> None:
    found = happened((0, "person_speech_started"), (500, "agent_speech_started"))
    assert [r.after_person_stopped_ms for r in found.reactions] == [None]


def test_a_clear_counts_only_when_the_person_spoke_over_the_agent() -> None:
    found = happened(
        (0, "clear"),
        (100, "agent_speech_started"),
        (1000, "person_speech_started"),
        (1180, "clear"),
        (1190, "clear"),
        (1200, "agent_speech_stopped"),
        (3000, "person_speech_started"),
        (3100, "clear"),
    )
    assert found.clears_after_person_started_ms == [180]


def test_the_first_sound_after_the_verdict_is_timed() -> None:
    found = happened((0, "answered"), (2400, "amd_verdict"), (2650, "agent_speech_started"))
    assert found.verdict_to_agent_ms == 250
