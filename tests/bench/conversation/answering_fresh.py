"""People and mailboxes in wordings and voices that no other set has, and how such a set is built.

Written before any of it was measured, with a share of what is hard: mailboxes that give a name and
nothing else, people who talk of messages and missed calls. Rules were tried on it since.
"""

# ruff: noqa: E501 - what somebody says is one line

from collections.abc import Sequence

import msgspec

from tests.bench.conversation.answering_people import Answerer, Silence, Sine, Words, said


class Texts(msgspec.Struct, frozen=True):
    """What is said, with "|" for a pause and its milliseconds. `talk_on` are people who go on after
    a pause in which our greeting begins; `mistaken` ones whose words are a mailbox's, and who ask
    again when nobody speaks; `in_time` ones who lift the phone while its mailbox already speaks."""

    people: tuple[str, ...]
    greetings: tuple[str, ...]
    talk_on: tuple[str, ...]
    mistaken: tuple[str, ...]
    in_time: tuple[str, ...]


_PEOPLE = (
    "Hello?",
    "Yes, hi.",
    "Hiya.",
    "Speaking.",
    "What?",
    "Mm, hello?",
    "Allo, yes?",
    "Henderson.",
    "Monica Rivera.",
    "This is Gloria.",
    "Ted Barnes here.",
    "Yes, Laura Kim speaking.",
    "Hi, it's Nadia, who's this?",
    "You've got Pete, what can I do for you?",
    "You've reached Linda, how can I help?",
    "Hello, this is Mark with Jensen Roofing, how can I help you today?",
    "Good afternoon, Cedar Clinic, please tell me your name and date of birth.",
    "Thank you for calling Blue Door Books, Irene speaking.",
    "Hotel Mercury, this is Sasha, one moment please.|1200|Thanks for waiting, how can I help?",
    "Maple Street Vet, can you hold for a second?|1500|Okay, go ahead.",
    "Hello, is that the call about the car?",
    "Hi, sorry, I didn't get to the phone in time before.",
    "Hello, I got your voicemail, I was about to call you.",
    "I can't talk right now, I'm in the car with the kids.",
    "Hello, I missed a call from this number.",
    "Who gave you this number?",
    "Just a second, let me step outside.|1600|All right, hello?",
    "Hello.|900|Hello?|1000|Can you hear me?",
    "Hey you, I was thinking of you.",
    "Whatever you are selling, I am not interested.",
    "Hello, my wife is not at home, can I give her a message?",
    "No, this isn't Greg, this is his brother.",
    "Yeah?|800|Yeah, I'm listening.",
    "Oh, hi.|700|Sorry, I thought it was my sister.",
    "Hello, yes, this is a good time.",
    "Hi, if this is about the flat, it's already taken.",
    "Okay, talk to me, I have two minutes.",
    "Good morning, front office, Ramon speaking, how may I direct you?",
    "We're closed, but what do you need?",
    "Hello, can you text me instead, I'm in a class.",
    "Come in?|900|Ah, the phone. Hello?",
    "Hello, hello, hello.",
    "Well, that was quick, hi.",
    "Dr. Osman's phone, she is with a patient, can I help?",
)

