"""The words of the turns that `turn_set` is made of: (what the agent asked, what is said ...)."""

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

_PHONE = "What is your phone number, please?"
_ACCOUNT = "Can you read me your account number?"
_CARD = "What is the number on the card?"
_ORDER = "And what is your order number?"
_CALL_BACK = "At which number can we call you back?"
_REFERENCE = "Could you give me the reference on the letter?"

NUMBERS = (
    (_PHONE, "202-555-0143"), (_PHONE, "415-555-2671"), (_CALL_BACK, "646-555-0198"),
    (_ACCOUNT, "4471-9023"), (_ORDER, "30-52-77"), (_PHONE, "312-555-0110"),
    (_CARD, "4532-7781-0923-6645"), (_CALL_BACK, "555-0172"), (_REFERENCE, "81-4402-9"),
    (_PHONE, "720-555-33-91"), (_ACCOUNT, "10-45-88-31"), (_ORDER, "772-9041"),
    (_CALL_BACK, "213-555-0166"), (_PHONE, "503-555-01-47"), (_CARD, "6011-0042-3391-8876"),
    (_ACCOUNT, "903-118-27"), (_REFERENCE, "5520-118"), (_PHONE, "917-555-0129"),
    (_ORDER, "44-81-03"), (_CALL_BACK, "305-555-2048"), (_ACCOUNT, "7712-0090-34"),
    (_PHONE, "1-800-555-0175"), (_REFERENCE, "302-119-884"), (_CALL_BACK, "408-55-50-113"),
    (_CARD, "5105-9921-3406-7718"), (_ORDER, "9001-22"),
    (_PHONE, "206-555-0188"), (_ACCOUNT, "3321-7754"), (_CALL_BACK, "512-555-0134"),
    (_ORDER, "61-90-25"), (_PHONE, "617-555-2209"), (_CARD, "4024-0071-5583-2290"),
    (_REFERENCE, "774-0213"), (_CALL_BACK, "702-555-0155"), (_PHONE, "919-555-0106"),
    (_ACCOUNT, "88-12-40-07"), (_ORDER, "550-8137"), (_PHONE, "816-555-0121"),
    (_CALL_BACK, "214-555-3380"), (_REFERENCE, "9934-1207"),
)  # fmt: skip

ONE_BY_ONE = (
    ("What is your zip code?", "94107"), ("Please tell me your PIN.", "4096"),
    ("What is the code on your screen?", "318752"), ("What is your zip code?", "10013"),
    (_ORDER, "52091"), ("Please tell me your PIN.", "7735"),
    ("What are the last four digits of your card?", "6620"), (_REFERENCE, "90147"),
    ("What is the code on your screen?", "440918"), ("What is your zip code?", "60614"),
)  # fmt: skip

ONE_NUMBER = (
    ("How many people will come?", "@digits/4"), ("How many would you like?", "@digits/2"),
    ("How old is your daughter?", "@digits/7"), ("Which extension do you need?", "@digits/9"),
    ("How many people will come?", "@digits/12"), ("How many nights will you stay?", "@digits/3"),
    ("On a scale from one to ten, how good was it?", "@digits/8"),
    ("How many would you like?", "six"), ("How many children do you have?", "two"),
    ("How many tickets do you want?", "five, please"),
)  # fmt: skip

_NAME = "How do you spell your last name?"
_EMAIL = "What is your e-mail address?"
_PLATE = "And the licence plate of your car?"

SPELLINGS = (
    (_NAME, "@letters/s letters/m", "@letters/i letters/t letters/h"),
    (_NAME, "@letters/b letters/r", "@letters/o letters/w", "@letters/n"),
    (_PLATE, "@letters/k letters/l", "@digits/4 digits/0 digits/2"),
    (_NAME, "@letters/g letters/a", "@letters/r letters/c", "@letters/i letters/a"),
    (_PLATE, "@letters/x letters/j letters/p", "@digits/7 digits/1"),
    (_NAME, "@letters/h letters/u letters/g", "@letters/h letters/e letters/s"),
    (_EMAIL, "maria dot lopez,", "at example dot com"),
    (_EMAIL, "it's peter at", "green garden dot org"),
    (_NAME, "W I L,", "double L I A M S"),
    (_EMAIL, "anna dash", "miller at mail dot", "example dot com"),
    (_NAME, "It's C A R,", "P E N,", "T E R"),
    (_EMAIL, "info at", "blue house dot net"),
)  # fmt: skip

