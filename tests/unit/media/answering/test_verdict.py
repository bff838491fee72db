"""From facts to a verdict: early for people, late for whatever is not one."""

from typing import Any

import pytest

from media.answering.evidence import Evidence, learn
from media.answering.verdict import (
    LEAST_QUIET,
    LIKELY,
    SETTLING_QUIET,
    WORDS_QUIET,
    Judgement,
    judge,
)
from media.answering.weighing import SURE, weigh
from media.events import (
    AmdVerdict,
    EngineFailed,
    Event,
    Recognised,
    SpeechBegan,
    SpeechPaused,
    StreamStarted,
    ToneHeard,
)


def evidence(*said: tuple[float, float, str | None], after: tuple[Event, ...] = ()) -> Evidence:
    """Stretches of speech: from, to, words; then other facts."""
    known = learn(Evidence(), StreamStarted("MZ1"), 0.0)
    for number, (began, ended, text) in enumerate(said, 1):
        facts: list[Any] = [(began + 0.1, SpeechBegan(number))]
        facts.append((ended + 0.3, SpeechPaused(number, 1, ended)))
        if text is not None:
            facts.append((ended + 0.4, Recognised(number, 1, text)))
        for at, fact in facts:
            known = learn(known, fact, at)
    for fact in after:
        known = learn(known, fact, 99.0)
    return known


def settled(known: Evidence, now: float) -> tuple[Judgement, float]:
    """The judgement after looking again whenever asked to, and when it came."""
    for _ in range(100):
        judgement = judge(known, now, "en")
        if judgement.verdict is not None or judgement.again_at is None:
            return judgement, now
        assert judgement.again_at > now - 0.001
        now = judgement.again_at
    raise AssertionError("no end of looking again")


@pytest.mark.parametrize(
    "text",
    ["Hello?", "This is Anna.", "Miller.", "Acme Dental, how can I help you?", "Hi, who is this?"],
)
def test_a_person_is_known_soon_after_their_words(text: str) -> None:
    judgement, at = settled(evidence((0.8, 2.0, text)), 2.4)
    assert judgement.verdict == "human"
    assert 2.0 + LEAST_QUIET <= at + 0.001 <= 3.3


def test_words_that_nobody_could_tell_are_a_person_by_their_length() -> None:
    known = learn(evidence((0.8, 1.8, None)), EngineFailed("recogniser", 1), 2.2)
    assert settled(known, 2.2)[0].verdict == "human"


def test_nobody_is_judged_while_a_recogniser_works_or_they_speak() -> None:
    assert judge(evidence((0.8, 1.8, None)), 2.5, "en").verdict is None
    speaking = learn(evidence((0.8, 1.8, "Hello?")), SpeechBegan(2), 2.2)
    assert judge(speaking, 5.0, "en").verdict is None


def test_silence_is_no_verdict_and_nothing_to_look_at_again() -> None:
    judgement = judge(evidence(), 5.0, "en")
    assert (judgement.verdict, judgement.again_at) == (None, None)


def test_a_greeting_is_a_machine_as_soon_as_its_words_are_known() -> None:
    known = evidence((0.5, 3.5, "You have reached Anna. Please leave a message after the tone."))
    judgement = judge(known, 4.0, "en")
    assert judgement.verdict == "machine"
    assert judgement.weighed.promises_tone
    assert judgement.weighed.shares["machine"] > SURE


def test_who_talks_on_and_on_is_a_machine() -> None:
    known = evidence((0.5, 9.5, "We are happy to tell you what is new in our garden this year."))
    assert settled(known, 10.0)[0].verdict == "machine"


def test_silence_after_a_long_speech_is_no_persons_unless_something_else_was() -> None:
    office = "The office of the judge is on the second floor of the new house."
    asking = "Oh, I was in the garden all day and I have not seen it, who is this?"
    assert settled(evidence((0.5, 6.4, office)), 6.8)[0].verdict == "machine"
    assert settled(evidence((0.5, 5.2, asking)), 5.6)[0].verdict == "human"


def test_what_is_hardly_likelier_a_mailbox_is_greeted_like_a_person() -> None:
    boss = evidence((0.5, 4.9, "Our receptionist is sick, so you have the boss himself."))
    judgement, _ = settled(boss, 5.3)
    assert judgement.weighed.likeliest == "machine"
    assert judgement.verdict == "human"