_GREETINGS = (
    "Hi, this is Carol.|500|I'm not able to answer, so please leave a message and have a nice day.",
    "Hello, you've reached the voicemail of Victor Hale.|600|Please leave your name and number.",
    "Hey, it's Luis.|800|Leave it at the beep.",
    "Gordon Pike.",
    "You have reached|400|Monica Rivera.|600|Please leave a message.",
    "Hi.|900|You've called Steph. I must have my hands full.|600|Say what it's about after the beep.",
    "Sorry, we're not in.|700|Please call again after six, or leave a message.",
    "Ridgeview Animal Hospital. We have closed for the evening.|600|If your pet needs help now, go to the emergency clinic on Fifth Street.",
    "Hello, this is Tanya.|1100|I'm away until the ninth.|600|My colleague Ramon can help you meanwhile.",
    "I am on another call. Please leave a message, and I will call you as soon as I am done.",
    "The number you called does not answer.|400|Please speak after the tone.",
    "Hey hey, this is Marcus, catch me later or drop me a line.",
    "Good day, this is the office of Ines Alvarez. I am with a client.|700|Please leave your name, your number and a short message.",
    "Yo, it's Dee.|900|You missed me.",
    "Hello.|900|Hello?|1100|I can't hear you, because this is my voicemail. Leave a message!",
    "Hi, Sarah's not here.|600|Or maybe she is. Leave a message and find out.",
    "Thank you for calling the Wilson Gallery. We are open from Wednesday to Sunday.|700|Please leave your message, and a member of our staff will call you back.",
    "Your call has been forwarded to voicemail.|500|The person you're trying to reach is not available.|500|At the tone, please record your message.",
    "Hi, it's Molly and Finn!|700|We're at the lake all week.|600|Leave us a message.",
    "This is Officer Grant's line. I am off duty.|600|For anything urgent call the station.",
    "You know the rules.|700|Name, number, reason.",
    "Please leave your message for five five five, oh one nine three.",
    "Hi, you've reached the Patels. Nobody can take your call just now, so please leave a message after the tone.",
    "Hello, this is Bernard.|1300|I do not use this phone often. Write me an e-mail instead.",
    "Ted Barnes.|700|Not in. Beep.",
    "Hello, I'm in a meeting or teaching.|500|Text me if it can't wait.",
    "We're sorry, no one is available to take your call.|500|Please leave a message after the tone.",
    "Hi there. It's Gwen. I'm out of reach until tonight, so leave me a voice note.",
    "Kramer's Hardware.|700|We're helping other customers and will get to you as soon as we can. Leave your number.",
    "Hey, this is Jo, and this is my voicemail. Be brief.",
    "Hi, you've reached Tom's old number.|600|My new one is five five five, oh one eight six.",
    "Hello, thanks for calling. I'm probably on the tractor.|700|Leave your name and I'll give you a call tonight.",
    "Leave a message.",
    "It's me.|1000|Well, it's not me, it's the machine. Go ahead.",
    "Good evening. The Larsens are travelling.|800|Messages will be heard when we return.",
    "Hi, I'm screening my calls because of spam. Leave a message and if I know you I'll call back.",
    "This is extension one one eight.|500|No one is at the desk. Record your message at the tone.",
    "What's up, you've reached Andre.|400|Do your thing after the beep.",
    "Welcome to North Star Legal. If you are a new client, leave your name and what happened.|600|An attorney will call you within a day.",
    "Hello, hello.|800|No, I'm only joking. I'm not here. Leave a message.",
    "The Google subscriber you have called is not available. Please leave a message after the tone.",
    "Hi, it's Grandpa Lou.|1200|Speak loud, I'll listen to it on Sunday.",
    "Nadia here, gone fishing.",
    "This is a recorded greeting for Quinn Harper. Quinn will be happy to return your call tomorrow morning.",
)

_TALK_ON = (
    "Hello.|1200|I was in the garden and I nearly did not hear it ring at all.",
    "Hello?|1400|Sorry, I dropped the phone, and now the dog has it, wait.",
    "Yes.|1300|I told your colleague yesterday that the parcel never arrived here.",
    "Hi, this is Olga.|1500|I have a pan on the stove, so let us make it short.",
    "Miller.|1300|You are calling about the washing machine, I suppose, it is about time.",
    "Hello, Frank here.|1200|The line is terrible, I only get every second word of it.",
    "Good morning.|1400|We do not buy anything on the telephone, thank you very much.",
    "Hello, who is this?|1300|Because I was waiting for the doctor to call me back this morning.",
    "Yeah.|1100|One moment, I have to close the window, the street is so loud today.",
    "Hello, this is Mrs. Novak.|1300|My son is at school until four, he will be back then.",
    "Hi.|1000|No no, put it over there, on the table next to the lamp. Sorry, hello?",
    "Speaking.|1300|I have been looking forward to this the whole week, let us begin.",
)

