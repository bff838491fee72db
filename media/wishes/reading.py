"""Whether somebody wants no more calls, texts or mails of us, by what they said or wrote.

One answer for every channel and language: yes, no, or unsure, which whoever talks with them makes
sure of with one short question (`CONFIRMATION`). Talking *about* stopping is no wish. Knows no
addresses and no vendors; the carrier's own keywords are among the words (Twilio, "Opt-out
keywords").
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, TypeAlias

from media.languages.language import WISHES, WORDS, sentence
from media.languages.plain import unaccented
from media.languages.wish_patterns import WishPatterns, words
from media.wishes.agreement import agreement, is_unknown
from media.wishes.wish import Wish

Channel: TypeAlias = Literal["spoken", "text", "mail"]

CONFIRMATION = sentence("en", "agent", "sure")

_MOST_CHARACTERS = 4000  # of the beginning and of the end; wishes stand in neither middle
_TURNS_KEPT = 4096  # of all calls
_FEW_WORDS = 14
_SHORT_ANSWER = 4  # words
_LONG = 10  # letters; shorter ones have neighbours that mean something else: "anmelden"
_CLAUSE_WORDS = 40  # of one that never ends, so that reading does
# Letters of other alphabets that look like ours, as somebody's keyboard may have them.
_LOOK_ALIKES = str.maketrans("аеорсухѕіјΑΒΕΖΗΙΚΜΝΟΡΤΥΧѕТОРЅАЕС", "aeopcyxsijABEZHIKMNOPTYXsTOPSAEC")
_CLAUSE_ENDS = re.compile(r"[.!?;…\n,()\"“”«»]+|\s[-–—]+\s|—|\s:\s")
# By a German comma: "hören Sie auf, hier anzurufen".
_DIVIDED = re.compile(
    r",\s*(?=(?:mich|mir|uns|dass|damit)\b|(?:\w+ ){0,3}(?:an(?:zu)(?:rufen|schreiben)"
    r"|zu (?:schreiben|schicken|senden|kontaktieren|belastigen|storen))\b)"
)
_NOT_WORDS = re.compile(r"[^\w'\-]+")
_HASH = re.compile("#+(?![a-z#])")  # "my #", and not "#stop"
_NOT_LETTERS = re.compile(r"[^a-z]+")
_LONG_LETTERS = re.compile(r"([a-z])\1{2,}")
# "I forgot my number" and "forget my number", whose accents tell them apart.
_ACCENTS = (("olvidé ", "he olvidado "), ("olvide mi número", "olviden mi número"))
_TYPED = {
    "remov": "remove", "unsuscribe": "unsubscribe", "unsubcribe": "unsubscribe",
    "dont": "don't", "dnt": "don't", "wont": "won't", "cant": "can't", "im": "i'm", "ive": "i've",
    "didnt": "didn't", "doesnt": "doesn't", "isnt": "isn't", "wouldnt": "wouldn't", "couldnt":
    "couldn't", "youve": "you've",
    "youre": "you're", "thats": "that's", "plz": "please",
    "pls":
    "please", "pleas": "please", "plse": "please", "u": "you", "ur": "your",
    "r": "are",
    "txt": "text", "txts": "texts", "txting": "texting", "txtn": "texting", "msg": "message",
    "msgs": "messages", "msging": "messaging", "thx": "thanks", "ty": "thanks", "tx": "thanks",
    "e-mail": "email", "e-mails": "emails", "e-mailing": "emailing", "no.": "number", "wanna":
    "want to", "gonna": "going to", "wrng": "wrong", "any-more": "anymore", "nomore": "no more",
    "lemme": "let me", "jveux": "je veux", "kiero": "quiero", "kiten": "quiten",
    "nich": "nicht", "q": "que", "xfa": "por favor", "xfavor": "por favor",
    "tel": "phone", "nix": "nichts", "stfu": "shut up", "gtfo": "get lost",
    "intrested": "interested",
}  # fmt: skip
_SEQUENCES = ((" any more", " anymore"), (" any longer", " anymore"), (" do n't", " don't"),
              (" some one", " someone"), (" un subscribe", " unsubscribe"),
              (" can ya", " can you"), (" will ya", " will you"), (" would ya", " would you"),
              (" from ya", " from you"), (" opt-out", " opt out"), (" x favor", " por favor"),
              (" tun sie mir einen gefallen", " bitte"), (" hagan el favor de", " por favor"),
              (" haga el favor de", " por favor"),
              (" the hell", ""), (" the heck", ""))  # fmt: skip
# "Stop calling me", as a recogniser may have misheard it.
_MISHEARD = re.compile(
    r"^(?:please |just |ok |no )*(?:start|stopped|stops|top|stock|stuff|step|store|stalk|stuck"
    r"|stopping)"
    r" (?:calling|phoning|texting|contacting|bothering|ringing|messaging|mailing"
    r"|emailing) (?:me|us)\b"
)
_CLOSINGS = re.compile(
    r"^(?:sent (?:from|via|with|using|by)|envoye (?:de|depuis|a partir)|enviado (?:desde|con)"
    r"|get outlook|obtenir outlook|gesendet|von meinem)\b.*"
)
_YES = frozenset[str]().union(*(words(one.agreement.confirms) for one in WORDS.values()))
_NO = frozenset[str]().union(*(words(one.agreement.goes_on) for one in WORDS.values()))


def wish_to_stop(said: str, channel: Channel) -> Wish:
    """Whether these words mean that nothing more is to come from us.

    A mere "stop" means it where it is written; spoken, it only stops who is speaking.
    """
    clauses = _clauses(said)
    if channel != "spoken" and _is_keyword(clauses):
        return "yes"
    found = {_read(clause, channel) for clause in clauses}
    if "yes" in found:
        return "yes"
    return "unsure" if "unsure" in found else "no"


def confirmed(answer: str) -> Wish:
    """What the answer to `CONFIRMATION` means: unsure when it is neither a yes nor a no. A mere
    "stop" is a yes to it, spoken too."""
    if wish_to_stop(answer, "text") == "yes":
        return "yes"
    if is_unknown(answer):
        return "unsure"
    spoken = " ".join(_clauses(answer)).split()
    is_refusal = len(spoken) <= _SHORT_ANSWER and agreement(answer) == "no"  # "surtout pas"
    if is_refusal or any(word in _NO for word in spoken[:3]):
        return "no"
    return "yes" if any(word in _YES for word in spoken[:3]) else "unsure"


def wish_so_far(turns: Iterable[tuple[bool, str]]) -> Wish:
    """What somebody wants of us by now in a talk, of whose turns `(is theirs, what was heard)`.

    What was unsure is what their next turn makes of it; one that makes nothing of it is a yes.
    """
    is_open = False
    for is_theirs, heard in turns:
        if not is_theirs or not heard.strip():
            continue
        wish = confirmed(heard) if is_open else _spoken(heard)
        if wish == "yes" or (is_open and wish == "unsure"):
            return "yes"
        is_open = wish == "unsure"
    return "unsure" if is_open else "no"


@lru_cache(_TURNS_KEPT)
def _spoken(said: str) -> Wish:
    """A turn takes up to half a millisecond, and is asked about again with each that follows it."""
    return wish_to_stop(said, "spoken")


def _clauses(said: str) -> list[str]:
    """What was said in pieces, in lower case and without accents, marks and typing's habits."""
    if len(said) > 2 * _MOST_CHARACTERS:
        said = f"{said[:_MOST_CHARACTERS]}\n{said[-_MOST_CHARACTERS:]}"
    said = unicodedata.normalize("NFC", said.translate(_LOOK_ALIKES).lower())
    for written, meant in _ACCENTS:
        said = said.replace(written, meant)
    plain = unaccented(said).lower()  # capitals of mathematics, too
    plain = _HASH.sub(" number ", plain).replace("🛑", " stop ")
    plain = _DIVIDED.sub(" ", plain)
    clauses = (_plain_clause(clause) for clause in _CLAUSE_ENDS.split(plain))
    kept = (clause.split() for clause in clauses if clause and not _CLOSINGS.match(clause))
    return [
        " ".join(found[at : at + _CLAUSE_WORDS])
        for found in kept
        for at in range(0, len(found), _CLAUSE_WORDS)
    ]