def test_who_answers_none_of_our_turns_is_less_and_less_a_person() -> None:
    known = evidence((0.8, 1.5, "This is Anna."))
    shares = [weigh(known, 20.0, "en", quiet_counts=False, unanswered=n).shares for n in range(3)]
    assert [one["human"] > one["machine"] for one in shares] == [True, False, False]
    assert shares[1]["machine"] < LIKELY <= shares[2]["machine"]


def test_a_greeting_with_pauses_is_waited_out() -> None:
    known = evidence((0.5, 1.9, "Hi, you've reached John."))
    assert settled(known, 2.3)[0].verdict != "human"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("The person you are calling uses a screening service. Please say your name.", "screening"),
        ("Thank you for calling. For sales, press one. For orders, press two.", "ivr"),
        ("The number you have dialed is not in service.", "intercept"),
    ],
)
def test_other_machines_are_told_apart(text: str, verdict: str) -> None:
    assert settled(evidence((0.5, 5.0, text)), 5.4)[0].verdict == verdict


def test_who_asks_for_a_key_waits_for_it_in_silence() -> None:
    known = evidence((0.8, 2.8, "You have a call."), (3.5, 4.6, "Press one to take it."))
    assert settled(known, 5.0)[0].verdict == "ivr"


@pytest.mark.parametrize(
    ("kind", "verdict"), [("fax", "fax"), ("intercept", "intercept"), ("busy", "intercept")]
)
def test_some_tones_alone_are_a_verdict(kind: Any, verdict: str) -> None:
    known = evidence(after=(ToneHeard(kind, 1100, 500, 1.5),))
    assert settled(known, 1.6)[0].verdict == verdict


def test_a_beep_after_words_is_a_mailbox() -> None:
    known = evidence((0.5, 2.5, "Hi, it's Tom."), after=(ToneHeard("beep", 1000, 400, 4.0),))
    assert judge(known, 4.1, "en").weighed.likeliest == "machine"


def test_ringing_that_was_told_late_was_no_mailboxs_beep() -> None:
    ringing = (ToneHeard("beep", 440, 1500, 4.0), ToneHeard("ringback", 440, 1500, 9.0))
    known = evidence((0.5, 1.5, "Un instant, je vous passe le service."), after=ringing)
    assert not known.beeps
    assert judge(known, 9.1, "fr").weighed.likeliest == "hold"
    assert evidence(after=(*reversed(ringing),)).beeps  # a beep of that pitch after it is one


def test_a_calling_faxs_tone_after_words_is_a_mailboxs_beep() -> None:
    words = (0.5, 2.5, "Leave a message.")
    known = evidence(words, after=(ToneHeard("fax", 1100, 500, 4.0),))
    assert judge(known, 4.1, "en").verdict == "machine"


def test_please_hold_is_no_verdict_however_long() -> None:
    judgement, _ = settled(evidence((0.5, 2.0, "Please hold.")), 2.4)
    assert judgement.verdict is None


@pytest.mark.parametrize(
    ("language", "text", "verdict"),
    [
        ("en", "All of our agents are currently assisting other customers.", None),
        ("de", "Alle Mitarbeiter befinden sich derzeit im Gespräch.", None),
        ("fr", "Votre temps d'attente est estimé à deux minutes.", None),
        ("es", "Por favor, no cuelgue.", None),
        ("en", "You have dialed an incorrect number.", "intercept"),
        ("de", "Kein Anschluss unter dieser Nummer.", "intercept"),
        ("fr", "Votre appel ne peut aboutir.", "intercept"),
        ("es", "El número que usted marcó ha sido cambiado.", "intercept"),
        ("en", "Thank you for waiting. This is Sarah.", "human"),
        ("fr", "Merci de votre attente, je suis Paul.", "human"),
    ],
)
def test_silence_after_an_announcement_makes_it_no_person_however_late_its_words_come(
    language: str, text: str, verdict: str | None
) -> None:
    late = judge(evidence((0.5, 2.5, text)), 2.5 + WORDS_QUIET, language)
    for _ in range(9):
        if late.verdict is not None or late.again_at is None:
            break
        late = judge(evidence((0.5, 2.5, text)), late.again_at, language)
    assert late.verdict == verdict


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Please say your name after the tone and hold while we connect your call."),
        ("de", "Bitte sagen Sie nach dem Ton Ihren Namen, dann verbinden wir Sie."),
        ("fr", "Merci de vous présenter après le bip, nous allons vous mettre en relation."),
        ("es", "Por favor identifíquese y espere mientras lo conectamos."),
    ],
)
def test_who_asks_for_a_name_may_speak_of_a_tone_and_of_waiting(language: str, text: str) -> None:
    assert judge(evidence((0.5, 5.0, text)), 6.4, language).verdict == "screening"


