"""What the offline model says, as tables: rules for what the caller said, and questions to ask.

The first rule whose pattern is found wins, so what must never be missed stands on top. In a reply
`{subject}` is the topic and `{words}` what the pattern caught, both seen from the agent's side.
Every list has at least two entries, so that nothing need be said twice running.
"""

import re
from typing import Literal

import msgspec

from media.wishes.reading import CONFIRMATION

# A final reply ends the talk, a reaction is followed by a question, a reply is whole as it is.
Kind = Literal["final", "reaction", "reply"]


class Rule(msgspec.Struct, frozen=True):
    """When `pattern` is found in what the caller said, one of `replies` is the answer."""

    name: str
    kind: Kind
    pattern: re.Pattern[str]
    replies: tuple[str, ...]


def _rule(name: str, kind: Kind, pattern: str, *replies: str) -> Rule:
    return Rule(name, kind, re.compile(pattern, re.IGNORECASE), replies)


_ONLY = r"^\W*(?:{})(?:\W+(?:{}))*\W*$"  # nothing else was said


def _only(words: str) -> str:
    return _ONLY.format(words, words)


_MACHINE = "robot|bot|machine|computer|human|person|real|ai|a i|script|recording|automated|alive"
_FAMILY = (
    "wife|husband|partner|mother|mum|mom|father|dad|son|daughter|brother|sister|friend|boss"
    "|neighbour|neighbor|grandmother|grandfather|family|children|kids"
)

STOPPED = (
    "I understand, and I am sorry to have disturbed you. Goodbye.",
    "I am sorry, I will not keep you. Goodbye.",
)
MAKE_SURE = (CONFIRMATION, f"Just to be sure: {CONFIRMATION.lower()}")