def _plain_clause(clause: str) -> str:
    split = (word.strip("'-_") for word in _NOT_WORDS.split(clause))
    joined = " " + " ".join(_TYPED.get(word) or _as_meant(word) for word in split if word)
    for written, meant in _SEQUENCES:
        joined = joined.replace(written, meant)
    return joined.strip()


def _as_meant(word: str) -> str:
    """The word, or the long keyword of which one letter was mistyped, or two exchanged, amid it."""
    if len(word) < _LONG - 1:
        return word
    return next((key for key, typed in _MISTYPED.items() if typed.fullmatch(word)), word)


def _mistyped(key: str) -> re.Pattern[str]:
    amid = range(1, len(key) - 1)
    forms = {rf"{key[:at]}\w?{key[at + left :]}" for at in amid for left in (0, 1)}
    exchanged = {f"{key[:at]}{key[at + 1]}{key[at]}{key[at + 2 :]}" for at in amid}
    return re.compile("|".join(sorted(forms | exchanged)))


def _is_keyword(clauses: list[str]) -> bool:
    letters = _NOT_LETTERS.sub("", "".join(clauses))
    count = sum(len(clause.split()) for clause in clauses)
    if _is_word(letters) and count <= len(letters):  # "s t o p" and "S.T.O.P", too
        return True
    if all(clause and _is_only(clause.split(), _KEYWORDS) for clause in clauses) and clauses:
        return any(word in _KEYWORDS for clause in clauses for word in clause.split())
    few = sum(len(clause.split()) for clause in clauses) <= _FEW_WORDS
    alone = clauses if few else [*clauses[:1], *clauses[-1:]]
    return any(_is_loud(clause) for clause in alone)


