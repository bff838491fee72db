"""English words by what they do at the end of a turn. Knows nothing of turns or silences."""

import re

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+")
_SENTENCES = re.compile(r"(?<=[.!?])\s+")


def word_set(words: str) -> frozenset[str]:
    """The words of a list with spaces."""
    return frozenset(words.split())


HESITATIONS = word_set("um uh uhm erm er hmm hm")
FILLERS = HESITATIONS | word_set("ah oh well so okay and basically actually")
# What needs words after it.
DETERMINERS = word_set("a an the my your our their its every another which whose")
CONJUNCTIONS = word_set(
    "and or but because cause if whether than although unless while when until since as "
    "where how why what"
)
PREPOSITIONS = word_set(
    "to of for from with at about into onto between among against towards toward during without "
    "under behind beside per via than"
)
PARTICLES = word_set("in on by after before over near around through")  # or end a verb
AUXILIARIES = word_set(
    "is are was were am be been being has have had will would can could should might must do does "
    "did isn't aren't wasn't weren't won't wouldn't can't couldn't shouldn't don't doesn't didn't "
    "it's that's there's he's she's what's here's i'm i've i'll i'd we're we've we'll you're "
    "they're they've"
)
PRONOUNS = word_set("i you he she it we they there that this who")
INTRODUCE = word_set("said says say think thought know knew sure hope believe")
OBJECTS = word_set("me him her us them you")
CLOSE_WITH_SO = word_set("think hope guess believe suppose say said not")
WANTING = word_set("want wanted need needed trying tried")
LABELS = word_set("number extension room flight gate called named")
SUBORDINATES = word_set(
    "if when because although though while unless whenever since after before once until"
)
AFFIRM = word_set("yes yeah yep yup no nope nah sure okay ok right correct exactly")
OPENERS = word_set("hello hi hey morning afternoon evening excuse sorry listen look")
QUESTION_WORDS = word_set("what who whom whose which where when why how")
# In a sentence with one of these, "... I am", "... it does" or "... to worry about" is its end.
RELATIVES = QUESTION_WORDS | word_set(
    "all as than wish hope nothing something anything everything someone somebody nobody"
)


def words(text: str) -> list[str]:
    """Lower-case words and numerals, without punctuation."""
    return _WORD.findall(text.lower().replace("’", "'"))


def last_sentence(text: str) -> str:
    """What follows the last full stop, question or exclamation mark within the text."""
    return _SENTENCES.split(text.strip())[-1]