RULES = (
    _rule(
        "emergency",
        "reply",
        r"\bthis is an emergency\b|\bneed an ambulance\b|\bkill (?:myself|me)\b|\bsuicid"
        r"|\bwant to die\b|\bcan'?t breathe\b|\bhaving a heart attack\b",
        "I am only a script and cannot help with that. Please call your emergency number now.",
        "Please call your local emergency number right away. I am a script and cannot send help.",
    ),
    _rule(
        "grief",
        "reply",
        rf"\b(?:{_FAMILY}|dog|cat|he|she|they|who|uncle|aunt|cousin|baby|grandfather|nephew|niece)"
        r"(?: just| has| have| had| recently|'s)* (?:died|dead|dying|passed away"
        r"|passed on)\b(?! (?:laughing|tired|serious|set|sure|on|right|wrong))"
        rf"|\b(?:is|are|was) (?:dead|dying)\b(?! (?:to|for|of|tired|serious|set|sure|on|right"
        rf"|wrong))"
        rf"|\blost my (?:{_FAMILY}|baby|job|home|house|dog|cat)\b"
        r"|\b(?:funeral|miscarriage|widow(?:er|ed)?|grief|grieving|mourning|hospice)\b"
        r"|\b(?:have|has|got|with) (?:terminal )?cancer\b|\bdeath of (?:my|our)\b",
        "I am so sorry to hear that. Would you like to talk about it, or leave it there?",
        "I am very sorry. I am only a script, but I will listen for as long as you like.",
    ),
    _rule(
        "wrong number",
        "final",
        r"\bwrong (?:number|person)\b|\b(?:no one|nobody) (?:here )?by that name\b",
        "I am sorry, that must be a mistake. Goodbye.",
        "Sorry for the mistake. Goodbye.",
    ),
    _rule(
        "goodbye",
        "final",
        r"\b(?:have|need|got|ought|want) to (?:go|run|leave)(?: now| soon)?\s*(?:[.,!]|$)"
        r"|\bgotta (?:go|run)\b|\bsee you\b|\btalk (?:later|soon)\b"
        r"|\bthat(?:'s| is| was) (?:all|it)(?: for (?:now|today))?\s*(?:[.,!]|$)"
        r"|\bhave a (?:nice|good|great|lovely) (?:day|evening|one|night|weekend)\b",
        "Thank you for talking with me. Goodbye.",
        "It was good to talk with you. Goodbye.",
    ),
    _rule(
        "bad time",
        "final",
        r"\b(?:i'?m|i am) (?:busy|driving|working|at work|in a meeting|eating)\b"
        r"|\b(?:not|isn'?t) a good time\b|\bbad time\b|\bnot (?:right )?now\b"
        r"|\bcall (?:me )?(?:back )?(?:later|tomorrow)\b",
        "Of course, another time then. Goodbye.",
        "That is fine, let us talk another time. Goodbye.",
    ),
    _rule(
        "are you a robot",
        "reaction",
        rf"\b(?:are you|am i (?:talking|speaking) (?:to|with)|is (?:this|it|that))\b[^.!]*"
        rf"\b(?:{_MACHINE})\b",
        "I am a scripted offline assistant, not a person, and I cannot look up facts.",
        "No person here, only a scripted offline assistant that cannot look up facts.",
    ),
    _rule(
        "who are you",
        "reaction",
        r"\bwho (?:are you|is (?:this|it|calling|there))\b|\bwho'?s (?:this|calling|there|it)\b"
        r"|\bwhat(?:'s| is) your name\b|\bwho am i (?:talking|speaking)\b|\bwhat are you\b",
        "I am a scripted assistant, here to talk about {subject}.",
        "This is a scripted offline assistant, here to talk about {subject}.",
    ),
    _rule(
        "ask for a person",
        "reply",
        r"\b(?:speak|talk|put me through|connect me) (?:to|with) (?:an? |the |your )?"
        r"(?:real |live )?(?:human|person|someone|somebody|agent|manager|operator|supervisor)\b",
        "I am a script and cannot put you through to anyone. What would you ask them?",
        "There is nobody I can pass you to. What would you like them to know?",
    ),
    _rule(
        "did not understand",
        "reaction",
        r"\b(?:don'?t|do not|didn'?t|did not) (?:understand|follow|get (?:it|you|that))\b"
        r"|\bwhat do you (?:mean|want)\b|\bconfus(?:ed|ing)\b|\bmakes? no sense\b",
        "Let me put it more simply.",
        "Sorry, let me try another way.",
    ),
    _rule(
        "wait",
        "reply",
        r"\bhold on\b|\b(?:one|just a|give me a) (?:moment|second|sec|minute)\b|^\W*wait\b",
        "Take your time.",
        "No hurry, I am here.",
    ),
    _rule(
        "how are you",
        "reply",
        r"\bhow are you\b|\bhow(?:'s| is) it going\b|\bhow do you do\b",
        "Fine, thank you, as far as a script can be. And how are you?",
        "All is well here, thank you. How is your day so far?",
    ),
    _rule(
        "look it up",
        "reply",
        r"\blook (?:it|that|this) up\b|\bsearch (?:for|the)\b|\bwhat time is it\b"
        r"|\bwhat(?:'s| is) the (?:weather|date|price|news|score)\b"
        r"|\bhow much (?:is|are|does|do)\b",
        "I am a scripted offline assistant, so I cannot look that up. What do you know about it?",
        "My script has no facts in it, I am afraid. Where would you look?",
    ),
    _rule(
        "thanks",
        "reaction",
        r"\bthank(?:s| you)\b|\bcheers\b|\bappreciate (?:it|that)\b",
        "You are welcome.",
        "My pleasure.",
    ),
    _rule("apology", "reaction", r"\bsorry\b", "No need to be sorry.", "That is quite all right."),
    _rule(
        "tell me more",
        "reaction",
        r"\btell me (?:more|about|something)\b|\bgo on\b|\bkeep going\b"
        r"|\byou (?:start|talk|choose)\b|\bwhat (?:do|should|shall|can) we (?:talk|speak)\b",
        "My script holds only questions.",
        "You know more about {subject} than my script does.",
    ),
    _rule(
        "why",
        "reply",
        r"^(?:\W*(?:and|but|so|well|okay)\W+)*why\b|\bwhy (?:do|did|are|is|would|should|not)\b.*\?",
        "Good question. What would your own answer be?",
        "My script does not say why. What do you think the reason is?",
    ),
    _rule(
        "how",
        "reply",
        r"^(?:\W*(?:and|but|so|well|okay)\W+)*how\b",
        "That I cannot tell, being a script. How would you go about it?",
        "I do not know how. What have you tried so far?",
    ),
    _rule(
        "what",
        "reply",
        r"^(?:\W*(?:and|but|so|well|okay)\W+)*(?:what|when|where|which|who|whose)\b.*\?",
        "I cannot look up facts, so I do not know. What is your guess?",
        "My script has no answer to that. What makes you ask?",
    ),
    _rule(
        "question to the agent",
        "reply",
        r"\b(?:do|did|are|were|have|can|could|would|will|should|don't) you\b[^.!]*\?",
        "I am only a script, so I cannot say. How is it for you?",
        "A script has no life of its own to speak of. What about you?",
    ),
    _rule(
        "other question",
        "reply",
        r"^(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have)\b.*\?",
        "I have no facts to go on. What do you think yourself?",
        "I cannot check that. What would your guess be?",
    ),
    _rule(
        "does not know",
        "reaction",
        r"\b(?:don'?t|do not) (?:really )?know\b|\bno idea\b|\bnot sure\b|\bhard to say\b"
        r"|\bit depends\b|^\W*(?:maybe|perhaps|possibly)\W*$",
        "That is fine.",
        "Nothing wrong with that.",
        "Let us come at it from another side.",
    ),
    _rule(
        "yes",
        "reaction",
        _only(
            r"yes|yeah|yep|yup|sure|of course|definitely|absolutely|certainly|exactly|i do|it is"
        ),
        "Good.",
        "Glad to hear it.",
        "All right then.",
    ),
    _rule(
        "no",
        "reaction",
        _only(r"no|nope|nah|not really|not at all|never|nothing|i don'?t|not much"),
        "Fair enough.",
        "No problem.",
        "That is all right.",
    ),
    _rule(
        "greeting",
        "reaction",
        _only(r"hello|hi|hey|good (?:morning|afternoon|evening)|there|hiya|speaking"),
        "Hello, good to hear you.",
        "Hello there.",
    ),
    _rule(
        "about the agent",
        "reaction",
        r"^\W*(?:you are|you're|you sound|your)\b",
        "I am only a script, but I take the point.",
        "Even a script likes to know.",
    ),
    _rule(
        "wants to do",
        "reply",
        r"\bi(?:'d|'m| am| would| really| also| just)*"
        r" (?:like|love|want|hope|plan|need|prefer|going) to (?P<words>.+)",
        "What would help you to {words}?",
        "What does it take to {words}?",
    ),
    _rule(
        "dislikes",
        "reply",
        r"\bi (?:really |also |just )*(?:hate|dislike|can'?t stand"
        r"|(?:don'?t|do not) (?:really )?like) (?!to\b)(?P<words>.+)",
        "What is it about {words} that bothers you?",
        "What would have to change about {words}?",
    ),
    _rule(
        "likes",
        "reply",
        r"\bi (?:really |also |just |do )*(?:like|love|enjoy|prefer|miss) (?!to\b)(?P<words>.+)",
        "What do you like most about {words}?",
        "How did {words} come into your life?",
    ),
    _rule(
        "feeling",
        "reply",
        r"\bi(?:'m| am| feel| felt| was) (?:a bit |a little |very |so |really |quite )*"
        r"(?P<words>sad|tired|happy|excited|worried|afraid|scared|angry|proud|nervous|lonely"
        r"|bored|stressed"
        r"|upset|glad|hopeful)\b",
        "What makes you feel {words}?",
        "How long have you felt {words}?",
    ),
    _rule(
        "opinion",
        "reply",
        r"\bi (?:think|believe|guess|suppose)(?: that)? (?P<words>.+)",
        "What makes you think {words}?",
        "How sure are you that {words}?",
    ),
    _rule(
        "reason",
        "reply",
        r"\bbecause\b",
        "Is that the main reason, or is there another one?",
        "I see. What else plays a part?",
    ),
    _rule(
        "family",
        "reply",
        rf"^\W*(?:(?:well|and|but|so|because)\W+)?my (?P<words>{_FAMILY})\b(?!')",
        "What does your {words} think about {subject}?",
        "What has your {words} got to do with it?",
    ),
    _rule(
        "the past",
        "reply",
        r"\bwhen i was\b|\byears ago\b|\bused to\b|\byesterday\b"
        r"|\blast (?:week|month|year|summer)\b",
        "What has changed since then?",
        "What do you remember best about that?",
    ),
    _rule(
        "acknowledgement",
        "reaction",
        _only(r"ok|okay|right|i see|fine|all ?right|m+h*m+|uh[ -]?huh|hm+|got it|ah|oh|good|great"),
        "Now then.",
        "Let me ask you this.",
        "Here is another thought.",
    ),
)

