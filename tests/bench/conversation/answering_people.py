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
from tests.bench.conversation import answering_held_out as held_back
from tests.bench.conversation import answering_seen as seen
from tests.bench.conversation.voices import has_music, mulaw, music, prompt, speech, voices

Kind: TypeAlias = Literal[
    "human", "picks up", "machine", "screening", "ivr", "intercept", "fax", "full", "hold"
]  # fmt: skip


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


class Music(msgspec.Struct, frozen=True):
    """So much of the system's hold music, by the number of the piece."""

    piece: int
    ms: int


class Waits(msgspec.Struct, frozen=True):
    """Until the agent `speaks` for so long, has `finished` so long ago, or pressed a key then."""

    until: Literal["speaks", "finished", "keyed"]
    ms: int


Part: TypeAlias = Words | Recorded | Silence | Sine | Music | Waits


class Answerer(msgspec.Struct, frozen=True):
    """What is heard, and who that is. `noise_db` is how far noise is below the voice.

    `right` is what should come of the call: how it ends, or "with" the last verdict while it goes
    on; `keys` those that should be pressed.
    """

    name: str
    kind: Kind
    parts: tuple[Part, ...]
    voice: str = "heart"
    noise_db: float | None = None
    held_out: bool = False
    right: str = ""
    keys: str = ""


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
        case Music(piece=piece, ms=ms):
            return music(ms / 1000, piece=piece)


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