@pytest.mark.parametrize(
    ("language", "text", "verdict"),
    [
        ("en", "The number you have reached is not in service.", "intercept"),
        ("en", "I'm out of range or my phone is switched off. Leave a message.", "machine"),
        ("fr", "Votre correspondant a éteint son téléphone.", "intercept"),
        ("fr", "Mon téléphone est éteint, laissez un message.", "machine"),
        ("de", "Der Teilnehmer hat sein Telefon ausgeschaltet.", "intercept"),
        ("es", "Mi teléfono está apagado, deja un mensaje.", "machine"),
    ],
)
def test_a_mailbox_invites_a_message_and_a_network_does_not(
    language: str, text: str, verdict: str
) -> None:
    assert judge(evidence((0.5, 4.0, text)), 4.9, language).verdict == verdict


def test_a_mailbox_asks_for_a_name_too() -> None:
    text = "You have reached Ann. Say your name and number after the tone."
    assert judge(evidence((0.5, 5.0, text)), 6.4, "en").verdict == "machine"


def test_in_the_end_it_is_whatever_is_likeliest() -> None:
    known = evidence((0.5, 5.5, "I am not available right now. Have a good day."))
    judgement, at = settled(known, 5.9)
    assert judgement.verdict == "machine"
    assert at <= 5.5 + SETTLING_QUIET + 0.001


def test_the_carriers_word_is_evidence_among_others() -> None:
    hello = evidence((0.5, 1.0, "Hello, who is this?"), after=(AmdVerdict("machine_start"),))
    assert weigh(hello, 1.6, "en").likeliest == "human"
    nothing = evidence((0.5, 2.2, "Miller."), after=(AmdVerdict("machine_end_beep"),))
    assert weigh(nothing, 2.6, "en").likeliest == "machine"


def test_an_operators_word_is_the_last() -> None:
    known = evidence((0.5, 1.0, "Hello?"), after=(AmdVerdict("machine_start", by="operator"),))
    assert weigh(known, 3.0, "en").likeliest == "machine"


def test_reasons_say_what_was_heard_and_how_much_it_weighs() -> None:
    known = evidence((0.5, 1.5, "Hello?"), after=(ToneHeard("beep", 1000, 400, 3.0),))
    notes = {one.source: one.note for one in weigh(known, 3.5, "en").reasons}
    assert notes["tone"] == "beep tone, 1000 Hz for 400 ms"
    assert "words" in notes
    assert sum(weigh(known, 3.5, "en").shares.values()) == pytest.approx(1.0, abs=0.01)


def test_an_utterance_that_goes_on_is_one_stretch() -> None:
    known = evidence((0.5, 1.5, "Hello?"))
    known = learn(learn(known, SpeechBegan(1), 1.7), SpeechPaused(1, 2, 2.5), 2.8)
    known = learn(known, Recognised(1, 2, "Hello? Who is this?"), 2.9)
    (stretch,) = known.stretches
    assert (stretch.ended_at, stretch.text) == (2.5, "Hello? Who is this?")


def test_single_tones_of_several_pitches_are_a_melody_and_no_mailbox() -> None:
    def beeps(*pitches: int) -> float:
        tones = tuple(ToneHeard("beep", hz, 240, 3.0 + n) for n, hz in enumerate(pitches))
        known = evidence((0.8, 1.1, "You"), after=tones)
        return weigh(known, 6.0, "en").shares["machine"]

    assert beeps(1000, 1000) == beeps(1000) == beeps(1000, 1010)
    assert beeps(785, 391) < beeps(1000)
