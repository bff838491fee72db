"""Who picks up in the bench: people, mailboxes, screening phones, menus, networks, faxes.

A script is what is heard after the answer: words by a voice, recorded prompts, silence, tones. What
is marked as held out has wordings that nothing was tuned on. All of it is synthetic or studio sound
(text to speech, and one recorded speaker's prompts), on clean and noisy lines: no field recordings.
"""

# ruff: noqa: E501 - what somebody says is one line

from typing import Literal, TypeAlias

import msgspec
import numpy as np

from sandbox.core.audio import RATE
from tests.bench.conversation.voices import mulaw, prompt, speech, voices

Kind: TypeAlias = Literal["human", "picks up", "machine", "screening", "ivr", "intercept", "fax"]


class Words(msgspec.Struct, frozen=True):
    """A text, said by the answerer's voice."""

    text: str


class Recorded(msgspec.Struct, frozen=True):
    """Prompts of the system's package."""

    names: tuple[str, ...]


class Silence(msgspec.Struct, frozen=True):
    """Nothing, for so long."""

    ms: int


class Sine(msgspec.Struct, frozen=True):
    """One or several frequencies at once; a mailbox records after its `beep`."""

    hz: tuple[float, ...]
    ms: int
    beep: bool = False


class Waits(msgspec.Struct, frozen=True):
    """Until the agent `speaks` for so long, or has `finished` so long ago."""

    until: Literal["speaks", "finished"]
    ms: int


Part: TypeAlias = Words | Recorded | Silence | Sine | Waits


class Answerer(msgspec.Struct, frozen=True):
    """What is heard, and who that is. `noise_db` is how far noise is below the voice."""

    name: str
    kind: Kind
    parts: tuple[Part, ...]
    voice: str = "heart"
    noise_db: float | None = None
    held_out: bool = False


def sound(answerer: Answerer) -> list[tuple[Part, bytes]]:
    """Mu-law of each part."""
    return [(part, _sound(part, answerer.voice)) for part in answerer.parts]


