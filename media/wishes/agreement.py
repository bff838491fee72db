"""Whether an answer to "May I record this call?" is a yes, and whether somebody wants it stopped.

A yes needs a word for it and nothing against it: who hesitates, jokes or talks of something else
has not agreed. Words of English, French, Spanish and German. Knows nothing of who asks.
"""

import re
import unicodedata

from media.wishes.language import any_of, words
from media.wishes.reading import Wish

_YES = words(
    "yes yeah yep yup sure certainly absolutely definitely fine ok okay alright agreed agree"
    " oui ouais accord volontiers si claro vale acuerdo ja gerne klar einverstanden naturlich"
)
_FIRST_WORDS = 4  # among which a yes is one to the question
_NO = any_of([
    r"\b(?:no|nope|nah|not|never|don't|do not|rather|can't|cannot|won't|wouldn't|didn't"
    r"|doesn't|isn't|shouldn't|refuse|object|disagree|decline|do mind|i(?:'d)? mind)\b",
    r"\b(?:non|pas|jamais|refuse|nunca|nein|nicht|kein(?:e[nms]?)?|keinesfalls|ungern|lieber)\b",
])  # fmt: skip
# A "no" or "not" that is none.
_GRANTED = any_of([
    r"\b(?:no problem|no worries|not a problem|not at all|no objections?|(?:do not|don't) mind"
    r"|sounds (?:good|fine|great)|why not|go (?:right )?ahead|of course|fine (?:with|by) me"
    r"|that's (?:fine|ok|okay|alright)|(?:pas de|sans|aucun) (?:probleme|souci)|bien sur|d'accord"
    r"|allez-?y|(?:no hay|no tengo|sin|ningun) problemas?|no me importa|por supuesto|de acuerdo"
    r"|kein problem|warum nicht|nichts dagegen)\b",
    r"\byou (?:may|can)(?= (?:record|tape|do)\b|(?: (?:it|that|this))?$)",
])  # fmt: skip
_UNSURE = any_of([
    r"\b(?:why|what|who|maybe|perhaps|depends|hmm+|or|pourquoi|peut-etre|quizas|warum"
    r"|vielleicht)\b",
    # on a condition
    r"\b(?:if|but|except|unless|until|before|after|without|only|provided|as long as|mais|sauf|sans"
    r"|avant|apres|pero|sin|salvo|excepto|aber|ohne|ausser|bis"
    r"|si (?:c'est|il|vous|tu|je|on|es|me|te|lo|se))\b",
    # to somebody, or of something else
    r"\b(?:hello|hallo|allo|hola|speaking|this is|yeah right|i(?:'m| am) (?:fine|ok|okay)"
    r"(?! with))\b",
    # not yet
    r"\b(?:wait|hold on|let me|(?:one|a) (?:second|moment|minute)|again|repeat|attend\w*|un moment"
    r"|espere?|un momento|moment|sekunde)\b",
])  # fmt: skip
# Where an answer begins so, it is no answer.
_ASKS = any_of([r"\b(?:how|heard?|(?:is|are|can|could|will) (?:it|that|this|you|i))\b", r"\?"])
_FIRST_SENTENCE = re.compile(r"\W*[^.!?]*\??")
_NO_ANSWER = any_of([r"\b(?:unsure|not (?:so )?sure|(?:do not|don't|not) know)\b"])
_STOP = any_of([
    r"\b(?:stop|end|quit|turn off|switch off|cancel) (?:the |this |your )?(?:recording|taping)\b",
    r"\b(?:stop|quit) (?:to )?record\w*\b",
    r"\b(?:do not|don't|please not|not to|shouldn't|can't|cannot|may not"
    r"|rather not|not want (?:you )?to) "
    r"(?:\w+ ){0,3}?(?:record|tape|recorded|recording|taped)\b",
    r"\b(?:arretez|arrete|cessez)\b.{0,20}\b(?:enregistre\w*|l'enregistrement)\b",
    r"\b(?:deje|deja|pare|para) de grabar\b|\bno (?:me )?grabe[sn]?\b",
    r"\b(?:nicht|keine) (?:mehr )?(?:aufnehmen|aufzeichnen|aufnahme)\b",
])  # fmt: skip
_NO_WISH = any_of([
    r"\b(?:he|she|they|he's|police|songs?|albums?|history|video)\b",
    r"\b(?:don't|not) (?:stop|end|quit|turn off|switch off|cancel)\b",
])  # fmt: skip


def agreement(answer: str) -> Wish:
    """What an answer to the question means: yes, no, or unsure, which is no yes."""
    said = _plain(answer)
    if wants_no_recording(answer):
        return "no"
    if _NO_ANSWER.search(said):
        return "unsure"
    granted = _GRANTED.search(said)
    left = _GRANTED.sub(" ", said)
    if _NO.search(left):
        return "unsure" if granted or _is_yes(left) else "no"
    if _UNSURE.search(left) or (not granted and _asks(answer)):
        return "unsure"
    return "yes" if granted or _is_yes(left) else "unsure"


def wants_no_recording(said: str) -> bool:
    """Whether somebody asks, at whatever time, that the call is not recorded."""
    plain = _plain(said)
    return bool(_STOP.search(plain)) and not _NO_WISH.search(plain)


def _asks(answer: str) -> bool:
    first = _FIRST_SENTENCE.match(answer)
    return first is not None and bool(_ASKS.search(first[0].lower()))


def _is_yes(said: str) -> bool:
    return any(word in _YES for word in said.split()[:_FIRST_WORDS])


def _plain(said: str) -> str:
    """In lower case, without accents and marks."""
    decomposed = unicodedata.normalize("NFKD", said.lower().replace("’", "'"))
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w'\- ]+", " ", letters).split())