_OPEN = "What would you like to start with?"
_TELL = "What happened?"
_WHEN = "When would suit you?"
_HELP = "How can I help you today?"

UNFINISHED = (
    (_TELL, "@vm-theperson", "@digits/4 digits/2 vm-isonphone"),
    (_TELL, "@vm-youhave", "@digits/3 vm-messages"),
    (_TELL, "@vm-num-i-have", "@digits/5 digits/5 digits/2"),
    (_TELL, "@queue-thereare", "@digits/6"),
    (_TELL, "@conf-thereare", "@digits/8 conf-otherinparty"),
    (_TELL, "@vm-duration", "@digits/5 minutes"),
    (_TELL, "@confbridge-leave-in", "@vm-press digits/9"),
    (_TELL, "@confbridge-lock-in", "@vm-press digits/2"),
    (_TELL, "@queue-holdtime", "@digits/7 minutes"),
    (_TELL, "@privacy-to-blacklist-last-caller", "@from-unknown-caller"),
    (_TELL, "@if-correct-press", "@digits/1"),
    (_TELL, "@vm-onefor", "@vm-Friends vm-messages"),
    (_TELL, "@num-was-successfully", "@added"),
    (_TELL, "@at-tone-time-exactly", "@digits/9"),
    (_TELL, "@confbridge-mute-in", "@vm-press digits/1"),
    (_TELL, "@conf-enteringno", "@digits/7 digits/0"),
    (_TELL, "@dir-pls-enter", "@digits/3 dir-first"),
    (_TELL, "@vm-onefor-full", "@vm-messages"),
    (_HELP, "I would like to,", "change my appointment."),
    (_HELP, "I need a new,", "battery for my phone."),
    (_WHEN, "Maybe on,", "Thursday afternoon."),
    (_OPEN, "I want to talk about the,", "trip we planned for summer."),
    (_TELL, "My brother called because,", "he lost his keys."),
    (_HELP, "Can you tell me how,", "I get a refund?"),
    (_WHEN, "Um,", "next Friday would be fine."),
    (_OPEN, "Well,", "I have been thinking about my garden."),
    (_HELP, "I am calling about,", "the bill you sent me."),
    (_TELL, "The washing machine stopped and,", "there is water everywhere."),
    (_WHEN, "If it is not too late,", "I could come at eight."),
    (_OPEN, "So basically,", "I want to learn how to bake bread."),
    (_HELP, "I have a problem with my,", "internet connection."),
    (_TELL, "We were driving to,", "the airport when the tyre went flat."),
    (_WHEN, "Either Monday or,", "Wednesday would work."),
    (_OPEN, "I was wondering whether,", "you could help me with a letter."),
    (_HELP, "Do you have any,", "rooms left for the weekend?"),
    (_TELL, "She said that,", "the parcel never arrived."),
    (_OPEN, "I think it's,", "about time we talked about money."),
    (_HELP, "My name is,", "Robert Taylor."),
    (_WHEN, "Let me see,", "Tuesday at ten."),
    (_TELL, "When I opened the box,", "the lamp was broken."),
    (_HELP, "I'd like to book a table for,", "five people."),
    (_OPEN, "The first thing is the,", "noise at night."),
    (_TELL, "It started with,", "a strange smell in the kitchen."),
    (_WHEN, "Not this week but,", "the week after that."),
    (_HELP, "Could you send it to my,", "office instead?"),
    (_OPEN, "I've been trying to,", "sleep better."),
    (_TELL, "He works at the,", "station downtown."),
    (_HELP, "Is there a way to,", "pay in two parts?"),
    (_OPEN, "Uh, the thing is,", "I never got an answer."),
    (_TELL, "They wanted to know if,", "we had any questions."),
    (_WHEN, "Some time between,", "nine and eleven."),
    (_HELP, "I bought a coat from,", "your shop last week."),
    (_OPEN, "You know,", "I never liked swimming."),
    (_TELL, "The doctor told me I should,", "walk more."),
)