def _is_word(letters: str) -> bool:
    squeezed = _LONG_LETTERS.sub(r"\1", letters)
    return letters in _KEYWORDS or squeezed in _KEYWORDS


def _is_only(found: list[str], wanted: frozenset[str]) -> bool:
    """Nothing but these words and what changes nothing."""
    return all(_LONG_LETTERS.sub(r"\1", word) in wanted or word in _FILLERS for word in found)


def _is_loud(clause: str) -> bool:
    found = clause.split()
    said = [word for word in found if _LONG_LETTERS.sub(r"\1", word) in _LOUD]
    return bool(said) and _is_only(found, _LOUD)


def _read(clause: str, channel: Channel) -> Wish:
    found = {_read_in(language, clause, channel) for language in WISHES.values()}
    if "yes" in found:
        return "yes"
    is_misheard = channel == "spoken" and _MISHEARD.match(clause)
    return "unsure" if "unsure" in found or is_misheard else "no"


def _read_in(language: WishPatterns, clause: str, channel: Channel) -> Wish:
    if asked := language.asked.search(clause):
        return "unsure" if language.limits.search(clause, asked.end()) else "yes"
    if channel != "spoken" and language.written.search(clause):
        return "yes"
    left = language.never.sub(" ", clause).strip()
    if refusal := language.refusals.search(left):
        return "unsure" if language.limits.search(left, refusal.start()) else "yes"
    return "unsure" if language.doubts.search(left) else "no"


_KEYWORDS = frozenset[str]().union(*(one.keywords | one.loud for one in WISHES.values()))
_MISTYPED = {key: _mistyped(key) for key in sorted(_KEYWORDS) if len(key) >= _LONG}
_LOUD = frozenset[str]().union(*(one.loud for one in WISHES.values()))
_FILLERS = frozenset[str]().union(*(one.fillers for one in WISHES.values()))