def people(wanted: int, *, held_out: bool = False) -> list[Answerer]:
    """So many, in turn over voices, lead silences and, every fifth, a noisy line."""
    groups = [held_back.PEOPLE] if held_out else [_PEOPLE, _OTHER_PEOPLE, seen.PEOPLE]
    every = [(name, text) for group in groups for name, texts in group.items() for text in texts]
    able, found = voices(), []
    for number in range(wanted):
        group, text = every[number % len(every)]
        lead = (200, 500, 900, 1500)[(number * 3 + number // 7) % 4]
        noise = (20.0, 15.0)[number % 2] if number % 5 == 4 else None
        found.append(
            Answerer(
                f"{group}: {text}", "human", (Silence(lead), *said(text)),
                able[(number + number // len(every)) % len(able)], noise, held_out,
            )
        )  # fmt: skip
    return found


def said(text: str) -> list[Part]:
    """Words with "|" for a pause and its milliseconds."""
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


def machines(wanted: int, *, held_out: bool = False) -> list[Answerer]:
    """So many mailboxes, recorded ones first, with a beep after gaps of 0.3 to 6 s."""
    able, found = voices(), []
    texts = held_back.GREETINGS if held_out else _GREETINGS + _OTHER_GREETINGS + seen.GREETINGS
    every: list[tuple[Part, ...]] = [tuple(said(text)) for text in texts]
    if not held_out:
        every = [*((Recorded(names),) for names in _RECORDED), *every]
    for number in range(wanted):
        parts = every[number % len(every)]
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


_PERSON = (Silence(1500), Words("Hello, this is Anna, how can I help you?"))


def _menu(text: str, voice: str, keys: str, right: str, *, held_out: bool = False) -> Answerer:
    """Who is behind a key is a person."""
    parts: tuple[Part, ...] = (Silence(300), Words(text))
    parts += (Waits("keyed", 0), *_PERSON) if keys else (Silence(4000), Words(text), Silence(4000))
    return Answerer(f"menu: {text[:40]}", "ivr", parts, voice, None, held_out, right, keys)


def _recorded(*names: str, keys: str = "", right: str = "ivr") -> Answerer:
    rest = (Waits("keyed", 0), *_PERSON) if keys else (Silence(3000), Recorded(names))
    parts = (Silence(400), Recorded(names), *rest)
    return Answerer(f"menu, recorded: {names[0]}", "ivr", parts, right=right, keys=keys)


def _full(text: str, voice: str, *, held_out: bool = False) -> Answerer:
    parts = (Silence(500), *said(text), Silence(6000))
    return Answerer(f"full: {text[:40]}", "full", parts, voice, None, held_out, "mailbox_full")


def _screens(text: str, voice: str, *, held_out: bool = True) -> Answerer:
    parts = (Silence(400), Words(text), Silence(8000))
    return Answerer(
        f"screening: {text[:40]}", "screening", parts, voice, None, held_out, "with screening"
    )


def _gone(name: str, kind: Kind, *parts: Part, voice: str = "heart") -> Answerer:
    return Answerer(name, kind, parts, voice, right="fax" if kind == "fax" else "not_reached")


def _on_hold(piece: int, seconds: int, *, held_out: bool) -> list[Answerer]:
    """Music alone, and a person after some of it."""
    before = Silence(600)
    person = (Words("Hello, thanks for waiting, how can I help you?"),)
    return [
        Answerer(f"music {piece}, then nobody", "hold", (before, Music(piece, 75_000)),
                 "heart", None, held_out, "on_hold"),
        Answerer(f"music {piece}, then a person", "hold",
                 (before, Music(piece, seconds * 1000), Silence(400), *person),
                 "heart-deep", None, held_out, "with human"),
    ]  # fmt: skip


def others() -> list[Answerer]:
    """Whoever is neither a person nor a mailbox that records."""
    found = [
        _recorded("basic-pbx-ivr-main", keys="0", right="with human"),
        _recorded("vm-opts"),
        _recorded("dir-intro"),
        _menu("Thank you for calling. For opening hours, press one. For orders, press two. For anything else, please stay on the line.", "heart-deep", "", "with ivr"),
        _menu("Welcome to Bright Motors. To book a service, dial two. If you want to talk to sales, dial three.", "flite-rms", "3", "with human"),
        _menu("For English, press one. Para espanol, oprima el dos.", "heart-high", "1", "with human"),
        _menu("Good day. For opening hours, press one. For directions, press two.", "heart-deep", "", "ivr"),
        *(_menu(*menu) for menu in seen.MENUS),
        *(_menu(*menu, held_out=True) for menu in held_back.MENUS),
        _gone("no service, recorded", "intercept", Sine((985.2,), 380), Sine((1370.6,), 274), Sine((1776.7,), 380), Recorded(("ss-noservice",)), Silence(3000)),
        _gone("no service without tones, recorded", "intercept", Silence(500), Recorded(("ss-noservice",)), Silence(3000)),
        _gone("circuits busy, recorded", "intercept", Silence(500), Recorded(("all-circuits-busy-now",)), Silence(3000)),
        _gone("cannot be completed, recorded", "intercept", Silence(500), Recorded(("cannot-complete-as-dialed", "check-number-dial-again")), Silence(3000)),
        _gone("number changed", "intercept", Silence(500), Words("We're sorry, you have reached a number that has been disconnected or is no longer in service."), Silence(3000), voice="heart-high"),
        _gone("busy tone", "intercept", Sine((480.0, 620.0), 500), Silence(500), Sine((480.0, 620.0), 500), Silence(500)),
        _gone("fax calls", "fax", Silence(1000), Sine((1100.0,), 500), Silence(3000)),
        _gone("fax answers", "fax", Silence(1800), Sine((2100.0,), 3000)),
        _screens("Hi. The person you are calling uses a screening service. Please say your name and why you are calling.", "heart-deep", held_out=False),
        _screens("Hi, if you record your name and reason for calling, I'll see if this person is available.", "heart-high", held_out=False),
        Answerer("screening, recorded", "screening", (Silence(400), Recorded(("priv-recordintro",)), Silence(300), Sine((700.0,), 400), Silence(8000)), right="with screening"),
        _screens("Before I put you through, who shall I say is calling, and what is it about? State your name after this message.", "flite-slt", held_out=False),
        *(_screens(text, voice, held_out=False) for text, voice in seen.SCREENING),
        *(_screens(text, voice) for text, voice in held_back.SCREENING),
        Answerer("full, recorded", "full", (Silence(500), Recorded(("vm-mailboxfull",)), Silence(6000)), right="mailbox_full"),
        _full("Hello. The mailbox of|300|five five five, nine nine eight one|300|is full. Please call again another time.", "heart-high"),
        _full("The mailbox is full and cannot accept any messages at this time. Goodbye.", "heart-deep"),
        *(_full(text, voices()[n % 6]) for n, text in enumerate(seen.FULL)),
        *(_full(text, voices()[n % 6], held_out=True) for n, text in enumerate(held_back.FULL)),
    ]  # fmt: skip
    if has_music():
        for piece in range(5):
            found += _on_hold(piece, 9 + 3 * piece, held_out=piece > 1)
    return found