GOES_ON = (
    (_HELP, "I have two questions.", "The first is about the price."),
    (_TELL, "The heating is broken.", "It has been cold since Monday."),
    (_OPEN, "I like gardening.", "Roses are my favourites."),
    (_HELP, "I'd like to order a pizza.", "A large one with mushrooms."),
    (_WHEN, "Friday is good.", "But not before noon."),
    (_TELL, "I lost my wallet.", "I think it was on the bus."),
    (_OPEN, "Let me explain.", "We moved here two years ago."),
    (_HELP, "Hi there.", "I want to cancel my order."),
    (_TELL, "There was an accident.", "Nobody was hurt, though."),
    (_OPEN, "I read a lot.", "Mostly crime stories."),
    (_HELP, "It's about my daughter.", "She starts school in autumn."),
    (_WHEN, "Tomorrow works.", "Any time after four."),
    (_TELL, "The parcel came today.", "But the box was empty."),
    (_OPEN, "We have a dog.", "He is afraid of thunder."),
    (_HELP, "I need some advice.", "My neighbour plays the drums."),
    (_TELL, "It happened last night.", "We heard a loud bang."),
    (_OPEN, "I want to learn Spanish.", "My wife comes from Mexico."),
    (_HELP, "Good morning.", "This is Karen from the bakery."),
    (_WHEN, "I'm not sure.", "Maybe in the second week of May."),
    (_TELL, "My flight was late.", "So I missed the train."),
    (_OPEN, "There are three things.", "Sleep, food and sport."),
    (_HELP, "I bought a chair from you.", "One of the legs is loose."),
    (_TELL, "The screen went black.", "And now it does not turn on."),
    (_OPEN, "I work in a hospital.", "I am a night nurse."),
    (_HELP, "I have a reservation.", "It is under the name of Baker."),
    (_WHEN, "Monday would be best.", "Or Tuesday if that is full."),
    (_TELL, "He called me yesterday.", "He wants his money back."),
    (_OPEN, "I started running.", "Three times a week."),
    (_HELP, "I'm looking for a present.", "For a boy of ten."),
    (_TELL, "Nothing special.", "We just stayed at home."),
    (_OPEN, "Here is my idea.", "We open a small café."),
    (_HELP, "The printer does not work.", "It says that the paper is out."),
)

PROMPTS = (
    "agent-alreadyon", "conf-adminmenu", "conf-adminmenu-162", "conf-usermenu", "conf-usermenu-162",
    "confbridge-lock-out", "confbridge-mute-out", "confbridge-pin", "demo-abouttotry",
    "demo-echotest", "demo-instruct", "demo-nogo", "demo-moreinfo", "dir-instr", "dir-intro",
    "dir-intro-fn", "invalid", "pbx-invalidpark", "priv-callee-options", "privacy-prompt",
    "queue-periodic-announce", "queue-youarenext", "ss-noservice", "screen-callee-options",
    "tt-allbusy", "vm-forward", "vm-forwardoptions", "vm-instructions", "vm-invalid-password",
    "vm-msginstruct", "vm-newuser", "vm-options", "vm-opts-full", "vm-record-prepend", "vm-review",
    "vm-tempgreeting2",
)  # fmt: skip

_PROMPT_SENTENCES = (
    "all-circuits-busy-now", "conf-full", "conf-hasleft", "conf-leaderhasleft", "conf-locked",
    "conf-noempty", "conf-onlyperson", "conf-placeintoconf", "conf-roll-callcomplete",
    "demo-echodone", "demo-nomatch", "dir-nomatch", "dir-nomore",
    "feature-not-avail-line", "number-not-answering", "please-try-call-later", "privacy-incorrect",
    "something-terribly-wrong", "speed-dial-empty", "tt-monkeysintro", "tt-somethingwrong",
    "tt-weasels", "vm-changeto", "vm-dialout", "vm-msgsaved", "vm-msgforwarded", "vm-nonumber",
    "vm-passchanged", "vm-savefolder", "vm-sorry", "vm-tempgreetactive", "vm-tooshort",
    "conf-unlockednow", "conf-extended", "conf-nonextended",
)  # fmt: skip

