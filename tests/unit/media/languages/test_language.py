"""No language lacks anything that another one has, and each is heard by real phrases of its own."""

import msgspec
import pytest

from media.answering.menu import choose
from media.answering.phrases import matches
from media.dialogue import asks_for_summary, is_backchannel, says_goodbye
from media.languages.language import LANGUAGES, SENTENCES, WISHES, WORDS, read_toml, sentence
from media.phases.talking.disclosure import greeting
from media.phases.talking.recording import was_asked
from media.settings import Settings, in_language
from server.core.config import load
from server.texts.segments import Segments, segments

OTHERS = [one for one in LANGUAGES if one != "en"]
CONFIG = load(None, {"TALKING_TWILIO__AUTH_TOKEN": "a" * 32})
SECTIONS = {name: getattr(CONFIG, name) for name in SENTENCES["en"] if hasattr(CONFIG, name)}


def is_filled(value: object) -> bool:
    """Whether nothing in it is empty."""
    if isinstance(value, msgspec.Struct):
        return all(is_filled(one) for one in msgspec.structs.astuple(value))
    if isinstance(value, dict):
        return bool(value) and all(is_filled(one) for one in value.values())
    return bool(value) if isinstance(value, str) else True


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_lacks_a_key(language: str) -> None:
    ours, english = SENTENCES[language], SENTENCES["en"]
    assert {name: set(part) for name, part in ours.items()} == {
        name: set(part) for name, part in english.items()
    }
    assert all(one for part in ours.values() for one in part.values())
    words = WORDS[language]
    assert is_filled(words)
    assert set(words.menu.keys) == set("0123456789*#")
    if language != "en":  # whose turns and figures have rules of their own
        assert words.turns is not None
        assert words.aloud is not None
        assert len(words.turns.numbers.split(",")) == 100
        assert len(words.aloud.months.split()) == 12
    assert WISHES[language].keywords
    assert {one["verdict"] for one in read_toml(language, "answering")["group"]} == {
        "human", "machine", "screening", "ivr", "intercept", "hold",
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_one_that_may_be_configured(language: str) -> None:
    for name, section in SECTIONS.items():
        given = {**msgspec.to_builtins(section), **SENTENCES[language][name]}
        msgspec.convert(given, type(section))
        for key, english in SENTENCES["en"][name].items():
            assert ("{topic}" in str(SENTENCES[language][name][key])) == ("{topic}" in str(english))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_is_said_and_its_text_is_one_segment(language: str) -> None:
    text = sentence(language, "proof", "text").format(code="123456")
    assert "123456" in text
    assert segments(text) == Segments("gsm7", 1)
    assert sentence(language, "proof", "told").count("{code}") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_first_tells_that_a_machine_speaks(language: str) -> None:
    settings = in_language(Settings(), language)
    talk = settings.conversation
    for text in (talk.greeting, talk.inbound_greeting):
        given = msgspec.structs.replace(talk, greeting=text)
        assert talk.disclosure not in greeting(given, "roses"), "it tells by itself"
    question = settings.recording.question
    assert was_asked(question, question, settings.recording)
    assert not was_asked(question, question[:20], settings.recording)
    for goodbye in (talk.time_goodbye, talk.silence_goodbye, talk.sorry_goodbye):
        assert says_goodbye(goodbye)
    assert says_goodbye(str(SENTENCES[language]["sms"]["goodbye"]))
    assert says_goodbye(str(SENTENCES[language]["agent"]["farewell"]))


def test_only_what_was_left_as_it_comes_is_put_in_calls_own_language() -> None:
    mine = msgspec.structs.replace(
        Settings().conversation, greeting="Grüezi, eine Computerstimme.", silence_prompt=""
    )
    german = in_language(Settings(conversation=mine), "de")
    assert german.conversation.greeting == mine.greeting
    assert german.conversation.disclosure == "Ich bin eine Computerstimme."
    assert german.amd.language == "de"
    spanish = in_language(german, "es", also_own=True)
    assert spanish.conversation.disclosure == "Soy una voz de ordenador."
    assert "voz de ordenador" in spanish.conversation.greeting
    assert spanish.conversation.silence_prompt == "", "what is left unsaid stays so"


ANSWERED = {
    "de": [
        ("Hallo?", "human"), ("Müller.  Wer ist da?", "human"), ("Ja bitte, mit wem spreche ich?", "human"),
        ("Guten Tag, hier ist der Anrufbeantworter von Familie Weber. Bitte hinterlassen Sie eine Nachricht nach dem Signalton.", "machine"),
        ("Der gewünschte Gesprächspartner ist vorübergehend nicht erreichbar.", "machine"),
        ("Nennen Sie bitte Ihren Namen und den Grund Ihres Anrufs.", "screening"),
        ("Für den Vertrieb drücken Sie die Eins.", "ivr"), ("Kein Anschluss unter dieser Nummer.", "intercept"),
        ("Alle Mitarbeiter sind zurzeit im Gespräch, bitte legen Sie nicht auf.", "hold"),
    ],
    "es": [
        ("¿Diga?", "human"), ("Hola, ¿quién habla?", "human"), ("¿De parte de quién?", "human"),
        ("Ha llamado a Carmen. Ahora no puedo atenderle, deje un mensaje después de la señal.", "machine"),
        ("Este es el buzón de voz del número marcado.", "machine"),
        ("Diga su nombre y el motivo de su llamada.", "screening"), ("Para ventas, marque uno.", "ivr"),
        ("El número que usted marcó no está en servicio.", "intercept"),
        ("Todos nuestros agentes están ocupados, permanezca en línea.", "hold"),
    ],
    "fr": [
        ("Allô ?", "human"), ("Allô, qui est à l'appareil ?", "human"), ("C'est de la part de qui ?", "human"),
        ("Vous êtes bien sur la messagerie de Paul, laissez un message après le bip.", "machine"),
        ("Je ne suis pas disponible pour le moment.", "machine"),
        ("Indiquez votre nom et la raison de votre appel.", "screening"),
        ("Pour le service client, tapez 1.", "ivr"), ("Le numéro que vous avez composé n'est pas attribué.", "intercept"),
        ("Veuillez patienter, ne quittez pas.", "hold"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text", "verdict"),
    [(language, *row) for language, rows in ANSWERED.items() for row in rows],
)
def test_who_picks_up_is_known(language: str, text: str, verdict: str) -> None:
    found: dict[str, float] = {}
    for one in matches(language, text):
        found[one.verdict] = found.get(one.verdict, 0) + one.weight
    assert max(found, key=lambda name: found[name]) == verdict, found


def test_a_promised_tone_is_heard_and_a_full_mailbox() -> None:
    for language, tone, full in (
        ("de", "Sprechen Sie nach dem Piepton.", "Die Mailbox ist leider voll."),
        ("es", "Hable después del tono.", "El buzón de voz está lleno."),
        ("fr", "Parlez après le bip sonore.", "La messagerie de votre correspondant est pleine."),
    ):
        assert any(one.promises_tone for one in matches(language, tone))
        assert any(one.takes_no_message for one in matches(language, full))


@pytest.mark.parametrize(
    ("language", "text", "key"),
    [
        ("de", "Für Rechnungen drücken Sie die Eins. Um mit einem Mitarbeiter zu sprechen, drücken Sie die Neun.", "9"),
        ("de", "Drücken Sie 2, um eine Nachricht zu hinterlassen, oder drücken Sie 3 für den Kundendienst.", "3"),
        ("de", "Bitte warten Sie auf den nächsten freien Berater.", ""),
        ("es", "Para facturas, marque uno. Para hablar con un operador, marque cero.", "0"),
        ("es", "Pulse 2 para repetir el menú, pulse 4 para atención al cliente.", "4"),
        ("fr", "Pour vos factures, tapez 1. Pour parler à un conseiller, tapez 5.", "5"),
        ("fr", "Appuyez sur la touche dièse pour réécouter. Appuyez sur deux pour l'accueil.", "2"),
    ],
)  # fmt: skip
def test_a_menus_key_leads_to_a_person(language: str, text: str, key: str) -> None:
    choice = choose(text, language)
    assert choice is not None
    assert choice.key == key


GOODBYES = """\
Tschüss!|Auf Wiederhören.|Gut, dann bis morgen.|Ok, danke, tschüss.|Auf Wiedersehen, Frau Weber.
Vielen Dank, auf Wiederhören. Schönen Tag noch!|Adiós.|Bueno, gracias, hasta luego.|Tengo que colgar.
Hasta mañana. Que tenga un buen día.|Au revoir.|Merci, à bientôt.|Bon, je vous laisse.
Au revoir. Bonne journée !"""
NO_GOODBYES = """\
Ich sage nie Tschüss zu ihm.|Bis wann geht das?|Servus!|Guten Tag.|Ich möchte bis morgen warten.
Hola.|Hasta luego no lo sé.|No quiero colgar.|Bonjour.|À bientôt dix heures il faut partir.|Salut !"""
SIGNS = "Ja, genau.|Mhm.|Ach so.|Verstehe.|Sí, claro.|Ajá.|Entiendo.|Oui, d'accord.|Je vois.|Voilà."
NO_SIGNS = "Ja, aber nicht heute.|Nein.|Sí, pero espere.|No.|Oui, mais non.|Das stimmt nicht."
SUMMARIES = """\
Schicken Sie mir bitte eine Zusammenfassung per SMS.|text
Können Sie mir das Protokoll mailen, als E-Mail?|email
Mándeme un resumen por correo.|email
¿Me puede enviar un resumen?|text
Envoyez-moi un résumé par courriel.|email
Je voudrais un compte-rendu.|text"""


@pytest.mark.parametrize("said", GOODBYES.replace("\n", "|").split("|"))
def test_a_goodbye(said: str) -> None:
    assert says_goodbye(said)


@pytest.mark.parametrize("said", NO_GOODBYES.replace("\n", "|").split("|"))
def test_no_goodbye(said: str) -> None:
    assert not says_goodbye(said)


def test_words_that_say_go_on_and_words_that_do_not() -> None:
    assert [one for one in SIGNS.split("|") if not is_backchannel(one)] == []
    assert [one for one in NO_SIGNS.split("|") if is_backchannel(one)] == []


@pytest.mark.parametrize("row", SUMMARIES.splitlines())
def test_a_summary_is_asked_for(row: str) -> None:
    said, _, by = row.partition("|")
    assert asks_for_summary(said) == by
