"""More people and machines who pick up, in more voices than the others: wordings as data.

Written without a look at the lists of phrases, which were widened afterwards with a look at which
of these failed.
"""

# ruff: noqa: E501 - what somebody says is one line

from tests.bench.conversation.answering_people import (
    Answerer,
    Music,
    Part,
    Silence,
    Sine,
    Waits,
    Words,
    said,
)
from tests.bench.conversation.voices import more_voices

PEOPLE = (
    "It's Dan.",
    "Hello, Dave here, who have I got?",
    "Talk.",
    "Yeah, this is Kim.",
    "Hello, Jenny's phone.",
    "Dad?",
    "Sorry, who?",
    "I'm driving, what's up?",
    "I'm at work, can you make it quick?",
    "Hi, sorry, I just missed your call, I was in the shower.",
    "Good morning, thank you for calling the Park Hotel, this is Julia, how may I direct your call?",
    "Nine one one, what is your emergency?",
    "Police department, Sergeant Cole.",
    "Yes, I can talk now.",
    "Is this the plumber?",
    "Not now, I'm in a meeting, call me back later.",
    "I'll call you back, I'm driving.",
    "Hello, Smith and Sons, we're closing in five minutes.",
    "Morning, Joe's garage.",
    "Who is this, and why do you keep calling?",
    "Hello, my name is Ken, what's yours?",
    "Can you call back in ten minutes?",
    "He's not home right now.",
    "She's at work, who's asking?",
    "Yes, this is he.",
    "Um, hello, who's there?",
    "This better be good.",
    "You again?",
    "Finally! I've been waiting for your call all day.",
    "Hello, we don't want anything.",
    "Take me off your list.",
    "Can I call you right back?",
    "Hello.|800|Hello?|900|Is anybody there?",
    "Hang on.|1400|Right, who's this?",
    "Hi.|700|Yes, it's me.",
    "Becky Thompson.",
    "Hello, this is the Johnson residence, Billy speaking.",
    "Oh, hello there, I didn't expect you so soon.",
    "Yes, I'm listening, what do you need?",
    "Mister Park is in a meeting, can I help?",
)

# What a mailbox says; "*" at its beginning is a moment of music before it.
GREETINGS = (
    "It's Dan.",
    "Becky Thompson.",
    "Hi, Paul.",
    "You've reached Omar.",
    "This is Greg's phone.",
    "Jessica Lee, leave a message.",
    "Martin Weber, not here.",
    "Hey, this is Kevin. Sorry I missed you. Leave me your name and I'll hit you back.",
    "Hi, you've got Melissa's cell.|500|I can't answer right now, so do what you gotta do.|300|Bye.",
    "What's up, it's Tyler.|700|I don't check my voicemail, so just text me.",
    "Hello! Grandpa Joe isn't near the phone.|600|Tell him a joke and he'll phone you.",
    "Hi, this is Priya. I'm probably in the lab with my phone off.|500|Leave your details and I'll return the call this evening.",
    "You've reached four oh four, Amanda not found.|800|Try again after the beep.",
    "Hey there, thanks for ringing.|400|I'm away from my phone, or I'm ignoring you.|900|Either way, leave one.",
    "Hello, this is Frank Miller with Miller Roofing. I'm up on a roof.|600|Give me your address and I'll come by with a quote.",
    "Hi, it's Sofia. Not here. You know how this works.",
    "This is Hayes. State your business when it beeps.",
    "Hi, you have called Rachel and Steve.|700|We can't make it to the phone.|500|Please leave us a short message.",
    "I'm currently driving and will call you once I'm parked.",
    "Hey, it's me. You know I never pick up.|500|Text me.",
    "Sorry, I'm not able to talk right now. If it's urgent, call my assistant on extension four.",
    "Hello. Hello?|900|Ha, got you. This is a recording. Leave a message.",
    "The customer at|300|two one two, five five five, zero one four eight|300|is not answering. Please leave your message at the tone. For a callback number, press five.",
    "Please leave your message for|400|Danielle Foster.",
    "Nobody is here to take your call.|600|To leave a message, wait for the tone.",
    "At the tone, please record your message. Hang up or press one for more options.",
    "Kelly Adams|400|does not answer.|500|Record after the tone.",
    "Your call has been answered by an automated voice message service.|400|Six one nine, five five five, oh one two seven.",
    "The phone you are calling is off or not connected at the moment. You may leave a voice message.",
    "Thanks for calling Lakeside Dental. We are either helping other patients or have gone home.|600|Leave your name, number and date of birth.",
    "Hi, you've reached the front desk of Sunny Apartments. Our leasing office is open Tuesday through Saturday.|700|For maintenance emergencies, text this number.",
    "You have called Harbor Insurance after hours. If this is about a claim, leave your policy number.",
    "Hello and thanks for phoning Bean There Coffee. We open at seven.|500|Drop us a line if it's about catering.",
    "The office of Judge Carter is in recess until the tenth. Messages are checked daily.",
    "Good afternoon. All our technicians are out on jobs. Tell us your name and the model of your machine.",
    "Welcome to Elm Street Books. We don't open on Mondays.|500|Speak clearly, and someone will be in contact.",
    "You've reached the accounts department. Due to the holiday nobody's in.|500|Email is fastest.",
    "This is the parent line of Oak Hill School. To report an absence, say your child's name and class.",
    "Thank you for your call. Our opening times are eight to four. Messages left today will be answered tomorrow.",
    "*Hey, it's DJ Ray, let me hear you at the beep.",
    "*You're through to Crystal Spa. We're with a guest. Kindly leave your wishes and we'll confirm.",
    "*Hello, this is Nora. I'm out dancing.|500|Talk to me later.",
    "We're the Parkers. Mom and dad are busy, so leave a message, okay? Bye!",
    "Hola, this is Elena, leave me a message in English or Spanish.",
    "Hi, this is the voicemail assistant for Jordan Bell. Jordan is unavailable. Go ahead and leave a message.",
    "Hey. If you're hearing this, I'm either asleep or at work. Peace.",
    "Yeah, this is Vince.|1200|No, not really. Message me.",
    "Hi, this is Anna Kowalski.|500|Your call is important to me.|400|Let me know how to reach you.",
)