SENTENCES = (
    *((_TELL, f"@{name}") for name in _PROMPT_SENTENCES),
    (_HELP, "Can you help me with my homework?"),
    (_OPEN, "I would like to talk about the history of Rome."),
    (_WHEN, "Next Tuesday at three in the afternoon."),
    (_TELL, "My car broke down on the way to work."),
    (_HELP, "How much does the large box cost?"),
    (_OPEN, "Tell me something about the planets."),
    (_WHEN, "I am free on Saturday morning."),
    (_TELL, "The children were playing in the garden."),
    (_HELP, "What time do you close on Sundays?"),
    (_OPEN, "I have never been to the sea."),
    (_HELP, "Please send me the bill by mail."),
    (_TELL, "We went to the mountains for a week."),
    (_OPEN, "Why is the sky blue?"),
    (_WHEN, "It has to be before the end of the month."),
    (_HELP, "I forgot my password again."),
    (_TELL, "She bought a house near the lake."),
    (_OPEN, "My favourite book is about a whale."),
    (_HELP, "Where can I park my car?"),
    (_WHEN, "In about two hours."),
    (_TELL, "The train was full and I had to stand."),
    (_OPEN, "Let's talk about cooking."),
    (_HELP, "I want to speak to a person, please."),
    (_TELL, "It rained the whole day."),
    (_OPEN, "What do you think about electric cars?"),
    (_WHEN, "Anytime after lunch is fine with me."),
    (_HELP, "Do I need to bring my passport?"),
    (_TELL, "He fell from his bicycle and broke his arm."),
    (_OPEN, "I am thinking of changing my job."),
    (_HELP, "Could you repeat that, please?"),
    (_TELL, "The food was cold when it arrived."),
    (_OPEN, "How do you bake a good loaf of bread?"),
    (_WHEN, "The sooner the better."),
    (_HELP, "I'd like to return these shoes."),
    (_TELL, "They painted the kitchen yellow."),
    (_OPEN, "I like long walks in the forest."),
    (_HELP, "Is breakfast included in the price?"),
    (_TELL, "Someone left the window open."),
    (_OPEN, "Which language is the easiest to learn?"),
    (_WHEN, "Let's say on the first of June."),
    (_HELP, "My order has not arrived yet."),
    (_TELL, "I was waiting for more than an hour."),
    (_OPEN, "Nobody ever asked me that."),
    (_HELP, "Which bus goes to the museum?"),
    (_TELL, "Our neighbours have moved away."),
    (_OPEN, "I learnt to swim when I was six."),
    (_HELP, "Can I pay with my credit card?"),
    (_TELL, "The meeting took longer than I thought."),
    (_WHEN, "I will be at home all evening."),
    (_OPEN, "Do you know a good joke?"),
    (_HELP, "Please cancel my subscription."),
    (_OPEN, "The winters here are long and dark."),
)

_YES_NO = "Is that right?"
_YES_NO_2 = "Would you like to hear more about it?"
_YES_NO_3 = "Do you want me to send you a summary?"

SHORT = (
    (_HELP, "@hello"), (_YES_NO, "@vm-no"), (_HELP, "@vm-goodbye"), (_HELP, "@goodbye"),
    (_YES_NO_2, "@auth-thankyou"), (_YES_NO, "@im-sorry"), (_HELP, "@one-moment-please"),
    (_TELL, "@cancelled"), (_TELL, "@enabled"), (_TELL, "@call-waiting"),
    (_OPEN, "@vm-Family"), (_OPEN, "@vm-Work"), (_OPEN, "@vm-Friends"), (_HELP, "@hello-world"),
    (_TELL, "@call-forwarding"), (_HELP, "@do-not-disturb"), (_TELL, "@vm-deleted"),
    (_HELP, "@please-try-again"),
    (_YES_NO, "Yes."), (_YES_NO, "No."), (_YES_NO_2, "Yes, please."), (_YES_NO_2, "No, thanks."),
    (_YES_NO_3, "Sure."), (_YES_NO_3, "Okay."), (_YES_NO, "Yeah."), (_YES_NO_2, "Not really."),
    (_YES_NO, "That's right."), (_YES_NO_3, "No, thank you."), (_YES_NO_2, "Of course."),
    (_YES_NO, "Exactly."), (_YES_NO_3, "Yes, by text."), (_YES_NO_2, "I don't know."),
    (_WHEN, "Tomorrow."), (_WHEN, "On Friday."), (_WHEN, "At noon."), (_WHEN, "Next week."),
    (_OPEN, "Music."), (_OPEN, "The weather."), (_OPEN, "Cooking."), (_OPEN, "My garden."),
    (_HELP, "Hello?"), (_HELP, "Good morning."), (_HELP, "A refund."), (_TELL, "Nothing."),
    ("What colour should it be?", "Blue."), ("What colour should it be?", "Dark green."),
    ("Where do you live?", "In Boston."), ("Where do you live?", "Chicago."),
    ("What is your first name?", "Helen."), ("What is your first name?", "Thomas."),
    ("Which day do you prefer?", "Sunday."), ("Tea or coffee?", "Coffee, please."),
    ("Who is calling?", "It's Daniel."), (_YES_NO_2, "Maybe later."), (_YES_NO, "I think so."),
    (_YES_NO_3, "Yes, please do."), (_YES_NO, "Correct."), (_YES_NO_2, "Why not?"),
    (_HELP, "Bye."), (_YES_NO_3, "Never mind."), (_YES_NO, "No, it's not."),
)  # fmt: skip