QUESTIONS = (
    "What matters most to you about {subject}?",
    "When did you first think about {subject}?",
    "Can you give me an example?",
    "What is the hardest part of it?",
    "Who else plays a part in this?",
    "What would you change about {subject} if you could?",
    "What has surprised you most so far?",
    "How does that affect your day?",
    "What would you tell a friend who is new to {subject}?",
    "What do people often get wrong about {subject}?",
    "What would a good outcome look like?",
    "What do you hope will come of {subject}?",
    "When did you last change your mind about it?",
    "What is the next small step?",
)
ECHOES = ("So {words}.", "I hear that {words}.", "You say {words}.")
REACTIONS = ("I see.", "That is interesting.", "Thank you for telling me.", "I follow you.")
TOPIC_REACTIONS = (
    "You mention {words}, and that is what we are here for.",
    "Ah, {words}.",
    "Let us stay with {words} for a moment.",
)
OPENINGS = (
    "Hello, I am a scripted assistant, here to talk about {subject}. Where shall we start?",
    "Hello, this is a scripted assistant. What comes to mind first about {subject}?",
)
RETURNS = (
    "Hello again from your scripted assistant. Last time, {words}. What has happened since?",
    "Hello again, this is the scripted assistant. Last time, {words}. How did it go on?",
)
SILENCES = ("I am still here.", "Take your time, I am listening.", "I could not hear an answer.")
SUMMARIES = {
    "text": (
        "I will text you a summary after this call. What else should be in it?",
        "You will get the summary by text. Is there anything to add?",
    ),
    "email": (
        "I will mail you a summary after this call. What else should be in it?",
        "You will get the summary by e-mail. Is there anything to add?",
    ),
}
# What they ask for is in what they said, so it is not denied.
RECALL = re.compile(
    r"\bwhat (?:did|have) i (?:just )?(?:say|said|tell|told)\b|\b(?:did|do) you (?:remember"
    r"|recall)\b"
    r"|\bwhat (?:was|were|is|are) (?:my|the) (?P<thing>[\w' ]{2,30}?)(?: (?:i|that i|again)\b.*)?\?"
    r"|\bwhat do you know about me\b",
    re.IGNORECASE,
)
RECALL_TOPIC = re.compile(
    r"\bwhat (?:are we|were we|is this(?: call)?|was this)(?: \w+)? about\b"
    r"|\bwhat(?:'s| is| was) (?:the|our|my) (?:topic|subject)\b|\bwhy (?:are|did) you call(?:ing"
    r"|ed)?\b",
    re.IGNORECASE,
)
RECALLED = ("You told me that {words}.", "You said that {words}.")
TOPIC_RECALLED = (
    "You chose this call to be about {subject}. Where shall we go on?",
    "We are here to talk about {subject}. What comes to mind?",
)
REPETITIONS = ("I said: {words}", "Once more: {words}")
REPEAT = re.compile(
    r"\b(?:say|repeat) (?:that|it|this)?(?: once)? ?again\b|\brepeat (?:that|it|the)\b|\bpardon\b"
    r"|\bcome again\b|\b(?:didn'?t|did not|couldn'?t|can'?t|cannot) (?:hear|catch)\b"
    r"|\bwhat did you say\b|^\W*(?:what|huh|sorry|excuse me|eh)\W*$",
    re.IGNORECASE,
)
QUESTION_OPENINGS = (
    "Hello, I am a scripted assistant with a question. {words}",
    "Hello from a scripted assistant. {words}",
)
CLOSING_QUESTIONS = (
    "Time is nearly up, so what is the one thing to keep?",
    "Our time is almost up, so what should not be forgotten?",
)
CLOSINGS = ("Thank you, that was good to hear. Goodbye.", "Thank you for your time. Goodbye.")
URGENT = (
    "Our time is up, so thank you for talking and goodbye.",
    "I have to stop here, so thank you and goodbye.",
)
