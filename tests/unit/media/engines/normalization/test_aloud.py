"""Dates, times, money, codes and addresses as voices of other languages get them."""

import pytest

from media.engines.aloud_voice import AloudVoice
from media.engines.normalization.aloud import aloud
from media.engines.scripted import ScriptedTextToSpeech


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("de", "Am **03.12.2026** um 14:30 Uhr.", "Am 3. Dezember 2026 um 14 Uhr 30."),
        ("de", "Um 9:00 Uhr, z. B. ca. 15 %", "Um 9 Uhr, zum Beispiel circa 15 Prozent"),
        ("de", "Das macht 1.250,90 € oder 3 CHF.", "Das macht 1250 Euro 90 oder 3 Franken."),
        ("de", "Ihre Kundennummer ist 4711 08.", "Ihre Kundennummer ist 4 7 1 1, 0 8."),
        ("de", "Rufen Sie 030 123456 an 😀", "Rufen Sie 0 3 0, 1 2 3 4 5 6 an"),
        ("de", "ann@example.com", "ann at example Punkt com"),
        ("de", "Im Jahr 2026 kamen 12000 Leute.", "Im Jahr 2026 kamen 12000 Leute."),
        ("es", "El 01/02/2027 a las 14:30.", "El 1 de febrero de 2027 a las 14 y 30."),
        ("es", "Son 12,50 €, un 20 % más.", "Son 12 euros con 50, un 20 por ciento más."),
        ("es", "Su código es 4812.", "Su código es 4 8 1 2."),
        ("es", "Véase www.example.com/precios.", "Véase example punto com barra precios."),
        ("fr", "Le 2026-12-01 à 14h30.", "Le 1er décembre 2026 à 14 heures 30."),
        ("fr", "Soit 1 250,50 € à 9:00.", "Soit 1250 euros 50 à 9 heures."),
        ("fr", "Votre code est 0712, p. ex.", "Votre code est 0 7 1 2, par exemple"),
        ("fr", "Il fait 20 °C & +3", "Il fait 20 degrés et +3"),
        ("de", "31.31.2026 ist kein Tag", "31.31.2026 ist kein Tag"),
        ("de", "好 😀", ""),
    ],
)  # fmt: skip
def test_written_and_said(language: str, written: str, said: str) -> None:
    assert aloud(written, language) == said


async def test_a_voice_of_the_language_gets_what_is_said() -> None:
    voice = ScriptedTextToSpeech(100)
    sound = b"".join([chunk async for chunk in AloudVoice(voice, "de").speak("15 %")])
    same = b"".join([chunk async for chunk in voice.speak("15 Prozent")])
    assert len(sound) == len(same)
    assert [chunk async for chunk in AloudVoice(voice, "de").speak("😀")] == []
