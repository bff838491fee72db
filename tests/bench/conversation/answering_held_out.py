"""What people and machines say in the bench that nothing was ever tuned on: wordings as data.

Written by the same hand as the lists of phrases, after they were last widened. Whoever looks at
which of them fail moves them to `answering_seen` and writes new ones before touching the lists.
"""

# ruff: noqa: E501 - what somebody says is one line

PEOPLE = {
    "short": ("Yup.", "Hello, you got me.", "Yes, good morning.", "Robert.", "Hey you."),
    "name": ("Collins.", "Good day, Anita here.", "It's Walter, go on.", "Yes, Doctor Singh."),
    "chatty": (
        "Hello, can you speak up, it's loud in here.", "Hi, I was just about to ring you.",
        "Yes, I've been expecting your call.", "Hello, hang on, I need to find my glasses.",
        "Hi, is it about the roses?", "Hello, I'm on a train, so we may be cut off.",
    ),
    "business": (
        "Reception, good morning.", "Green Valley school, Mrs. Porter speaking, what can I do for you?",
        "Service desk, who am I speaking with?", "Luigi's Pizza, pickup or delivery?",
    ),
    "slow": ("Hello.|1300|Who is it?", "One second.|1200|Right, I'm listening.", "Well.|700|Hello?"),
}  # fmt: skip

GREETINGS = (
    "Hello, this is Oliver's phone.|600|He's busy, so tell me what you need once you hear the tone.",
    "You've dialled the Bakers.|700|We can't get to the phone, please try again or leave us a message.",
    "Hi, Julia here.|500|I never listen to these, so just text me.",
    "Thanks for calling Sunny Travel.|500|We open again at eight tomorrow.|600|Please leave your name and number.",
    "The number you have dialled is not answering.|500|Please record a message after the signal.",
    "Hey, I'm probably asleep.|800|Leave something after the beep.",
    "This is the voicemail of extension two one four.|400|The person is away. Record after the tone.",
    "Good afternoon.|600|Nobody can come to the phone at the moment, but your call matters to us.|500|Please leave a short message.",
    "I can't talk right now.|700|Leave your number and I'll phone you tonight.",
    "Hello, you have reached Miller and Sons.|500|All our lines are busy. Leave your details, we will return your call.",
    "Not here.|900|You know how it works.",
    "Hi, it's Ben and Lisa.|700|We're having dinner, so leave a message for us.",
    "This call has been forwarded to a voice mailbox.|500|Please begin after the tone.",
    "Hello, Paul's telephone.|800|He will be back on Thursday.|500|You may leave word at the beep.",
    "Sorry, we missed you.|600|Tell us who called and we will get in touch.",
    "You're through to Karl.|700|Or rather to his machine. Speak now, or wait for the beep.",
    "Hi, this is Nora. I'm out running.|600|Shoot me a message and I'll get back to you.",
    "The subscriber is unavailable at present.|500|At the tone, please leave your message.",
    "It's Dan.|700|Do the usual thing after the usual noise.",
    "Our office is closed for the holiday.|600|In an emergency call the duty line. Otherwise leave a message.",
)

SCREENING = (
    (
        "Hi, this call is being screened. Please say your name, and I will see whether they want to talk.",
        "heart-high",
    ),
    (
        "Hello. I'm the digital assistant of the person you called. Please tell me why you are calling.",
        "flite-slt",
    ),
    ("Please announce yourself after the tone, and we will try to connect your call.", "flite-rms"),
    ("The person you called would like to know who it is. Please state your name.", "heart-deep"),
    (
        "Calls from unknown numbers are filtered here. Say who is calling, and hold on.",
        "festival-slt",
    ),
)

# What is said, the voice, the key to press ("" for none), and how the call should go on.
MENUS = (
    (
        "Welcome to Lake Hospital. For appointments, press one. For all other questions, press two to talk to our staff.",
        "heart-high",
        "2",
        "with human",
    ),
    (
        "You have a call from an outside number. Press one to take it.",
        "heart-deep",
        "1",
        "with human",
    ),
    ("To hear our opening hours, press one. To hear our address, press two.", "heart", "", "ivr"),
    (
        "Hello and welcome. Say sales, or press four. To speak to an operator, press nine.",
        "flite-slt",
        "9",
        "with human",
    ),
    (
        "Press seven if you know the extension. Press zero for reception.",
        "flite-rms",
        "0",
        "with human",
    ),
)

FULL = (
    "The mailbox you have reached is full.|500|Please call again later. Goodbye.",
    "This customer has not set up a voice mailbox. Goodbye.",
    "There is no room for new messages.",
    "We are sorry, messages can not be left for this number at the moment.",
)