_MISTAKEN = (
    "You've reached Bill, leave me alone, I am not available for surveys.",
    "Sorry, I can't come to the phone, I mean, I can, but not for long.",
    "Did you leave a message after the beep yesterday?",
    "Our office is closed on Mondays, so what is it about?",
    "I never got your voicemail, and I left you my number.",
    "The person you are calling is my father, and he is not available.",
    "Hi, I missed your call, and nobody is available on your side.",
    "I'll get back to you as soon as I can, I'm on the other line.",
)

_IN_TIME = (
    "Hello? Hello?", "Hello, hello, I'm here.", "Hello.|500|Hello.", "Wait, I'm here!",
    "Yes, hello, who is it?", "Hi, sorry, this is Ruth.",
)  # fmt: skip
TEXTS = Texts(_PEOPLE, _GREETINGS, _TALK_ON, _MISTAKEN, _IN_TIME)

_ASKS_AGAIN = (Silence(2500), Words("Hello? Hello?"))
_LEADS = (350, 1100, 600, 1600, 250)
_GAPS = (3500, 700, 5000, 300, 1500, 6000, 2200)
_BEEPS = ((880.0, 300), (1200.0, 600), (520.0, 180), (1000.0, 900))


def people(texts: Texts, able: Sequence[str]) -> list[Answerer]:
    """Each with one of the voices `able`, every fourth on a noisy line."""
    return [
        Answerer(
            f"fresh: {text}", "human", (Silence(_LEADS[number % len(_LEADS)]), *said(text)),
            able[number % len(able)], 17.0 if number % 4 == 1 else None, held_out=True,
        )
        for number, text in enumerate(texts.people)
    ]  # fmt: skip


def who_talk_on(texts: Texts, able: Sequence[str]) -> list[Answerer]:
    """People over our greeting."""
    return [
        Answerer(
            f"talks on: {text}", "human", (Silence(500), *said(text)),
            able[(number + 2) % len(able)], held_out=True,
        )
        for number, text in enumerate(texts.talk_on)
    ]  # fmt: skip


def who_are_there_after_all(texts: Texts, able: Sequence[str]) -> list[Answerer]:
    """People who were, or should have been, taken for mailboxes."""
    found = []
    for number, text in enumerate(texts.mistaken):
        parts = (Silence(600), Words(text), *_ASKS_AGAIN)
        voice = able[(number + 1) % len(able)]
        found.append(Answerer(f"like a mailbox: {text}", "picks up", parts, voice))
    greeting = Words("You have reached the Novaks. Please leave a message after the tone.")
    for number, text in enumerate(texts.in_time):
        lifted = (Silence(500), greeting, Silence(1300), *said(text))
        voice = able[number % len(able)]
        found.append(Answerer(f"before the beep: {text}", "picks up", lifted, voice))
    return found


def machines(texts: Texts, able: Sequence[str]) -> list[Answerer]:
    """Mailboxes with a beep after gaps of 0.3 to 6 s, every fifth on a noisy line."""
    found = []
    for number, text in enumerate(texts.greetings):
        gap, (hz, ms) = _GAPS[number % len(_GAPS)], _BEEPS[number % len(_BEEPS)]
        parts = (
            Silence(_LEADS[number % len(_LEADS)]), *said(text), Silence(gap),
            Sine((hz,), ms, beep=True),
        )  # fmt: skip
        noise = 20.0 if number % 5 == 2 else None
        voice = able[(number + 4) % len(able)]
        name = f"{text[:40]} +{gap} ms"
        found.append(Answerer(name, "machine", parts, voice, noise, held_out=True))
    return found
