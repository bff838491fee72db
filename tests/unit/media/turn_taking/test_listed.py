"""How turns end, and numbers are dictated, in German, Spanish and French."""

import pytest

from media.settings import SpeechSettings
from media.turn_taking.dictation import joined
from media.turn_taking.ending import Ending
from media.turn_taking.listed import ending
from media.turn_taking.pauses import Pauses
from media.turn_taking.silence import silence_ms

ENDS: list[tuple[str, str, str, Ending]] = [
    ("de", "Möchten Sie weitermachen?", "Ja, gerne.", "short"),
    ("de", "Wohin möchten Sie?", "Nach Hamburg.", "short"),
    ("de", "", "Ich möchte morgen nach Hamburg fahren.", "finished"),
    ("de", "", "Ich möchte morgen mit dem", "dangling"),
    ("de", "", "Also, ähm", "dangling"),
    ("de", "", "Ich habe zwei Fragen.", "announced"),
    ("de", "", "Wie lange dauert denn die Fahrt?", "question"),
    ("de", "", "Wir wollten eigentlich schon gestern kommen", "unfinished"),
    ("de", "Wie lautet Ihre Postleitzahl?", "Zwei null drei", "dictation"),
    ("de", "Wie lautet Ihre Postleitzahl?", "Zwei null drei fünf vier", "dictated"),
    ("de", "Können Sie mir Ihre Kundennummer nennen?", "Nein, die weiß ich nicht.", "finished"),
    ("de", "Haben Sie Ihre Kundennummer?", "Ja.", "short"),
    ("es", "¿Quiere seguir?", "Sí, claro.", "short"),
    ("es", "", "Quería hablar de mi jardín.", "finished"),
    ("es", "", "Quería hablar de las", "dangling"),
    ("es", "", "Tengo dos preguntas.", "announced"),
    ("es", "", "¿Cuánto cuesta el billete entonces?", "question"),
    ("es", "¿Cuál es su código postal?", "dos ocho cero", "dictation"),
    ("es", "¿Cuál es su código postal?", "veintiocho cero trece", "dictated"),
    ("fr", "Vous voulez continuer ?", "Oui, merci.", "short"),
    ("fr", "", "Je voudrais parler de mon jardin.", "finished"),
    ("fr", "", "Je voudrais parler avec le", "dangling"),
    ("fr", "", "J'ai deux questions.", "announced"),
    ("fr", "", "Combien coûte le billet de train ?", "question"),
    ("fr", "Quel est votre numéro de téléphone ?", "zéro six douze", "dictation"),
    ("fr", "Quel est votre numéro de téléphone ?",
     "zéro six douze trente-quatre cinquante-six soixante-dix-huit", "dictated"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "asked", "said", "how"), ENDS)
def test_an_end(language: str, asked: str, said: str, how: Ending) -> None:
    assert ending(said, asked, language) == how


@pytest.mark.parametrize(
    ("language", "said", "number"),
    [
        ("de", "zwei null drei, fünf vier", "20354"),
        ("de", "dreiundzwanzig, vierundfünfzig", "2354"),
        ("de", "zwo doppel vier acht", "2448"),
        ("es", "seis doce treinta y cuatro cincuenta y seis", "6123456"),
        ("es", "nueve, uno, dos, doble cinco", "91255"),
        ("fr", "zéro six douze quatre-vingt-dix-sept soixante et onze", "06129771"),
        ("fr", "06 12 34", "061234"),
        ("de", "Ich wohne in Haus drei", "Ich wohne in Haus drei"),
        ("fr", "Oui, deux", "Oui, deux"),
        ("es", "once", "once"),
    ],
)
def test_numbers_are_joined_where_nothing_else_is_said(
    language: str, said: str, number: str
) -> None:
    assert joined(said, "Wie? ¿Qué? Quoi ?", language) == number


def test_a_dictation_waits_longer_than_a_short_answer() -> None:
    settings, pauses = SpeechSettings(), Pauses()
    asked = "Wie lautet Ihre Telefonnummer?"
    waits = silence_ms("null drei null", asked, pauses, None, settings, "de")
    short = silence_ms("Ja.", "Möchten Sie?", pauses, None, settings, "de")
    assert (waits, short) == (settings.unfinished_silence_ms, settings.short_silence_ms)
