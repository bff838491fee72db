"""Inbound sound: facts and utterances are the same however the carrier cuts its packets."""

from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from media.engines.scripted import ScriptedDetector
from media.events import SpeechBegan, SpeechPaused
from media.listening import FRAME_BYTES, Listening
from media.settings import SpeechSettings

LOUD, QUIET = b"\x10" * FRAME_BYTES, b"\xff" * FRAME_BYTES
SETTINGS = SpeechSettings(pause_ms=300)
PRE_ROLL = SETTINGS.pre_roll_ms // 20


def listening() -> Listening:
    return Listening(ScriptedDetector(), SETTINGS)


def hear(ears: Listening, *parts: bytes, now: float = 0.0) -> list[SpeechBegan | SpeechPaused]:
    return [fact for part in parts for fact in ears.push(part, now)]


def test_speech_is_reported_when_it_begins_and_when_it_pauses() -> None:
    ears = listening()
    assert hear(ears, QUIET * 50, LOUD * 20) == [SpeechBegan(1)]
    assert hear(ears, QUIET * 15, now=7.0) == [SpeechPaused(1, 1, 6.7)]


def test_an_utterance_begins_a_little_before_its_first_sound() -> None:
    ears = listening()
    hear(ears, QUIET * 50, LOUD * 20)
    assert ears.sound(1) == QUIET * (PRE_ROLL - 4) + LOUD * 20


def test_going_on_after_a_pause_is_the_same_utterance_with_a_new_revision() -> None:
    ears = listening()
    facts = hear(ears, LOUD * 10, QUIET * 20, LOUD * 10, QUIET * 15)
    assert [(type(fact), fact.utterance) for fact in facts] == [
        (SpeechBegan, 1), (SpeechPaused, 1), (SpeechBegan, 1), (SpeechPaused, 1),
    ]  # fmt: skip
    assert facts[3] == SpeechPaused(1, 2, -0.3)
    assert ears.sound(1) == LOUD * 10 + QUIET * 20 + LOUD * 10 + QUIET * 15


def test_a_taken_utterance_is_forgotten_and_the_next_has_a_new_number() -> None:
    ears = listening()
    hear(ears, LOUD * 10, QUIET * 15)
    ears.take(1)
    assert ears.sound(1) == b""
    assert hear(ears, QUIET * 20, LOUD * 10) == [SpeechBegan(2)]
    assert ears.sound(2) == QUIET * (PRE_ROLL - 4) + LOUD * 10


def test_taking_while_the_caller_speaks_leaves_their_first_sounds_to_the_next_utterance() -> None:
    ears = listening()
    hear(ears, LOUD * 10, QUIET * 30, LOUD * 6)
    ears.take(1)
    hear(ears, LOUD * 4)
    assert ears.sound(2) == QUIET * (PRE_ROLL - 6) + LOUD * 10
    assert hear(ears, QUIET * 15)[0].utterance == 2


def test_taking_just_before_a_word_is_noticed_loses_nothing_of_it() -> None:
    ears = listening()
    hear(ears, LOUD * 10, QUIET * 30, LOUD * 3)
    ears.take(1)
    assert hear(ears, LOUD * 7) == [SpeechBegan(2)]
    assert ears.sound(2) == QUIET * (PRE_ROLL - 4) + LOUD * 10


def test_taking_an_old_or_unknown_utterance_changes_nothing() -> None:
    ears = listening()
    hear(ears, LOUD * 10)
    ears.take(0)
    ears.take(5)
    assert ears.sound(1) == LOUD * 10
    assert ears.sound(0) == ears.sound(5) == b""


def test_opening_the_microphone_forgets_all_that_went_before() -> None:
    ears = listening()
    hear(ears, LOUD * 10)
    ears.restart()
    assert hear(ears, LOUD * 3) == []
    assert hear(ears, LOUD * 1) == [SpeechBegan(2)]
    assert ears.sound(2) == LOUD * 4


def test_an_endless_utterance_is_kept_only_up_to_its_limit() -> None:
    short = msgspec.structs.replace(SETTINGS, max_utterance_seconds=1.0)
    ears = Listening(ScriptedDetector(), short)
    hear(ears, LOUD * 200)
    assert len(ears.sound(1)) == 8000


pieces = st.lists(st.tuples(st.booleans(), st.integers(1, 40)), max_size=8)


@settings(max_examples=60, deadline=None)
@given(pieces, st.lists(st.integers(1, 1000), min_size=1))
def test_the_size_of_packets_changes_no_fact_and_no_sound(
    spans: list[tuple[bool, int]], sizes: list[int]
) -> None:
    stream = b"".join((LOUD if loud else QUIET) * frames for loud, frames in spans)
    whole, cut = listening(), listening()
    expected = [fact for at in range(0, len(stream), FRAME_BYTES)
                for fact in whole.push(stream[at : at + FRAME_BYTES], 0.0)]  # fmt: skip
    edges, turn = [0], 0
    while edges[-1] < len(stream):
        edges.append(edges[-1] + sizes[turn % len(sizes)])
        turn += 1
    assert hear(cut, *(stream[one:two] for one, two in pairwise(edges))) == expected
    assert cut.sound(1) == whole.sound(1)


def test_what_is_settled_is_no_longer_part_of_an_utterance() -> None:
    ears = listening()
    hear(ears, LOUD * 100)
    assert ears.settle(1, 60 * FRAME_BYTES)
    assert ears.sound(1) == LOUD * 40
    assert ears.pending_bytes == 40 * FRAME_BYTES
    hear(ears, QUIET * 15)
    ears.take(1)
    assert not ears.settle(1, FRAME_BYTES)