FULL = (
    "Hi, it's Rob, leave a message.|900|This mailbox has reached its limit. Goodbye.",
    "The person you called has no room for messages right now.",
    "We're sorry, but the voice mailbox of this customer is full. Try later.",
    "Hello, the voicemail box for this number has not been activated.",
)

SCREENING = (
    "Please state who you are and why you're calling after the tone.",
    "This is Alex's assistant. Can you tell me who is calling and what it is regarding?",
    "The person you're trying to reach doesn't take unknown calls. Please identify yourself.",
    "What's your name, please? I'll check whether she can talk to you.",
    "Smart call filter here. Say your name to be connected.",
)

# What is said, the key to press ("" for none), and how the call should go on.
MENUS = (
    (
        "Welcome to Metro Transit. For schedules, say schedules or press one. For lost property, press two. To talk with a customer agent, press nine.",
        "9",
        "with human",
    ),
    (
        "Your package is on its way. Press one to confirm the address, or press two to speak to us.",
        "2",
        "with human",
    ),
    (
        "If you know the extension of the person you are calling, enter it now. For the operator, press zero.",
        "0",
        "with human",
    ),
    ("Press one to hear our fax number. Press two for directions to the clinic.", "", "ivr"),
    (
        "Hello, you have reached Doctor Evans. If this is an emergency, hang up and call nine one one. To make an appointment, press three.",
        "3",
        "with human",
    ),
)

_LEADS = (250, 700, 1200, 400, 1800)
_GAPS = (5500, 4200, 2500, 1200, 600, 3300, 400)
_BEEPS = ((1000.0, 400), (620.0, 250), (1400.0, 700), (850.0, 150))
_MUSIC_MS = 3500


def people() -> list[Answerer]:
    """Each with one of the voices, every fourth on a noisy line."""
    able = more_voices()
    return [
        Answerer(
            f"more: {text}", "human", (Silence(_LEADS[number % len(_LEADS)]), *said(text)),
            able[number % len(able)], 18.0 if number % 4 == 3 else None,
        )
        for number, text in enumerate(PEOPLE)
    ]  # fmt: skip


def machines() -> list[Answerer]:
    """Mailboxes with a beep after gaps of 0.4 to 5.5 s, every fifth on a noisy line."""
    able, found = more_voices(), []
    for number, text in enumerate(GREETINGS):
        gap, (hz, ms) = _GAPS[number % len(_GAPS)], _BEEPS[number % len(_BEEPS)]
        before: list[Part] = [Silence(_LEADS[number % len(_LEADS)])]
        if text.startswith("*"):
            before += [Music(number % 3, _MUSIC_MS), Silence(300)]
        greeting = said(text.removeprefix("*"))
        found.append(
            Answerer(
                f"{text[:40]} +{gap} ms", "machine",
                (*before, *greeting, Silence(gap), Sine((hz,), ms, beep=True)),
                able[(number + 3) % len(able)], 20.0 if number % 5 == 4 else None,
            )
        )  # fmt: skip
    return found


def others() -> list[Answerer]:
    """Whoever is neither."""
    able, person = more_voices(), (Silence(1500), Words("Hello, this is Anna, how can I help you?"))
    found = []
    for number, text in enumerate(FULL):
        parts = (Silence(500), *said(text), Silence(6000))
        found.append(
            Answerer(f"full: {text[:40]}", "full", parts, able[number], right="mailbox_full")
        )
    for number, text in enumerate(SCREENING):
        parts = (Silence(400), Words(text), Silence(8000))
        name = f"screening: {text[:40]}"
        found.append(Answerer(name, "screening", parts, able[number + 2], right="with screening"))
    for number, (text, keys, right) in enumerate(MENUS):
        again = (
            (Waits("keyed", 0), *person) if keys else (Silence(4000), Words(text), Silence(4000))
        )
        parts = (Silence(300), Words(text), *again)
        found.append(
            Answerer(f"menu: {text[:40]}", "ivr", parts, able[number + 5], right=right, keys=keys)
        )
    return found
