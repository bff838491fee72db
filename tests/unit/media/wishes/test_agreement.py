"""Whether somebody agreed to be recorded; in doubt they did not."""

import pytest

from media.wishes.agreement import agreement, wants_no_recording

YES = """\
Yes.|Yeah, sure.|That sounds good.|No problem.|I don't mind.|Not at all, go ahead.|Of course.|Okay.
That's fine.|Sure, why not.|Yes, no problem.|You may.|Yes, please. Tell me about roses.|Oui.
D'accord.|Sí, claro.|Ja, gerne.|Kein Problem."""
NO = """\
No.|No, thanks.|Nope.|I'd rather not.|Please don't record me.|Not really.
I would prefer you didn't.|I do mind.|Never.|That doesn't sound good.|Non.|Nein, danke.|No, gracias.
Do not record this call.|You can't.|You may not.|You cannot record me."""
UNSURE = """\
Why?|What for?|Hmm.|Yes, but why?|How do roses grow?|No, that's fine.|I am not sure.
I don't know.|Maybe.|Hello?||Please go on.|It depends.|Of course not."""
STOPS = """\
Stop recording this.|Please stop the recording.|I don't want you to record me.
Can you turn off the recording?|I would rather not be recorded.|Arrêtez l'enregistrement."""
NO_STOPS = """\
I never heard that record.|He stopped recording songs in 1990.
They don't record albums any more.|Is this recorded?|Record it, please.|Stop.
Don't stop recording."""


def split(table: str) -> list[str]:
    return table.replace("\n", "|").split("|")


@pytest.mark.parametrize("said", split(YES))
def test_a_yes(said: str) -> None:
    assert agreement(said) == "yes"


@pytest.mark.parametrize("said", split(NO))
def test_a_no(said: str) -> None:
    assert agreement(said) == "no"


@pytest.mark.parametrize("said", split(UNSURE))
def test_neither(said: str) -> None:
    assert agreement(said) == "unsure"


@pytest.mark.parametrize("said", split(STOPS))
def test_a_wish_to_stop_it(said: str) -> None:
    assert wants_no_recording(said)


@pytest.mark.parametrize("said", split(NO_STOPS))
def test_words_that_are_no_such_wish(said: str) -> None:
    assert not wants_no_recording(said)