def _sound(part: Part, voice: str) -> bytes:
    match part:
        case Words(text=text):
            return speech(text, voice)
        case Recorded(names=names):
            return prompt(*names)
        case Waits():
            return b""
        case Silence(ms=ms):
            return b"\xff" * (ms // 20 * 160)
        case Sine(hz=hz, ms=ms):
            return _sine(hz, ms)


def _sine(hz: tuple[float, ...], ms: int) -> bytes:
    at = np.arange(RATE * ms // 1000) / RATE
    wave = sum((np.sin(2 * np.pi * one * at) for one in hz), np.zeros_like(at))
    return mulaw(wave.astype(np.float32))


# name, words with "|" for a pause and its ms
_PEOPLE = {
    "short": ("Hello?", "Hi.", "Yes?", "Yeah?", "Hey.", "Hello, hello?", "Good morning.", "Yep."),
    "name": (
        "This is Anna.", "Miller.", "Hello, this is Peter.", "John speaking.", "Anna Miller, hello?",
        "Hi, it's Maria.", "Smith residence.", "David Brown.",
    ),
    "chatty": (
        "Hello, this is Anna, who is calling please?", "Hi there, how are you doing today?",
        "Oh hello, I was just about to go out, what is it?",
        "Yes hello, sorry, I was in the garden, who is this?",
        "Hi, yes, I can hear you, go ahead.", "Hello, hello, is anybody there?",
        "Good evening, you just caught me at dinner.", "Hey, I saw your number, did you call before?",
    ),
    "business": (
        "Good morning, Acme Dental, this is Anna, how can I help you?",
        "Thank you for calling Green Garden Center, this is Peter, how may I help you?",
        "Riverside Bakery, good afternoon.", "Hello, Dr. Brown's office, can I help you?",
        "City Library, Maria speaking.", "Acme Support, this is Tom, what can I do for you?",
    ),
    "slow": (
        "Hello?|900|Hello?", "Um.|700|Hello?", "Yes.|800|Who is this?", "Hi.|600|This is Anna.",
        "Hello.|1000|Miller speaking.", "Good morning.|700|Acme Dental, how can I help?",
    ),
}  # fmt: skip
_OTHER_PEOPLE = {
    "short": ("Hello there.", "Yo.", "Yes, hello?", "Good afternoon.", "Hey there."),
    "name": ("Hi, you're speaking to Robert.", "Karen here.", "Jones.", "Linda Taylor speaking."),
    "chatty": (
        "Hello, I'm sorry, the line is bad, can you say that again?",
        "Yeah, hi, make it quick, I'm on my way to work.",
        "Who's that? I don't know this number.", "Hi honey, did you forget something?",
        "Hello, he's not in at the moment, can I take a message?",
    ),
    "business": (
        "Sunrise Hotel reception, good evening, Lisa speaking.",
        "Hello and welcome to Bright Motors, you're through to Sam.",
        "Law office of Stein and Park, who would you like to speak to?",
        "Thanks for calling Corner Pizza, pick up or delivery?",
    ),
    "slow": ("Yeah.|900|Hello?", "Hello.|700|It's Karen.", "One second.|1200|Hello, yes?"),
    "more": (
        "Walter Green's phone, his wife speaking.", "Oh hi, I was expecting your call.",
        "Patel practice, do you have an appointment?", "What is it now?", "Nick here, what's up?",
    ),
}  # fmt: skip
_BEEP = 1000.0


def people(wanted: int) -> list[Answerer]:
    """So many, in turn over voices, lead silences and, every fifth, a noisy line."""
    every = [(group, text, False) for group, texts in _PEOPLE.items() for text in texts]
    every += [(group, text, True) for group, texts in _OTHER_PEOPLE.items() for text in texts]
    able, found = voices(), []
    for number in range(wanted):
        group, text, held_out = every[number % len(every)]
        lead = (200, 500, 900, 1500)[(number * 3 + number // 7) % 4]
        noise = (20.0, 15.0)[number % 2] if number % 5 == 4 else None
        found.append(
            Answerer(
                f"{group}: {text}", "human", (Silence(lead), *_said(text)),
                able[(number + number // len(every)) % len(able)], noise, held_out,
            )
        )  # fmt: skip
    return found


def _said(text: str) -> list[Part]:
    return [Silence(int(one)) if one.isdigit() else Words(one) for one in text.split("|")]


_GREETINGS = (
    "Hi, you've reached John.|600|I can't come to the phone right now.|500|Please leave a message after the beep.",
    "Hello, this is Anna.|900|I'm not available at the moment, please leave your name and number after the tone and I'll call you back.",
    "You have reached the voice mailbox of five five five, one two three four.|400|At the tone, please record your message. When you have finished recording, you may hang up.",
    "The person you are calling is not available.|500|Please leave your message after the tone.",
    "Hey, it's Mike, sorry I missed your call, leave me a message and I'll get back to you as soon as I can.",
    "Thank you for calling Acme Dental. Our office is currently closed.|700|Please leave a message after the beep.",
    "Your call has been forwarded to an automatic voice message system.|400|Five five five, one two three four, is not available.|400|At the tone, please record your message.",
    "Hi, this is Maria, I'm on vacation until Monday.|1000|Leave a message and I will return your call.",
    "Hello.|1000|You have reached the Miller family.|800|We are not home, please leave a message after the tone.",
    "Hi, it's Tom, you know what to do.",
    "Sorry, I can't take your call right now, please leave a message.",
    "We're unable to answer just now.|600|If you would like a call back, leave your details and the reason for your call.",
    "Hello, you've reached the desk of Peter Brown.|600|I am either on the phone or away from my desk.|600|Please leave a message.",
)
_OTHER_GREETINGS = (
    "Hi there, Karen's phone.|700|I'm probably driving, so talk to the machine and I'll ring you later.|400|Wait for the beep.",
    "This is the mailbox of Robert Jones.|500|Kindly speak after the signal.",
    "You've got the Taylors.|900|Nobody can get to the phone, so tell us who you are and we'll be in touch.|600|Here comes the beep.",
    "The subscriber you have dialed cannot be reached.|500|To leave a voice message, begin speaking after the tone.",
    "Hello, Linda here, well, not really.|800|Drop me a few words after the beep, thanks.",
    "Bright Motors is closed for the day.|500|Our hours are nine to five, Monday to Friday.|500|Leave your number and we'll call you tomorrow.",
    "Sam. Beep. You know the drill.",
    "Good day. This is Walter Green's line. I am in meetings all afternoon.|700|Send me a text, or speak at the beep.",
    "Oh, you just missed me.|800|Tell me what you want and I will get back to you by tomorrow.",
    "Hello. The mailbox of|300|five five five, nine nine eight one|300|is full. Please call again another time.",
    "This is Doctor Patel's practice. We are at lunch between twelve and one.|600|Please leave word with the service after the tone.",
    "Yeah, hi. It's Nick.|500|Can't pick up. Message. Thanks.",
)
_GAPS = (300, 600, 1000, 1800, 2500, 4000, 5000, 6000)
_RECORDED = (
    ("vm-theperson", "digits/5", "digits/0", "digits/1", "vm-isunavail", "vm-intro"),
    ("vm-nobodyavail", "vm-intro"),
    ("vm-theperson", "digits/2", "digits/0", "digits/4", "vm-isonphone", "vm-intro"),
    ("im-sorry", "vm-nobodyavail", "vm-intro"),
)


def machines(wanted: int) -> list[Answerer]:
    """So many mailboxes, recorded ones first, with a beep after gaps of 0.3 to 6 s."""
    able, found = voices(), []
    every: list[tuple[tuple[Part, ...], bool]] = [
        ((Recorded(names),), False) for names in _RECORDED
    ]
    every += [(tuple(_said(text)), False) for text in _GREETINGS]
    every += [(tuple(_said(text)), True) for text in _OTHER_GREETINGS]
    for number in range(wanted):
        parts, held_out = every[number % len(every)]
        gap = _GAPS[(number + number // len(every)) % len(_GAPS)]
        hz = (_BEEP, 700.0, 1400.0, 440.0)[number % 4]
        beep = Sine((hz,), (200, 430, 800)[number % 3], beep=True)
        first = parts[0]
        named = first.text if isinstance(first, Words) else " ".join(first.names)  # type: ignore[union-attr]
        found.append(
            Answerer(
                f"{named[:40]} +{gap} ms", "machine",
                (Silence((300, 800, 1500)[number % 3]), *parts, Silence(gap), beep),
                able[number % len(able)], 20.0 if number % 6 == 5 else None, held_out,
            )
        )  # fmt: skip
    return found


_PICKS_UP = (
    "Hello? Hello?",
    "Hello, I'm here, who is this?",
    "Hi, wait, this is me.",
    "Yes, hello?",
    "Hello, sorry, who is calling?",
    "Hello?",
)


def who_pick_up_later() -> list[Answerer]:
    """During a mailbox's greeting or our message, or after a phone that screens."""
    able, found = voices(), []
    greeting = Words("You have reached my mailbox. Please leave a message after the tone.")
    screen = Words("Please say your name and why you are calling.")
    for number, words in enumerate(_PICKS_UP):
        voice = able[number % len(able)]
        mailbox = (Silence(400), greeting, Silence(700), Sine((_BEEP,), 400, beep=True))
        message = (*mailbox, Waits("speaks", 1500 + 500 * number), Words(words))
        found.append(Answerer(f"during the message: {words}", "picks up", message, voice))
        held = (Words("Thank you. Please hold."), Silence(2500)) if number % 2 else ()
        screened = (Silence(400), screen, Waits("finished", 1500), *held, Words(words))
        found.append(Answerer(f"after screening: {words}", "picks up", screened, voice))
    return found


def _menu(*names: str) -> tuple[Part, ...]:
    return (Silence(400), Recorded(names), Silence(3000), Recorded(names))


OTHERS = [
    Answerer("menu, recorded", "ivr", _menu("basic-pbx-ivr-main")),
    Answerer("menu of a mailbox, recorded", "ivr", _menu("vm-opts")),
    Answerer("directory, recorded", "ivr", _menu("dir-intro")),
    Answerer("menu, spoken", "ivr", (Silence(300), Words("Thank you for calling. For opening hours, press one. For orders, press two. For anything else, please stay on the line."), Silence(4000)), "heart-deep"),
    Answerer("menu, other words", "ivr", (Silence(300), Words("Welcome to Bright Motors. To book a service, dial two. If you want to talk to sales, dial three."), Silence(4000)), "flite-rms", held_out=True),
    Answerer("no service, recorded", "intercept", (Sine((985.2,), 380), Sine((1370.6,), 274), Sine((1776.7,), 380), Recorded(("ss-noservice",)), Silence(3000))),
    Answerer("no service without tones, recorded", "intercept", (Silence(500), Recorded(("ss-noservice",)), Silence(3000))),
    Answerer("circuits busy, recorded", "intercept", (Silence(500), Recorded(("all-circuits-busy-now",)), Silence(3000))),
    Answerer("cannot be completed, recorded", "intercept", (Silence(500), Recorded(("cannot-complete-as-dialed", "check-number-dial-again")), Silence(3000))),
    Answerer("number changed", "intercept", (Silence(500), Words("We're sorry, you have reached a number that has been disconnected or is no longer in service."), Silence(3000)), "heart-high", held_out=True),
    Answerer("busy tone", "intercept", (Sine((480.0, 620.0), 500), Silence(500), Sine((480.0, 620.0), 500), Silence(500))),
    Answerer("fax calls", "fax", (Silence(1000), Sine((1100.0,), 500), Silence(3000))),
    Answerer("fax answers", "fax", (Silence(1800), Sine((2100.0,), 3000))),
    Answerer("screening", "screening", (Silence(400), Words("Hi. The person you are calling uses a screening service. Please say your name and why you are calling."), Silence(8000)), "heart-deep"),
    Answerer("screening, as phones do", "screening", (Silence(400), Words("Hi, if you record your name and reason for calling, I'll see if this person is available."), Silence(8000)), "heart-high"),
    Answerer("screening, recorded", "screening", (Silence(400), Recorded(("priv-recordintro",)), Silence(300), Sine((700.0,), 400), Silence(8000))),
    Answerer("screening, other words", "screening", (Silence(400), Words("Before I put you through, who shall I say is calling, and what is it about? State your name after this message."), Silence(8000)), "flite-slt", held_out=True),
]  # fmt: skip
