"""Whether somebody agreed to be recorded; in doubt they did not."""

import pytest

from media.wishes.agreement import agreement, wants_no_recording

YES = """\
Yes.|Yeah, sure.|That sounds good.|No problem.|I don't mind.|Not at all, go ahead.|Of course.|Okay.
That's fine.|Sure, why not.|Yes, no problem.|You may.|Yes, please. Tell me about roses.|Oui.
D'accord.|Sí, claro.|Ja, gerne.|Kein Problem.
You can record it.|Yes. How do roses grow?|Yes. Can you tell me about roses?|Sin problema.
No me importa.|Nichts dagegen.|I'm fine with that.
Ja, das können Sie machen.|Von mir aus.|Selbstverständlich.|Vale, de acuerdo.|Claro que sí.
I consent.|By all means.|You have my permission.|No, I don't mind.|Das passt.|Ça me va.
Me parece bien.
Pourquoi pas.|Oui, bien sûr.|Ça ne me dérange pas.
Please do.|I don't see why not.|Je n'y vois pas d'inconvénient.|Mais oui, bien sûr.
Oui, si vous voulez.|Por mí bien.|Sí, puede.|Dale."""
NO = """\
No.|No, thanks.|Nope.|I'd rather not.|Please don't record me.|Not really.
I would prefer you didn't.|I do mind.|Never.|That doesn't sound good.|Non.|Nein, danke.|No, gracias.
Do not record this call.|You can't.|You may not.|You cannot record me.
Auf keinen Fall.|I disagree.|No tengo tiempo.
I don't agree to that.|Absolutely not.|Definitely not.|Ich bin dagegen.|Certainement pas.
Je ne suis pas d'accord.|No estoy de acuerdo.|Para nada.|De ninguna manera.
You don't have my permission.|Ne, danke.|Hors de question.|Je m'y oppose.|En aucun cas.
No me parece bien.|Lieber nicht.|Nee, danke.|Prefiero que no.|Jamás.|Je refuse.|Surtout pas."""
UNSURE = """\
Why?|What for?|Hmm.|Yes, but why?|How do roses grow?|No, that's fine.|I am not sure.
I don't know.|Maybe.|Hello?||Please go on.|It depends.|Of course not.
Wie bitte?|Dale who?
Yes?|Ja?|Yes, hello?|Yes, speaking.|Okay, hold on.|Okay, one second.|Oui, attendez.|Sí, un momento.
Yes, I mind.|Yes, without recording.|Sure, except my name.|Oui, sauf mon nom.|Sí, pero no mi nombre.
Ja, aber nicht meinen Namen.|Si c'est nécessaire.|Yes, how long will it take?|Yes, is that legal?
Fine, how are you?|I'm fine, thanks.|I'm fine without.|You can forget it.|You may call later.
No sé.|No lo sé.|Pues no sé qué decirle.|Ni idea.|No estoy seguro.|Je ne sais pas.
Je n'en sais rien.|Aucune idée.|Je ne suis pas sûr.|Weiß nicht.|Das weiß ich nicht.|Keine Ahnung.
Ich bin mir nicht sicher.|No idea.|Hard to say.|Wozu denn?
Ja, aber warum?|Sí, ¿para qué?|Oui, mais pourquoi ?
Ja, am Apparat.|Ja, hier Müller.|Oui, c'est moi.|Sí, dígame.|Okay, bye.|Okay, stop.
Okay, das ist zu viel.
He said yes already.|Yes, delete it afterwards.|Yes, I would mind.|Absolutely ridiculous.|OK Google
Say yes or.|Yes, can you repeat that?|Yes, I heard you."""
STOPS = """\
Stop recording this.|Please stop the recording.|I don't want you to record me.
Can you turn off the recording?|I would rather not be recorded.|Arrêtez l'enregistrement.
Bitte nicht aufnehmen.|Stoppen Sie die Aufnahme.|Ich möchte nicht aufgenommen werden.|No me grabe.
Deje de grabar, por favor.|No quiero que me graben.|Ne m'enregistrez pas.
Je ne veux pas être enregistré."""
NO_STOPS = """\
I never heard that record.|He stopped recording songs in 1990.
They don't record albums any more.|Is this recorded?|Record it, please.|Stop.
Don't stop recording.
Er hat das nicht aufgenommen.|No deje de grabar.|Il arrête l'enregistrement à minuit."""


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
