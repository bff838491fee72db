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
        ("fr", "Votre code est 0712, p. ex.", "Votre code est 0 7 1 2, par exemple."),
        ("fr", "Il fait 20 °C & +3", "Il fait 20 degrés et +3"),
        ("de", "Mo.–Fr. 8:00–17:30 Uhr", "Montag bis Freitag 8 Uhr bis 17 Uhr 30"),
        ("de", "Ab 24.12. je 10 €/Monat", "Ab 24. Dezember je 10 Euro pro Monat"),
        ("de", "S. 5, 2,5 Mio. € für 20 m²", "Seite 5, 2,5 Millionen Euro für 20 Quadratmeter"),
        ("de", "-5 °C > -9 °C", "minus 5 Grad Celsius größer als minus 9 Grad Celsius"),
        ("de", "Hauptstr. 5, Hr. Roth zzgl. 0,99 €", "Hauptstraße 5, Herr Roth zuzüglich 99 Cent"),
        ("de", "+49 (0)30 901820, beispiel.de",
         "plus 4 9, 3 0, 9 0 1 8 2 0, beispiel Punkt de"),
        ("de", "Di., 5.1.2027, 1 h 30 min, Bestellnr. 47-08",
         "Dienstag, 5. Januar 2027, 1 Stunde 30 Minuten, Bestellnummer 4 7, 0 8"),
        ("es", "1.000.000 €, 1500000 personas, 49 EUR/mes, pulse #",
         "1000000 euros, 1500000 personas, 49 euros por mes, pulse almohadilla"),
        ("de", "*lacht leise* Na gut. (seufzt) Das ist *sehr* gut. *nickt*",
         "Na gut. Das ist sehr gut."),
        ("es", "[pausa] ¿Diga? *ríe* ¡Claro!", "¿Diga? ¡Claro!"),
        ("de", "IBAN DE89 3704 0044", "IBAN D E 8 9, 3 7 0 4, 0 0 4 4"),
        ("es", "Del 1/5 al 15/6, de 9-14 h", "Del 1 de mayo al 15 de junio, de 9 a 14 horas"),
        ("es", "n.º de pedido 26-0042, 1 € y 2 1/2 kg",
         "número de pedido 2 6, 0 0 4 2, 1 euro y 2 y medio kilos"),
        ("fr", "lun-ven, 9h-17h30, 1 h, 3 M€",
         "lundi à vendredi, 9 heures à 17 heures 30, 1 heure, 3 millions d'euros"),
        ("fr", "06.12.34.56.78 ou v2.10.3",
         "0 6, 1 2, 3 4, 5 6, 7 8 ou version 2 point 10 point 3"),
        ("fr", "10 000 000 d'habitants en 1914-1918", "10 000 000 d'habitants en 1914 à 1918"),
        ("de", "5. Mai 2027 passt, 03.12.26 auch, am Fr. nicht",
         "5. Mai 2027 passt, 3. Dezember 2026 auch, am Freitag nicht"),
        ("de", "24.12.–2.1. oder 1. – 5. Mai, Sa/So 09.00-10.30 Uhr",
         "24. Dezember bis 2. Januar oder 1. bis 5. Mai, Samstag, Sonntag 9 Uhr bis 10 Uhr 30"),
        ("de", "CHF 1'250.50, $1,500.00, 1234567,- EUR, 2,50 €/kg",
         "1250 Franken 50, 1500 Dollar, 1234567 Euro, 2 Euro 50 pro Kilogramm"),
        ("de", "(030) 90182-5, +43 1 5880-0, 01067 Dresden",
         "0 3 0, 9 0 1 8 2, 5, plus 4 3, 1, 5 8 8 0, 0, 0 1 0 6 7 Dresden"),
        ("de", "ca.5 l, 1 Std., 2 Std., 1 Mio. €, 2½ kg, 3x z.T. 2:1",
         "circa 5 Liter, 1 Stunde, 2 Stunden, 1 Million Euro, 2 einhalb Kilogramm, "
         "3 mal zum Teil 2 zu 1"),
        ("de", "### 1. Teig\n<!-- nein -->2*3*4 = 24 :smile:", "Teig. 2 mal 3 mal 4 gleich 24"),
        ("de", "Do 9–20 Uhr, +2,3 %, Tel. +49 (0) 89 / 12 34",
         "Donnerstag 9 bis 20 Uhr, plus 2,3 Prozent, Telefon plus 4 9, 8 9, 1 2, 3 4"),
        ("es", "n.º5, USD 50", "número 5, 50 dólares"),
        ("de", "Die #-Taste, §§ 5-7, 5 ‰", "Die Raute-Taste, Paragrafen 5 bis 7, 5 Promille"),
        ("es", "US$ 1,234.56 o 10.000-20.000 €, L-V 9:00-14:00, 8:30 PM",
         "1234 dólares con 56 o 10.000 a 20000 euros, "
         "lunes a viernes 9 a 14, 8 y 30 pe eme"),
        ("fr", "lundi 01/03, du lun. au ven., dossier n° 7, 3h20min, 10h/jour",
         "lundi 1er mars, du lundi au vendredi, dossier numéro 7, 3 heures 20 minutes, "
         "10 heures par jour"),
        ("fr", "Votre numéro de dossier : 2026-0042 à 06000 Nice",
         "Votre numéro de dossier : 2 0 2 6, 0 0 4 2 à 0 6 0 0 0 Nice"),
        ("de", "5 mg/l, 80 g/Tag, 6 l/100 km, 24 kg/m², 9 m/s, 10 s, 2 GHz",
         "5 Milligramm pro Liter, 80 Gramm pro Tag, 6 Liter pro 100 Kilometer, "
         "24 Kilogramm pro Quadratmeter, 9 Meter pro Sekunde, 10 Sekunden, 2 Gigahertz"),
        ("de", "7 - 3 = 4, 10 / 2 = 5, 5 * 3, 3 · 4, ≥ 18, ~5, 10^6, 6 × 10²³",
         "7 minus 3 gleich 4, 10 geteilt durch 2 gleich 5, 5 mal 3, 3 mal 4, "
         "größer oder gleich 18, etwa 5, 10 hoch 6, 6 mal 10 hoch 23"),
        ("de", r"$x = \frac{1}{2}$, {\"a\": [1]}, H₂O, #Sommer, #5",
         'x gleich ein halb, "a": 1, H2O, Sommer, Nummer 5'),
        ("de", "So 2.500 Leute, Do, 3. Dez., Boeing 747-400, 3:59 min",
         "So 2.500 Leute, Donnerstag, 3. Dezember, Boeing 747-400, 3:59 Minuten"),
        ("de", "5 min. und min. 5, 20 St., Buchungscode XK7P2Q, 44 v. Chr. bei St. Gallen",
         "5 Minuten und minimal 5, 20 Stück, Buchungscode X K 7 P 2 Q, "
         "44 vor Christus bei Sankt Gallen"),
        ("fr", "19€99, 1m80, le sam 5 mai, XIXe siècle, 1 M€, 500 mg 3x/jour, min. 8, 514 555-0123",
         "19 euros 99, 1 mètre 80, le samedi 5 mai, 19e siècle, 1 million d'euros, "
         "500 milligrammes 3 fois par jour, minimum 8, 5 1 4, 5 5 5, 0 1 2 3"),
        ("es", "2.º piso, 30 seg. a las 8:00 am, (55) 1234-5678, C.P. 06700, 1er lugar",
         "2º piso, 30 segundos a las 8 a eme, 5 5, 1 2 3 4, 5 6 7 8, código postal 0 6 7 0 0, "
         "primer lugar"),
        ("de", "Hr. und Fr. Maier, Nr. 12-14, So 5 Jungen, <5 %",
         "Herr und Frau Maier, Nummer 12 bis 14, So 5 Jungen, kleiner als 5 Prozent"),
        ("es", "$50/mes, 2 veces/día", "50 dólares por mes, 2 veces por día"),
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
